import { z } from 'zod';
import { count } from '../fields.js';
import { sweepResult } from '../sweep/result.js';

const statistics = z.object({
  median: z.number().describe('of the estimates'),
  share: z.number().describe('specifications that are significant with the sign of the curve’s own median, of all'),
  stouffer: z.number().describe('Σ zᵢ/√K, zᵢ from two-sided p with the sign of the estimate'),
});

const jointTest = z.object({
  method: z.enum(['permutation', 'bootstrap']),
  draws: count,
  pValue: statistics.describe(
    '(1 + draws at least as extreme)/(draws + 1): two-sided for median and Stouffer, one-sided for the share',
  ),
  nullSd: z.number().describe('standard deviation of the median over the draws'),
  nullShare: z.object({ mean: z.number(), q95: z.number() }).describe('of the share over the draws'),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const specCurveResult = sweepResult.extend({
  order: z.array(count).describe('fitted items, ascending in their estimates'),
  main: count.nullable().describe('the item marked'),
  joint: z.object({
    specifications: count.describe('fitted and not nearly collinear: those that every draw fits again'),
    observed: statistics.describe('with classical errors, as every draw has them'),
    tests: z.array(jointTest),
  }),
  variance: z
    .array(z.object({ name: z.string(), choices: count, share: z.number() }))
    .describe('share of the variance of estimates that each choice accounts for alone: between its options, of the total'),
});

export type SpecCurveResult = z.output<typeof specCurveResult>;
export type JointTest = z.output<typeof jointTest>;
