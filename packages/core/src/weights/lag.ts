import type { SparseRows } from './weights.js';

/**
 * Spatial lag (Wx)_i = Σ_j w_ij x_j, links in ascending j.
 *
 * @param x    length n, in the order of W's labels
 * @param out  length n, not x itself; returned
 */
export function spatialLag(
  { starts, columns, values }: SparseRows,
  x: Float64Array,
  out = new Float64Array(x.length),
): Float64Array {
  for (let i = 0; i + 1 < starts.length; i++) {
    let sum = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) sum += values[at] * x[columns[at]];
    out[i] = sum;
  }
  return out;
}

/** (Wᵀx)_j = Σ_i w_ij x_i without building Wᵀ; `out` is not x itself. */
export function transposedLag(
  { starts, columns, values }: SparseRows,
  x: Float64Array,
  out = new Float64Array(x.length),
): Float64Array {
  out.fill(0);
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) out[columns[at]] += values[at] * x[i];
  }
  return out;
}

/** Wx, W²x, …, Wᵖx: each a lag of the one before, so W² is never built. */
export function spatialLags(weights: SparseRows, x: Float64Array, order: number): Float64Array[] {
  const lags: Float64Array[] = [];
  for (let p = 0; p < order; p++) lags.push(spatialLag(weights, lags[p - 1] ?? x));
  return lags;
}

/** (I_T ⊗ W)x for rows of a panel in any order: the lag of each row among the rows of its own period. */
export interface PanelLag {
  /** NaN where a neighbour has no row in the period, or its x is NaN; 0 for a unit without neighbours */
  apply(x: Float64Array, out?: Float64Array): Float64Array;
  /** the first neighbour of this row's unit that has no row in its period, or null */
  absent(row: number): number | null;
  /** rows of its neighbours in its period that are there */
  neighbours(row: number): number[];
}

/**
 * @param weights  rows and columns in the order of the entity codes (`alignWeights`)
 * @param entity   code of each row's entity
 * @param time     code of each row's period, ∈ {0, …, periods − 1}; no (entity, time) twice
 */
export function panelLag(weights: SparseRows, entity: Uint32Array, time: Uint32Array, periods: number): PanelLag {
  const { starts, columns, values } = weights;
  const n = starts.length - 1;
  const rowOf = new Int32Array(n * periods).fill(-1);
  for (let row = 0; row < entity.length; row++) rowOf[time[row] * n + entity[row]] = row;
  return {
    apply(x, out = new Float64Array(x.length)) {
      for (let row = 0; row < entity.length; row++) {
        const [i, period] = [entity[row], time[row] * n];
        let sum = 0;
        for (let at = starts[i]; at < starts[i + 1]; at++) {
          const neighbour = rowOf[period + columns[at]];
          sum += neighbour < 0 ? Number.NaN : values[at] * x[neighbour];
        }
        out[row] = sum;
      }
      return out;
    },
    absent(row) {
      const [i, period] = [entity[row], time[row] * n];
      for (let at = starts[i]; at < starts[i + 1]; at++) if (rowOf[period + columns[at]] < 0) return columns[at];
      return null;
    },
    neighbours(row) {
      const [i, period] = [entity[row], time[row] * n];
      const there = Array.from(columns.subarray(starts[i], starts[i + 1]), (j) => rowOf[period + j]);
      return there.filter((neighbour) => neighbour >= 0);
    },
  };
}
