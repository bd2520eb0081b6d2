import { chiSquaredUpper } from '../distributions/chi-squared.js';

export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Σ (x − x̄)² */
  readonly sumOfSquares: number;
  /** √(Σ (x − x̄)² / (n − 1)) */
  readonly sd: number;
  /** m₃ / m₂^{3/2}, moments divided by n; NaN for a constant */
  readonly skewness: number;
  /** m₄ / m₂², 3 for the normal; NaN for a constant */
  readonly kurtosis: number;
}

/**
 * Mean, standard deviation, skewness and kurtosis, deviations taken from a mean corrected for its rounding.
 *
 * @param x  finite values
 * @see EViews, User's Guide, Descriptive statistics (skewness and kurtosis with divisor n, sd with n − 1)
 */
export function momentsOf(x: Float64Array): Moments {
  const n = x.length;
  const rough = x.reduce((sum, value) => sum + value, 0) / n;
  const mean = rough + x.reduce((sum, value) => sum + (value - rough), 0) / n;
  let [m2, m3, m4] = [0, 0, 0];
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - mean;
    largest = Math.max(largest, Math.abs(x[i]));
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  // what rounding of the mean leaves of a constant is not spread
  const constant = m2 <= n * (4 * Number.EPSILON * largest) ** 2;
  const sumOfSquares = constant ? 0 : m2;
  return {
    n,
    mean,
    sumOfSquares,
    sd: Math.sqrt(sumOfSquares / (n - 1)),
    skewness: constant ? Number.NaN : m3 / n / (m2 / n) ** 1.5,
    kurtosis: constant ? Number.NaN : m4 / n / (m2 / n) ** 2,
  };
}

/**
 * Jarque–Bera test of normality: JB = n/6 · (S² + (K − 3)²/4), χ²(2).
 *
 * The χ² is asymptotic: at n = 44 a test at 5 % rejects 3.6 % of normal samples.
 *
 * @see Jarque & Bera (1987), International Statistical Review 55; EViews prints the same for a series
 */
export function jarqueBera({ n, skewness, kurtosis }: Pick<Moments, 'n' | 'skewness' | 'kurtosis'>): {
  readonly statistic: number;
  readonly pValue: number;
} {
  const statistic = (n / 6) * (skewness ** 2 + (kurtosis - 3) ** 2 / 4);
  return { statistic, pValue: chiSquaredUpper(statistic, 2) };
}

/** Quantile of ascending values by linear interpolation of order statistics: R's type 7, numpy's default, Excel's QUARTILE.INC. */
export function quantile(ascending: Float64Array, share: number): number {
  const at = (ascending.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (at - below) * (ascending[above] - ascending[below]);
}
