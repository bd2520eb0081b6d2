import { EstimationError } from '../errors.js';
import { addScaled, addScaledAndDot, dot, maxAbs, powerOfTwoScale } from './vector.js';

/**
 * A column is collinear with the columns before it when what they leave of it is below this share of its own norm.
 *
 * The reflections leave about √n·k·1e-16 of an exact combination (below 1e-12 for 10⁶ rows and 20 columns), and a column
 * that keeps 1e-10 of itself still has a coefficient of some six digits. R's `lm` asks for 1e-7; regressors on scales that
 * differ by 10⁶, or a square beside its level, are then sometimes dropped which do have a coefficient.
 */
export const collinearityTolerance = 1e-10;

/** Householder QR of the linearly independent columns of X, in the order they came. */
export interface Qr {
  readonly rows: number;
  /** X as it was given */
  readonly columns: readonly Float64Array[];
  /** indices of the columns that count, ascending; `rank` of them */
  readonly kept: readonly number[];
  /** indices of the columns that are combinations of kept ones before them, or zero */
  readonly collinear: readonly number[];
  readonly rank: number;
  /** column `kept[j]` was multiplied by `scales[j]`, a power of two */
  readonly scales: Float64Array;
  /** R of the scaled kept columns, upper triangular, by columns: R[i, j] = r[j][i], i ≤ j; the diagonal may be negative */
  readonly r: readonly Float64Array[];
  /** v_j of H_j = I − v_j v_jᵀ, zero above row j; Q = H_0 H_1 ⋯ */
  readonly reflectors: readonly Float64Array[];
}

/**
 * Householder QR with the columns taken in order: XS = Q [R; 0], S = diag(scales).
 *
 * No pivoting: of collinear columns the earlier one stays, as in R and Stata, so that what is dropped does not depend on
 * the data's scale. 2nk² operations, one copy of X.
 *
 * @param columns  k columns of length n; not changed
 * @param begun    another factorisation: the columns that both begin with, the very same arrays, are taken over from it
 * @throws EstimationError `not_finite` if a column holds NaN or an infinity
 * @see Golub & Van Loan (2013), Matrix Computations, 4th ed., algorithms 5.1.1 and 5.2.1
 */
export function qr(columns: readonly Float64Array[], begun?: Qr): Qr {
  const rows = columns.length === 0 ? 0 : columns[0].length;
  const shared = begun === undefined ? 0 : sharedStart(columns, begun.columns);
  const isShared = (index: number) => index < shared;
  const kept = begun?.kept.filter(isShared) ?? [];
  const collinear = begun?.collinear.filter(isShared) ?? [];
  const scales = [...(begun?.scales.subarray(0, kept.length) ?? [])];
  const r = begun?.r.slice(0, kept.length) ?? [];
  const reflectors = begun?.reflectors.slice(0, kept.length) ?? [];

  for (let index = shared; index < columns.length; index++) {
    const scale = columnScale(columns[index], index);
    const x = new Float64Array(rows);
    addScaled(x, scale, columns[index]);
    const norm = Math.sqrt(dot(x, x));
    const rank = kept.length;
    const left = Math.sqrt(reflect(reflectors, x));
    if (!(left > collinearityTolerance * norm)) {
      collinear.push(index);
      continue;
    }
    const diagonal = x[rank] > 0 ? -left : left; // away from x[rank]: no cancellation in v
    const column = x.slice(0, rank + 1);
    column[rank] = diagonal;
    toReflector(x, rank, diagonal, left);

    kept.push(index);
    scales.push(scale);
    r.push(column);
    reflectors.push(x);
  }
  return { rows, columns, kept, collinear, rank: kept.length, scales: Float64Array.from(scales), r, reflectors };
}

/** How many columns two designs begin with in common. */
function sharedStart(columns: readonly Float64Array[], others: readonly Float64Array[]): number {
  let index = 0;
  while (index < columns.length && columns[index] === others[index]) index++;
  return index;
}

function columnScale(column: Float64Array, index: number): number {
  const largest = maxAbs(column);
  if (!Number.isFinite(largest)) throw new EstimationError('not_finite', `regressor ${index} has a value that is not finite`);
  return powerOfTwoScale(largest);
}

/** Turns x into v = (x − d e)/√(‖x‖·(‖x‖ + |x_rank|)), so that H = I − vvᵀ sends x to d e. */
function toReflector(x: Float64Array, rank: number, diagonal: number, norm: number): void {
  const scale = 1 / Math.sqrt(norm * (norm + Math.abs(x[rank])));
  x[rank] -= diagonal;
  x.fill(0, 0, rank);
  for (let i = rank; i < x.length; i++) x[i] *= scale;
}

/**
 * x ← H_last ⋯ H_0 x, in place; a pass over x takes one reflection and the product that the next needs.
 * @returns Σ x_i² of the rows below the last reflection's
 */
function reflect(reflectors: readonly Float64Array[], x: Float64Array): number {
  let product = dot(reflectors[0] ?? x, x);
  for (let j = 0; j < reflectors.length; j++) {
    const v = reflectors[j];
    x[j] -= product * v[j];
    product = addScaledAndDot(x, -product, v, reflectors[j + 1] ?? x, j + 1);
  }
  return product;
}

/** x ← Qᵀx, in place. */
export function applyQTranspose({ reflectors }: Qr, x: Float64Array): void {
  reflect(reflectors, x);
}

/** x ← H_0 ⋯ H_last x, in place: Qx when `last` is left out, and also when x is zero below row `last`. */
export function applyQ({ reflectors }: Qr, x: Float64Array, last = reflectors.length - 1): void {
  if (last < 0) return;
  let product = dot(reflectors[last], x, last);
  for (let j = last; j > 0; j--) product = addScaledAndDot(x, -product, reflectors[j], reflectors[j - 1], j - 1); // v_j is 0 above j
  addScaled(x, -product, reflectors[0]);
}
