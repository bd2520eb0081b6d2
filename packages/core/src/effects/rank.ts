import { twoWayWithin } from '../linalg/two-way-within.js';
import type { Grouping } from './grouping.js';

export interface EffectsRank {
  /** dimension of the span of all dummies: degrees of freedom spent, with the constant */
  readonly rank: number;
  /** levels − rank: dummies that are combinations of others */
  readonly redundant: number;
  /** false: `rank` is an upper bound, so degrees of freedom err on the small side */
  readonly exact: boolean;
}

/** Past this many levels beside the largest factor the rank of three and more factors is bounded, not computed. */
const mostDense = 600;
/** A pivot of an integer matrix below this share of its diagonal entry is rounding. */
const noPivot = 1e-9;

/**
 * Rank of the dummies of several factors.
 *
 * One factor: its used levels. Two: used levels less connected components (Abowd, Creecy & Kramarz 2002). Three and more: the
 * largest factor is eliminated and the rank of what is left of the others is taken by Cholesky while they are small; else each
 * further factor is taken to repeat only as many dimensions as the components it forms with the best one before it.
 *
 * @see Correia (2017), "Linear models with high-dimensional fixed effects: An efficient and feasible estimator", §3.1
 */
export function effectsRank(factors: readonly Grouping[]): EffectsRank {
  const levels = factors.map(usedLevels);
  const total = levels.reduce((sum, count) => sum + count, 0);
  const found = (rank: number, exact = true) => ({ rank, redundant: total - rank, exact });
  if (factors.length === 0) return found(0);
  if (factors.length === 1) return found(total);
  if (factors.length === 2) return found(pairRank(factors[0], factors[1]));
  const largest = levels.indexOf(Math.max(...levels));
  const others = factors.filter((_, f) => f !== largest);
  const width = others.reduce((sum, factor) => sum + factor.levels, 0);
  if (width <= mostDense) return found(levels[largest] + schurRank(factors[largest], others, width));

  let rank = levels[0];
  for (let f = 1; f < factors.length; f++) {
    const repeated = factors.slice(0, f).map((earlier, e) => levels[e] + levels[f] - pairRank(earlier, factors[f]));
    rank += levels[f] - Math.max(...repeated);
  }
  return found(rank, false);
}

/** Levels that have a row. */
export function usedLevels({ codes, levels }: Grouping): number {
  const used = new Uint8Array(levels);
  for (let i = 0; i < codes.length; i++) used[codes[i]] = 1;
  return used.reduce((sum, one) => sum + one, 0);
}

const pairRank = (a: Grouping, b: Grouping) => twoWayWithin(a.codes, a.levels, b.codes, b.levels).absorbed;

/** Rank of FᵀM_D F: what the dummies of `others` add to those of `largest`. */
function schurRank(largest: Grouping, others: readonly Grouping[], width: number): number {
  const offsets = others.map((_, f) => others.slice(0, f).reduce((sum, { levels }) => sum + levels, 0));
  const schur = new Float64Array(width * width);
  const counts = new Float64Array(largest.levels);
  const rowsOf: number[][] = Array.from({ length: largest.levels }, () => []);
  for (let i = 0; i < largest.codes.length; i++) {
    counts[largest.codes[i]]++;
    rowsOf[largest.codes[i]].push(i);
    for (const [f, a] of others.entries()) {
      for (const [g, b] of others.entries()) schur[(offsets[f] + a.codes[i]) * width + offsets[g] + b.codes[i]]++;
    }
  }
  const sums = new Float64Array(width);
  for (const [level, rows] of rowsOf.entries()) {
    if (rows.length === 0) continue;
    sums.fill(0);
    for (const i of rows) for (const [f, { codes }] of others.entries()) sums[offsets[f] + codes[i]]++;
    const present = Array.from(sums.keys()).filter((column) => sums[column] > 0);
    for (const p of present) for (const q of present) schur[p * width + q] -= (sums[p] * sums[q]) / counts[level];
  }
  return pivotedRank(schur, width);
}

/** Rank of a positive semidefinite matrix by Gaussian elimination on the largest remaining diagonal entry; destroys it. */
function pivotedRank(a: Float64Array, n: number): number {
  const open = Array.from({ length: n }, (_, j) => j);
  let largestEver = 0;
  for (let rank = 0; ; rank++) {
    let at = -1;
    let largest = 0;
    for (const [index, j] of open.entries()) if (a[j * n + j] > largest) [largest, at] = [a[j * n + j], index];
    largestEver = Math.max(largestEver, largest);
    if (at < 0 || largest <= noPivot * largestEver) return rank;
    const [p] = open.splice(at, 1);
    for (const i of open) {
      const factor = a[i * n + p] / largest;
      if (factor === 0) continue;
      for (const j of open) a[i * n + j] -= factor * a[p * n + j];
    }
  }
}
