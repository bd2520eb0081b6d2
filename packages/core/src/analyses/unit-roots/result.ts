import { z } from 'zod';
import { deterministics } from '../../unit-roots/adf.js';
import { adequacyFields, count, numeric } from '../fields.js';
import { rootTestNames } from './params.js';

const finite = z.number();

const entity = z.object({
  entity: z.string(),
  observations: count,
  adf: z
    .object({
      lags: count,
      maxLags: count.nullable().describe('among which the lags were chosen; null when given'),
      rows: count.describe('of the test regression: n of the finite-sample p'),
      coefficient: finite.describe('of the lagged level: ρ − 1'),
      standardError: finite,
      t: finite,
      pValue: finite.describe('finite sample'),
      pAsymptotic: finite,
    })
    .nullable(),
  phillipsPerron: z
    .object({ rows: count, bandwidth: count, t: finite, pValue: finite.describe('finite sample'), pAsymptotic: finite })
    .nullable(),
  note: z.string().nullable().describe('why a test has no number for the entity'),
});

const test = z.object({
  test: z.enum(rootTestNames),
  name: z
    .string()
    .describe('stable: adf-fisher-chi2, adf-fisher-z, adf-fisher-logit, adf-fisher-pm, levin-lin-chu, im-pesaran-shin, cips, …'),
  title: z.string(),
  null: z.string().describe('the hypothesis that a small p speaks against'),
  statistic: numeric,
  distribution: z.enum(['chi2', 'normal', 't', 'tabulated']),
  df: count.nullable(),
  pValue: numeric.describe(
    'Fisher tests: from finite-sample p of the entities; CIPS: between tabulated values, .01 and .10 at the ends',
  ),
  asymptotic: z.object({ statistic: numeric, pValue: numeric }).nullable().describe('the same from asymptotic p of the entities'),
  entities: count,
  status: z
    .enum(['ok', 'too short', 'too few', 'unavailable'])
    .describe('too short, too few: computed, but no verdict with so few periods, so few entities; unavailable: no number'),
  note: z.string().nullable(),
});

const kao = z.object({
  slopes: z.array(z.object({ name: z.string(), slope: finite })),
  bandwidth: count,
  rho: finite,
  tRho: finite,
  adfCoefficient: finite,
  tAdf: finite,
  variance: finite.describe('σ_v², "residual variance"'),
  longRunVariance: finite.describe('σ_0v², "HAC variance"'),
  tests: z.array(
    z.object({
      name: z.enum(['kao-adf', 'kao-df-t', 'kao-df-rho', 'kao-df-t-exogenous', 'kao-df-rho-exogenous']),
      title: z.string(),
      statistic: finite,
      pValue: finite,
    }),
  ),
  status: z.enum(['ok', 'too short']),
});

const engleGranger = z.object({
  deterministic: z.enum(['intercept', 'trend']),
  entities: z.array(
    z.object({
      entity: z.string(),
      rows: count.describe('of the residual regression'),
      t: numeric,
      pValue: numeric.describe('finite sample, of residuals of a regression with that many regressors'),
      pAsymptotic: numeric,
      note: z.string().nullable(),
    }),
  ),
  tests: z.array(
    z.object({
      name: z.enum(['engle-granger-chi2', 'engle-granger-z', 'engle-granger-logit', 'engle-granger-pm']),
      title: z.string(),
      statistic: finite,
      distribution: z.enum(['chi2', 'normal', 't']),
      df: count.nullable(),
      pValue: finite,
    }),
  ),
});

const cointegration = z.object({
  formula: z.string(),
  outcome: z.string(),
  regressors: z.array(z.string()),
  lags: count,
  sample: z.object({ entities: count, periods: count.describe('of the entity with most'), rows: count, balanced: z.boolean() }),
  engleGranger: engleGranger.nullable(),
  engleGrangerNote: z.string().nullable().describe('why there is none'),
  kao: kao.nullable(),
  kaoNote: z.string().nullable().describe('why there is none'),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const unitRootsResult = z.object({
  adequacy: z.array(adequacyFields).describe('what each test needs and what these data have'),
  series: z.array(
    z.object({
      variable: z.string(),
      form: z.enum(['level', 'first difference']),
      deterministic: z.enum(deterministics),
      sample: z.object({
        entities: count.describe('with at least one value'),
        observations: count,
        periodsPerEntity: z.object({ min: count, max: count }),
        gaps: count.describe('periods missing between an entity’s first and last'),
        balanced: z.boolean(),
      }),
      entities: z.array(entity),
      tests: z.array(test),
      dependence: z
        .object({ statistic: finite, pValue: finite, meanCorrelation: finite })
        .nullable()
        .describe('Pesaran’s CD of the ADF residuals between entities'),
    }),
  ),
  cointegration: cointegration.nullable(),
  lags: z.string(),
  verdict: z.array(z.string()),
  warnings: z.array(z.string()),
  conventions: z.array(z.string()).describe('which rule each number follows, in words'),
});

export type UnitRootsResult = z.output<typeof unitRootsResult>;
export type RootsSeries = UnitRootsResult['series'][number];
export type RootsEntity = z.output<typeof entity>;
export type RootsTest = z.output<typeof test>;
export type CointegrationResult = z.output<typeof cointegration>;
