import type { Grouping } from '../effects/grouping.js';

/** The numbers that a panel estimator takes: complete rows sorted by entity, then time. */
export interface PanelSample {
  readonly rows: number;
  readonly entity: Grouping;
  readonly time: Grouping;
  /** calendar number of each row's period, in units of the panel's step: consecutive periods differ by 1 */
  readonly calendar: Float64Array;
  readonly outcome: Float64Array;
  /** k columns, no constant */
  readonly regressors: readonly Float64Array[];
  /** w > 0, scaled by the caller; undefined is all ones */
  readonly weights?: Float64Array | undefined;
  /** w counts equal rows: n is Σ w, not the number of rows */
  readonly frequency?: boolean | undefined;
}

/** √w x, or x itself without weights. */
export function rootWeighted(column: Float64Array, weights: Float64Array | undefined): Float64Array {
  return weights === undefined ? column : column.map((value, i) => Math.sqrt(weights[i]) * value);
}

/** Σ w x / Σ w. */
export function weightedMean(column: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < column.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    sum += w * column[i];
    total += w;
  }
  return sum / total;
}

/** Σ w (x − x̄)², the mean taken twice. */
export function sumOfSquares(column: Float64Array, weights: Float64Array | undefined): number {
  const mean = weightedMean(column, weights);
  let left = 0;
  let total = 0;
  for (let i = 0; i < column.length; i++) {
    const w = weights === undefined ? 1 : weights[i];
    left += w * (column[i] - mean);
    total += w;
  }
  const rest = left / total;
  let sum = 0;
  for (let i = 0; i < column.length; i++) {
    const d = column[i] - mean - rest;
    sum += (weights === undefined ? 1 : weights[i]) * d * d;
  }
  return sum;
}
