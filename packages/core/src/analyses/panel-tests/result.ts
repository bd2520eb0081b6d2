import { z } from 'zod';
import { count, numeric, sampleFields } from '../fields.js';
import { panelTestNames } from './params.js';

const finite = z.number();

const entry = z.object({
  test: z.enum(panelTestNames).describe('which test of the request it belongs to'),
  name: z.string().describe('stable: f-entity, lm-time, hausman, mundlak, white-f, …'),
  title: z.string(),
  null: z.string().describe('the hypothesis that a small p speaks against'),
  statistic: numeric,
  distribution: z.enum(['F', 'chi2', 'normal']),
  df1: count,
  df2: count.nullable().describe('of F'),
  pValue: numeric,
  status: z
    .enum(['ok', 'doubtful', 'unavailable'])
    .describe('doubtful: computed, but these data are too small for it, or a flag says why'),
  note: z.string().nullable(),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const panelTestsResult = z.object({
  adequacy: z
    .array(
      z.object({
        test: z.enum(panelTestNames),
        title: z.string(),
        needs: z.string(),
        has: z.string(),
        status: z.enum(['ok', 'too small', 'cannot run']),
      }),
    )
    .describe('what each test needs and what these data have'),
  tests: z.array(entry),
  hausman: z
    .object({
      rows: z.array(
        z.object({
          term: z.string(),
          fixed: finite,
          random: finite,
          difference: finite,
          variance: numeric.describe('Var(fixed) − Var(random); can be negative'),
          statistic: numeric.describe('difference² / variance, χ²(1)'),
          pValue: numeric,
        }),
      ),
      positiveDefinite: z.boolean().describe('the variance of the difference is positive definite'),
      mundlakTerms: z.array(z.string()).describe('regressors whose entity means the Mundlak test adds'),
    })
    .nullable(),
  crossSection: z
    .object({ meanCorrelation: finite, meanAbsoluteCorrelation: finite, pairs: count, skippedPairs: count })
    .nullable(),
  rho: finite.nullable().describe('coefficient of the lagged residual in Wooldridge’s test; −.5 without serial correlation'),
  sample: sampleFields,
  variables: z.object({ outcome: z.string(), regressors: z.array(z.string()), effects: z.array(z.string()) }),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()).describe('which rule each number follows, in words'),
});

export type PanelTestsResult = z.output<typeof panelTestsResult>;
export type TestEntry = z.output<typeof entry>;
