import { z } from 'zod';
import { effectsFields } from '../../spatial/effects-result.js';
import { weightsFields } from '../../spatial/weights-fields.js';
import { approaches, demeanings } from '../../spatial-ml/equation.js';
import { determinantMethods } from '../../spatial-ml/log-determinant.js';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { mlCovariances, mlModels } from './params.js';

const finite = z.number();

const estimate = z.object({
  estimate: numeric,
  standardError: numeric,
  statistic: numeric,
  pValue: numeric,
  lower: numeric,
  upper: numeric,
});

const model = z.object({
  model: z.enum(mlModels),
  coefficients: z
    .array(
      estimate.extend({
        term: z.string(),
        role: z.enum(['lag', 'exogenous', 'lagged exogenous', 'constant']),
      }),
    )
    .describe('ρ of Wy, regressors, their lags, the constant'),
  lambda: estimate.nullable().describe('u = λMu + ε'),
  sigma2: z.object({ estimate: finite, standardError: numeric }),
  components: z
    .object({ idiosyncratic: finite, entity: finite, theta: finite })
    .nullable()
    .describe('of random effects: σ², σ_μ², and θ = 1 − σ/√(σ² + Tσ_μ²), the share of its mean that a column loses'),
  mundlak: z
    .object({ statistic: numeric, df: count, pValue: numeric, note: z.string().optional() })
    .nullable()
    .describe(
      'of random effects: likelihood ratio against the model with entity means of its regressors; null without random effects',
    ),
  logLikelihood: finite.describe(
    'with its constants, of the observations that the likelihood counts; before any bias correction',
  ),
  parameters: count.describe('β, ρ, λ and σ²: those that AIC and BIC count'),
  aic: finite,
  bic: finite,
  observations: count.describe('that the likelihood counts: fewer than rows after a transformation'),
  squaredCorrelation: numeric.describe('of the outcome and ρWy + Xb, within the effects'),
  maxima: count.describe('local maxima of the likelihood that the search found'),
  correction: z
    .array(z.object({ term: z.string(), added: finite }))
    .nullable()
    .describe('what the bias correction added; null without one'),
  bounds: z
    .object({ rho: z.array(numeric).nullable(), lambda: z.array(numeric).nullable() })
    .describe('interval in which each spatial parameter was sought'),
  effects: effectsFields.nullable().describe('null: no spatial term of a regressor'),
  collinear: z.array(z.string()).describe('columns dropped as combinations of others or of the effects'),
});

const restriction = z.object({
  model: z.enum(mlModels).describe('that is restricted'),
  to: z.enum(mlModels),
  hypothesis: z.string(),
  df: count,
  likelihoodRatio: numeric,
  likelihoodRatioP: numeric,
  wald: numeric,
  waldP: numeric,
  note: z.string().optional(),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const spatialMlResult = z.object({
  models: z.array(model).describe('in the order of the request'),
  notFitted: z
    .array(z.object({ model: z.enum(mlModels), code: z.string(), message: z.string() }))
    .describe('models after the first whose likelihood has no maximum inside its interval'),
  tests: z.array(restriction).describe('likelihood-ratio and Wald tests of each model against the smaller ones it contains'),
  approach: z.enum(approaches),
  demeaning: z.enum(demeanings),
  covariance: z.enum(mlCovariances).describe('what the standard errors are from'),
  determinant: z
    .enum(determinantMethods)
    .nullable()
    .describe('how log|I − ρW| was found, exactly; null without Wy and spatial errors'),
  weights: weightsFields.nullable(),
  errorWeights: weightsFields.nullable().describe('null: those of the lag, or no spatial errors'),
  level: finite,
  sample: sampleFields.extend({
    balanced: z.boolean(),
    cutLinks: count.describe('links to neighbours without a row in the period, cut'),
  }),
  variables: z.object({
    outcome: z.string(),
    regressors: z.array(z.string()),
    effects: z.array(z.enum(['entity', 'time'])),
    random: z.boolean(),
  }),
  adequacy: z.array(adequacyFields).describe('what the models need of units and periods, and what there is'),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type SpatialMlResult = z.output<typeof spatialMlResult>;
export type MlModelResult = SpatialMlResult['models'][number];
