import { Matrix } from 'ml-matrix';
import { clusterCovariance } from '../covariance/cluster.js';
import { hc0Covariance } from '../covariance/heteroskedastic.js';
import { clusterTerms, type ErrorStructure, type SampleSizes } from './error-structure.js';
import { covarianceFactor, type InstrumentedFit } from './k-class.js';

/**
 * Covariance of k-class coefficients: s²H⁻¹, or the sandwich H⁻¹ (Σ̂ of X̂ᵀu) H⁻¹, X̂ the fitted regressors.
 *
 * @param small  with the small-sample factor of `covarianceFactor`, or the large-sample one
 * @returns K×K in the order of the coefficients
 * @throws EstimationError `too_few_rows`, `too_few_clusters`
 * @see Hayashi (2000), eq. 3.8.6 and 3.5.1; Baum, Schaffer & Stillman (2003), Stata Journal 3(1), §2
 */
export function instrumentedCovariance(fit: InstrumentedFit, errors: ErrorStructure, sizes: SampleSizes, small: boolean): Matrix {
  const { fitted, residuals, bread, ssr } = fit;
  const factor = covarianceFactor(errors, sizes, small);
  if (errors.kind === 'classical') return Matrix.mul(bread, ssr * factor);
  if (errors.kind === 'robust') return hc0Covariance(fitted, residuals, bread).mul(factor);
  const [first, ...others] = clusterTerms(errors).map(({ by: { codes, levels }, sign }) =>
    clusterCovariance(fitted, residuals, bread, codes, levels, factor).mul(sign),
  );
  return others.reduce((sum, term) => sum.add(term), first);
}
