import { z } from 'zod';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { estimators, panelRegressionParams, programs } from './params.js';

const standardError = z.object({
  standardError: numeric,
  statistic: numeric,
  df: numeric.describe('of t; infinite is the normal'),
  pValue: numeric.describe('two-sided'),
  lower: numeric,
  upper: numeric,
});

const coefficient = z.object({
  term: z.string(),
  estimate: numeric,
  ...standardError.shape,
  alternatives: z.array(
    z.object({ covariance: z.int().min(1).describe('place in the column’s covariances'), ...standardError.shape }),
  ),
});

const test = z.object({ statistic: numeric, df1: numeric, df2: numeric, pValue: numeric });

const rSquared = z.object({
  model: numeric.describe('1 − SSR/SST of the transformed model: within for fixed effects, quasi-demeaned for random effects'),
  adjusted: numeric.describe('1 − (1 − model)(n − 1)/df, plm’s for fixed effects'),
  within: numeric.describe('squared correlation, as Stata prints it'),
  between: numeric.describe('squared correlation of entity means, as Stata'),
  overall: numeric.describe('squared correlation over all rows, as Stata'),
  lsdv: numeric.describe('with the dummies, EViews’ R-squared; null without absorbed effects'),
  lsdvAdjusted: numeric,
  ratioWithin: numeric.describe('1 − SSR/SST of the prediction, as linearmodels'),
  ratioBetween: numeric,
  ratioOverall: numeric,
});

const covariance = z.object({
  kind: z.string(),
  label: z.string(),
  clusters: z.array(count).describe('G of each dimension; T for Driscoll–Kraay'),
  lag: z.int().nullable(),
  rule: z.string().describe('the small-sample factor'),
  slopesTest: test.nullable().describe('all slopes zero; null where the covariance has no inverse'),
  bootstrap: z
    .object({ replications: count, unidentified: count.describe('draws that do not identify every coefficient: passed over') })
    .nullable()
    .describe('intervals are then percentile intervals; null for other kinds'),
  indefinite: z.boolean().describe('a variance is negative, which V₁ + V₂ − V₁₂ can be'),
});

const fitted = z.object({
  coefficients: z.array(coefficient),
  collinear: z
    .array(z.string())
    .describe('regressors without a coefficient: constant, or combinations of effects and earlier ones'),
  covariances: z.array(covariance),
  jointTests: z
    .array(z.object({ term: z.string(), ...test.shape }))
    .describe('of each i(…): all its dummies, by the first covariance'),
  effects: z.array(z.object({ name: z.string(), levels: count })),
  absorbed: z
    .object({ rank: count, redundant: count, exact: z.boolean() })
    .describe('degrees of freedom of the effects, with the constant; redundant dummies by connected components'),
  sample: sampleFields,
  singletons: count.describe('rows alone in a level of an effect'),
  fit: z.object({
    ssr: numeric,
    residualDf: numeric,
    observations: numeric.describe('of the transformed model; Σ w of frequency weights'),
    sigma: numeric.describe('√(SSR/df); σ_e for fixed effects'),
    rSquared,
    slopesTest: test.nullable().describe('F with classical errors; χ²/k for random effects'),
    overallTest: test.nullable().describe('F of slopes and effects against the constant alone (EViews); null without effects'),
    logLikelihood: numeric.describe('Gaussian, of the model with its dummies'),
    aic: numeric.describe('−2 logL + 2 p, p with σ² (R)'),
    bic: numeric,
    aicPerRow: numeric.describe('(−2 logL + 2 p)/n, p without σ² (EViews)'),
    bicPerRow: numeric,
    durbinWatson: numeric.describe('within entities over consecutive periods (Bhargava, Franzini & Narendranathan 1982)'),
    outcomeMean: numeric,
    outcomeSd: numeric,
  }),
  effectTests: z
    .array(z.object({ effects: z.string(), ...test.shape }))
    .describe('F of all effects against pooled OLS, and of each given the others'),
  variance: z
    .object({
      idiosyncratic: numeric,
      entity: numeric,
      entityRaw: numeric.describe('before a negative estimate is made 0'),
      rho: numeric.describe('σ_u²/(σ_u² + σ_e²)'),
      correlation: numeric.nullable().describe('of û_i and x’b, fixed effects'),
      thetaMin: numeric.nullable(),
      thetaMax: numeric.nullable(),
    })
    .nullable()
    .describe('of entity effects; null where there are none'),
  entityEffects: z.array(z.object({ entity: z.string(), estimate: numeric })),
});

const column = z.object({
  number: z.int().min(1),
  outcome: z.string(),
  estimator: z.enum(estimators),
  group: z.string().nullable(),
  step: z.int().min(1),
  fitted: fitted.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable().describe('why this column has no estimate'),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const panelRegressionResult = z.object({
  columns: z.array(column),
  program: z.enum(programs),
  table: panelRegressionParams.shape.table.unwrap(),
  panel: z.object({ entity: z.string(), time: z.string(), group: z.string().nullable() }),
  adequacy: z.array(adequacyFields).describe('what methods need of N, T and G, and what there is'),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type PanelRegressionResult = z.output<typeof panelRegressionResult>;
export type RegressionColumn = z.output<typeof column>;
export type FittedColumn = z.output<typeof fitted>;
export type TestResult = z.output<typeof test>;
