import { Matrix } from 'ml-matrix';
import { dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';

/**
 * Spatial HAC covariance: B (Σ_i Σ_j k_ij x̂_i x̂_jᵀ û_i û_j) B with k_ii = 1 and k_ij a kernel of the distance between i and j;
 * a kernel that is not symmetric (adaptive bandwidths) counts with the mean of k_ij and k_ji.
 *
 * Kernels other than the triangular and Epanechnikov's need not give a positive semidefinite matrix: a variance may be negative.
 *
 * @param kernel  k_ij of different rows, not normalised; rows of a panel in one period only
 * @param factor  small-sample factor
 * @see Kelejian & Prucha (2007), Journal of Econometrics 140, eq. 6; Conley (1999)
 */
export function hacCovariance(
  fitted: readonly Float64Array[],
  residuals: Float64Array,
  bread: Matrix,
  kernel: SparseRows,
  factor: number,
): Matrix {
  const scores = fitted.map((x) => x.map((value, i) => value * residuals[i]));
  const lagged = scores.map((s) => spatialLag(kernel, s));
  const k = scores.length;
  const meat = new Matrix(k, k);
  for (let a = 0; a < k; a++) {
    for (let b = 0; b <= a; b++) {
      const value = dot(scores[a], scores[b]) + (dot(scores[a], lagged[b]) + dot(scores[b], lagged[a])) / 2;
      meat.set(a, b, value);
      meat.set(b, a, value);
    }
  }
  return bread.mmul(meat).mmul(bread).mul(factor);
}
