import { inverse, Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { luSolve, luSolveTransposed, shiftedMatrix, sparseLu } from '../linalg/sparse-lu.js';
import { denseRows } from '../weights/eigenvalues.js';
import type { SparseRows } from '../weights/weights.js';
import { eigenvalueUnits } from './log-determinant.js';

/** (I − ρW)⁻¹ and its transpose, applied to columns of one period. */
export interface SpatialInverse {
  apply(x: Float64Array): Float64Array;
  applyTransposed(x: Float64Array): Float64Array;
}

/** Below this a dense inverse is as quick. */
const denseUnits = 60;

/** By the dense inverse for few units, by sparse LU for more. ρ = 0 is the identity. */
export function spatialFilterInverse(weights: SparseRows, rho: number): SpatialInverse {
  if (rho === 0) return { apply: (x) => x, applyTransposed: (x) => x };
  const n = weights.starts.length - 1;
  if (n <= denseUnits) return denseInverse(weights, rho);
  try {
    const factors = sparseLu(shiftedMatrix(weights), rho);
    return { apply: (x) => luSolve(factors, x), applyTransposed: (x) => luSolveTransposed(factors, x) };
  } catch (error) {
    // ρ within the real eigenvalues of a W that is not similar to a symmetric one, but outside its safe interval
    if (!(error instanceof EstimationError) || n > eigenvalueUnits) throw error;
    return denseInverse(weights, rho);
  }
}

function denseInverse(weights: SparseRows, rho: number): SpatialInverse {
  const n = weights.starts.length - 1;
  const s = inverse(Matrix.sub(Matrix.eye(n), denseRows(weights).mul(rho)));
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from(s.getRow(i)));
  const columns = Array.from({ length: n }, (_, j) => Float64Array.from(s.getColumn(j)));
  const times = (lines: readonly Float64Array[]) => (x: Float64Array) => {
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += lines[i][j] * x[j];
      y[i] = sum;
    }
    return y;
  };
  return { apply: times(rows), applyTransposed: times(columns) };
}
