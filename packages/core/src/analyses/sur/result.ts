import { z } from 'zod';
import { residualDivisors } from '../../seemingly-unrelated/residual-covariance.js';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { surPrograms } from './params.js';

const error = z.object({
  standardError: numeric,
  statistic: numeric,
  df: numeric.describe('of t; infinite is the normal'),
  pValue: numeric,
});

const coefficient = z.object({
  term: z.string(),
  estimate: numeric,
  ...error.shape,
  lower: numeric,
  upper: numeric,
  clustered: error.nullable(),
  ols: z.object({ estimate: numeric, ...error.shape }).describe('the equation alone, classical errors'),
});

const chi2 = z.object({ statistic: numeric, df: count, pValue: numeric });
const f = z.object({ statistic: numeric, df1: numeric, df2: numeric, pValue: numeric });
const matrix = z.array(z.array(numeric));

/** What the analysis answers: public, fields are added and never renamed. */
export const surResult = z.object({
  equations: z.array(
    z.object({
      name: z.string(),
      outcome: z.string(),
      coefficients: z.array(coefficient),
      collinear: z.array(z.string()),
      parameters: count.describe('coefficients and effects'),
      residualDf: count,
      rSquared: numeric.describe('1 − SSR/SST with SUR residuals, within effects'),
      rSquaredOls: numeric,
      rootMse: numeric.describe('of SUR residuals, by the divisor'),
      contained: z.boolean().describe('its regressors are among those of every other equation: SUR is OLS for it'),
      olsDistance: numeric.describe('largest |SUR − OLS| in OLS standard errors'),
    }),
  ),
  sameRegressors: z.boolean().describe('every equation has the same regressors: SUR is OLS'),
  residuals: z.object({
    covariance: matrix.describe('of SUR residuals'),
    weighting: matrix.describe('what the last step was weighted with'),
    correlation: matrix.describe('of least-squares residuals'),
    divisor: z.enum(residualDivisors),
  }),
  system: z.object({
    rows: count.describe('of each equation'),
    coefficients: count,
    residualDf: count.describe('over all equations'),
    mcElroyR2: numeric,
    pooledR2: numeric.describe('1 − ΣSSR/ΣSST'),
    logLikelihood: numeric.describe('Gaussian, at the SUR residuals'),
    iterations: count,
    iterated: z.boolean(),
  }),
  independence: z.object({
    ols: chi2.describe('Breusch–Pagan LM, least-squares residuals'),
    sur: chi2.describe('the same of SUR residuals'),
    scale: count.describe('what Σr² is multiplied by: rows, less effects beyond the constant'),
  }),
  tests: z.array(
    z.object({
      name: z.string(),
      text: z.string(),
      restrictions: count,
      chi2: chi2.nullable(),
      f: f.nullable().describe('W/q against F(q, Mn − K)'),
      theilF: f.nullable().describe('W/q over the weighted residual variance (systemfit’s FT)'),
      clustered: f.nullable().describe('with clustered errors, F(q, G − 1)'),
      failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
  program: z.enum(surPrograms),
  level: numeric,
  by: z.string().nullable(),
  effects: z.array(z.string()),
  clusters: z.object({ name: z.string(), count }).nullable(),
  sample: sampleFields.extend({
    absorbed: count.describe('degrees of freedom of the effects, in each equation'),
    singletons: count,
  }),
  adequacy: z.array(adequacyFields).describe('what FGLS and clustered errors need, and what there is'),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type SurResult = z.output<typeof surResult>;
export type SurTest = SurResult['tests'][number];
/** The numbers, before they are put in words. */
export type SurAnswers = Omit<SurResult, 'verdict' | 'conventions' | 'warnings'>;
