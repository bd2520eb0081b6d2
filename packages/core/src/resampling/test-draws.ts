/**
 * Numbers that a draw leaves behind: n0, n1, d00, d01, d11 with, for any hypothesis β = β₀ + δ,
 *
 *   t*(δ) = (n0 − δ n1) / √(c (d00 − 2δ d01 + δ² d11)).
 *
 * Wild bootstraps and permutations of the treatment both have this form, for under the hypothesis the outcome is linear in δ: one
 * pass over the draws serves every hypothesis, and intervals by inversion of the test cost no draw more.
 *
 * @see Roodman, MacKinnon, Nielsen & Webb (2019), Stata Journal 19, §5.3 (bounds as functions of the null)
 */
export const drawWidth = 5;

export interface TestDraws {
  /** b − β₀ */
  readonly distance: number;
  /** of b, with c; 1 when the coefficient itself is compared */
  readonly variance: number;
  /** c; null: the coefficient itself is compared, |n0 − δ n1| against |b − β₀ − δ| */
  readonly factor: number | null;
  /** `drawWidth` numbers a draw; a draw that starts with NaN is passed over */
  readonly draws: Float64Array;
}

/** Statistics this near count as equal: the same sums in another order differ in the last digits. */
const tieTolerance = 1e-10;

/** How many draws exceed the statistic at β₀ + δ: strictly, or with ties; and how many draws count at all. */
export function countDraws({ distance, variance, factor, draws }: TestDraws, shift: number) {
  const target = (distance - shift) * (distance - shift);
  const [low, high] = [1 - 2 * tieTolerance, 1 + 2 * tieTolerance];
  const studentised = factor !== null;
  const c = factor ?? 1;
  let above = 0;
  let atLeast = 0;
  let used = 0;
  for (let at = 0; at < draws.length; at += drawWidth) {
    const n = draws[at] - shift * draws[at + 1];
    if (Number.isNaN(n)) continue;
    used++;
    const d = studentised ? c * (draws[at + 2] - 2 * shift * draws[at + 3] + shift * shift * draws[at + 4]) : 1;
    const left = n * n * variance;
    const right = target * d;
    if (left >= right * low) atLeast++;
    if (left > right * high) above++;
  }
  return { above, atLeast, used };
}

/** Whether draws as large as the statistic itself count against it. */
export type TieRule = 'counted' | 'strict';

/**
 * Two-sided p at β₀ + δ. Of all draws there are: the share of them. Of random draws: (1 + k)/(B + 1), the data themselves being one
 * more. Strict: the share k/B of draws that are larger, as boottest and fwildclusterboot print.
 * @see Davison & Hinkley (1997), §4.2; Phipson & Smyth (2010)
 */
export function pValueOf({ above, atLeast, used }: ReturnType<typeof countDraws>, exact: boolean, ties: TieRule): number {
  if (ties === 'strict') return above / used;
  return exact ? atLeast / used : (1 + atLeast) / (used + 1);
}

/** t*(0) of each draw, or n0 where coefficients are compared; draws passed over are left out. */
export function drawnStatistics({ factor, draws }: TestDraws): Float64Array {
  const found: number[] = [];
  for (let at = 0; at < draws.length; at += drawWidth) {
    if (Number.isNaN(draws[at])) continue;
    found.push(factor === null ? draws[at] : draws[at] / Math.sqrt(factor * draws[at + 2]));
  }
  return Float64Array.from(found);
}
