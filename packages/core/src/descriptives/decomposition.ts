import type { Grouping } from '../effects/grouping.js';
import { groupCounts, groupMeans } from '../linalg/demean.js';
import { momentsOf } from './moments.js';

export interface Spread {
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

export interface Decomposition {
  readonly overall: Spread;
  /** of entity means, each entity once; sd by N − 1 */
  readonly between: Spread;
  /** of x − x̄_i + x̄; sd by n − 1, as Stata's xtsum */
  readonly within: Spread;
}

/**
 * A variable's spread over all rows, between entities and within them.
 *
 * @see Stata's manual, [XT] xtsum
 */
export function withinBetween(x: Float64Array, { codes, levels }: Grouping): Decomposition {
  const means = new Float64Array(levels);
  groupMeans(codes, groupCounts(codes, levels), x, means);
  const overall = momentsOf(x);
  const inside = x.map((value, i) => value - means[codes[i]] + overall.mean);
  return { overall: spreadOf(x), between: spreadOf(means), within: spreadOf(inside) };
}

function spreadOf(x: Float64Array): Spread {
  const range = x.reduce(
    ([min, max], value) => [Math.min(min, value), Math.max(max, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return { sd: momentsOf(x).sd, min: range[0], max: range[1] };
}
