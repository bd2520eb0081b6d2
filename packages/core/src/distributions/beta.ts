import quantile from '@stdlib/stats-base-dists-beta-quantile';

/** Quantile of Beta(a, b), p the LOWER tail. NaN outside [0, 1] and for a ≤ 0 or b ≤ 0. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1) || !(a > 0) || !(b > 0)) return Number.NaN;
  if (p === 0 || p === 1) return p;
  return quantile(p, a, b);
}
