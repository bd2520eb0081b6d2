import type { PreparedStage } from './stage.js';

export interface Search {
  /** sum of squares with the regressors already there */
  readonly ssrNull: number;
  /** sum of squares with each candidate, ascending */
  readonly ssr: Float64Array;
  /** the first candidate with the least */
  readonly best: number;
}

/**
 * Sum of squared residuals at every candidate threshold, exactly:
 *
 *   S(γ) = S₀ − |L(γ)⁻¹ (z(γ)ᵀy − C(γ) Uᵀy)|²,   S₀ = yᵀy − |Uᵀy|²
 *
 * @param outcome  y, within-transformed, length rows
 * @param score    what regressors as they are multiply for a transformed y; y itself where the transform is a projection
 */
export function searchThreshold(
  stage: PreparedStage,
  outcome: Float64Array,
  score: (transformed: Float64Array) => Float64Array = (transformed) => transformed,
): Search {
  const { rows, width, stride, dimension: k, basis, order, regimeAt, ends } = stage;
  // Projecting y off U first leaves nothing to cancel in S₀, and Uᵀy is then rounding.
  const y = Float64Array.from(outcome);
  for (let j = 0; j < width; j++) {
    let b = 0;
    for (let row = 0; row < rows; row++) b += basis[j * rows + row] * y[row];
    for (let row = 0; row < rows; row++) y[row] -= b * basis[j * rows + row];
  }
  let ssrNull = 0;
  for (let row = 0; row < rows; row++) ssrNull += y[row] * y[row];

  const b = new Float64Array(stride);
  for (let j = 0; j < width; j++) for (let row = 0; row < rows; row++) b[j] += basis[j * rows + row] * y[row];

  const scored = score(y);
  const running = new Float64Array(k);
  const d = new Float64Array(k);
  const ssr = new Float64Array(ends.length);
  let best = 0;
  for (let place = 0, candidate = 0; candidate < ends.length; place++) {
    for (let l = 0; l < k; l++) running[l] += regimeAt[place * k + l] * scored[order[place]];
    if (ends[candidate] !== place) continue;
    ssr[candidate] = ssrNull - fallOf(stage, candidate, running, b, d);
    if (ssr[candidate] < ssr[best]) best = candidate;
    candidate++;
  }
  return { ssrNull, ssr, best };
}

/** What a fall is made from: as in `PreparedStage`. */
type Projected = Pick<PreparedStage, 'stride' | 'dimension' | 'sums' | 'whiteners'>;

/**
 * How far a candidate lowers the sum of squares, |L⁻¹(zᵀy − C b)|².
 *
 * @param running  zᵀy at the candidate, length k
 * @param b        Uᵀy, `stride` entries
 * @param d        room for zᵀy − C b, length k
 */
export function fallOf(stage: Projected, candidate: number, running: Float64Array, b: Float64Array, d: Float64Array): number {
  const { stride, dimension: k, sums, whiteners } = stage;
  for (let l = 0, c = candidate * k * stride; l < k; l++) {
    let projected = 0;
    for (let j = 0; j < stride; j++, c++) projected += sums[c] * b[j];
    d[l] = running[l] - projected;
  }
  return whitened(whiteners, candidate, k, d, 0);
}

/** |P d|², P the lower triangle number `triangle`, d the k entries from `at`. */
export function whitened(triangles: Float64Array, triangle: number, k: number, d: Float64Array, at: number): number {
  const p = (triangle * k * (k + 1)) / 2;
  if (k === 1) {
    const only = triangles[p] * d[at];
    return only * only;
  }
  if (k === 2) {
    const first = triangles[p] * d[at];
    const second = triangles[p + 1] * d[at] + triangles[p + 2] * d[at + 1];
    return first * first + second * second;
  }
  let sum = 0;
  for (let m = 0, entry = p; m < k; m++) {
    let value = 0;
    for (let l = 0; l <= m; l++, entry++) value += triangles[entry] * d[at + l];
    sum += value * value;
  }
  return sum;
}
