import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { covarianceKinds } from './slopes.js';

/** More replications than this are refused: they no longer change a digit that anybody prints. */
export const mostReplications = 1_000_000;

/** Stored in jobs and results: never rename. The place of a method here is its random stream, so add at the end. */
export const bootstrapMethods = ['residual-blocks', 'wild-entity'] as const;

const level = z.number().gt(0, 'a confidence level lies between 0 and 1').lt(1, 'a confidence level lies between 0 and 1');

function unique(items: readonly unknown[]): boolean {
  return new Set(items).size === items.length;
}

const bootstrap = z.strictObject({
  replications: z
    .int()
    .min(0)
    .default(999)
    .describe(
      'Replications of each method, B; 0 leaves the test out. B + 1 divisible by 100 makes the levels 10, 5 and 1 % exact. ' +
        `At most ${mostReplications.toLocaleString('en')}.`,
    ),
  methods: z
    .array(z.enum(bootstrapMethods))
    .min(1)
    .refine(unique, 'name each method once')
    .default(['residual-blocks', 'wild-entity'])
    .describe(
      'How outcomes without the threshold are drawn. residual-blocks: every entity gets all residuals of an entity drawn with ' +
        'replacement (Hansen 1999); right when entities’ errors are alike. wild-entity: every entity keeps its own residuals, times ' +
        'one random sign; holds its size when error variances differ between entities.',
    ),
  residuals: z
    .enum(['restricted', 'unrestricted'])
    .default('restricted')
    .describe(
      'Residuals drawn from: those of the model without the threshold tested (restricted, as Hansen’s program), or of the model ' +
        'with it (unrestricted, as Hansen’s paper says).',
    ),
});

export const thresholdParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome and the regressors with one slope in all regimes, with entity effects: `y ~ x1 + L.x2 | firm`, or ' +
      '`{ "outcome": "y", "regressors": ["x1", "L.x2"], "effects": ["firm"] }`. Use 0 for no such regressor: `y ~ 0 | firm`.',
  ),
  thresholdVariable: termParam.describe('The variable whose value decides the regime, one term: `L.d`.'),
  regimeRegressors: z
    .array(termParam)
    .min(1, 'at least one regressor must have its own slope in each regime')
    .max(8)
    .refine(unique, 'name each regressor once')
    .describe('Regressors with a slope of their own in each regime, one term each; not also in the formula.'),
  thresholdCount: z.literal(1).default(1).describe('How many thresholds are estimated and tested.'),
  trim: z
    .number()
    .min(0)
    .lt(0.5, 'two regimes cannot each hold half of the rows or more')
    .default(0.05)
    .describe('Least share of the rows in each regime; never fewer rows than slopes + 5, or than 3 entities.'),
  bootstrap: bootstrap
    .default({ replications: 999, methods: ['residual-blocks', 'wild-entity'], residuals: 'restricted' })
    .describe('The test of the threshold: its F has no table, so its distribution without a threshold is simulated.'),
  levels: z
    .array(level)
    .min(1)
    .max(9)
    .refine(unique, 'name each level once')
    .default([0.95])
    .describe('Levels of the confidence sets of the threshold.'),
  covariance: z
    .union([z.enum(covarianceKinds).transform((kind) => [kind]), z.array(z.enum(covarianceKinds)).min(1).refine(unique)])
    .default(['cluster'])
    .describe(
      'Standard errors of the slopes, one kind or several: cluster (by entity, Stata’s factor), classical, hc0, hc1. ' +
        'The first fills the main columns.',
    ),
});

export type ThresholdParams = z.output<typeof thresholdParams>;
