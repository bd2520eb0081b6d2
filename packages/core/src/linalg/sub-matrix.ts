import { Matrix } from 'ml-matrix';

/** Rows and columns of a square matrix at the given places, in their order. */
export function subMatrix(matrix: Matrix, places: readonly number[]): Matrix {
  const result = new Matrix(places.length, places.length);
  for (const [a, i] of places.entries()) for (const [b, j] of places.entries()) result.set(a, b, matrix.get(i, j));
  return result;
}
