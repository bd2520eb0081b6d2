import { applyQ, type Qr, qr } from './qr.js';

export interface OrthonormalBasis {
  /** qᵢᵀqⱼ = 1 if i = j, else 0; the first j + 1 span what the first j + 1 kept columns span */
  readonly basis: Float64Array[];
  readonly kept: readonly number[];
  readonly collinear: readonly number[];
}

/**
 * An orthonormal basis of the span of the columns: the first `rank` columns of Q, with the rule of `leastSquares` for
 * collinear ones. The sign is such that qⱼᵀxⱼ > 0.
 *
 * @param columns  k columns of length n; not changed
 * @throws EstimationError `not_finite`
 */
export function orthonormalBasis(columns: readonly Float64Array[]): OrthonormalBasis {
  const factor = qr(columns);
  return { basis: basisOf(factor), kept: factor.kept, collinear: factor.collinear };
}

/** The same for columns already factored. */
export function basisOf(factor: Qr): Float64Array[] {
  return factor.kept.map((_, j) => {
    const q = new Float64Array(factor.rows);
    q[j] = factor.r[j][j] < 0 ? -1 : 1;
    applyQ(factor, q, j);
    return q;
  });
}
