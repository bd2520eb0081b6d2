import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';

const name = z.string().min(1).max(200);

export const spatialTestsParams = z
  .strictObject({
    variables: z
      .array(termParam)
      .max(20)
      .default([])
      .describe(
        'Variables whose spatial association is tested, one term each: Moran’s I and Geary’s C in every period, local Moran.',
      ),
    formula: formulaParam
      .optional()
      .describe(
        'A regression without spatial terms: LM tests of lag and error, Moran’s I of its residuals. Effects after | are swept out: none pools, entity is the within model, entity + time two-way.',
      ),
    weights: name.optional().describe('Which of the job’s weights; W or the only one when left out.'),
    unmatched: z
      .enum(['refuse', 'cut'])
      .default('refuse')
      .describe(
        'Units of the weights that the data do not have: refuse names them; cut takes them out, and says how many links went.',
      ),
    permutations: z
      .int()
      .min(0)
      .max(99_999)
      .default(999)
      .describe('Random permutations for p-values; 0 for none. 99,999 resolve p to 0.00001.'),
    local: z
      .strictObject({
        periods: z
          .union([z.enum(['last', 'all']), z.array(name).min(1).max(100)])
          .default('last')
          .describe('Periods with local statistics: the last, all, or their labels.'),
        level: z.number().gt(0).max(0.2).default(0.05).describe('A unit is in a class when its p is at most this.'),
        p: z
          .enum(['two-sided', 'folded'])
          .default('two-sided')
          .describe('two-sided: twice the smaller tail. folded: the smaller tail itself, as GeoDa and PySAL print: half of it.'),
        adjust: z
          .enum(['none', 'fdr', 'bonferroni'])
          .default('none')
          .describe('For testing as many hypotheses as there are units: fdr is Benjamini–Hochberg within a period.'),
      })
      .prefault({})
      .describe('Local Moran statistics and their classes.'),
    places: z
      .tuple([termParam, termParam])
      .optional()
      .describe('Terms of x and y (or longitude and latitude) of a unit: the classes are then also drawn as a map of points.'),
  })
  .refine(({ variables, formula }) => variables.length > 0 || formula !== undefined, {
    message: 'name variables, or a formula, or both',
    path: ['variables'],
  });

export type SpatialTestsParams = z.output<typeof spatialTestsParams>;
