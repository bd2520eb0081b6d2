import { z } from 'zod';

export const analysisEntry = z.object({
  name: z.string(),
  version: z.int(),
  title: z.string(),
  about: z.string(),
});
export type AnalysisEntry = z.infer<typeof analysisEntry>;

export const analysisDetail = analysisEntry.extend({
  sources: z.array(z.string()),
  params: z.unknown().describe('JSON Schema of `params`'),
  result: z.unknown().describe('JSON Schema of the result'),
  example: z
    .object({
      dataset: z.string(),
      weights: z.object({ file: z.string(), options: z.unknown() }).optional(),
      params: z.unknown(),
    })
    .describe('runs on a data set that ships'),
});
export type AnalysisDetail = z.infer<typeof analysisDetail>;

export const analysisList = z.object({ data: z.array(analysisEntry) });
export type AnalysisList = z.infer<typeof analysisList>;
