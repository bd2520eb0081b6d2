import { chiSquaredUpper } from '../distributions/chi-squared.js';
import type { Grouping } from '../effects/grouping.js';
import { groupCounts } from '../linalg/demean.js';
import { dot } from '../linalg/vector.js';

/**
 * Modified Wald test that errors of all entities have one variance, from fixed-effects residuals e.
 *
 *   W = Σ_i (s_i² − s²)² / V_i,   s_i² = Σ_t e_it²/T_i,  s² = Σ e²/n,  V_i = Σ_t (e_it² − s_i²)² / (T_i(T_i − 1)),   χ²(N)
 *
 * Only for large T: with T = 12 it rejects some .9 of true nulls. Entities with one row have no V_i and are left out.
 *
 * @see Greene (2000), Econometric Analysis, 4th ed., p. 598; Baum (2001), Stata Journal 1(1): `xttest3`
 */
export function modifiedWaldTest(
  residuals: Float64Array,
  { codes, levels }: Grouping,
): { statistic: number; df: number; pValue: number } {
  const counts = groupCounts(codes, levels);
  const squares = residuals.map((e) => e * e);
  const s2 = dot(residuals, residuals) / residuals.length;
  const means = new Float64Array(levels);
  for (let i = 0; i < squares.length; i++) means[codes[i]] += squares[i] / counts[codes[i]];
  const spread = new Float64Array(levels);
  for (let i = 0; i < squares.length; i++) spread[codes[i]] += (squares[i] - means[codes[i]]) ** 2;
  let statistic = 0;
  let df = 0;
  for (let g = 0; g < levels; g++) {
    if (counts[g] < 2) continue;
    statistic += (means[g] - s2) ** 2 / (spread[g] / (counts[g] * (counts[g] - 1)));
    df++;
  }
  return { statistic, df, pValue: chiSquaredUpper(statistic, df) };
}
