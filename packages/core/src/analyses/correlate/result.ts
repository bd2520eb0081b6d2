import { z } from 'zod';
import { count, numeric, sampleFields } from '../fields.js';

const test = z.object({ r: numeric, n: count, statistic: numeric, df: z.int(), pValue: numeric });

/** What the analysis answers: public, fields are added and never renamed. */
export const correlateResult = z.object({
  variables: z.array(z.string()),
  pairs: z.array(z.object({ a: z.string(), b: z.string(), pearson: test.optional(), spearman: test.optional() })),
  inflation: z
    .array(z.object({ variable: z.string(), raw: numeric, within: numeric.describe('of the regressors less their effects') }))
    .describe('1/(1 − R²) of each regressor on the others; infinite when it is a combination of them'),
  effects: z.array(z.string()),
  sample: sampleFields.describe('the rows where all variables are there'),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type CorrelateResult = z.output<typeof correlateResult>;
