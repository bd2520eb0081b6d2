import gammainc from '@stdlib/math-base-special-gammainc';
import quantile from '@stdlib/stats-base-dists-chisquare-quantile';

/**
 * P(X > x) for χ² with df > 0 degrees of freedom: Q(df/2, x/2), the upper regularised incomplete gamma function.
 *
 * 1 for x ≤ 0, 0 for ∞, NaN for NaN and for df ≤ 0 or infinite.
 *
 * @see Abramowitz & Stegun (1964), 26.4.19
 */
export function chiSquaredUpper(x: number, df: number): number {
  if (Number.isNaN(x) || !(df > 0 && df < Number.POSITIVE_INFINITY)) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return gammainc(x / 2, df / 2, true, true);
}

/** Quantile of χ², p the LOWER tail. NaN outside [0, 1] and for df ≤ 0 or infinite. */
export function chiSquaredQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0 && df < Number.POSITIVE_INFINITY)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  return quantile(p, df);
}
