import type { PreparedStage } from './stage.js';

/**
 * Candidates in bins of a few neighbours, with what bounds a whole bin from the value at its last candidate.
 *
 * For one regime regressor the fall of the sum of squares at γ is d(γ)² w(γ)² with d(γ) = z(γ)ᵀy − C(γ)b. Inside a bin
 * that ends at η
 *
 *   |d(γ)| ≤ |d(η)| + Σ |r y| (rows between the bin's first candidate and η) + max‖C(γ) − C(η)‖ · ‖b‖,
 *
 * so a bin whose bound, times its greatest w, stays below the best fall found cannot hold the maximum and is not looked into.
 */
export interface Bins {
  readonly count: number;
  /** last candidate of each bin; bin 0 is the first candidate alone */
  readonly last: Uint32Array;
  /** its place in the order of rows */
  readonly end: Uint32Array;
  /** max ‖C(γ) − C(η)‖ over the bin */
  readonly spread: Float64Array;
  /** greatest w(γ)² over the bin */
  readonly scale: Float64Array;
  /** C and w of each bin's last candidate, side by side for the pass over all bins */
  readonly sumsAtEnd: Float64Array;
  readonly whitenerAtEnd: Float64Array;
}

/** Measured on 565 × 14 and 31 × 12: flat between 16 and 32. The numbers do not depend on it. */
const candidatesPerBin = 24;

export function makeBins({ ends, sums, stride, whiteners }: PreparedStage): Bins {
  const count = 1 + Math.ceil((ends.length - 1) / candidatesPerBin);
  const last = Uint32Array.from({ length: count }, (_, bin) => Math.min(ends.length - 1, bin * candidatesPerBin));
  const spread = new Float64Array(count);
  const scale = new Float64Array(count);
  for (let bin = 0; bin < count; bin++) {
    for (let c = bin === 0 ? 0 : last[bin - 1] + 1; c <= last[bin]; c++) {
      let square = 0;
      for (let j = 0; j < stride; j++) square += (sums[c * stride + j] - sums[last[bin] * stride + j]) ** 2;
      spread[bin] = Math.max(spread[bin], Math.sqrt(square));
      scale[bin] = Math.max(scale[bin], whiteners[c] ** 2);
    }
  }
  const sumsAtEnd = new Float64Array(count * stride);
  for (let bin = 0; bin < count; bin++) sumsAtEnd.set(sums.subarray(last[bin] * stride, (last[bin] + 1) * stride), bin * stride);
  return {
    count,
    last,
    end: last.map((c) => ends[c]),
    spread,
    scale,
    sumsAtEnd,
    whitenerAtEnd: Float64Array.from(last, (c) => whiteners[c]),
  };
}
