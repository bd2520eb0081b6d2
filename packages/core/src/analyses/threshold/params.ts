import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { confidenceLevel } from '../fields.js';
import { programs } from './programs.js';
import { covarianceKinds } from './slopes.js';
import { wildWeights } from './weights.js';

/** More replications than this are refused: they no longer change a digit that anybody prints. */
export const mostReplications = 1_000_000;

/** Stored in jobs and results: never rename. The place of a method here is its random stream, so add at the end. */
export const bootstrapMethods = ['residual-blocks', 'wild-entity'] as const;

function unique(items: readonly unknown[]): boolean {
  return new Set(items).size === items.length;
}

const replications = z.int().min(0);

const bootstrap = z.strictObject({
  replications: z
    .union(
      [replications, z.array(replications).min(1).max(3)],
      'a whole number from 0 on, or a list of them, one for each threshold',
    )
    .default(999)
    .describe(
      'Replications of each method, B, for all tests or one for each number of thresholds; 0 leaves a test out. B + 1 divisible by ' +
        `100 makes the levels 10, 5 and 1 % exact. At most ${mostReplications.toLocaleString('en')}.`,
    ),
  methods: z
    .union([z.literal('default'), z.array(z.enum(bootstrapMethods)).min(1).refine(unique, 'name each method once')])
    .default('default')
    .describe(
      'How outcomes without the threshold are drawn. residual-blocks: every entity gets all residuals of an entity drawn with ' +
        'replacement (Hansen 1999) among those with the same periods; right when entities’ errors are alike. wild-entity: every entity ' +
        'keeps its own residuals, times one random weight; holds its size when error variances differ between entities. default: ' +
        'both on a balanced panel, wild-entity alone on an unbalanced one.',
    ),
  weights: z
    .enum(wildWeights)
    .default('rademacher')
    .describe('Weights of wild-entity: rademacher (−1 or 1), mammen (two points, skewed), webb (six points, for few entities).'),
  residuals: z
    .enum(['restricted', 'unrestricted'])
    .default('restricted')
    .describe(
      'Residuals drawn from: those of the model without the threshold tested (restricted, as Hansen’s program), or of the model ' +
        'with it (unrestricted, as Hansen’s paper says; wild-entity then rejects too often).',
    ),
  earlyStop: z
    .boolean()
    .default(false)
    .describe(
      'Stop at the first of the fixed checkpoints (100, 200, 400, … replications) at which every test’s decision at 5 % would no longer ' +
        'change but with probability 0.001. No critical values are then given.',
    ),
});

const trim = z.number().min(0).lt(0.5, 'two regimes cannot each hold half of the rows or more');

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
  thresholdCount: z.int().min(1).max(3).default(1).describe('How many thresholds are estimated and tested, one after another.'),
  trim: z
    .union([trim, z.array(trim).min(1).max(3)], 'a share from 0 to below 0.5, or a list of them, one for each threshold')
    .default(0.05)
    .describe(
      'Least share of the rows in each regime, for all searches or one for each number of thresholds; never fewer rows than ' +
        'slopes + 5, or than 3 entities.',
    ),
  grid: z
    .int()
    .min(10)
    .max(100_000)
    .nullable()
    .default(null)
    .describe(
      'Search these many quantiles of the distinct values of the threshold variable instead of every value, as other programs do. A ' +
        'grid can miss the best threshold. null: every value, or the grid that the program named has.',
    ),
  program: z
    .enum(programs)
    .default('spillway')
    .describe(
      'Whose conventions to follow, to rebuild published numbers: spillway (every value, all rows), xthreg (F scaled by NT − T), ' +
        'hansen (the author’s program: last period dropped, q < γ, 400 quantiles), pdr (R’s pdR: the same, F scaled by NT).',
    ),
  lastPeriod: z
    .enum(['kept', 'dropped'])
    .nullable()
    .default(null)
    .describe('Whether each entity’s last period is dropped once the means are taken out; null as the program does.'),
  scale: z
    .enum(['within', 'rows-less-periods', 'rows'])
    .nullable()
    .default(null)
    .describe(
      'What S is divided by in F and LR: within is n(T − 1), rows-less-periods NT − T, rows NT; null as the program does.',
    ),
  given: z
    .array(z.number())
    .max(3)
    .default([])
    .describe(
      'Thresholds to hold in place of the estimates, in the order in which a program found them, so that its sums of squares, F and ' +
        'slopes can be rebuilt where its grid is not known. Nothing is refined then.',
    ),
  bootstrap: bootstrap
    .default({ replications: 999, methods: 'default', weights: 'rademacher', residuals: 'restricted', earlyStop: false })
    .describe('The test of the threshold: its F has no table, so its distribution without a threshold is simulated.'),
  timeEffectsCheck: z
    .boolean()
    .default(true)
    .describe(
      'With entity effects alone: also test the first threshold with period effects, in at most 199 replications, and warn when ' +
        'that changes the verdict. Trends that all entities share can pass for a threshold.',
    ),
  levels: z
    .array(confidenceLevel)
    .min(1)
    .max(9)
    .refine(unique, 'name each level once')
    .default([0.95])
    .describe('Levels of the confidence sets of the threshold.'),
  slopeUnion: confidenceLevel
    .nullable()
    .default(null)
    .describe(
      'Level of the confidence set of the thresholds over which 95 % intervals of the slopes are united (Hansen 2000 uses 0.8), so ' +
        'that they allow for the threshold being estimated; null leaves them out.',
    ),
  covariance: z
    .union([z.enum(covarianceKinds).transform((kind) => [kind]), z.array(z.enum(covarianceKinds)).min(1).refine(unique)])
    .default(['cluster'])
    .describe(
      'Standard errors of the slopes, one kind or several: cluster (by entity, Stata’s factor), classical, hc0, hc1. ' +
        'The first fills the main columns.',
    ),
});

export type ThresholdParams = z.output<typeof thresholdParams>;

/** A number for all stages, or one for each: stage by stage. */
export function byStage(value: number | readonly number[], stages: number): number[] {
  return Array.from({ length: stages }, (_, s) => (typeof value === 'number' ? value : value[s]));
}
