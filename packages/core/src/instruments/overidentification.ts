import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { dot } from '../linalg/vector.js';
import { type ErrorStructure, type SampleSizes, statisticScales } from './error-structure.js';
import { twoStepGmm } from './gmm.js';
import { type InstrumentSpace, project } from './model.js';

export interface ChiSquaredTest {
  readonly statistic: number;
  readonly df: number;
  /** NaN when df = 0: exactly identified, nothing to test */
  readonly p: number;
}

/**
 * Sargan's test that the instruments left over are exogenous: (n − a) · ûᵀP_Zû / ûᵀû, χ²(K₂ − p), classical errors.
 *
 * a are the dimensions absorbed by effects: `xtivreg2`; fixest divides by n also then.
 *
 * @param residuals  û of two-stage least squares or LIML
 * @see Sargan (1958); Hayashi (2000), eq. 3.8.10'
 */
export function sarganTest({ basis, endogenous }: InstrumentSpace, residuals: Float64Array, sizes: SampleSizes): ChiSquaredTest {
  const df = basis.length - endogenous.length;
  if (df === 0) return { statistic: 0, df, p: Number.NaN };
  const moments = project(basis, residuals);
  const { chi2 } = statisticScales({ kind: 'classical' }, sizes);
  const statistic = (sizes.rows * chi2 * dot(moments, moments)) / dot(residuals, residuals);
  return { statistic, df, p: chiSquaredUpper(statistic, df) };
}

/**
 * Hansen's J, χ²(K₂ − p), errors robust or clustered: the minimum of the two-step GMM criterion weighted with residuals û of
 * two-stage least squares, or of LIML; also the test printed beside either, as in `ivreg2`.
 *
 * @param regressors  X = [Y X₁], columns
 * @param residuals   û
 * @throws EstimationError `singular_moments` with fewer clusters than instruments
 * @see Hansen (1982); Hayashi (2000), eq. 3.6.11
 */
export function hansenTest(
  space: InstrumentSpace,
  outcome: Float64Array,
  regressors: readonly Float64Array[],
  residuals: Float64Array,
  errors: ErrorStructure,
  sizes: SampleSizes,
): ChiSquaredTest {
  const df = space.basis.length - space.endogenous.length;
  if (df === 0) return { statistic: 0, df, p: Number.NaN };
  const instruments = [...space.exogenousBasis, ...space.basis];
  const { j } = twoStepGmm(outcome, regressors, instruments, residuals, errors, sizes);
  return { statistic: j, df, p: chiSquaredUpper(j, df) };
}

/** Anderson–Rubin likelihood ratio test of the overidentifying restrictions after LIML: (n − a) ln κ, χ²(K₂ − p). */
export function limlLikelihoodRatio({ basis, endogenous }: InstrumentSpace, kappa: number, sizes: SampleSizes): ChiSquaredTest {
  const df = basis.length - endogenous.length;
  if (df === 0) return { statistic: 0, df, p: Number.NaN };
  const statistic = (sizes.rows - sizes.absorbed) * Math.log(kappa);
  return { statistic, df, p: chiSquaredUpper(statistic, df) };
}
