import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { rowScores, sandwich } from './sandwich.js';

/**
 * Leverage of each row, h_i = x_i (XᵀX)⁻¹ x_iᵀ.
 *
 * @param columns      k kept columns of length n, after any within transform
 * @param inverseGram  (XᵀX)⁻¹, k×k
 */
export function leverages(columns: readonly Float64Array[], inverseGram: Matrix): Float64Array {
  const n = columns.length === 0 ? 0 : columns[0].length;
  const h = new Float64Array(n);
  for (let j = 0; j < columns.length; j++) {
    for (let l = 0; l <= j; l++) {
      const weight = (j === l ? 1 : 2) * inverseGram.get(j, l);
      const [a, b] = [columns[j], columns[l]];
      for (let i = 0; i < n; i++) h[i] += weight * a[i] * b[i];
    }
  }
  return h;
}

/** A leverage this near 1 is 1: the row fits itself, its residual is rounding, and dividing by 1 − h would make it an answer. */
const fullLeverage = 1e-10;

/**
 * Heteroskedasticity-consistent covariance with residuals scaled by leverage: HC2 û_i²/(1 − h_i), HC3 û_i²/(1 − h_i)².
 *
 * A row with h = 1 (it has a coefficient of its own) has a residual of zero and adds nothing.
 *
 * @param power       1 is HC2, 2 is HC3
 * @param leverage    h, with the share of absorbed effects, length n
 * @throws EstimationError `lengths_differ`
 * @see MacKinnon & White (1985), Journal of Econometrics 29, §2 (HC2; HC3 is Davidson & MacKinnon's approximation of their
 *   jackknife); R's `sandwich::vcovHC(type = "HC2" | "HC3")`
 */
export function leverageCovariance(
  columns: readonly Float64Array[],
  residuals: Float64Array,
  inverseGram: Matrix,
  leverage: Float64Array,
  power: 1 | 2,
): Matrix {
  if (leverage.length !== residuals.length)
    throw new EstimationError('lengths_differ', `leverage needs ${residuals.length} rows, got ${leverage.length}`);
  const scaled = residuals.map((u, i) => {
    const left = 1 - leverage[i];
    if (left < fullLeverage) return 0;
    return power === 1 ? u / Math.sqrt(left) : u / left;
  });
  return sandwich(rowScores(columns, scaled), inverseGram, 1);
}
