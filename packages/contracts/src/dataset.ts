import { z } from 'zod';

const count = z.int().min(0);

/** Names in the query of `POST /v1/datasets`; the body is the file itself. */
export const uploadQuery = z.strictObject({
  entity: z.string().min(1).describe('column that names the entity'),
  time: z.string().min(1).describe('column that holds the period: integers, dates, months 2012M3, quarters 2012Q1'),
  delimiter: z.string().length(1).optional().describe('one character; default: found in the header line'),
  decimal: z.enum(['.', ',']).optional().describe('decimal mark; default "."'),
  step: z.coerce
    .number()
    .positive()
    .optional()
    .describe('what one lag goes back by, in units of time; default: the greatest common difference'),
  name: z.string().max(200).optional().describe('for people; not part of the identity'),
});
export type UploadQuery = z.infer<typeof uploadQuery>;

export const datasetColumn = z.object({
  name: z.string(),
  kind: z.enum(['number', 'text']),
  missing: count,
  distinct: count,
  min: z.number().nullable(),
  max: z.number().nullable(),
});

export const dataset = z.object({
  id: z.string().describe('sha256 of the canonical columnar form: equal data, equal id'),
  name: z.string(),
  createdAt: z.iso.datetime(),
  bytes: count,
  rows: count,
  entity: z.object({ name: z.string(), count, first: z.string(), last: z.string() }),
  time: z.object({ name: z.string(), unit: z.string(), step: z.number(), count, first: z.string(), last: z.string() }),
  balanced: z.boolean(),
  periodsPerEntity: z.object({ min: count, max: count }),
  gaps: count,
  columns: z.array(datasetColumn),
});
export type Dataset = z.infer<typeof dataset>;

export const datasetList = z.object({ data: z.array(dataset) });
export type DatasetList = z.infer<typeof datasetList>;

export const datasetPreview = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).describe('the first rows in canonical order'),
});
export type DatasetPreview = z.infer<typeof datasetPreview>;

/** 202 of an upload that takes longer than the door waits: ask again at `location`. */
export const pendingUpload = z.object({ upload: z.string(), state: z.string() });
export type PendingUpload = z.infer<typeof pendingUpload>;
