import { z } from 'zod';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { ivCovariances, ivEstimators } from './params.js';

const finite = z.number();

const coefficient = z.object({
  term: z.string(),
  estimate: numeric,
  standardError: numeric,
  statistic: numeric.describe('estimate / standard error'),
  pValue: numeric.describe('two-sided'),
  lower: numeric,
  upper: numeric,
});

const fTest = z.object({ statistic: numeric, df1: count, df2: count, pValue: numeric });
const test = z.object({
  name: z.string(),
  statistic: numeric,
  df: count,
  pValue: numeric,
  note: z.string().optional().describe('why there is no number, when there is none'),
});

const estimate = z.object({
  estimator: z.enum(ivEstimators),
  coefficients: z
    .array(coefficient.extend({ endogenous: z.boolean() }))
    .describe('endogenous regressors first, the constant last'),
  kappa: finite.describe('κ of the k-class: 1 for two-stage least squares'),
  ssr: finite.describe('sum of squared residuals y − Xb, X itself and not its fitted values'),
  rootMse: finite,
  r2: finite.describe('1 − SSR/SST, SST of the outcome about its mean or within its effects; can be negative'),
  model: fTest.describe('all slopes are zero'),
  overidentification: z.array(test),
});

const firstStage = z.object({
  term: z.string(),
  coefficients: z.array(coefficient.extend({ instrument: z.boolean() })),
  partialR2: finite,
  sheaPartialR2: finite,
  rootMse: finite,
  f: fTest.describe('the instruments’ joint F'),
  sandersonWindmeijer: fTest.describe('F given that the instruments must also explain the other endogenous regressors'),
});

const critical = z.array(z.object({ limit: finite, value: finite })).nullable();

/** What the analysis answers: public, fields are added and never renamed. */
export const ivResult = z.object({
  estimates: z.array(estimate),
  firstStages: z.array(firstStage),
  identification: z.object({
    underidentification: test.describe('H₀: the instruments leave some combination of the endogenous regressors unexplained'),
    craggDonaldF: numeric,
    kleibergenPaapF: numeric,
    stockYogo: z
      .object({ bias: critical, size: critical, sizeLiml: critical })
      .describe(
        'critical values of the Cragg–Donald F under classical errors: bias and size of 2SLS, size of LIML; null: no table',
      ),
    effectiveF: z
      .object({
        statistic: numeric,
        effectiveDf: numeric,
        criticalValues: z.array(z.object({ bias: finite, value: numeric })),
      })
      .nullable()
      .describe('Montiel Olea–Pflueger; null with several endogenous regressors'),
  }),
  endogeneity: z.object({ tested: z.array(z.string()), difference: test, wuHausman: fTest }),
  andersonRubin: z.object({
    f: fTest,
    chi2: test,
    stockWright: test,
    set: z
      .object({ level: finite, intervals: z.array(z.object({ lower: numeric, upper: numeric })) })
      .nullable()
      .describe('all coefficients that the F does not reject; bounds may be infinite; null with several endogenous regressors'),
    curve: z
      .array(z.object({ value: finite, f: numeric, pValue: numeric }))
      .describe('the F at coefficients around the estimate'),
  }),
  tF: z
    .object({
      f: numeric.describe('first-stage F'),
      level: finite,
      criticalValue: numeric.describe('of |t|, in place of 1.96; infinite below F = 4'),
      statistic: numeric,
      adjustedError: numeric.describe('standard error × critical value / 1.96'),
      lower: numeric,
      upper: numeric,
    })
    .nullable()
    .describe('Lee, McCrary, Moreira & Porter (2022); null but with one endogenous regressor and one instrument'),
  covariance: z.enum(ivCovariances),
  smallSample: z.boolean(),
  level: finite,
  sample: sampleFields.extend({
    clusters: z.object({ name: z.string(), count }).nullable(),
    absorbed: count.describe('degrees of freedom that effects take, the constant among them'),
    singletons: count.describe('rows left out because they are alone in a level of an effect'),
    collinear: z.array(z.string()).describe('exogenous regressors and instruments dropped as combinations of others'),
  }),
  variables: z.object({
    outcome: z.string(),
    endogenous: z.array(z.string()),
    exogenous: z.array(z.string()),
    instruments: z.array(z.string()).describe('outside the equation, those kept'),
    effects: z.array(z.string()),
  }),
  adequacy: z.array(adequacyFields).describe('what methods need of rows and clusters, and what there is'),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()).describe('which rule each number follows, in words'),
  warnings: z.array(z.string()),
});

export type IvResult = z.output<typeof ivResult>;
export type IvTest = z.output<typeof test>;
export type IvFTest = z.output<typeof fTest>;
export type IvCoefficient = z.output<typeof coefficient>;
