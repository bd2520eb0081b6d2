import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { incompleteBeta } from './incomplete-beta.js';
import { normalQuantile, normalUpper } from './normal.js';

/**
 * P(T > x) for Student's t, ν = df degrees of freedom (not necessarily whole; Infinity is the normal).
 *
 *   x ≥ 0:  ½ I_{ν/(ν+x²)}(ν/2, ½),   x < 0:  1 − P(T > −x)
 *
 * NaN for NaN and for df ≤ 0.
 *
 * @see Abramowitz & Stegun (1964), 26.7.1
 */
export function studentTUpper(x: number, df: number): number {
  if (Number.isNaN(x) || !(df > 0)) return Number.NaN;
  if (df > 1e30) return normalUpper(x); // they differ by x⁴/4df of themselves
  if (x < 0) return 1 - studentTUpper(-x, df);
  if (df === 1) return Math.atan2(1, x) / Math.PI; // Cauchy: keeps its digits where x² overflows
  const square = x * x;
  if (square === Number.POSITIVE_INFINITY) return 0;
  return 0.5 * incompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5);
}

/** P(|T| > |t|); df Infinity is the normal. Never 1 − cdf, so it keeps its digits in the tail. */
export function twoSidedP(t: number, df: number): number {
  return Math.min(1, 2 * studentTUpper(Math.abs(t), df));
}

/** Quantile of Student's t, p the LOWER tail; df Infinity is the normal. NaN outside [0, 1] and for df ≤ 0. */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  return tQuantile(p, df);
}
