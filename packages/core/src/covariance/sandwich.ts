import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { addScaled, dot } from '../linalg/vector.js';

/**
 * c · B (SᵀS) B for scores S, computed as c · (SB)ᵀ(SB): symmetric and with no negative variance whatever the rounding.
 *
 * @param scores  k columns, one entry a row (HC) or a cluster
 * @param bread   B = (XᵀX)⁻¹, k×k
 * @param factor  c, the small-sample factor
 */
export function sandwich(scores: readonly Float64Array[], bread: Matrix, factor: number): Matrix {
  const k = scores.length;
  requireOrder(bread, k);
  const influence = scores.map((_, j) => {
    const column = new Float64Array(scores[j].length);
    for (let l = 0; l < k; l++) addScaled(column, bread.get(l, j), scores[l]);
    return column;
  });
  const V = new Matrix(k, k);
  for (let j = 0; j < k; j++) {
    for (let l = 0; l <= j; l++) {
      const value = factor * dot(influence[j], influence[l]);
      V.set(j, l, value);
      V.set(l, j, value);
    }
  }
  return V;
}

/** A covariance takes the kept columns only; one given with a collinear column would silently be another model's. */
function requireOrder(bread: Matrix, k: number): void {
  if (bread.rows !== k) {
    throw new EstimationError('lengths_differ', `covariance needs as many columns as (X'X)^-1 has rows, ${bread.rows}, got ${k}`);
  }
}

/** x_j û by columns. */
export function rowScores(columns: readonly Float64Array[], residuals: Float64Array): Float64Array[] {
  return columns.map((x) => {
    const scores = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) scores[i] = x[i] * residuals[i];
    return scores;
  });
}
