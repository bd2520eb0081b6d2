import { z } from 'zod';

/** Fields that results of several analyses share. */
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
