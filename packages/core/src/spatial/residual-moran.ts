import { Matrix } from 'ml-matrix';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { spatialLag, transposedLag } from '../weights/lag.js';
import type { WeightsMoments } from '../weights/moments.js';
import type { SparseRows } from '../weights/weights.js';

export interface ResidualMoran {
  readonly statistic: number;
  readonly expectation: number;
  readonly variance: number;
}

/**
 * Moran's I of OLS residuals e, with the moments that their dependence on X gives it.
 *
 *   I = n/S₀ · eᵀWe/eᵀe,  E = −n tr(A)/((n − k) S₀),  A = (XᵀX)⁻¹XᵀUX,  U = (W + Wᵀ)/2
 *   V = n²/(S₀²(n − k)(n − k + 2)) · [S₁ + 2 tr(A²) − tr(B) − 2 tr(A)²/(n − k)],  B = 4 (XᵀX)⁻¹XᵀU²X
 *
 * @param columns  of full rank, the constant among them
 * @see Cliff & Ord (1981), §8.3; spdep::lm.morantest
 */
export function residualMoran(
  weights: SparseRows,
  columns: readonly Float64Array[],
  y: Float64Array,
  { s0, s1 }: WeightsMoments,
): ResidualMoran {
  const { residuals: e, inverseGram, rank: k } = leastSquares(columns, y);
  const n = e.length;
  const halfLag = (x: Float64Array) => {
    const [out, back] = [spatialLag(weights, x), transposedLag(weights, x)];
    return out.map((value, i) => (value + back[i]) / 2);
  };
  const lagged = columns.map(halfLag);
  const products = (a: readonly Float64Array[], b: readonly Float64Array[]) => new Matrix(a.map((x) => b.map((z) => dot(x, z))));
  const a = inverseGram.mmul(products(columns, lagged));
  const traceA = a.trace();
  const traceB = 4 * inverseGram.mmul(products(lagged, lagged)).trace();
  return {
    statistic: (n / s0) * (dot(e, spatialLag(weights, e)) / dot(e, e)),
    expectation: -(n * traceA) / ((n - k) * s0),
    variance:
      ((n * n) / (s0 * s0 * (n - k) * (n - k + 2))) * (s1 + 2 * a.mmul(a).trace() - traceB - (2 * traceA * traceA) / (n - k)),
  };
}
