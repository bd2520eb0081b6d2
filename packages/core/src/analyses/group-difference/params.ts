import { z } from 'zod';
import { formulaParam } from '../../formula/schema.js';
import { covarianceParam } from '../../panel-models/covariance-param.js';

/** Labelings that are all looked at instead of drawn. */
export const mostEnumerated = 20_000;

export const groupDifferenceParams = z.strictObject({
  formula: formulaParam.describe('The model of each group: `y ~ x1 + x2 | firm`; without effects pooled OLS.'),
  group: z.string().min(1).describe('The column that splits the rows in two groups.'),
  levels: z
    .tuple([z.string(), z.string()])
    .optional()
    .describe('Which two levels are compared, the second less the first. Left out: the column must have two, taken in order.'),
  covariance: covarianceParam,
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
