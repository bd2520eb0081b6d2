import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { confidenceLevel } from '../fields.js';

/** Stored in jobs and results: never rename. */
export const ivEstimators = ['2sls', 'liml', 'gmm', 'fuller'] as const;
export type IvEstimator = (typeof ivEstimators)[number];

export const ivCovariances = ['classical', 'robust', 'cluster'] as const;

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;

export const ivParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome ~ exogenous regressors | effects | endogenous ~ instruments: `y ~ x1 | firm + year | d ~ z1 + z2`. Without effects write ' +
      '`y ~ x1 | d ~ z1 + z2`. Only instruments outside the equation stand at the end; exogenous regressors are their own.',
  ),
  estimators: z
    .union([
      z.enum(ivEstimators).transform((one) => [one]),
      z.array(z.enum(ivEstimators)).min(1).refine(unique, 'name each once'),
    ])
    .default(['2sls'])
    .describe(
      'One or several: 2sls (two-stage least squares), liml (limited information maximum likelihood: less biased when instruments ' +
        'are many or weak), fuller (LIML with Fuller’s correction, which has moments), gmm (two-step GMM, efficient under the errors of `covariance`). The first is what the verdict speaks of.',
    ),
  covariance: z
    .enum(ivCovariances)
    .default('cluster')
    .describe(
      'What is assumed of the errors, in the standard errors and in every diagnostic: classical, robust (heteroskedastic), or ' +
        'cluster.',
    ),
  cluster: z
    .union([
      z
        .string()
        .min(1)
        .transform((one) => [one]),
      z.array(z.string().min(1)).min(1).max(2).refine(unique, 'name each once'),
    ])
    .default(['entity'])
    .describe(
      'Column whose levels are the clusters, or two for two-way clusters; the words entity and time name the panel’s own.',
    ),
  fuller: z
    .number()
    .gt(0)
    .default(1)
    .describe('α of Fuller’s estimator: 1 is nearly unbiased, 4 has the least mean squared error.'),
  weights: termParam
    .optional()
    .describe('Analytic weights, scaled to sum to the rows (Stata’s aweight): each row as precise as its weight.'),
  smallSample: z
    .boolean()
    .default(true)
    .describe(
      'Small-sample factors and Student’s t, as Stata’s `small` (clusters: G/(G − 1) · (n − 1)/(n − k), t with G − 1); false: large ' +
        'samples and the normal, as ivreg2 and xtivreg2 by default.',
    ),
  endogeneityOf: z
    .array(z.string().min(1))
    .min(1)
    .refine(unique, 'name each once')
    .optional()
    .describe('Endogenous regressors that the endogeneity test takes as exogenous, by their terms; all of them if left out.'),
  level: confidenceLevel.default(0.95).describe('Level of the confidence intervals and of the Anderson–Rubin set.'),
});

export type IvParams = z.output<typeof ivParams>;
