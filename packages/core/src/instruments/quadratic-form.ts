import { Matrix } from 'ml-matrix';
import { solvePositiveDefinite } from '../linalg/cholesky.js';

/**
 * hᵀΣ⁻¹h.
 * @throws EstimationError `not_positive_definite` when Σ has no inverse, as with fewer clusters than moments
 */
export function quadraticForm(h: ArrayLike<number>, sigma: Matrix): number {
  const column = Matrix.columnVector(Array.from(h));
  return column.dot(solvePositiveDefinite(sigma, column));
}
