import { EigenvalueDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';

export interface HausmanRow {
  readonly fixed: number;
  readonly random: number;
  readonly difference: number;
  /** Var(b_F) − Var(b_R); can be negative */
  readonly variance: number;
  /** difference² / variance, χ²(1); NaN when the variance is not positive */
  readonly statistic: number;
  readonly pValue: number;
}

export interface HausmanTest {
  /** can be negative: then the variance of the difference is no variance, and there is no p-value */
  readonly statistic: number;
  readonly df: number;
  /** NaN when the statistic is negative */
  readonly pValue: number;
  /** V_F − V_R is positive definite */
  readonly positiveDefinite: boolean;
  readonly rows: readonly HausmanRow[];
}

/**
 * Hausman's test: H = (b_F − b_R)ᵀ (V_F − V_R)⁻¹ (b_F − b_R), χ²(k), over the k slopes that both models have.
 *
 * Where V_F − V_R is not positive definite the value is given as it comes, negative or not, and flagged; never its absolute value.
 *
 * @param fixed   b_F, consistent under both hypotheses, and its covariance
 * @param random  b_R, efficient under the null
 * @see Hausman (1978), Econometrica 46, eq. 2.14; plm's `phtest`; EViews prints `rows`
 */
export function hausmanTest(
  fixed: { b: ArrayLike<number>; V: Matrix },
  random: { b: ArrayLike<number>; V: Matrix },
): HausmanTest {
  const k = fixed.b.length;
  const difference = Array.from(fixed.b, (value, j) => value - random.b[j]);
  const variance = Matrix.sub(fixed.V, random.V);
  const rows = difference.map((value, j): HausmanRow => {
    const own = variance.get(j, j);
    const statistic = own > 0 ? (value * value) / own : Number.NaN;
    return {
      fixed: fixed.b[j],
      random: random.b[j],
      difference: value,
      variance: own,
      statistic,
      pValue: chiSquaredUpper(statistic, 1),
    };
  });

  // scaled by the standard errors of b_F, so that units decide neither definiteness nor singularity
  const scales = Array.from({ length: k }, (_, j) => 1 / Math.sqrt(fixed.V.get(j, j)));
  const scaled = new Matrix(variance.to2DArray().map((row, j) => row.map((value, l) => value * scales[j] * scales[l])));
  const d = Matrix.columnVector(difference.map((value, j) => value * scales[j]));
  const least = Math.min(...new EigenvalueDecomposition(scaled, { assumeSymmetric: true }).realEigenvalues);
  const lu = new LuDecomposition(scaled);
  const statistic = lu.isSingular() ? Number.NaN : d.dot(lu.solve(d));
  return {
    statistic,
    df: k,
    pValue: statistic >= 0 ? chiSquaredUpper(statistic, k) : Number.NaN,
    positiveDefinite: least > 0,
    rows,
  };
}
