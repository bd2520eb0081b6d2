import { z } from 'zod';
import { count } from '../fields.js';

const number = z.number().nullable();
const share = z.number().min(0).max(1);

/** What the analysis answers: public, fields are added and never renamed. */
export const sweepResult = z.object({
  analysis: z.string(),
  dimensions: z
    .array(z.object({ name: z.string(), options: z.array(z.string()), subset: z.boolean() }))
    .describe('the choices; of a subset the options are what may be in it'),
  items: z
    .object({
      choices: z
        .array(z.array(z.number()))
        .describe('for each dimension the choice of each item: a place in its options, or Σ 2^place'),
      term: z.array(z.string().nullable()).describe('the coefficient'),
      estimate: z.array(number),
      standardError: z.array(number),
      statistic: z.array(number),
      pValue: z.array(number),
      lower: z.array(number),
      upper: z.array(number),
      rows: z.array(count.nullable()),
      equalTo: z.array(count.nullable()).describe('the first item that is the same specification, computed once'),
    })
    .describe('one entry an item, null where it failed'),
  failures: z
    .array(z.object({ item: count, code: z.string(), message: z.string() }))
    .describe('items that have no estimate, and why'),
  counts: z.object({ items: count, combinations: z.number(), distinct: count, fitted: count, failed: count }),
  summary: z
    .object({
      level: z.number(),
      minimum: z.number(),
      quartiles: z.tuple([z.number(), z.number(), z.number()]).describe('the second is the median'),
      maximum: z.number(),
      positive: share.describe('of the fitted items'),
      positiveSignificant: share,
      negative: share,
      negativeSignificant: share,
    })
    .nullable()
    .describe('of the estimates; null when none was fitted'),
  seed: count.describe('of every item: a job of one item alone with this seed gives the same numbers'),
});

export type SweepResult = z.output<typeof sweepResult>;
