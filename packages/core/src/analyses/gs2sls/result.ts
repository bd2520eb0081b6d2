import { z } from 'zod';
import { effectsFields, intervalFields } from '../../spatial/effects-result.js';
import { weightsFields } from '../../spatial/weights-fields.js';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { ivResult } from '../iv/result.js';
import { spatialCovariances, spatialModels, spatialPrograms } from './params.js';

const finite = z.number();

const coefficient = z.object({
  term: z.string(),
  role: z.enum(['lag', 'endogenous', 'lagged endogenous', 'exogenous', 'lagged exogenous', 'constant']),
  estimate: numeric,
  standardError: numeric,
  statistic: numeric,
  pValue: numeric,
  lower: numeric,
  upper: numeric,
});

const fTest = ivResult.shape.estimates.element.shape.model;
const test = ivResult.shape.identification.shape.underidentification;

const bootstrap = z.object({
  used: count,
  failed: count.describe('replications that do not identify the coefficients'),
  outside: count.describe('of those used, with ρ out of bounds: their coefficients count, effects they have none'),
  coefficients: z.array(intervalFields.extend({ term: z.string() })),
  lambda: intervalFields.nullable(),
  effects: z.array(z.object({ variable: z.string(), direct: intervalFields, indirect: intervalFields, total: intervalFields })),
});

const model = z.object({
  model: z.enum(spatialModels),
  coefficients: z.array(coefficient).describe('Wy, endogenous regressors, exogenous ones, their lags, the constant'),
  lambda: z
    .object({
      estimate: finite,
      standardError: numeric,
      statistic: numeric,
      pValue: numeric,
      lower: numeric,
      upper: numeric,
      filter: finite.describe('λ that the filter used'),
      atBound: z.boolean(),
      note: z.string().optional(),
    })
    .nullable()
    .describe('u = λMu + ε'),
  sigma2: finite,
  ssr: finite.describe('of residuals that are not filtered'),
  squaredCorrelation: numeric.describe('of the outcome and Xb, within the effects'),
  components: z.object({ idiosyncratic: finite, between: finite, theta: finite }).nullable(),
  effects: effectsFields.nullable().describe('null: no spatial term of a regressor, or ρ out of bounds'),
  instruments: z.array(z.string()).describe('outside the equation, those kept'),
  collinear: z.array(z.string()).describe('columns dropped as combinations of others'),
  firstStages: ivResult.shape.firstStages,
  identification: ivResult.shape.identification.nullable(),
  overidentification: test.nullable(),
  endogeneity: ivResult.shape.endogeneity.nullable(),
  andersonRubin: ivResult.shape.andersonRubin.nullable(),
  anselinKelejian: test.nullable(),
  waldLags: fTest.nullable().describe('all coefficients of WX are zero'),
  bootstrap: bootstrap.nullable(),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const gs2slsResult = z.object({
  models: z.array(model),
  weights: weightsFields.nullable(),
  errorWeights: weightsFields.nullable().describe('null: those of the lag, or no spatial errors'),
  program: z.enum(spatialPrograms),
  covariance: z.enum(spatialCovariances),
  level: finite,
  sample: sampleFields.extend({
    balanced: z.boolean(),
    clusters: z.object({ name: z.string(), count }).nullable(),
    absorbed: count,
    cutLinks: count.describe('links to neighbours without a row in the period, cut'),
  }),
  variables: z.object({
    outcome: z.string(),
    exogenous: z.array(z.string()),
    endogenous: z.array(z.string()),
    outside: z.array(z.string()),
    effects: z.array(z.string()),
    random: z.boolean(),
  }),
  adequacy: z.array(adequacyFields).describe('what the models need of units and clusters, and what there is'),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type Gs2slsResult = z.output<typeof gs2slsResult>;
export type ModelResult = Gs2slsResult['models'][number];
