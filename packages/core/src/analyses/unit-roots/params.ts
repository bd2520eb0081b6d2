import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { deterministics, lagCriteria } from '../../unit-roots/adf.js';

/** Stored in jobs and results: never rename. In the order of the tables. */
export const rootTestNames = [
  'adf-fisher',
  'pp-fisher',
  'levin-lin-chu',
  'im-pesaran-shin',
  'cips',
  'hadri',
  'harris-tzavalis',
] as const;
export type RootTestName = (typeof rootTestNames)[number];

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;
const bandwidth = z.int().min(0).max(1_000).optional();

/** The most lags that may be asked for. */
export const mostLags = 24;

const cointegration = z
  .strictObject({
    formula: formulaParam.describe('The cointegrating regression, `y ~ x1 + x2`; every entity has its own constant.'),
    deterministic: z
      .enum(['intercept', 'trend'])
      .default('intercept')
      .describe('Terms of each entity’s own regression (Engle–Granger); Kao’s pooled one has entity effects.'),
    lags: z.int().min(0).max(mostLags).default(1).describe('Lagged differences of the residual regressions.'),
    bandwidth: bandwidth.describe('Bartlett bandwidth of Kao’s long-run covariance. Left out: ⌊4 (T/100)^(2/9)⌋.'),
  })
  .optional();

export const unitRootsParams = z.strictObject({
  variables: z
    .array(termParam)
    .min(1)
    .max(20)
    .refine(unique, 'name each variable once')
    .optional()
    .describe(
      'Variables, one term each: `inv`, `log(gdp)`, `D.x`. Left out: those of the cointegrating regression, or else every column of ' +
        'numbers. Residuals of a regression are not to be tested here: raw-series p-values reject too often; give `cointegration`.',
    ),
  differences: z.boolean().default(false).describe('Test first differences beside levels.'),
  deterministic: z
    .union([
      z.enum(deterministics).transform((one) => [one]),
      z.array(z.enum(deterministics)).min(1).max(3).refine(unique, 'name each once'),
    ])
    .default(['intercept'])
    .describe('Terms of the test regressions: none, intercept (each entity its own constant), trend (and its own trend).'),
  lags: z
    .union([z.int().min(0).max(mostLags), z.enum(lagCriteria)])
    .default('sic')
    .describe(
      'Lagged differences: a number for all entities, or chosen for each by aic, sic or hq (ln(SSR/n) + K·c/n) among 0 to maxLags, all ' +
        'compared on the rows that maxLags leaves; the chosen model is fitted on its own rows.',
    ),
  maxLags: z
    .int()
    .min(0)
    .max(mostLags)
    .optional()
    .describe(
      'Most lags that a criterion may choose. Left out: ⌊min(T/3, 12)·(T/100)^¼⌋ for each entity, EViews’ rule, fewer where the largest model would have no two degrees of freedom.',
    ),
  tests: z
    .union([
      z.enum(rootTestNames).transform((one) => [one]),
      z.array(z.enum(rootTestNames)).min(1).refine(unique, 'name each test once'),
    ])
    .default([...rootTestNames])
    .describe(
      'adf-fisher and pp-fisher (χ², Choi’s Z, logit, Pm from each entity’s p), levin-lin-chu, im-pesaran-shin, cips (Pesaran 2007, for ' +
        'entities that move together), hadri (null: stationary), harris-tzavalis (few periods, many entities).',
    ),
  cipsLags: z
    .int()
    .min(0)
    .max(mostLags)
    .optional()
    .describe('Lags of CIPS, one number for all. Left out: `lags` if a number, else the one most often chosen.'),
  bandwidth: z
    .strictObject({
      phillipsPerron: bandwidth.describe('Left out: ⌊4 (T/100)^(2/9)⌋.'),
      levinLinChu: bandwidth.describe('Left out: round(3.21 T^⅓), as in the paper and plm; gretl cuts off.'),
    })
    .default({})
    .describe('Bartlett bandwidths of long-run variances.'),
  cointegration: cointegration.describe(
    'Tests of no cointegration: Engle–Granger entity by entity, combined as Fisher tests, and Kao’s of a regression with entity effects.',
  ),
  alpha: z.number().gt(0).lt(0.5).default(0.05).describe('Level that the verdict holds p-values against.'),
});

export type UnitRootsParams = z.output<typeof unitRootsParams>;
