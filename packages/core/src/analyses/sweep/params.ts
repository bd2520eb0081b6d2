import { z } from 'zod';
import { termParam } from '../../formula/schema.js';

/** More items than this are refused, with their count. */
export const mostItems = 100_000;

const label = z.string().min(1).max(200);
const value = z.union([z.string(), z.number()]);

export const conditionParam = z.strictObject({
  column: z.string().min(1).describe('A column, or the words entity and time.'),
  min: z.number().optional().describe('Of time the year, where periods are months or days.'),
  max: z.number().optional(),
  in: z.array(value).min(1).optional(),
  notIn: z.array(value).min(1).optional(),
});

export const samplesParam = z
  .array(z.strictObject({ name: label, keep: z.array(conditionParam).default([]).describe('Rows that meet all of these.') }))
  .min(1)
  .max(1_000)
  .default([{ name: 'all rows', keep: [] }])
  .describe('Parts of the rows to estimate on. Lags still see the rows left out, as with Stata’s if.');

const controls = z.union([
  z
    .strictObject({
      always: z.array(termParam).default([]).describe('In every specification.'),
      subsetsOf: z.array(termParam).max(30).default([]).describe('Every subset of these: 2^m of them.'),
      least: z.int().min(0).optional().describe('Only subsets of at least so many.'),
      most: z.int().min(0).optional().describe('Only subsets of at most so many.'),
    })
    .describe('Every subset of a list, the empty one first.'),
  z.array(z.array(termParam)).min(1).max(10_000).describe('Exactly these sets.'),
]);

export const formulasParam = z
  .strictObject({
    outcomes: z.array(termParam).min(1).max(100),
    treatments: z.array(termParam).min(1).max(1_000).describe('Whose coefficient is tabulated. Never its own control.'),
    controls: controls.default({ always: [], subsetsOf: [] }),
    effects: z
      .array(z.array(z.string().min(1)))
      .min(1)
      .max(100)
      .default([[]])
      .describe('Sets of effects to absorb; [] is none.'),
  })
  .describe('Formulas from their pieces, every combination: `outcome ~ treatment + controls | effects`.');

export const sweepParams = z.strictObject({
  analysis: z.string().default('panel-regression').describe('What each item runs.'),
  params: z.record(z.string(), z.unknown()).default({}).describe('Its params, as far as all items share them.'),
  formulas: formulasParam.optional(),
  samples: samplesParam,
  vary: z
    .record(z.string().min(1), z.array(z.unknown()).min(1).max(mostItems))
    .default({})
    .describe(
      'Further params and the values each takes: `{ "covariance": ["classical", "cluster"], "bootstrap.replications": [199, 999] }`.',
    ),
  list: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(mostItems)
    .optional()
    .describe('Specifications one by one: each is laid over `params`. They are crossed with samples and formulas, if any.'),
  draw: z
    .strictObject({ items: z.int().min(1).max(mostItems) })
    .optional()
    .describe('So many of all combinations, at random without replacement, by the seed of the job.'),
  focus: z.string().optional().describe('The coefficient that is tabulated, where the treatment does not say; else the first.'),
  level: z.number().gt(0).lt(1).default(0.05).describe('A p-value below this counts as significant in the summary.'),
});

export type SweepParams = z.output<typeof sweepParams>;
