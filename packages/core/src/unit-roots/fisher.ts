import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { normalQuantile, normalUpper } from '../distributions/normal.js';
import { studentTUpper } from '../distributions/student-t.js';

export interface FisherTests {
  /** Maddala & Wu: −2 Σ ln p_i, χ²(2N) */
  readonly chiSquared: { readonly statistic: number; readonly df: number; readonly pValue: number };
  /** Choi's inverse normal: Σ Φ⁻¹(p_i)/√N, N(0, 1), small values speak against the null */
  readonly inverseNormal: { readonly statistic: number; readonly pValue: number };
  /** Choi's logit: √k Σ ln(p_i/(1 − p_i)), k = 3(5N + 4)/(π²N(5N + 2)), t(5N + 4), small values speak against */
  readonly logit: { readonly statistic: number; readonly df: number; readonly pValue: number };
  /** Choi's modified χ² for many entities: Σ(−2 ln p_i − 2)/(2√N), N(0, 1), large values speak against */
  readonly modified: { readonly statistic: number; readonly pValue: number };
}

/**
 * Combinations of independent p-values: of unit root tests of N entities that do not move together.
 *
 * @param p  in (0, 1], at least one
 * @see Maddala & Wu (1999), Oxford Bulletin of Economics and Statistics 61; Choi (2001), Journal of International Money and Finance 20
 */
export function fisherTests(p: readonly number[]): FisherTests {
  const N = p.length;
  const sum = (of: (value: number) => number) => p.reduce((total, value) => total + of(value), 0);
  const statistic = -2 * sum(Math.log);
  const z = sum(normalQuantile) / Math.sqrt(N);
  const k = (3 * (5 * N + 4)) / (Math.PI ** 2 * N * (5 * N + 2));
  const logit = Math.sqrt(k) * sum((value) => Math.log(value) - Math.log1p(-value));
  const modified = (statistic - 2 * N) / (2 * Math.sqrt(N));
  return {
    chiSquared: { statistic, df: 2 * N, pValue: chiSquaredUpper(statistic, 2 * N) },
    inverseNormal: { statistic: z, pValue: normalUpper(-z) },
    logit: { statistic: logit, df: 5 * N + 4, pValue: studentTUpper(-logit, 5 * N + 4) },
    modified: { statistic: modified, pValue: normalUpper(modified) },
  };
}
