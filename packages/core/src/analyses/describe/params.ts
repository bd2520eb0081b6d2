import { z } from 'zod';
import { termParam } from '../../formula/schema.js';

export const describeParams = z.strictObject({
  variables: z
    .array(termParam)
    .min(1)
    .max(200)
    .optional()
    .describe('Variables, one term each: `inv`, `log(gdp)`, `L.x`. Left out: every column of numbers.'),
  sample: z
    .enum(['each', 'common'])
    .default('each')
    .describe('each: every variable on all rows where it is there. common: only rows where all variables are.'),
  quantiles: z
    .array(z.number().min(0).max(1))
    .max(21)
    .default([0.25, 0.75])
    .describe('Quantiles beside the median, as shares: interpolated order statistics (R’s type 7).'),
});

export type DescribeParams = z.output<typeof describeParams>;
