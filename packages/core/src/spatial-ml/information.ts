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
}

/**
 * Expected information of (ρ, β, λ, σ²), those that the model has, in this order:
 *
 *   ββ: X̃ᵀX̃/σ²   ρβ: η̃ᵀX̃/σ²   ρρ: η̃ᵀη̃/σ² + T·[tr HH + tr HᵀH]   ρλ: T·[tr HK + tr HᵀK]   λλ: T·[tr KK + tr KᵀK]
 *   ρσ²: T·tr H/σ²   λσ²: T·tr K/σ²   σ²σ²: n/(2σ⁴)
 *
 * η̃ the mean of QRWy, H = RW(I − ρW)⁻¹R⁻¹, K = MR⁻¹.
 *
 * @see Anselin (1988), Spatial Econometrics: Methods and Models, §6.2; Lee & Yu (2010), Journal of Econometrics 154, eq. 17
 */
export function information({ x, mean, error, traces, sigma2, periods, observations }: InformationParts): Matrix {
  const columns = mean === null ? x : [mean, ...x];
  const k = columns.length;
  const size = k + (error ? 2 : 1);
  const result = new Matrix(size, size);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) result.set(i, j, dot(columns[i], columns[j]) / sigma2);
  const last = size - 1;
  const both = (i: number, j: number, value: number) => result.set(i, j, value).set(j, i, value);
  if (mean !== null) {
    result.set(0, 0, result.get(0, 0) + periods * traces.hh);
    both(0, last, (periods * traces.h) / sigma2);
    if (error) both(0, k, periods * traces.hk);
  }
  if (error) {
    result.set(k, k, periods * traces.kk);
    both(k, last, (periods * traces.k) / sigma2);
  }
  result.set(last, last, observations / (2 * sigma2 * sigma2));
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
}

/**
 * Observed information, minus the second derivatives of log L at the estimates, of (ρ, β, λ, σ²): no trace of HᵀH, which would take a
 * solution for every unit.
 */
export function observedInformation({ x, wy, error, residuals: e, bends, sigma2, observations }: CurvatureParts): Matrix {
  // ∂ε/∂θ is minus these
  const slopes = [...(wy === null ? [] : [wy]), ...x, ...(error === null ? [] : [error.residuals])];
  const k = slopes.length;
  const result = new Matrix(k + 1, k + 1);
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
  for (let i = 0; i < k; i++) {
    const value = dot(slopes[i], e) / (sigma2 * sigma2);
    result.set(i, k, value).set(k, i, value);
  }
  const ssr = dot(e, e);
  result.set(k, k, ssr / sigma2 ** 3 - observations / (2 * sigma2 * sigma2));
  return result;
}

/** The inverse of an information matrix, its parameters brought to one scale first. */
export const informationInverse = (matrix: Matrix) => solvePositiveDefinite(matrix, Matrix.eye(matrix.rows));
