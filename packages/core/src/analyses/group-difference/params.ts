import { z } from 'zod';
import { formulaParam } from '../../formula/schema.js';
import { covarianceParam } from '../../panel-models/covariance-param.js';
import { varianceComponentsParam } from '../../panel-models/variance-components-param.js';

/** Stored in params: never rename. */
export const groupEstimators = ['pooled', 'within', 'between', 'first-difference', 'random-effects', '2sls'] as const;
export type GroupEstimator = (typeof groupEstimators)[number];

/** Labelings that are all looked at instead of drawn. */
export const mostEnumerated = 20_000;

export const groupDifferenceParams = z.strictObject({
  formula: formulaParam.describe(
    'The model of each group: `y ~ x1 + x2 | firm + year`; with instruments `y ~ x1 | firm | d ~ z1 + z2`; without effects pooled OLS.',
  ),
  estimator: z
    .enum(groupEstimators)
    .optional()
    .describe(
      'pooled, within (the formula’s effects), between, first-difference, random-effects, or 2sls (two-stage least squares, with effects ' +
        'absorbed). Left out: 2sls if the formula has instruments, within if it has effects, else pooled.',
    ),
  group: z.string().min(1).describe('The column that splits the rows in two groups.'),
  levels: z
    .tuple([z.string(), z.string()])
    .optional()
    .describe('Which two levels are compared, the second less the first. Left out: the column must have two, taken in order.'),
  covariance: covarianceParam,
  varianceComponents: varianceComponentsParam.describe('Variance components of random effects, each group’s own.'),
  singletons: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('Rows alone in a level of an effect: dropped in all models, or kept.'),
  permutation: z
    .strictObject({
      replications: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(999)
        .describe(
          `Relabelings of whole entities, group sizes kept; 0 leaves the test out. When there are at most ${mostEnumerated.toLocaleString('en')} labelings all are taken and p is exact.`,
        ),
    })
    .default({ replications: 999 })
    .describe('Fisher’s permutation test of the studentised differences.'),
});

export type GroupDifferenceParams = z.output<typeof groupDifferenceParams>;
