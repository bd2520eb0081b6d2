import betainc from '@stdlib/math-base-special-betainc';
import gammainc from '@stdlib/math-base-special-gammainc';
import quantile from '@stdlib/stats-base-dists-f-quantile';
import { chiSquaredQuantile, chiSquaredUpper } from './chi-squared.js';

/**
 * P(X > x) for F with d1 (numerator) and d2 (denominator) degrees of freedom: I_{d2/(d2+d1 x)}(d2/2, d1/2).
 *
 * d2 = ∞ is χ²(d1)/d1, d1 = ∞ is d2/χ²(d2). 1 for x ≤ 0, 0 for x = ∞, NaN for NaN, for d ≤ 0 and for both infinite.
 *
 * @see Abramowitz & Stegun (1964), 26.6.2
 */
export function fUpper(x: number, d1: number, d2: number): number {
  if (Number.isNaN(x) || !(d1 > 0) || !(d2 > 0) || Math.min(d1, d2) === Number.POSITIVE_INFINITY) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (d2 === Number.POSITIVE_INFINITY) return chiSquaredUpper(d1 * x, d1);
  if (d1 === Number.POSITIVE_INFINITY) return gammainc(d2 / (2 * x), d2 / 2, true, false);
  const product = d1 * x;
  return product <= d2
    ? betainc(product / (d2 + product), d1 / 2, d2 / 2, true, true)
    : betainc(d2 / (d2 + product), d2 / 2, d1 / 2, true, false);
}

/** Quantile of F(d1, d2), p the LOWER tail; d2 = ∞ is χ²(d1)/d1. NaN outside [0, 1], for d ≤ 0 and for d1 infinite. */
export function fQuantile(p: number, d1: number, d2: number): number {
  if (!(p >= 0 && p <= 1) || !(d1 > 0 && d1 < Number.POSITIVE_INFINITY) || !(d2 > 0)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (d2 === Number.POSITIVE_INFINITY) return chiSquaredQuantile(p, d1) / d1;
  return quantile(p, d1, d2);
}
