import quantile from '@stdlib/stats-base-dists-f-quantile';
import { chiSquaredQuantile, chiSquaredUpper } from './chi-squared.js';
import { incompleteBeta } from './incomplete-beta.js';
import { lowerGamma } from './incomplete-gamma.js';

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
  if (d2 > 1e30) return chiSquaredUpper(d1 * x, d1);
  if (d1 > 1e30) return lowerGamma(d2 / 2, d2 / (2 * x));
  const product = d1 * x;
  if (product === Number.POSITIVE_INFINITY) return 0;
  return incompleteBeta(d2 / (d2 + product), product / (d2 + product), d2 / 2, d1 / 2);
}

/**
 * Quantile of F(d1, d2), p the LOWER tail; d2 = ∞ is χ²(d1)/d1. NaN outside [0, 1], for d ≤ 0 and for d1 infinite.
 *
 * Above the median as 1/F⁻¹(1−p; d2, d1): @stdlib finds a beta quantile, and one near 1 has lost what is left to 1.
 */
export function fQuantile(p: number, d1: number, d2: number): number {
  if (!(p >= 0 && p <= 1) || !(d1 > 0 && d1 < Number.POSITIVE_INFINITY) || !(d2 > 0)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (d2 === Number.POSITIVE_INFINITY) return chiSquaredQuantile(p, d1) / d1;
  return p <= 0.5 ? polish(quantile(p, d1, d2), p, d1, d2) : 1 / polish(quantile(1 - p, d2, d1), 1 - p, d2, d1);
}

/**
 * One Newton step on the lower tail: with tens of thousands of degrees of freedom @stdlib's quantile is right to ten digits only. The
 * density is a central difference, good to nine digits, of a correction that small.
 */
function polish(x: number, p: number, d1: number, d2: number): number {
  const lower = (at: number) => fUpper(1 / at, d2, d1);
  const h = 1e-5 * x;
  const density = (lower(x + h) - lower(x - h)) / (2 * h);
  const step = (lower(x) - p) / density;
  return Math.abs(step) < 1e-3 * x ? x - step : x;
}
