import { z } from 'zod';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { groupEstimators } from './params.js';

const test = z.object({ statistic: numeric, df1: numeric, df2: numeric, pValue: numeric });
const estimate = z.object({ estimate: numeric, standardError: numeric, statistic: numeric, df: numeric, pValue: numeric });

const groupFit = z.object({
  label: z.string(),
  coefficients: z
    .array(z.object({ term: z.string(), ...estimate.shape, classicalError: numeric }))
    .describe('errors of the first covariance'),
  rows: count,
  entities: count,
  rSquared: numeric.describe('1 − SSR/SST of the transformed model: within for fixed effects'),
  ssr: numeric,
});

const permuted = z.object({
  studentised: z.object({ exceeding: count, pValue: numeric }).describe('|t*| ≥ |t|, two-sided; the test'),
  raw: z
    .object({ atLeast: count, pOneSided: numeric, pTwoSided: numeric, sd: numeric })
    .describe('of differences that are not studentised: not valid when error variances or regressors differ between groups'),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const groupDifferenceResult = z.object({
  outcome: z.string(),
  estimator: z.enum(groupEstimators),
  group: z.string(),
  groups: z.array(groupFit).length(2).describe('the second is the one that the first is taken from'),
  differences: z.array(
    z.object({
      term: z.string(),
      difference: numeric.describe('slope of the second group less that of the first, separate regressions'),
      clogg: z
        .object({ statistic: numeric, pValue: numeric })
        .describe('z with the groups’ classical errors, independent groups'),
      sur: estimate.describe('errors across both regressions, clustered (suest)'),
      interactions: z.array(estimate).describe('coefficient of the interaction, by each covariance'),
      permutation: permuted.nullable(),
    }),
  ),
  interaction: z
    .array(z.object({ label: z.string(), rule: z.string(), wald: test.nullable(), chiSquared: numeric }))
    .describe('all interactions zero, by each covariance'),
  chow: test
    .nullable()
    .describe('F of all slopes equal, effects as in the formula; equal error variances; null without a slope to compare'),
  chowPooled: test
    .nullable()
    .describe('F of all slopes and constants equal, without effects; null but for pooled and within models'),
  sur: z.object({ wald: test.nullable(), clusters: count, rule: z.string() }),
  permutation: z
    .object({
      replications: count,
      exact: z.boolean().describe('all labelings were taken'),
      labelings: numeric.describe('labelings there are'),
      wald: z.object({ statistic: numeric, exceeding: count, pValue: numeric }).describe('all slopes, studentised'),
      unidentified: count.describe('labelings that do not identify every slope: passed over'),
    })
    .nullable(),
  sample: sampleFields,
  adequacy: z.array(adequacyFields).describe('what tests need of clusters, entities and labelings, and what there is'),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type GroupDifferenceResult = z.output<typeof groupDifferenceResult>;
