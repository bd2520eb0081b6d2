import { z } from 'zod';

/* Fields that params and results of several analyses share. */

export const confidenceLevel = z
  .number()
  .gt(0, 'a confidence level lies between 0 and 1')
  .lt(1, 'a confidence level lies between 0 and 1');

export const count = z.int().min(0);

/** NaN and infinities are null on the wire, with a reason beside them. */
export const numeric = z
  .number()
  .or(z.nan())
  .or(z.literal([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]));

/** Rows that a computation used, and why others were not. */
export const sampleFields = z.object({
  rows: count,
  entities: count,
  periods: count,
  dropped: z.array(z.object({ reason: z.string(), rows: count })).describe('rows left out, by their first reason'),
});

export const adequacies = ['ok', 'too small', 'cannot run'] as const;

/** "Too small for this?": what a method needs of the data and what there is, before any number is read. */
export const adequacyFields = z.object({
  method: z.string(),
  needs: z.string(),
  has: z.string(),
  status: z.enum(adequacies),
});
export type Adequacy = z.output<typeof adequacyFields>;
