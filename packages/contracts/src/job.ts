import { z } from 'zod';

const count = z.int().min(0);
const time = z.iso.datetime().nullable();

/** Body of `POST /v1/jobs`. `params` is held to the analysis' own schema. */
export const submitJob = z.strictObject({
  analysis: z.string().describe('a name of `GET /v1/analyses`'),
  dataset: z.string().describe('id of a dataset'),
  weights: z
    .union([z.string(), z.record(z.string().min(1).max(100), z.string())])
    .optional()
    .describe('id of spatial weights, which formulas call W, or ids by the names that formulas give them: W(x, name)'),
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('default: derived from the rest of the request, and printed'),
  params: z.record(z.string(), z.unknown()).describe('see `GET /v1/analyses/:name`'),
  webhook: z
    .string()
    .max(2_000)
    .optional()
    .describe(
      'an https address that is told of the end, as [Standard Webhooks](https://www.standardwebhooks.com) has it; no part of the question: ' +
        'each submission of a job may name its own',
    ),
});
export type SubmitJob = z.infer<typeof submitJob>;

export const jobState = z.enum(['queued', 'planning', 'running', 'combining', 'succeeded', 'failed', 'cancelled', 'expired']);
export type JobState = z.infer<typeof jobState>;

/** The states after which nothing happens any more. */
export const endStates: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'expired'];

export const progress = z.object({
  done: count.describe('units recorded; never falls while an epoch lasts'),
  total: count.nullable().describe('null until planned'),
  unit: z.string().nullable(),
  perSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  partial: z.unknown().describe('what can be said so far, by the analysis: a p-value with its Monte Carlo interval'),
});
export type Progress = z.infer<typeof progress>;

export const job = z.object({
  id: z.string(),
  state: jobState,
  epoch: count.describe('a life of the job: raised by a retry'),
  analysis: z.string(),
  version: z.int(),
  core: z.string().describe('which build of the core computes it'),
  dataset: z.string(),
  weights: z.record(z.string(), z.string()).optional(),
  params: z.unknown().describe('canonical: defaults filled in'),
  seed: count,
  cost: z.object({ cpuSeconds: z.number(), bytes: count, arithmetic: z.string() }),
  progress,
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  result: z.object({ sha256: z.string(), bytes: count }).nullable(),
  createdAt: time,
  startedAt: time,
  endedAt: time,
  webhooks: z
    .object({
      pending: count.describe('on their way, or waiting for another attempt'),
      delivered: count,
      givenUp: count,
      problem: z.string().nullable().describe('why the last one was given up'),
    })
    .nullable()
    .describe('who is told of the end; null before it, and when nobody asked'),
  ran: z.object({ shards: count, recomputed: count, retried: count }).describe('how it was computed; no part of the result'),
});
export type Job = z.infer<typeof job>;

/** Body of a webhook. Its headers are those of Standard Webhooks; `webhook-id` is `<job>.<epoch>.<state>`. */
export const jobEnded = z.object({
  type: z.enum(['job.succeeded', 'job.failed', 'job.cancelled']),
  timestamp: z.iso.datetime().describe('when the job ended'),
  data: z.object({
    id: z.string(),
    state: z.enum(['succeeded', 'failed', 'cancelled']),
    epoch: count,
    links: z
      .object({ job: z.string(), result: z.string().optional(), report: z.string().optional() })
      .describe('addresses, or paths where the operator has set no SPILLWAY_PUBLIC_URL'),
  }),
});
export type JobEnded = z.infer<typeof jobEnded>;

export const jobList = z.object({ data: z.array(job), nextCursor: z.string().nullable() });
export type JobList = z.infer<typeof jobList>;

export const jobListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
});

export const documentQuery = z.strictObject({
  format: z
    .enum(['json', 'csv', 'md', 'html', 'latex', 'docx'])
    .default('json')
    .describe('json: the numbers. The others: the tables of the report.'),
});
