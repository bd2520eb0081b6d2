import { whitened } from './search.js';
import type { PreparedStage } from './stage.js';

/**
 * Candidates in bins of neighbours, with what bounds a whole bin from the values at its two ends.
 *
 * The fall of the sum of squares at γ is |L(γ)⁻¹ d(γ)|² with d(γ) = z(γ)ᵀy − C(γ)b. Let η′ be the last candidate before a bin,
 * η the bin's own last, and P = L(η)⁻¹. From either end
 *
 *   |P d(γ)| ≤ |P d(η)| + Σ |P r| |y| (rows between γ and η) + ‖P (C(γ) − C(η))‖ · ‖b‖,
 *
 * and the lesser of two bounds is at most their mean, in which the rows on both sides of γ add up to the bin's:
 *
 *   |P d(γ)| ≤ ½ (|P d(η′)| + |P d(η)| + Σ_bin |P r| |y|) + spread · ‖b‖,   spread = ½ (max‖P(C(γ) − C(η′))‖ + max‖P(C(γ) − C(η))‖).
 *
 * The fall is at most that, squared, times the greatest ‖L(γ)⁻¹ P⁻¹‖². A bin in which this stays below the best fall found
 * cannot hold the maximum and is not looked into. With one regime regressor P is a number, and is left out: P = 1.
 *
 * Inside a bin z(γ)ᵀy is known at every candidate, and for the mean C̄ of C at both ends |P d(γ)| ≤ |P (z(γ)ᵀy − C̄b)| + spread · ‖b‖:
 * with several regime regressors C(γ)b is computed only where that can beat the best.
 */
export interface Bins {
  readonly count: number;
  /** last candidate of each bin; bin 0 is the first candidate alone */
  readonly last: Uint32Array;
  /** its place in the order of rows */
  readonly end: Uint32Array;
  /** ½ (max‖P(C(γ) − C(η′))‖ + max‖P(C(γ) − C(η))‖) over the bin */
  readonly spread: Float64Array;
  /** greatest ‖L(γ)⁻¹ P⁻¹‖² over the bin; 0 when no candidate of it is identified */
  readonly scale: Float64Array;
  /** several regime regressors: P of each bin, lower triangle by rows, and the sum of the lengths of its columns */
  readonly metric: Float64Array;
  readonly reach: Float64Array;
  /** |P r| of each row in the order of rows */
  readonly lengthAt: Float64Array;
  /** C and L⁻¹ of each bin's last candidate, side by side for the pass over all bins */
  readonly sumsAtEnd: Float64Array;
  readonly whitenerAtEnd: Float64Array;
}

/**
 * Rows in a bin (more where a candidate has more), near the fastest as measured on 31 × 12, 565 × 14 and 20,000 × 25. The
 * numbers do not depend on it, but when a bin's sums are taken entity by entity.
 */
const rowsOfBin = (rows: number, byEntity: boolean) =>
  byEntity ? 128 : Math.max(6, Math.min(32, Math.round(Math.sqrt(rows) / 4)));

/** The last candidate of each bin: a bin ends with the first candidate that fills it. */
function lastCandidates(ends: Uint32Array, size: number): Uint32Array {
  const last = [0];
  for (let c = 1, from = ends[0]; c < ends.length; c++) {
    if (ends[c] - from < size && c + 1 < ends.length) continue;
    last.push(c);
    from = ends[c];
  }
  return Uint32Array.from(last);
}

export function makeBins(stage: PreparedStage, byEntity: boolean): Bins {
  const { ends, order, regimeAt, sums, stride, whiteners, dimension: k } = stage;
  const triangle = (k * (k + 1)) / 2;
  const last = lastCandidates(ends, rowsOfBin(ends[ends.length - 1] - ends[0], byEntity));
  const count = last.length;
  const spread = new Float64Array(count);
  const scale = new Float64Array(count);
  const metric = new Float64Array(k === 1 ? 0 : count * triangle);
  const reach = new Float64Array(k === 1 ? 0 : count);
  const lengthAt = new Float64Array(order.length);
  const sumsAtEnd = new Float64Array(count * k * stride);
  const whitenerAtEnd = new Float64Array(count * triangle);
  const one = Float64Array.of(1);
  for (let bin = 0, place = 0; bin < count; bin++) {
    const first = bin === 0 ? 0 : last[bin - 1] + 1;
    const P = k === 1 ? one : lastIdentified(whiteners, triangle, first, last[bin]);
    if (k > 1) {
      metric.set(P, bin * triangle);
      for (let l = 0; l < k; l++) reach[bin] += columnNorm(P, k, l);
    }
    for (; place <= ends[last[bin]]; place++)
      lengthAt[place] = k === 1 ? Math.abs(regimeAt[place]) : Math.sqrt(whitened(P, 0, k, regimeAt, place * k));
    let fromBefore = 0;
    let toLast = 0;
    for (let c = first; c <= last[bin]; c++) {
      if (bin > 0) fromBefore = Math.max(fromBefore, distance(stage, P, c, last[bin - 1]));
      toLast = Math.max(toLast, distance(stage, P, c, last[bin]));
      scale[bin] = Math.max(scale[bin], k === 1 ? whiteners[c] ** 2 : growth(whiteners, c * triangle, P, k));
    }
    spread[bin] = (Math.sqrt(fromBefore) + Math.sqrt(toLast)) / 2;
    for (let j = 0; j < k * stride; j++) sumsAtEnd[bin * k * stride + j] = sums[last[bin] * k * stride + j];
    for (let j = 0; j < triangle; j++) whitenerAtEnd[bin * triangle + j] = whiteners[last[bin] * triangle + j];
  }
  return { count, last, end: last.map((c) => ends[c]), spread, scale, metric, reach, lengthAt, sumsAtEnd, whitenerAtEnd };
}

/** L⁻¹ of the last candidate of a bin that has one; zeros when none has. */
function lastIdentified(whiteners: Float64Array, triangle: number, first: number, last: number): Float64Array {
  for (let c = last; c > first; c--)
    if (whiteners[c * triangle] !== 0) return whiteners.subarray(c * triangle, (c + 1) * triangle);
  return whiteners.subarray(first * triangle, (first + 1) * triangle);
}

function columnNorm(P: Float64Array, k: number, l: number): number {
  let square = 0;
  for (let m = l; m < k; m++) square += P[(m * (m + 1)) / 2 + l] ** 2;
  return Math.sqrt(square);
}

/** ‖P (C(c) − C(to))‖², Frobenius. */
function distance({ sums, stride, dimension: k }: PreparedStage, P: Float64Array, c: number, to: number): number {
  let square = 0;
  const from = c * k * stride;
  const other = to * k * stride;
  if (k === 1) {
    for (let j = 0; j < stride; j++) square += (sums[from + j] - sums[other + j]) ** 2;
    return square;
  }
  for (let j = 0; j < stride; j++) {
    for (let m = 0, p = 0; m < k; m++) {
      let value = 0;
      for (let l = 0; l <= m; l++, p++) value += P[p] * (sums[from + l * stride + j] - sums[other + l * stride + j]);
      square += value * value;
    }
  }
  return square;
}

/** A bound of ‖L⁻¹P⁻¹‖²: the greatest sum of |entries| in a row of AAᵀ, A = L⁻¹P⁻¹. */
function growth(whiteners: Float64Array, at: number, P: Float64Array, k: number): number {
  if (whiteners[at] === 0) return 0;
  const A = new Float64Array(k * k);
  for (let m = 0; m < k; m++) {
    // A P = L⁻¹, from the last column to the first
    for (let l = m; l >= 0; l--) {
      let value = whiteners[at + (m * (m + 1)) / 2 + l];
      for (let j = l + 1; j <= m; j++) value -= A[m * k + j] * P[(j * (j + 1)) / 2 + l];
      A[m * k + l] = value / P[(l * (l + 1)) / 2 + l];
    }
  }
  let greatest = 0;
  for (let m = 0; m < k; m++) {
    let total = 0;
    for (let l = 0; l < k; l++) {
      let value = 0;
      for (let j = 0; j < k; j++) value += A[m * k + j] * A[l * k + j];
      total += Math.abs(value);
    }
    greatest = Math.max(greatest, total);
  }
  return greatest;
}
