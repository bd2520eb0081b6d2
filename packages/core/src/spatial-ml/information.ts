import { Matrix } from 'ml-matrix';
import { solvePositiveDefinite } from '../linalg/cholesky.js';
import { dot } from '../linalg/vector.js';
import type { PropagationTraces } from './propagation.js';

export interface InformationParts {
  /** QRX at the estimates */
  readonly x: readonly Float64Array[];
  /** the mean of QRWy given X and the effects; null without Wy */
  readonly mean: Float64Array | null;
  readonly error: boolean;
  readonly traces: PropagationTraces;
  readonly sigma2: number;
  /** periods that the likelihood counts: T, or T − 1 after a transformation; rows it counts */
  readonly periods: number;
  readonly observations: number;
  /** of random effects, whose columns are quasi-demeaned: κ² = σ²/σ₁², σ₁² = σ² + Tσ_μ²; null without */
  readonly random: { readonly kappa: number; readonly units: number } | null;
}

/**
 * Expected information of (ρ, β, λ, σ²), those that the model has, in this order:
 *
 *   ββ: X̃ᵀX̃/σ²   ρβ: η̃ᵀX̃/σ²   ρρ: η̃ᵀη̃/σ² + T·[tr HH + tr HᵀH]   ρλ: T·[tr HK + tr HᵀK]   λλ: T·[tr KK + tr KᵀK]
 *   ρσ²: T·tr H/σ²   λσ²: T·tr K/σ²   σ²σ²: n/(2σ⁴)
 *
 * η̃ the mean of QRWy, H = RW(I − ρW)⁻¹R⁻¹, K = MR⁻¹. With random effects σ² is that of N(T − 1) within rows, and σ₁², the last
 * parameter, that of N between rows: T − 1 and 1 in place of T, N(T − 1) and N in place of n.
 *
 * @see Anselin (1988), Spatial Econometrics: Methods and Models, ch. 6; Lee & Yu (2010), Journal of Econometrics 154, 165–185
 */
export function information({ x, mean, error, traces, sigma2, periods, observations, random }: InformationParts): Matrix {
  const columns = mean === null ? x : [mean, ...x];
  const k = columns.length;
  const variances =
    random === null
      ? [{ of: sigma2, periods, rows: observations }]
      : [
          { of: sigma2, periods: periods - 1, rows: observations - random.units },
          { of: sigma2 / random.kappa ** 2, periods: 1, rows: random.units },
        ];
  const first = k + (error ? 1 : 0);
  const size = first + variances.length;
  const result = new Matrix(size, size);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) result.set(i, j, dot(columns[i], columns[j]) / sigma2);
  const both = (i: number, j: number, value: number) => result.set(i, j, value).set(j, i, value);
  if (mean !== null) {
    result.set(0, 0, result.get(0, 0) + periods * traces.hh);
    if (error) both(0, k, periods * traces.hk);
  }
  if (error) result.set(k, k, periods * traces.kk);
  variances.forEach((variance, v) => {
    if (mean !== null) both(0, first + v, (variance.periods * traces.h) / variance.of);
    if (error) both(k, first + v, (variance.periods * traces.k) / variance.of);
    result.set(first + v, first + v, variance.rows / (2 * variance.of * variance.of));
  });
  return result;
}

export interface CurvatureParts {
  readonly x: readonly Float64Array[];
  /** QRWy; null without Wy */
  readonly wy: Float64Array | null;
  /** QM(Sy − Xb), QMX and QMWy; null without spatial errors */
  readonly error: {
    readonly residuals: Float64Array;
    readonly x: readonly Float64Array[];
    readonly wy: Float64Array | null;
  } | null;
  /** ε̂ */
  readonly residuals: Float64Array;
  /** minus the second derivatives of the log-Jacobian in ρ and in λ */
  readonly bends: { readonly rho: number; readonly lambda: number };
  readonly sigma2: number;
  readonly observations: number;
  /** of random effects; between: κ times the mean of its unit in every row of a quasi-demeaned column. Null without */
  readonly random: {
    readonly kappa: number;
    readonly units: number;
    readonly between: (column: Float64Array) => Float64Array;
  } | null;
}

/**
 * Observed information, minus the second derivatives of log L at the estimates, of (ρ, β, λ, σ²): no trace of HᵀH, which would take a
 * solution for every unit. With random effects σ₁² is the last parameter, as in `information`.
 */
export function observedInformation({ x, wy, error, residuals: e, bends, sigma2, observations, random }: CurvatureParts): Matrix {
  // ∂ε/∂θ is minus these
  const slopes = [...(wy === null ? [] : [wy]), ...x, ...(error === null ? [] : [error.residuals])];
  const k = slopes.length;
  const size = k + (random === null ? 1 : 2);
  const result = new Matrix(size, size);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) result.set(i, j, dot(slopes[i], slopes[j]) / sigma2);
  const add = (i: number, j: number, value: number) => {
    result.set(i, j, result.get(i, j) + value);
    if (i !== j) result.set(j, i, result.get(j, i) + value);
  };
  if (wy !== null) add(0, 0, bends.rho);
  if (error !== null) {
    const first = wy === null ? 0 : 1;
    add(k - 1, k - 1, bends.lambda);
    error.x.forEach((column, j) => {
      add(first + j, k - 1, dot(column, e) / sigma2);
    });
    if (error.wy !== null) add(0, k - 1, dot(error.wy, e) / sigma2);
  }
  const between = random === null ? null : random.between(e);
  const variances =
    random === null || between === null
      ? [{ of: sigma2, rows: observations, e }]
      : [
          { of: sigma2, rows: observations - random.units, e: e.map((value, i) => value - between[i]) },
          { of: sigma2 / random.kappa ** 2, rows: random.units, e: between },
        ];
  variances.forEach((variance, v) => {
    // columns are in units of σ: a row between is κ = σ/σ₁ times itself
    for (let i = 0; i < k; i++) {
      const value = dot(slopes[i], variance.e) / (sigma2 * variance.of);
      result.set(i, k + v, value).set(k + v, i, value);
    }
    const ssr = dot(variance.e, variance.e) * (variance.of / sigma2);
    result.set(k + v, k + v, ssr / variance.of ** 3 - variance.rows / (2 * variance.of * variance.of));
  });
  return result;
}

/** The inverse of an information matrix, its parameters brought to one scale first. */
export const informationInverse = (matrix: Matrix) => solvePositiveDefinite(matrix, Matrix.eye(matrix.rows));
