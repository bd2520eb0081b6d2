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

/** The inverse of an information matrix, its parameters brought to one scale first. */
export const informationInverse = (matrix: Matrix) => solvePositiveDefinite(matrix, Matrix.eye(matrix.rows));
