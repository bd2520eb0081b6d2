import { z } from 'zod';
import { count, numeric, sampleFields } from '../fields.js';

const permutation = z.object({
  draws: count,
  greater: numeric.describe('p of positive association (for C: of C this small)'),
  less: numeric,
  twoSided: numeric,
});

const moments = z.object({
  statistic: numeric,
  expectation: numeric,
  normality: z.object({ variance: numeric, z: numeric, greater: numeric, twoSided: numeric }),
  randomisation: z.object({ variance: numeric, z: numeric, greater: numeric, twoSided: numeric }),
  permutation: permutation.nullable(),
});

const test = z.object({ statistic: numeric, df: z.int(), pValue: numeric });

export const localClasses = ['high-high', 'low-low', 'high-low', 'low-high', 'not significant', 'isolated'] as const;

/** What the analysis answers: public, fields are added and never renamed. */
export const spatialTestsResult = z.object({
  weights: z.object({
    name: z.string(),
    kind: z.string(),
    normalisation: z.string(),
    units: count,
    links: count,
    islands: z.object({ count, labels: z.array(z.string()) }),
    components: count,
    notes: z.array(z.string()),
  }),
  global: z
    .array(z.object({ variable: z.string(), period: z.string(), units: count, links: count, moran: moments, geary: moments }))
    .describe('each variable in each period; z > 0 is positive association for both statistics'),
  local: z.array(
    z.object({
      variable: z.string(),
      period: z.string(),
      mean: numeric,
      units: z.array(
        z.object({
          label: z.string(),
          value: numeric,
          lag: numeric.describe('spatial lag of the deviation from the mean'),
          statistic: numeric,
          pValue: numeric.nullable().describe('as the params ask: two-sided or folded, adjusted or not'),
          class: z.enum(localClasses),
        }),
      ),
    }),
  ),
  regression: z
    .object({
      outcome: z.string(),
      regressors: z.array(z.string()),
      effects: z.array(z.string()),
      sample: sampleFields,
      moran: z
        .object({ statistic: numeric, expectation: numeric, variance: numeric, z: numeric, greater: numeric, twoSided: numeric })
        .nullable()
        .describe('of the residuals, with moments for OLS; null with effects'),
      lagrange: z.object({
        error: test,
        lag: test,
        robustError: test,
        robustLag: test,
        sarma: test,
        wx: test.nullable(),
        durbin: test.nullable(),
        robustLagDurbin: test.nullable(),
        robustWx: test.nullable(),
      }),
    })
    .nullable(),
  places: z.array(z.object({ label: z.string(), x: numeric, y: numeric })).nullable(),
  level: numeric,
  verdict: z.array(z.string()),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type SpatialTestsResult = z.output<typeof spatialTestsResult>;
export type AssociationResult = SpatialTestsResult['global'][number];
export type LocalResult = SpatialTestsResult['local'][number];
