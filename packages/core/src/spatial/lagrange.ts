import { Matrix as Dense, type Matrix, solve } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';

export interface LagrangeTest {
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
}

export interface LagrangeTests {
  /** H₀: no spatial error (lag), nothing being assumed of the other but that it is absent */
  readonly error: LagrangeTest;
  readonly lag: LagrangeTest;
  /** the same with a little of the other allowed (Bera–Yoon) */
  readonly robustError: LagrangeTest;
  readonly robustLag: LagrangeTest;
  /** both at once */
  readonly sarma: LagrangeTest;
  /** H₀: no WX; no WX and no lag (Koley–Bera); null when there is no regressor to lag */
  readonly wx: LagrangeTest | null;
  readonly durbin: LagrangeTest | null;
  /** lag with WX allowed, WX with a lag allowed */
  readonly robustLagDurbin: LagrangeTest | null;
  readonly robustWx: LagrangeTest | null;
  /** columns of WX left out as combinations of X: none with a full-rank X and WX */
  readonly collinearWx: readonly number[];
}

export interface LagrangeModel {
  /** outcome and regressors, the constant among them, or after their effects are swept out */
  readonly y: Float64Array;
  readonly columns: readonly Float64Array[];
  /** which of the columns are variables, whose lags a Durbin model has */
  readonly variables: readonly number[];
  /** x ↦ (I ⊗ W)x, and again what the effects leave of it */
  lag(x: Float64Array): Float64Array;
  /** tr(WᵀW + WW) over all periods */
  readonly trace: number;
}

/**
 * Lagrange multiplier tests of spatial dependence after OLS.
 *
 *   s² = eᵀe/n, T = tr(WᵀW + WW), d_E = eᵀWe/s², d_L = eᵀWy/s², J = (WXβ̂)ᵀM(WXβ̂)/s² + T
 *   LMerr = d_E²/T,  LMlag = d_L²/J,  RLMerr = (d_E − T d_L/J)²/(T(1 − T/J)),  RLMlag = (d_L − d_E)²/(J − T)
 *   LM_wx = eᵀWX (XᵀWᵀM W X)⁻¹ XᵀWᵀe/s²; the joint test has the score (d_L, eᵀWX/s²)
 *
 * @throws EstimationError `perfect_fit`
 * @see Anselin (1988), Geographical Analysis 20(1); Anselin, Bera, Florax & Yoon (1996), Regional Science and Urban Economics 26,
 *   77–104, eqs. 12–17; Koley & Bera (2024), Spatial Economic Analysis 19(2), on WX
 */
export function lagrangeTests({ y, columns, variables, lag, trace }: LagrangeModel): LagrangeTests {
  const { residuals: e, ssr, coefficients, kept } = leastSquares(columns, y);
  const n = y.length;
  const s2 = ssr / n;
  if (!(ssr > 1e-24 * dot(y, y)))
    throw new EstimationError('perfect_fit', 'the regressors fit the outcome exactly: nothing is left to test');
  const fitted = new Float64Array(n);
  for (const j of kept) for (let i = 0; i < n; i++) fitted[i] += columns[j][i] * coefficients[j];
  const residualOn = (x: Float64Array) => leastSquares(columns, x).residuals;

  const dError = dot(e, lag(e)) / s2;
  const dLag = dot(e, lag(y)) / s2;
  const laggedFit = residualOn(lag(fitted));
  const j = dot(laggedFit, laggedFit) / s2 + trace;
  const sarmaLag = (dLag - dError) ** 2 / (j - trace);
  const error = dError ** 2 / trace;
  return {
    error: test(error, 1),
    lag: test(dLag ** 2 / j, 1),
    robustError: test((dError - (trace / j) * dLag) ** 2 / (trace * (1 - trace / j)), 1),
    robustLag: test(sarmaLag, 1),
    sarma: test(error + sarmaLag, 2),
    ...durbinTests(
      variables.filter((v) => kept.includes(v)).map((v) => lag(columns[v])),
      columns,
      { e, s2, dLag, j, laggedFit },
    ),
  };
}

interface LagScore {
  readonly e: Float64Array;
  readonly s2: number;
  readonly dLag: number;
  readonly j: number;
  readonly laggedFit: Float64Array;
}

function durbinTests(
  laggedColumns: readonly Float64Array[],
  columns: readonly Float64Array[],
  { e, s2, dLag, j, laggedFit }: LagScore,
) {
  // Lags that X already spans add nothing: the lag of a constant-like column, say.
  const { kept } = leastSquares([...columns, ...laggedColumns], e);
  const added = kept.filter((at) => at >= columns.length).map((at) => at - columns.length);
  const collinearWx = laggedColumns.flatMap((_, at) => (added.includes(at) ? [] : [at]));
  if (added.length === 0) return { wx: null, durbin: null, robustLagDurbin: null, robustWx: null, collinearWx };
  const lags = added.map((at) => laggedColumns[at]);
  const clean = lags.map((x) => leastSquares(columns, x).residuals);
  const score = [dLag, ...lags.map((x) => dot(e, x) / s2)];
  const information = Dense.zeros(score.length, score.length);
  information.set(0, 0, j);
  clean.forEach((x, a) => {
    information.set(0, a + 1, dot(laggedFit, x) / s2);
    information.set(a + 1, 0, dot(laggedFit, x) / s2);
    clean.forEach((z, b) => {
      information.set(a + 1, b + 1, dot(x, z) / s2);
    });
  });
  const q = added.length;
  const wx = quadratic(score.slice(1), information.subMatrix(1, q, 1, q));
  const durbin = quadratic(score, information);
  return {
    wx: test(wx, q),
    durbin: test(durbin, q + 1),
    robustLagDurbin: test(durbin - wx, 1),
    robustWx: test(durbin - dLag ** 2 / j, q),
    collinearWx,
  };
}

/** dᵀJ⁻¹d. */
function quadratic(d: readonly number[], information: Matrix): number {
  const column = Dense.columnVector([...d]);
  return column.transpose().mmul(solve(information, column)).get(0, 0);
}

const test = (statistic: number, df: number): LagrangeTest => ({ statistic, df, pValue: chiSquaredUpper(statistic, df) });
