import quantile from '@stdlib/stats-base-dists-chisquare-quantile';
import { gammaTerm, lowerGamma, upperGamma } from './incomplete-gamma.js';
import { normalQuantile } from './normal.js';

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
  return upperGamma(df / 2, x / 2);
}

/**
 * Quantile of χ², p the LOWER tail. NaN outside [0, 1] and for df ≤ 0 or infinite.
 *
 * @stdlib up to df = 400; above, where its incomplete gamma function is wrong, Newton's steps on the logarithm of the smaller
 * tail from Wilson and Hilferty's approximation, four or five of them.
 */
export function chiSquaredQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0 && df < Number.POSITIVE_INFINITY)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  return df <= 400 ? quantile(p, df) : largeQuantile(p, df);
}

function largeQuantile(p: number, df: number): number {
  const a = df / 2;
  const lower = p <= 0.5;
  const target = Math.log(lower ? p : 1 - p);
  const c = 2 / (9 * df);
  let x = a * Math.max(0.01, 1 - c + normalQuantile(p) * Math.sqrt(c)) ** 3; // half the quantile
  for (let step = 0; step < 50; step++) {
    const tail = lower ? lowerGamma(a, x) : upperGamma(a, x);
    const density = (a / x) * gammaTerm(a, x);
    const move = ((Math.log(tail) - target) * tail) / density;
    x += lower ? -move : move;
    if (Math.abs(move) <= 1e-14 * x) break; // steps this small are rounding of the tail
  }
  return 2 * x;
}
