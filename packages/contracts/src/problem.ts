import { z } from 'zod';

/** RFC 9457 `application/problem+json`, with a stable `code` and a pointer for each thing that was wrong. */
export const problem = z.object({
  type: z.string().describe('a URI that names the kind of problem; `about:blank` with the code in `code`'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('stable; programs may depend on it'),
  detail: z.string().describe('what was needed and what was got'),
  errors: z
    .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .optional()
    .describe('each thing that was wrong, with a JSON pointer into the request'),
});
export type ProblemBody = z.infer<typeof problem>;
