import { z } from 'zod';

const count = z.int().min(0);
const extreme = z.object({ label: z.string(), value: z.number() });
const extremes = z.object({ min: extreme, max: extreme });

export const weights = z.object({
  id: z.string().describe('sha256 of the canonical sparse form: equal weights, equal id'),
  name: z.string(),
  createdAt: z.iso.datetime(),
  bytes: count,
  kind: z.string().describe('how they were made: queen, k-nearest, edge-list, …'),
  normalisation: z.string(),
  notes: z.array(z.string()).describe('choices that were made on the way, printed with every result'),
  units: count,
  links: count.describe('stored w_ij > 0: a pair of neighbours counts twice'),
  islands: z.object({ count, labels: z.array(z.string()) }).describe('units without neighbours'),
  components: count.describe('groups of units that no link joins'),
  symmetric: z.boolean(),
  symmetricLinks: z.boolean().describe('j is a neighbour of i where i is one of j'),
  neighbours: z.object({ min: count, mean: z.number(), max: count }),
  rowSums: extremes,
  columnSums: extremes,
  first: z.string(),
  last: z.string(),
});
export type Weights = z.infer<typeof weights>;

export const weightsList = z.object({ data: z.array(weights) });
export type WeightsList = z.infer<typeof weightsList>;

export const weightsPreview = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.tuple([z.string(), z.string(), z.number()])).describe('the first links: from, to, weight'),
});
export type WeightsPreview = z.infer<typeof weightsPreview>;
