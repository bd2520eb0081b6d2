import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { applyQ, applyQTranspose, type Qr, qr } from './qr.js';
import { dot, maxAbs } from './vector.js';

export interface LeastSquares {
  /** one for each column given, NaN for a collinear one; units y / x_j */
  readonly coefficients: Float64Array;
  /** û = y − Xβ̂, orthogonal to every column */
  readonly residuals: Float64Array;
  /** ûᵀû */
  readonly ssr: number;
  readonly rank: number;
  /** indices of the columns that have a coefficient, ascending */
  readonly kept: readonly number[];
  /** indices of the columns dropped as combinations of columns before them, ascending */
  readonly collinear: readonly number[];
  /** (XᵀX)⁻¹ over the kept columns, rank × rank; entry (j, l) in units 1 / (x_j · x_l) */
  readonly inverseGram: Matrix;
}

/**
 * Ordinary least squares by Householder QR: β̂ = R⁻¹Qᵀy, û = Q [0; (Qᵀy)_{rank…n}].
 *
 * Works on the columns, not on XᵀX, so about twice as many digits survive collinearity. A column that is a combination of
 * EARLIER ones (`collinearityTolerance`) has no coefficient and is named in `collinear`.
 *
 * @param columns  k columns of length n; not changed. No constant is added
 * @param y        length n; not changed
 * @throws EstimationError `not_finite` if a column or y holds NaN or an infinity; `lengths_differ`
 * @see Golub & Van Loan (2013), Matrix Computations, 4th ed., §5.3.2
 */
export function leastSquares(columns: readonly Float64Array[], y: Float64Array): LeastSquares {
  for (const column of columns) {
    if (column.length !== y.length) {
      throw new EstimationError('lengths_differ', `columns need the outcome's ${y.length} rows, got ${column.length}`);
    }
  }
  return solveLeastSquares(qr(columns), y, columns.length);
}

/** The same for a design already factored: one `qr`, many outcomes. `width` is the number of columns that `qr` was given. */
export function solveLeastSquares(
  factor: Qr,
  y: Float64Array,
  width = factor.kept.length + factor.collinear.length,
): LeastSquares {
  if (!Number.isFinite(maxAbs(y))) throw new EstimationError('not_finite', 'the outcome has a value that is not finite');
  const { kept, collinear, rank, scales, r } = factor;
  const residuals = Float64Array.from(y);
  applyQTranspose(factor, residuals);

  const coefficients = new Float64Array(width).fill(Number.NaN);
  const b = residuals.slice(0, rank);
  for (let j = rank - 1; j >= 0; j--) {
    b[j] /= r[j][j];
    for (let i = 0; i < j; i++) b[i] -= r[j][i] * b[j];
    coefficients[kept[j]] = b[j] * scales[j];
  }

  residuals.fill(0, 0, rank);
  const ssr = dot(residuals, residuals);
  applyQ(factor, residuals);
  return { coefficients, residuals, ssr, rank, kept, collinear, inverseGram: inverseGram(factor) };
}

/** (XᵀX)⁻¹ = S R⁻¹R⁻ᵀ S of the kept columns, in their own units. */
export function inverseGram({ rank, scales, r }: Qr): Matrix {
  const inverse: Float64Array[] = []; // column j of R⁻¹
  for (let j = 0; j < rank; j++) {
    const column = new Float64Array(rank);
    column[j] = 1 / r[j][j];
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let l = i + 1; l <= j; l++) sum += r[l][i] * column[l];
      column[i] = -sum / r[i][i];
    }
    inverse.push(column);
  }

  const result = new Matrix(rank, rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let l = i; l < rank; l++) sum += inverse[l][i] * inverse[l][j];
      const value = sum * scales[i] * scales[j];
      result.set(i, j, value);
      result.set(j, i, value);
    }
  }
  return result;
}
