import { EstimationError } from '../errors.js';
import { type SparseRows, transposeRows } from '../weights/weights.js';
import { type Elimination, minimumDegree } from './minimum-degree.js';

/** I − ρW ready to be factored at any ρ. */
export interface ShiftedMatrix {
  readonly elimination: Elimination;
  /** W and Wᵀ in the order of elimination, entries right of the diagonal only */
  readonly upper: SparseRows;
  readonly lower: SparseRows;
}

/** log|I − ρW| with its first and second derivative in ρ. */
export interface LogDeterminantSeries {
  readonly value: number;
  readonly first: number;
  readonly second: number;
}

/** PᵀLUP of I − ρW. */
export interface SparseLu {
  readonly elimination: Elimination;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly diagonal: Float64Array;
}

export function shiftedMatrix(weights: SparseRows): ShiftedMatrix {
  const elimination = minimumDegree(weights.starts, weights.columns);
  return {
    elimination,
    upper: rightOfDiagonal(weights, elimination),
    lower: rightOfDiagonal(transposeRows(weights), elimination),
  };
}

function rightOfDiagonal({ starts, columns, values }: SparseRows, { order, position }: Elimination): SparseRows {
  const n = order.length;
  const out: { starts: Uint32Array; columns: number[]; values: number[] } = {
    starts: new Uint32Array(n + 1),
    columns: [],
    values: [],
  };
  for (let k = 0; k < n; k++) {
    const i = order[k];
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      if (position[columns[at]] <= k) continue;
      out.columns.push(position[columns[at]]);
      out.values.push(values[at]);
    }
    out.starts[k + 1] = out.columns.length;
  }
  return { starts: out.starts, columns: Uint32Array.from(out.columns), values: Float64Array.from(out.values) };
}

/** Columns before k whose next entry is in row k, as linked lists. */
class Waiting {
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  constructor(n: number) {
    this.#head = new Int32Array(n).fill(-1);
    this.#next = new Int32Array(n).fill(-1);
  }
  add(row: number, column: number): void {
    this.#next[column] = this.#head[row];
    this.#head[row] = column;
  }
  /** in an order that only the pattern decides */
  take(row: number): number {
    const column = this.#head[row];
    if (column >= 0) this.#head[row] = this.#next[column];
    return column;
  }
}

/**
 * LU of I − ρW without pivoting, Crout's form: row k of U and column k of L at a time. For ρ between the poles next to 0 it needs
 * none: for W ≥ 0 and |ρ| below the inverse of its largest eigenvalue I − ρW is an M- or H-matrix, and for a W similar to a symmetric
 * matrix it is similar to a positive definite one by a diagonal matrix, which leaves the pivots as they are.
 *
 * @throws EstimationError `singular_filter` when a pivot is not positive
 * @see Golub & Van Loan (2013), Matrix Computations, §3.2; Berman & Plemmons (1994), Nonnegative Matrices, ch. 6, on M-matrices
 */
export function sparseLu({ elimination, upper: w, lower: wt }: ShiftedMatrix, rho: number): SparseLu {
  const { starts, rows } = elimination;
  const n = starts.length - 1;
  const [lower, upper] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  const diagonal = new Float64Array(n);
  const [x, y] = [new Float64Array(n), new Float64Array(n)];
  const next = starts.slice(0, n);
  const waiting = new Waiting(n);
  for (let k = 0; k < n; k++) {
    let pivot = 1;
    for (let at = w.starts[k]; at < w.starts[k + 1]; at++) y[w.columns[at]] = -rho * w.values[at];
    for (let at = wt.starts[k]; at < wt.starts[k + 1]; at++) x[wt.columns[at]] = -rho * wt.values[at];
    for (let j = waiting.take(k); j >= 0; j = waiting.take(k)) {
      const [at, end] = [next[j], starts[j + 1]];
      const [l, u] = [lower[at], upper[at]];
      pivot -= l * u;
      for (let t = at + 1; t < end; t++) {
        const row = rows[t];
        x[row] -= lower[t] * u;
        y[row] -= l * upper[t];
      }
      next[j] = at + 1;
      if (at + 1 < end) waiting.add(rows[at + 1], j);
    }
    if (!(pivot > 0)) throw singular(rho);
    diagonal[k] = pivot;
    for (let t = starts[k]; t < starts[k + 1]; t++) {
      const row = rows[t];
      lower[t] = x[row] / pivot;
      upper[t] = y[row];
      x[row] = 0;
      y[row] = 0;
    }
    if (starts[k] < starts[k + 1]) waiting.add(rows[starts[k]], k);
  }
  return { elimination, lower, upper, diagonal };
}

const singular = (rho: number) =>
  new EstimationError(
    'singular_filter',
    `I − ρW has no positive pivots at ρ = ${rho.toPrecision(6)}: it lies outside the interval of ρ`,
  );

/** x with (I − ρW)x = b. */
export function luSolve({ elimination, lower, upper, diagonal }: SparseLu, b: Float64Array): Float64Array {
  const { order, starts, rows } = elimination;
  const n = order.length;
  const z = new Float64Array(n);
  for (let k = 0; k < n; k++) z[k] = b[order[k]];
  for (let k = 0; k < n; k++) {
    const value = z[k];
    if (value !== 0) for (let t = starts[k]; t < starts[k + 1]; t++) z[rows[t]] -= lower[t] * value;
  }
  for (let k = n - 1; k >= 0; k--) {
    let value = z[k];
    for (let t = starts[k]; t < starts[k + 1]; t++) value -= upper[t] * z[rows[t]];
    z[k] = value / diagonal[k];
  }
  const x = new Float64Array(n);
  for (let k = 0; k < n; k++) x[order[k]] = z[k];
  return x;
}

/** x with (I − ρW)ᵀx = b. */
export function luSolveTransposed({ elimination, lower, upper, diagonal }: SparseLu, b: Float64Array): Float64Array {
  const { order, starts, rows } = elimination;
  const n = order.length;
  const z = new Float64Array(n);
  for (let k = 0; k < n; k++) z[k] = b[order[k]];
  for (let k = 0; k < n; k++) {
    z[k] /= diagonal[k];
    const value = z[k];
    if (value !== 0) for (let t = starts[k]; t < starts[k + 1]; t++) z[rows[t]] -= upper[t] * value;
  }
  for (let k = n - 1; k >= 0; k--) {
    let value = z[k];
    for (let t = starts[k]; t < starts[k + 1]; t++) value -= lower[t] * z[rows[t]];
    z[k] = value;
  }
  const x = new Float64Array(n);
  for (let k = 0; k < n; k++) x[order[k]] = z[k];
  return x;
}

/**
 * log|I − ρW| with exact derivatives: the factorisation of `sparseLu` in Taylor series of order two about ρ.
 *
 *   log|A| = Σ log u_kk,   first: Σ u′/u,   second: Σ u″/u − (u′/u)²
 *
 * @throws EstimationError `singular_filter`
 */
export function logDeterminantSeries({ elimination, upper: w, lower: wt }: ShiftedMatrix, rho: number): LogDeterminantSeries {
  const { starts, rows } = elimination;
  const n = starts.length - 1;
  const m = rows.length;
  // coefficients of 1, t, t² side by side: the inner loop reads them together
  const [lower, upper] = [new Float64Array(3 * m), new Float64Array(3 * m)];
  const [x, y] = [new Float64Array(3 * n), new Float64Array(3 * n)];
  const next = starts.slice(0, n);
  const waiting = new Waiting(n);
  let [value, first, second] = [0, 0, 0];
  const scatter = (into: Float64Array, of: SparseRows, k: number) => {
    for (let at = of.starts[k]; at < of.starts[k + 1]; at++) {
      into[3 * of.columns[at]] = -rho * of.values[at];
      into[3 * of.columns[at] + 1] = -of.values[at];
    }
  };
  for (let k = 0; k < n; k++) {
    let [d0, d1, d2] = [1, 0, 0];
    scatter(y, w, k);
    scatter(x, wt, k);
    for (let j = waiting.take(k); j >= 0; j = waiting.take(k)) {
      const [at, end] = [next[j], starts[j + 1]];
      const [l0, l1, l2] = [lower[3 * at], lower[3 * at + 1], lower[3 * at + 2]];
      const [u0, u1, u2] = [upper[3 * at], upper[3 * at + 1], upper[3 * at + 2]];
      d0 -= l0 * u0;
      d1 -= l0 * u1 + l1 * u0;
      d2 -= l0 * u2 + l1 * u1 + l2 * u0;
      for (let t = at + 1; t < end; t++) {
        const r = 3 * rows[t];
        const s = 3 * t;
        const [a0, a1, b0, b1] = [lower[s], lower[s + 1], upper[s], upper[s + 1]];
        x[r] -= a0 * u0;
        x[r + 1] -= a0 * u1 + a1 * u0;
        x[r + 2] -= a0 * u2 + a1 * u1 + lower[s + 2] * u0;
        y[r] -= l0 * b0;
        y[r + 1] -= l0 * b1 + l1 * b0;
        y[r + 2] -= l0 * upper[s + 2] + l1 * b1 + l2 * b0;
      }
      next[j] = at + 1;
      if (at + 1 < end) waiting.add(rows[at + 1], j);
    }
    if (!(d0 > 0)) throw singular(rho);
    value += Math.log(d0);
    first += d1 / d0;
    second += (2 * d2) / d0 - (d1 / d0) ** 2;
    for (let t = starts[k]; t < starts[k + 1]; t++) {
      const [r, s] = [3 * rows[t], 3 * t];
      const q0 = x[r] / d0;
      const q1 = (x[r + 1] - q0 * d1) / d0;
      lower[s] = q0;
      lower[s + 1] = q1;
      lower[s + 2] = (x[r + 2] - q0 * d2 - q1 * d1) / d0;
      upper[s] = y[r];
      upper[s + 1] = y[r + 1];
      upper[s + 2] = y[r + 2];
      x.fill(0, r, r + 3);
      y.fill(0, r, r + 3);
    }
    if (starts[k] < starts[k + 1]) waiting.add(rows[starts[k]], k);
  }
  return { value, first, second };
}
