import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { dot } from '../linalg/vector.js';

/**
 * Covariance of OLS coefficients under errors of one variance, uncorrelated.
 *
 *   V = s² (XᵀX)⁻¹,   s² = ûᵀû / df
 *
 * @param residuals    û, length n, in units of y
 * @param inverseGram  (XᵀX)⁻¹ of the kept columns
 * @param df           residual degrees of freedom: n − K pooled (K with the constant), n − N − k within entities, n − N − T + 1 − k
 *   two ways
 * @returns k×k; entry (j, l) in units y² / (x_j · x_l)
 * @throws EstimationError `too_few_rows` if df ≤ 0
 * @see Greene (2018), Econometric Analysis, 8th ed., eq. 4-20
 */
export function classicalCovariance(residuals: Float64Array, inverseGram: Matrix, df: number): Matrix {
  if (!(df > 0))
    throw new EstimationError(
      'too_few_rows',
      `a residual variance needs more rows than parameters, got ${df} degrees of freedom`,
    );
  return Matrix.mul(inverseGram, dot(residuals, residuals) / df);
}
