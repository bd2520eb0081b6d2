import { groupCounts } from '../linalg/demean.js';
import type { Grouping } from './grouping.js';

export interface Singletons {
  /** rows that stay, ascending */
  readonly rows: Uint32Array;
  /** rows that are alone in a level of some factor, or became so when others went */
  readonly dropped: number;
}

/**
 * Finds rows that are alone in a level of their factor, again and again until there are none: their residual is zero whatever
 * the slopes, and clustered errors count them as evidence.
 *
 * @see Correia (2015), "Singletons, cluster-robust standard errors and fixed effects: A bad mix"
 */
export function findSingletons(factors: readonly Grouping[], rowCount: number): Singletons {
  const counts = factors.map(({ codes, levels }) => groupCounts(codes, levels));
  const alive = new Uint8Array(rowCount).fill(1);
  let dropped = 0;
  for (let before = -1; before !== dropped; ) {
    before = dropped;
    for (const [f, { codes }] of factors.entries()) {
      const own = counts[f];
      for (let i = 0; i < rowCount; i++) {
        if (own[codes[i]] > 1 || alive[i] === 0) continue;
        alive[i] = 0;
        dropped++;
        for (const [g, factor] of factors.entries()) counts[g][factor.codes[i]]--;
      }
    }
  }
  const rows = new Uint32Array(rowCount - dropped);
  let next = 0;
  for (let i = 0; i < rowCount; i++) if (alive[i] === 1) rows[next++] = i;
  return { rows, dropped };
}
