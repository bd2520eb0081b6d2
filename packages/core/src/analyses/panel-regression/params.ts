import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { regressionCovarianceParam } from '../../panel-models/covariance-param.js';
import { varianceComponentsParam } from '../../panel-models/variance-components-param.js';

/** Stored in params: never rename. */
export const estimators = ['pooled', 'within', 'between', 'first-difference', 'random-effects'] as const;
export type Estimator = (typeof estimators)[number];

/** Stored in params: never rename. */
export const programs = ['spillway', 'stata', 'eviews', 'r'] as const;
export type Program = (typeof programs)[number];

/** More columns than this are not one table. */
export const mostColumns = 200;

export const panelRegressionParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome, regressors and the effects to absorb: `y ~ x1 + x2 | firm + year`, or lists. Lags, logs, interactions `x:z` and ' +
      '`i(region)` are allowed; `0 +` leaves the constant out.',
  ),
  estimators: z
    .union([z.enum(estimators).transform((one) => [one]), z.array(z.enum(estimators)).min(1).max(5)])
    .optional()
    .describe(
      'One model or several side by side: pooled, within (the formula’s effects), between, first-difference, random-effects. ' +
        'Left out: within if the formula has effects, else pooled.',
    ),
  outcomes: z.array(termParam).max(20).default([]).describe('Further outcomes: every column again for each.'),
  steps: z
    .union([z.literal('one-by-one'), z.array(z.array(termParam).min(1)).min(1).max(40)])
    .optional()
    .describe(
      'Stepwise columns. one-by-one: the first regressor, then one more in each column. A list: the formula, then with each entry’s ' +
        'terms added to those before.',
    ),
  sample: z
    .enum(['each', 'common'])
    .default('each')
    .describe('each: every column on its own complete rows. common: all columns on the rows that are complete for all.'),
  groups: z.string().min(1).optional().describe('A column by whose levels the regression is run again, after all rows.'),
  weights: z
    .strictObject({
      variable: termParam,
      kind: z
        .enum(['analytic', 'frequency'])
        .default('analytic')
        .describe('analytic: scaled to sum to the rows (Stata’s aweight). frequency: the number of equal rows each stands for.'),
    })
    .optional()
    .describe('Weights of pooled and within models.'),
  covariance: regressionCovarianceParam,
  singletons: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe(
      'Rows alone in a level of an absorbed effect: drop (as reghdfe; they carry no information and shrink clustered errors) or keep ' +
        '(as xtreg, areg and plm). Counted in the result either way.',
    ),
  varianceComponents: varianceComponentsParam.describe('Variance components of random effects.'),
  level: z.number().gt(0).lt(1).default(0.95).describe('Coverage of the confidence intervals.'),
  program: z
    .enum(programs)
    .default('spillway')
    .describe(
      'Whose statistics stand under the table: spillway, stata (xtreg), eviews (LSDV R², F, DW, criteria over n), r (plm).',
    ),
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
    .describe('How the table is written.'),
  effectTests: z
    .boolean()
    .default(true)
    .describe(
      'Test effects against pooled OLS, and each given the others: as many regressions more. Leave out for millions of rows.',
    ),
  effectEstimates: z
    .boolean()
    .default(false)
    .describe('Give the estimated entity effects ȳ_i − x̄_i’b of within models whose only effect is the entity’s.'),
});

export type PanelRegressionParams = z.output<typeof panelRegressionParams>;
