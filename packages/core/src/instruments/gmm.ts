import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { choleskyInPlace } from '../linalg/cholesky.js';
import { leastSquares } from '../linalg/least-squares.js';
import { type ErrorStructure, momentCovariance, type SampleSizes, statisticScales } from './error-structure.js';
import { lessProjection, project } from './model.js';

export interface GmmFit {
  /** in the order of the regressors given */
  readonly coefficients: Float64Array;
  readonly residuals: Float64Array;
  /** (XᵀA Σ̂⁻¹ AᵀX)⁻¹: the covariance but for a factor */
  readonly bread: Matrix;
  /** ûᵀA Σ̂⁻¹ Aᵀû at the minimum, before the scale of `statisticScales` */
  readonly criterion: number;
}

/**
 * Linear GMM with a given weighting: β̂ = argmin (y − Xβ)ᵀA Σ̂⁻¹ Aᵀ(y − Xβ).
 *
 * Solved as least squares of C⁻¹Aᵀy on C⁻¹AᵀX, Σ̂ = CCᵀ.
 *
 * @param instruments  A, L columns: a basis of all instruments, exogenous regressors among them
 * @param sigma        Σ̂, L×L: `momentCovariance` of A and first-step residuals
 * @throws EstimationError `singular_moments` when Σ̂ has no inverse: fewer clusters than instruments
 * @see Hansen (1982); Hayashi (2000), eq. 3.5.12
 */
export function linearGmm(
  outcome: Float64Array,
  regressors: readonly Float64Array[],
  instruments: readonly Float64Array[],
  sigma: Matrix,
): GmmFit {
  const whiten = whitener(sigma);
  const columns = regressors.map((x) => whiten(project(instruments, x)));
  const fit = leastSquares(columns, whiten(project(instruments, outcome)));
  if (fit.collinear.length > 0) {
    throw new EstimationError(
      'underidentified',
      'the moments do not identify every coefficient: instruments and regressors are unrelated',
    );
  }
  return {
    coefficients: fit.coefficients,
    residuals: lessProjection(regressors, fit.coefficients, outcome),
    bread: fit.inverseGram,
    criterion: fit.ssr,
  };
}

/** m ↦ C⁻¹m, Σ̂ = CCᵀ. */
function whitener(sigma: Matrix): (m: Float64Array) => Float64Array {
  const L = sigma.rows;
  const c = new Float64Array(L * L);
  for (let i = 0; i < L; i++) for (let j = 0; j <= i; j++) c[i * L + j] = sigma.get(i, j);
  const pivot = choleskyInPlace(c, L);
  if (pivot < L) {
    throw new EstimationError(
      'singular_moments',
      `the covariance of the ${L} moments has rank ${pivot}: GMM needs more clusters (or rows with different residuals) than instruments and exogenous regressors`,
    );
  }
  return (m) => {
    const b = Float64Array.from(m);
    for (let i = 0; i < L; i++) {
      for (let j = 0; j < i; j++) b[i] -= c[i * L + j] * b[j];
      b[i] /= c[i * L + i];
    }
    return b;
  };
}

/**
 * Two-step efficient GMM: Σ̂ from `firstStep` residuals (two-stage least squares), then `linearGmm`. Under classical errors it
 * is two-stage least squares.
 *
 * @returns the fit, and Hansen's J = criterion · scale, χ²(L − K) if the instruments are exogenous
 * @see Hansen (1982); Stata's `ivreg2, gmm2s`
 */
export function twoStepGmm(
  outcome: Float64Array,
  regressors: readonly Float64Array[],
  instruments: readonly Float64Array[],
  firstStep: Float64Array,
  errors: ErrorStructure,
  sizes: SampleSizes,
): GmmFit & { readonly j: number } {
  const fit = linearGmm(outcome, regressors, instruments, momentCovariance(instruments, firstStep, errors));
  return { ...fit, j: fit.criterion * statisticScales(errors, sizes).chi2 };
}

/**
 * Covariance of two-step GMM coefficients: (XᵀA Σ̂⁻¹ AᵀX)⁻¹ with Σ̂ from the first step, times the factor of a sandwich.
 *
 * @param factor  `covarianceFactor` of robust or clustered errors; of classical ones times n, for their Σ̂ divides by n
 */
export function gmmCovariance({ bread }: GmmFit, factor: number): Matrix {
  return Matrix.mul(bread, factor);
}
