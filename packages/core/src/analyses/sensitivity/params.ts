import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { covarianceParam } from '../../panel-models/covariance-param.js';
import { confidenceLevel } from '../fields.js';

/** More benchmarks than this are not one table or figure. */
export const mostBenchmarks = 50;

const multiple = z.number().gt(0, 'a confounder is k times as strong as the benchmark with k above 0').max(1e6);
const share = z.number().gt(0, 'a share lies above 0').max(1, 'a share is at most 1');

const benchmark = z.union([
  termParam,
  z.strictObject({
    name: z.string().min(1).max(200).describe('What the group is called in tables and figures.'),
    terms: z.array(termParam).min(1).max(200).describe('The controls of the group.'),
  }),
]);

export const sensitivityParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome ~ treatment + controls | effects: `y ~ d + x1 + x2 | firm + year`. Ordinary least squares, or with any fixed effects.',
  ),
  treatment: termParam.optional().describe('The regressor whose coefficient is in question. Left out: the first of the formula.'),
  benchmarks: z
    .array(benchmark)
    .max(mostBenchmarks)
    .optional()
    .describe(
      'Controls that the confounder is compared with: a term, or a group `{ "name": "education", "terms": ["school", "degree"] }`. ' +
        'Left out: every control by itself.',
    ),
  kd: z
    .array(multiple)
    .min(1)
    .max(20)
    .default([1, 2, 3])
    .describe(
      'How many times as strong as the benchmark in explaining the treatment. An impossible multiple loses its own row only.',
    ),
  ky: z.array(multiple).min(1).max(20).optional().describe('The same for the outcome, one for each of kd. Left out: as kd.'),
  q: z
    .number()
    .gt(0)
    .max(100)
    .default(1)
    .describe('Share of the estimate that would have to go: 1 is all of it, 0.5 half. Tests are then of b(1 − q), or b(1 + q).'),
  reduce: z
    .boolean()
    .default(true)
    .describe('true: confounding has inflated the estimate. false: it has masked part of it, and the bias pulls away from 0.'),
  level: confidenceLevel.default(0.95).describe('Coverage of intervals; tests are at 1 − level.'),
  scenarios: z
    .array(share)
    .min(1)
    .max(6)
    .default([1, 0.75, 0.5])
    .describe('Extreme scenarios: shares of the outcome left unexplained that the confounder takes.'),
  covariance: covarianceParam.describe(
    'Standard errors whose t stands beside the classical one. They never enter the sensitivity formulas, which are for classical ' +
      'errors: where they tell another story, a warning says so.',
  ),
  singletons: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe(
      'Rows alone in a level of an absorbed effect. Estimate, classical error and degrees of freedom are the same either way.',
    ),
  oster: z
    .strictObject({
      delta: z.number().min(-100).max(100).default(1).describe('Selection on unobservables relative to observables, for β*.'),
      beta: z.number().default(0).describe('The true coefficient that δ* is asked for.'),
      rMax: share
        .optional()
        .describe('R² of the regression with the unobservables, of each convention. Left out: min(1, factor · R²).'),
      rMaxFactor: z
        .number()
        .gt(1, 'the unobservables must add something: above 1')
        .max(100)
        .default(1.3)
        .describe('What R² is multiplied by when rMax is left out; Oster’s 1.3.'),
      unrelated: z
        .array(termParam)
        .max(200)
        .default([])
        .describe('Controls that are in the short regression too (Stata’s mcontrol), beside constant and effects.'),
    })
    .default({ delta: 1, beta: 0, rMaxFactor: 1.3, unrelated: [] })
    .describe('Oster’s δ* and β*.'),
  eValue: z
    .strictObject({
      contrast: z.number().gt(0).default(1).describe('Change of the treatment that is meant, in its units.'),
    })
    .default({ contrast: 1 })
    .describe('The E-value rests on the size of a change.'),
});

export type SensitivityParams = z.output<typeof sensitivityParams>;
