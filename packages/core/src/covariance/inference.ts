import { Matrix } from 'ml-matrix';
import { fUpper } from '../distributions/f.js';
import { studentTQuantile, twoSidedP } from '../distributions/student-t.js';
import { EstimationError } from '../errors.js';
import { solvePositiveDefinite } from '../linalg/cholesky.js';

export interface CoefficientTest {
  readonly estimate: number;
  /** √V_jj; NaN if V_jj < 0, which a covariance made of differences can give */
  readonly standardError: number;
  /** estimate / standardError */
  readonly statistic: number;
  /** of Student's t; Infinity is the normal */
  readonly df: number;
  /** two-sided */
  readonly p: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * t statistics, two-sided p and confidence intervals, b_j ± t_{1−α/2}(df) · se_j.
 *
 * @param estimates   length k, without collinear ones
 * @param covariance  k×k
 * @param df          residual ones for classical and HC errors, G − 1 (`clusterDf`) for clustered, Infinity for large samples
 * @param level       coverage of the intervals, in (0, 1)
 */
export function coefficientTests(
  estimates: ArrayLike<number>,
  covariance: Matrix,
  df: number,
  level = 0.95,
): readonly CoefficientTest[] {
  const critical = -studentTQuantile((1 - level) / 2, df);
  return Array.from(estimates, (estimate, j) => {
    const standardError = Math.sqrt(covariance.get(j, j));
    const statistic = estimate / standardError;
    const margin = critical * standardError;
    return {
      estimate,
      standardError,
      statistic,
      df,
      p: twoSidedP(statistic, df),
      lower: estimate - margin,
      upper: estimate + margin,
    };
  });
}

export interface WaldTest {
  /** bᵀV⁻¹b / q */
  readonly statistic: number;
  /** q */
  readonly df1: number;
  readonly df2: number;
  readonly p: number;
}

/**
 * Joint test that all q coefficients are zero: F = bᵀV⁻¹b / q, against F(q, df2); df2 Infinity is χ²(q)/q.
 *
 * @param df2  as for `coefficientTests`: Stata takes G − 1 with clustered errors
 * @throws EstimationError `not_positive_definite` if V has no inverse, as with fewer clusters than coefficients
 * @see Greene (2018), Econometric Analysis, 8th ed., eq. 5-16
 */
export function waldTest(estimates: ArrayLike<number>, covariance: Matrix, df2: number): WaldTest {
  const q = estimates.length;
  if (q === 0) throw new EstimationError('nothing_to_test', 'a joint test needs at least one coefficient, got none');
  const b = Matrix.columnVector(Array.from(estimates));
  const statistic = b.dot(solvePositiveDefinite(covariance, b)) / q;
  return { statistic, df1: q, df2, p: fUpper(statistic, q, df2) };
}
