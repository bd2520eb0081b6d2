import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { applyQ, qr } from '../linalg/qr.js';
import { dot } from '../linalg/vector.js';

/** One regression of a system; all have the same n rows, effects already taken out. */
export interface Equation {
  readonly name: string;
  readonly outcome: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** An equation with its columns at right angles: X_kept T = Q, QᵀQ = I. */
export interface PreparedEquation {
  readonly name: string;
  readonly outcome: Float64Array;
  /** Q, k columns */
  readonly basis: readonly Float64Array[];
  /** T, k×k upper triangular: β = Tγ */
  readonly toCoefficients: Matrix;
  /** columns that have a coefficient, ascending */
  readonly kept: readonly number[];
  readonly collinear: readonly number[];
  /** Qᵀy: least squares in the basis */
  readonly leastSquares: Float64Array;
}

/**
 * Householder QR of an equation. Of collinear columns the earlier one stays.
 * @throws EstimationError `all_collinear` if no column is left
 */
export function prepareEquation({ name, outcome, columns }: Equation): PreparedEquation {
  const factor = qr(columns);
  const { rank: k, r, scales, kept, collinear } = factor;
  if (k === 0) {
    throw new EstimationError(
      'all_collinear',
      `equation ${name}: every regressor is constant or a combination of the effects, none has a coefficient`,
    );
  }
  const signs = r.map((column, j) => (column[j] < 0 ? -1 : 1));
  const basis = signs.map((sign, j) => {
    const q = new Float64Array(factor.rows);
    q[j] = sign;
    applyQ(factor, q);
    return q;
  });
  const toCoefficients = new Matrix(k, k);
  for (let j = 0; j < k; j++) {
    const column = new Float64Array(k); // R⁻¹ e_j
    column[j] = 1 / r[j][j];
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let l = i + 1; l <= j; l++) sum += r[l][i] * column[l];
      column[i] = -sum / r[i][i];
    }
    for (let i = 0; i <= j; i++) toCoefficients.set(i, j, column[i] * scales[i] * signs[j]);
  }
  return {
    name,
    outcome,
    basis,
    toCoefficients,
    kept,
    collinear,
    leastSquares: Float64Array.from(basis, (q) => dot(q, outcome)),
  };
}

/** y − Qγ. */
export function residualsAt({ outcome, basis }: PreparedEquation, gamma: ArrayLike<number>): Float64Array {
  const residuals = Float64Array.from(outcome);
  for (const [j, q] of basis.entries()) for (let i = 0; i < residuals.length; i++) residuals[i] -= gamma[j] * q[i];
  return residuals;
}
