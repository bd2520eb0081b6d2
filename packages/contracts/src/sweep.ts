import { z } from 'zod';
import { submitJob } from './job.js';

const { dataset, weights, seed, webhook } = submitJob.shape;

/** Body of `POST /v1/sweeps`: what a job reads, and the params of the analysis `sweep`, whose own schema they are held to. */
export const submitSweep = z.looseObject({ dataset, weights, seed, webhook });
export type SubmitSweep = z.infer<typeof submitSweep>;

export const pageQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('items to pass over'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export const tableQuery = z.strictObject({ format: z.enum(['csv', 'json', 'parquet']).default('csv') });

const number = z.number().nullable();

export const sweepItems = z.object({
  total: z.int().min(0),
  items: z.array(
    z.object({
      item: z.int().min(0),
      choices: z.record(z.string(), z.string()),
      term: z.string().nullable(),
      estimate: number,
      standardError: number,
      statistic: number,
      pValue: number,
      lower: number,
      upper: number,
      rows: number,
      equalTo: number.describe('the first item that is the same specification'),
      failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});
export type SweepItems = z.infer<typeof sweepItems>;
