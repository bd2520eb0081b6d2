import { betaQuantile } from './beta.js';

/**
 * Exact confidence interval of a proportion, k of n: what a Monte Carlo p-value is known to be.
 *
 *   lower = B⁻¹(α/2; k, n−k+1), 0 for k = 0;   upper = B⁻¹(1−α/2; k+1, n−k), 1 for k = n;   α = 1 − level
 *
 * @param k      whole, 0 … n
 * @param level  coverage, in (0, 1), e.g. 0.95
 * @throws RangeError if k, n or level is out of range
 * @see Clopper & Pearson (1934); R's `binom.test`
 */
export function clopperPearson(k: number, n: number, level: number): { readonly lower: number; readonly upper: number } {
  if (!(Number.isInteger(n) && n >= 1 && Number.isInteger(k) && k >= 0 && k <= n)) {
    throw new RangeError(`an exact interval needs whole 0 ≤ k ≤ n, n ≥ 1, got k = ${k}, n = ${n}`);
  }
  if (!(level > 0 && level < 1)) throw new RangeError(`a level is in (0, 1), got ${level}`);
  const tail = (1 - level) / 2;
  return {
    lower: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1),
    upper: k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k),
  };
}
