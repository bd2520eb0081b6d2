import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';

/**
 * A = LLᵀ in place: the lower triangle of `a` (k×k, by rows) becomes L; the upper is neither read nor written.
 *
 * For inner loops: nothing is allocated or thrown.
 *
 * @param tolerance  a pivot must keep more than this share of its diagonal entry
 * @returns the index of the first pivot that does not, k if all do
 * @see Golub & Van Loan (2013), Matrix Computations, 4th ed., algorithm 4.2.2
 */
export function choleskyInPlace(a: Float64Array, k: number, tolerance = 1e-13): number {
  for (let j = 0; j < k; j++) {
    const diagonal = a[j * k + j];
    let pivot = diagonal;
    for (let l = 0; l < j; l++) pivot -= a[j * k + l] * a[j * k + l];
    if (!(pivot > tolerance * diagonal)) return j;
    const root = Math.sqrt(pivot);
    a[j * k + j] = root;
    for (let i = j + 1; i < k; i++) {
      let sum = a[i * k + j];
      for (let l = 0; l < j; l++) sum -= a[i * k + l] * a[j * k + l];
      a[i * k + j] = sum / root;
    }
  }
  return k;
}

/** b ← A⁻¹b in place, by L of `choleskyInPlace`. */
export function choleskySolveInPlace(l: Float64Array, k: number, b: Float64Array): void {
  for (let i = 0; i < k; i++) {
    let sum = b[i];
    for (let j = 0; j < i; j++) sum -= l[i * k + j] * b[j];
    b[i] = sum / l[i * k + i];
  }
  for (let i = k - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < k; j++) sum -= l[j * k + i] * b[j];
    b[i] = sum / l[i * k + i];
  }
}

/**
 * A⁻¹B for a symmetric positive definite A, by Cholesky on A scaled to a unit diagonal.
 *
 * @param a  k×k; only the lower triangle is read
 * @param b  k×m
 * @throws EstimationError `not_positive_definite` naming the first row that is a combination of those before it
 */
export function solvePositiveDefinite(a: Matrix, b: Matrix): Matrix {
  const k = a.rows;
  const scales = Float64Array.from({ length: k }, (_, i) => (a.get(i, i) > 0 ? 1 / Math.sqrt(a.get(i, i)) : 1));
  const l = new Float64Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) l[i * k + j] = a.get(i, j) * scales[i] * scales[j];
  const pivot = choleskyInPlace(l, k);
  if (pivot < k) {
    throw new EstimationError(
      'not_positive_definite',
      `a positive definite ${k}×${k} matrix is needed; row ${pivot} depends on those before it`,
    );
  }

  const result = new Matrix(k, b.columns);
  const column = new Float64Array(k);
  for (let j = 0; j < b.columns; j++) {
    for (let i = 0; i < k; i++) column[i] = b.get(i, j) * scales[i];
    choleskySolveInPlace(l, k, column);
    for (let i = 0; i < k; i++) result.set(i, j, column[i] * scales[i]);
  }
  return result;
}
