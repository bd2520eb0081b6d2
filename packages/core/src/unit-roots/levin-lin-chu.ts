import { normalUpper } from '../distributions/normal.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { adfDesign, type Deterministic, deterministicColumns, termsOf } from './adf.js';
import { longRunVariance } from './long-run-variance.js';
import { levinLinChuMoments } from './published-moments.js';
import { differences } from './series.js';

export interface LevinLinChu {
  /** t*, N(0, 1), small values speak against a unit root */
  readonly statistic: number;
  readonly pValue: number;
  /** of the pooled regression before the adjustment */
  readonly coefficient: number;
  readonly t: number;
  readonly bandwidth: number;
  /** mean of long-run over short-run standard deviations */
  readonly ratio: number;
}

/** Round(3.21 T^⅓), Levin, Lin & Chu's truncation of the kernel; gretl cuts it off instead. */
export const levinLinChuBandwidth = (T: number): number => Math.round(3.21 * Math.cbrt(T));

/**
 * Levin–Lin–Chu test: one α for all entities, series orthogonalised to their own lags and terms and divided by their own error sd,
 *
 *   t* = (t_α − N T̃ S̄ σ̂⁻² se(α̂) μ*)/σ*,   T̃ = T − p̄ − 1,
 *
 * with SSR/n everywhere, as in the paper and gretl; S̄ the mean ratio of long-run to short-run standard deviations, the long-run one
 * Bartlett on Δy less its own mean or trend; μ*, σ* interpolated in T from the paper's table 2 (from T = 25; below, its first row).
 *
 * @param all   one series for each entity, equally long, complete
 * @param lags  one for each
 * @see Levin, Lin & Chu (2002), Journal of Econometrics 108, 1–24, §3
 */
export function levinLinChu(
  all: readonly Float64Array[],
  deterministic: Deterministic,
  lags: readonly number[],
  bandwidth = levinLinChuBandwidth(all[0].length),
): LevinLinChu {
  const T = all[0].length;
  const entities = all.map((y, i) => orthogonalised(y, deterministic, lags[i], bandwidth));
  const sum = (of: (entity: (typeof entities)[number]) => number) => entities.reduce((total, entity) => total + of(entity), 0);
  const [xx, xy, yy] = [
    sum((e) => dot(e.level, e.level)),
    sum((e) => dot(e.level, e.change)),
    sum((e) => dot(e.change, e.change)),
  ];
  const rows = sum((e) => e.change.length);
  const N = all.length;
  const coefficient = xy / xx;
  const ssr = yy - coefficient * xy;
  const se = Math.sqrt(ssr / rows / xx);
  const effective = T - lags.reduce((a, b) => a + b, 0) / N - 1;
  const ratio = sum((e) => e.ratio) / N;
  const [mu, sigma] = levinLinChuMoments(deterministic, T);
  const t = coefficient / se;
  const statistic = (t - ((N * effective * ratio) / (ssr / (N * effective))) * se * mu) / sigma;
  return { statistic, pValue: normalUpper(-statistic), coefficient, t, bandwidth, ratio };
}

/** Δy and y_{t−1} less what the lags and terms explain, over the error sd; and long-run sd over it. */
function orthogonalised(y: Float64Array, deterministic: Deterministic, lags: number, bandwidth: number) {
  const { positions, difference, level, lagged } = adfDesign(y, lags);
  const k = 1 + lags + termsOf(deterministic);
  if (positions.length <= k) {
    throw new EstimationError(
      'too_few_periods',
      `a regression of ${k} coefficients with ${lags} lags needs more than ${k} rows, there are ${positions.length}`,
    );
  }
  const beside = [...deterministicColumns(deterministic, positions), ...lagged];
  const { ssr } = leastSquares([...beside, level], difference);
  const sd = Math.sqrt(ssr / positions.length);
  const part = (column: Float64Array) => leastSquares(beside, column).residuals.map((value) => value / sd);
  const change = differences(y);
  const terms = deterministicColumns(
    deterministic,
    Array.from(change, (_, t) => t),
  );
  const longRun = longRunVariance(leastSquares(terms, change).residuals, bandwidth);
  return { change: part(difference), level: part(level), ratio: Math.sqrt(longRun) / sd };
}
