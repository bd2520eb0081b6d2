import { z } from 'zod';
import { termParam } from '../../formula/schema.js';

export const correlateParams = z.strictObject({
  variables: z.array(termParam).min(2, 'a correlation needs two variables').max(60).describe('Variables, one term each.'),
  methods: z
    .array(z.enum(['pearson', 'spearman']))
    .min(1)
    .max(2)
    .default(['pearson', 'spearman'])
    .describe('pearson, and spearman of the ranks. The first fills the matrix.'),
  sample: z
    .enum(['common', 'pairwise'])
    .default('common')
    .describe('common: only rows where all variables are there. pairwise: for each pair the rows where both are.'),
  inflation: z
    .array(termParam)
    .min(2)
    .max(60)
    .optional()
    .describe(
      'The regressors whose variance inflation factors are wanted. Left out: all variables but the first, taken as the outcome.',
    ),
  effects: z
    .array(z.string().min(1))
    .max(4)
    .default(['entity'])
    .describe(
      'Fixed effects of the model the regressors are meant for: VIF is given on raw and on within-transformed regressors.',
    ),
});

export type CorrelateParams = z.output<typeof correlateParams>;
