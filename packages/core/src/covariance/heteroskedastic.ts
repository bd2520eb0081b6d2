import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { rowScores, sandwich } from './sandwich.js';

/**
 * Heteroskedasticity-consistent covariance of OLS coefficients, without a small-sample factor (HC0).
 *
 *   V = (XᵀX)⁻¹ (Σ_i û_i² x_i x_iᵀ) (XᵀX)⁻¹
 *
 * @param columns      k kept columns of length n, after any within transform
 * @param residuals    û, length n, in units of y
 * @param inverseGram  (XᵀX)⁻¹, k×k
 * @returns k×k; entry (j, l) in units y² / (x_j · x_l)
 * @see White (1980), Econometrica 48, theorem 1; R's `sandwich::vcovHC(type = "HC0")`
 */
export function hc0Covariance(columns: readonly Float64Array[], residuals: Float64Array, inverseGram: Matrix): Matrix {
  return sandwich(rowScores(columns, residuals), inverseGram, 1);
}

/**
 * HC0 · n/(n − k): Stata's `vce(robust)` for `regress`, R's HC1.
 *
 * @param parameters  k: every coefficient estimated, constant and absorbed effects included. After fixed effects the
 *   within form (n / (n − N − k) · HC0) is fixest's; Stata's `xtreg, fe vce(robust)` clusters by entity instead
 * @throws EstimationError `too_few_rows` if n ≤ k
 * @see MacKinnon & White (1985), Journal of Econometrics 29, §2
 */
export function hc1Covariance(
  columns: readonly Float64Array[],
  residuals: Float64Array,
  inverseGram: Matrix,
  parameters: number,
): Matrix {
  const n = residuals.length;
  if (n <= parameters)
    throw new EstimationError('too_few_rows', `HC1 needs more rows than parameters, got ${n} and ${parameters}`);
  return sandwich(rowScores(columns, residuals), inverseGram, n / (n - parameters));
}
