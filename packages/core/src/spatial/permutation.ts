import type { PhiloxStream } from '../random/stream.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import { type Deviations, gearyStatistic, moranStatistic } from './moran.js';

/** Statistics this near count as equal: the same sums in another order differ in the last digits. */
const tie = 1e-10;

/** How many of the draws are at least, and at most, the statistic; ties count for both. */
export interface Exceedance {
  atLeast: number;
  atMost: number;
}

export function countDraw(counts: Exceedance, draw: number, statistic: number, scale: number): void {
  const slack = tie * scale;
  if (draw >= statistic - slack) counts.atLeast++;
  if (draw <= statistic + slack) counts.atMost++;
}

/** p = (1 + k)/(B + 1) of each tail; two-sided is twice the smaller, at most 1. */
export function permutationP({ atLeast, atMost }: Exceedance, draws: number) {
  const [greater, less] = [(1 + atLeast) / (draws + 1), (1 + atMost) / (draws + 1)];
  return { greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

/** One draw of Moran's I and Geary's C: the values of z dealt to the units in a random order. */
export function permutedStatistics(
  weights: SparseRows,
  { z, squares, kurtosis }: Deviations,
  s0: number,
  stream: PhiloxStream,
  room: { readonly order: Uint32Array; readonly z: Float64Array },
): { moran: number; geary: number } {
  for (let i = 0; i < room.order.length; i++) room.order[i] = i;
  stream.shuffle(room.order);
  for (let i = 0; i < z.length; i++) room.z[i] = z[room.order[i]];
  const dealt = { z: room.z, squares, kurtosis };
  return { moran: moranStatistic(weights, dealt, s0), geary: gearyStatistic(weights, dealt, s0) };
}

/**
 * One draw of every local Moran, each with its own z held and its neighbours dealt from the other n − 1 units without
 * replacement. The deal is one random order of n − 1 places, shared by all units, as PySAL does: unit i's neighbours are the
 * first d_i of it, places from i on counted one further.
 *
 * @param statistic  I_i · m₂ as z_i (Wz)_i
 * @see Anselin (1995), Geographical Analysis 27(2), §4
 */
export function countLocalDraw(
  { starts, values }: SparseRows,
  z: Float64Array,
  statistic: Float64Array,
  deepest: number,
  stream: PhiloxStream,
  order: Uint32Array,
  counts: { readonly atLeast: Uint32Array; readonly atMost: Uint32Array },
): void {
  const n = z.length;
  for (let k = 0; k < n - 1; k++) order[k] = k;
  for (let k = 0; k < deepest; k++) {
    const other = k + stream.below(n - 1 - k);
    const moved = order[k];
    order[k] = order[other];
    order[other] = moved;
  }
  for (let i = 0; i < n; i++) {
    let [lag, size] = [0, 0];
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      const place = order[at - starts[i]];
      const term = values[at] * z[place < i ? place : place + 1];
      lag += term;
      size += Math.abs(term);
    }
    const draw = z[i] * lag;
    const slack = tie * Math.abs(z[i]) * size;
    if (draw >= statistic[i] - slack) counts.atLeast[i]++;
    if (draw <= statistic[i] + slack) counts.atMost[i]++;
  }
}

/** z_i (Wz)_i. */
export function localProducts(weights: SparseRows, z: Float64Array): Float64Array {
  return spatialLag(weights, z).map((lag, i) => z[i] * lag);
}

/** Most neighbours of a unit. */
export function deepestRow({ starts }: SparseRows): number {
  let deepest = 0;
  for (let i = 0; i + 1 < starts.length; i++) deepest = Math.max(deepest, starts[i + 1] - starts[i]);
  return deepest;
}
