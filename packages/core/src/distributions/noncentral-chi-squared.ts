import { chiSquaredQuantile, chiSquaredUpper } from './chi-squared.js';
import { gammaTerm } from './incomplete-gamma.js';

/**
 * P(X > x) for χ² with df degrees of freedom and noncentrality λ ≥ 0: Σ_j Poisson(j; λ/2) · Q(df/2 + j, x/2).
 *
 * Q(a + 1, z) = Q(a, z) + z^a e^{−z}/Γ(a + 1) goes upwards by additions only, so one incomplete gamma function is enough. Poisson
 * weights more than 12 standard deviations below their mean, under 1e-30, are left out.
 *
 * @see Johnson, Kotz & Balakrishnan (1995), Continuous Univariate Distributions, vol. 2, eq. 29.2; DLMF 8.8.6
 */
export function noncentralChiSquaredUpper(x: number, df: number, noncentrality: number): number {
  if (Number.isNaN(x) || !(df > 0 && df < Number.POSITIVE_INFINITY) || !(noncentrality >= 0)) return Number.NaN;
  if (x <= 0) return 1;
  if (noncentrality === 0) return chiSquaredUpper(x, df);
  const mean = noncentrality / 2;
  const z = x / 2;
  let j = Math.max(0, Math.floor(mean - 12 * Math.sqrt(mean) - 12));
  let weight = j === 0 ? Math.exp(-mean) : gammaTerm(j, mean);
  let tail = chiSquaredUpper(x, df + 2 * j);
  let term = gammaTerm(df / 2 + j, z);
  let sum = weight * tail;
  for (j++; j <= mean || weight > 1e-17; j++) {
    weight *= mean / j;
    tail += term;
    term *= z / (df / 2 + j);
    sum += weight * tail;
  }
  return Math.min(1, sum);
}

/** Quantile of the same, p the LOWER tail in (0, 1): bisection on the upper tail, to the last digits. */
export function noncentralChiSquaredQuantile(p: number, df: number, noncentrality: number): number {
  if (!(p > 0 && p < 1) || !(df > 0 && df < Number.POSITIVE_INFINITY) || !(noncentrality >= 0)) return Number.NaN;
  if (noncentrality === 0) return chiSquaredQuantile(p, df);
  let low = 0;
  let high = df + noncentrality;
  while (noncentralChiSquaredUpper(high, df, noncentrality) > 1 - p) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-13 * high; step++) {
    const middle = (low + high) / 2;
    if (noncentralChiSquaredUpper(middle, df, noncentrality) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
