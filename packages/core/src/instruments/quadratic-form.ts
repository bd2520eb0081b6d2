import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { solvePositiveDefinite } from '../linalg/cholesky.js';

/** hᵀΣ⁻¹h; NaN when Σ has no inverse, as a clustered Σ with no more clusters than moments. */
export function quadraticForm(h: ArrayLike<number>, sigma: Matrix): number {
  const column = Matrix.columnVector(Array.from(h));
  try {
    return column.dot(solvePositiveDefinite(sigma, column));
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'not_positive_definite') return Number.NaN;
    throw error;
  }
}
