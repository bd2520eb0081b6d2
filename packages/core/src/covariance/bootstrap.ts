import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';

export interface BootstrapCovariance {
  /** about the mean of the draws, divided by their number less 1 */
  readonly matrix: Matrix;
  /** draws that identify every coefficient */
  readonly draws: number;
  /** bounds of the percentile interval of each coefficient */
  readonly percentiles: readonly { readonly lower: number; readonly upper: number }[];
}

/**
 * Covariance and percentile intervals from coefficients drawn again and again.
 *
 *   V = Σ_b (b_b − b̄)(b_b − b̄)ᵀ / (B − 1);   bounds: order statistics number (B + 1)α/2 and (B + 1)(1 − α/2), interpolated
 *
 * @param draws  B × k by rows; a row with NaN is a draw without an answer and is passed over
 * @param level  1 − α
 * @throws EstimationError `bootstrap_failed` with fewer than two draws
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, §6.2 and §13.3; Stata's `bootstrap` divides likewise
 */
export function bootstrapCovariance(draws: Float64Array, k: number, level: number): BootstrapCovariance {
  const rows: number[] = [];
  for (let b = 0; b * k < draws.length; b++) if (!Number.isNaN(draws[b * k])) rows.push(b);
  const B = rows.length;
  if (B < 2)
    throw new EstimationError('bootstrap_failed', `${B} of ${draws.length / k} draws identify every coefficient, 2 are needed`);
  const columns = Array.from({ length: k }, (_, j) => Float64Array.from(rows, (b) => draws[b * k + j]));
  const deviations = columns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / B;
    return column.map((value) => value - mean);
  });
  const matrix = new Matrix(k, k);
  for (let j = 0; j < k; j++) {
    for (let l = 0; l <= j; l++) {
      const value = deviations[j].reduce((sum, d, b) => sum + d * deviations[l][b], 0) / (B - 1);
      matrix.set(j, l, value);
      matrix.set(l, j, value);
    }
  }
  const alpha = 1 - level;
  return {
    matrix,
    draws: B,
    percentiles: columns.map((column) => {
      const ascending = column.sort();
      return { lower: orderStatistic(ascending, alpha / 2), upper: orderStatistic(ascending, 1 - alpha / 2) };
    }),
  };
}

/** Order statistic number (B + 1)p, interpolated between neighbours, not beyond the least and the largest. */
export function orderStatistic(ascending: Float64Array, p: number): number {
  const at = Math.min(ascending.length, Math.max(1, (ascending.length + 1) * p));
  // (B + 1)p is meant to be whole: rounding must not turn 25 into 24.999…
  const below = Math.floor(at + 1e-9);
  const above = Math.min(ascending.length, below + 1);
  const share = Math.max(0, at - below);
  return ascending[below - 1] + share * (ascending[above - 1] - ascending[below - 1]);
}
