import { chiSquaredQuantile, chiSquaredUpper } from './chi-squared.js';
import { gammaTerm } from './incomplete-gamma.js';

/**
 * P(X > x) for χ² with df degrees of freedom and noncentrality λ ≥ 0: Σ_j Poisson(j; λ/2) · P(χ²(df + 2j) > x).
 *
 * Summed outwards from the largest Poisson weight until the weights left are below 1e-17.
 *
 * @see Johnson, Kotz & Balakrishnan (1995), Continuous Univariate Distributions, vol. 2, eq. 29.2
 */
export function noncentralChiSquaredUpper(x: number, df: number, noncentrality: number): number {
  if (Number.isNaN(x) || !(df > 0 && df < Number.POSITIVE_INFINITY) || !(noncentrality >= 0)) return Number.NaN;
  if (x <= 0) return 1;
  if (noncentrality === 0) return chiSquaredUpper(x, df);
  const half = noncentrality / 2;
  const middle = Math.floor(half);
  const largest = middle === 0 ? Math.exp(-half) : gammaTerm(middle, half); // Poisson(middle; half)
  let sum = largest * chiSquaredUpper(x, df + 2 * middle);
  let weight = largest;
  for (let j = middle + 1; weight > 1e-17; j++) {
    weight *= half / j;
    sum += weight * chiSquaredUpper(x, df + 2 * j);
  }
  weight = largest;
  for (let j = middle - 1; j >= 0 && weight > 1e-17; j--) {
    weight *= (j + 1) / half;
    sum += weight * chiSquaredUpper(x, df + 2 * j);
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
