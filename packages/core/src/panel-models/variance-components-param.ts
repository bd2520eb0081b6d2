import { z } from 'zod';
import { unbalancedRules, varianceMethods } from './variance-components.js';

/** Variance components of random effects, as every analysis that has them asks for them. */
export const varianceComponentsParam = z
  .strictObject({
    method: z
      .enum(varianceMethods)
      .default('swamy-arora')
      .describe('swamy-arora needs more entities than regressors + 1; wallace-hussain, wansbeek-kapteyn and nerlove do not.'),
    unbalanced: z
      .enum(unbalancedRules)
      .default('harmonic-mean')
      .describe('Swamy–Arora on unbalanced panels: harmonic-mean (Stata’s default, linearmodels) or baltagi-chang (plm).'),
  })
  .default({ method: 'swamy-arora', unbalanced: 'harmonic-mean' });
