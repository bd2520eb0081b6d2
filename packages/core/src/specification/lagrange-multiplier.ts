import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { normalUpper } from '../distributions/normal.js';
import type { Grouping } from '../effects/grouping.js';
import { groupCounts } from '../linalg/demean.js';
import { dot } from '../linalg/vector.js';

export interface LagrangeMultiplier {
  /** χ²(1) */
  readonly statistic: number;
  readonly pValue: number;
  /** Honda's signed root, N(0, 1) */
  readonly honda: number;
  /** P(Z > honda): a variance cannot be negative. Half of `pValue` when honda > 0 (`xttest0`'s chibar2) */
  readonly oneSidedP: number;
}

/**
 * Breusch–Pagan LM test that a group's random effect has no variance, from pooled residuals û; groups of any size.
 *
 *   A = Σ_g (Σ_{i∈g} û_i)² / ûᵀû − 1,   honda = A · n / √(2(Σ_g n_g² − n)),   LM = honda²
 *
 * Balanced: LM = nT A²/(2(T − 1)) as Breusch & Pagan have it.
 *
 * @returns NaN when every group has one row: nothing can be told
 * @see Breusch & Pagan (1980), Review of Economic Studies 47; Baltagi & Li (1990), Economics Letters 34, for unequal sizes; Honda
 *   (1985); plm's `plmtest`
 */
export function breuschPaganLm(residuals: Float64Array, { codes, levels }: Grouping): LagrangeMultiplier {
  const n = residuals.length;
  const sums = new Float64Array(levels);
  for (let i = 0; i < n; i++) sums[codes[i]] += residuals[i];
  const counts = groupCounts(codes, levels);
  const pairs = dot(counts, counts) - n;
  const honda = pairs > 0 ? ((dot(sums, sums) / dot(residuals, residuals) - 1) * n) / Math.sqrt(2 * pairs) : Number.NaN;
  const statistic = honda * honda;
  return { statistic, pValue: chiSquaredUpper(statistic, 1), honda, oneSidedP: normalUpper(honda) };
}
