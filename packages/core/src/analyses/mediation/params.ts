import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { mediationKinds } from '../../mediation/paths.js';
import { covarianceParam } from '../../panel-models/covariance-param.js';

/** Routes of a chain are subsets of its mediators. */
export const longestChain = 4;

const moderation = z.strictObject({
  moderator: termParam.describe(
    'w: the slope of the treatment is b₁ + b₃w. Enters with its interaction; it need not be in the formula.',
  ),
  at: z
    .union([z.enum(['mean-sd', 'quartiles']), z.array(z.number()).min(1).max(20)])
    .default('mean-sd')
    .describe('Values of w at which the slope is shown: mean − sd, mean, mean + sd; the quartiles; or numbers.'),
});

export const mediationParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome, treatment and controls, effects to absorb, without the mediators: `y ~ x + z1 + z2 | firm + year`, or lists. Without effects the ' +
      'model is pooled with a constant.',
  ),
  treatment: termParam.optional().describe('The regressor whose effect is taken apart. Left out: the first one of the formula.'),
  mediators: z
    .array(termParam)
    .max(10)
    .default([])
    .describe('Mediators, in the order of the chain if they form one. None: moderation only.'),
  kind: z
    .enum(mediationKinds)
    .default('parallel')
    .describe(
      'parallel: each mediator answers the treatment. serial: each also answers the mediators before it, x → m1 → m2 → y; every route through ' +
        'the chain has its effect.',
    ),
  mediatorControls: z
    .array(termParam)
    .max(200)
    .optional()
    .describe(
      'Controls of the mediators’ equations where they differ from the formula’s. Then c is not c′ plus the indirect effects, and no share is given.',
    ),
  moderation: moderation
    .optional()
    .describe('The interaction of the treatment with a moderator, without mediators in the equation.'),
  covariance: covarianceParam,
  bootstrap: z
    .strictObject({
      replications: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(999)
        .describe(
          'Draws B of N whole entities with replacement; (B + 1)·α/2 a whole number keeps percentile bounds exact. 0: none.',
        ),
    })
    .default({ replications: 999 })
    .describe('Percentile and BCa intervals of every effect.'),
  monteCarlo: z
    .strictObject({
      draws: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(20_000)
        .describe('Draws of the coefficients from their distribution, normal or t. 0: none.'),
    })
    .default({ draws: 20_000 })
    .describe('Monte Carlo intervals of indirect effects.'),
  singletons: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('Rows alone in a level of an absorbed effect: drop (reghdfe) or keep (xtreg, areg, plm).'),
  level: z.number().gt(0).lt(1).default(0.95).describe('Coverage of the intervals.'),
  table: z
    .strictObject({
      brackets: z.enum(['standard-errors', 't', 'p']).default('standard-errors').describe('What stands under an estimate.'),
      stars: z
        .array(z.number().gt(0).lt(1))
        .length(3)
        .refine(([a, b, c]) => a < b && b < c, 'cut-offs of ***, **, * must ascend')
        .default([0.01, 0.05, 0.1])
        .describe('Cut-offs of ***, **, *.'),
      digits: z.int().min(2).max(12).default(4).describe('Significant digits of estimates and errors.'),
    })
    .default({ brackets: 'standard-errors', stars: [0.01, 0.05, 0.1], digits: 4 })
    .describe('How the tables of regressions are written.'),
});

export type MediationParams = z.output<typeof mediationParams>;
