import erfc from '@stdlib/math-base-special-erfc';
import erfcinv from '@stdlib/math-base-special-erfcinv';

/** P(Z > x) = erfc(x/√2)/2 for a standard normal Z; keeps its digits down to 1e-308. NaN for NaN. */
export function normalUpper(x: number): number {
  return erfc(x / Math.SQRT2) / 2;
}

/** Φ⁻¹(p), p the LOWER tail; −∞ at 0, ∞ at 1, NaN outside [0, 1]. Symmetric: the upper critical value of p is −Φ⁻¹(p). */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return 0 - Math.SQRT2 * erfcinv(2 * p);
}
