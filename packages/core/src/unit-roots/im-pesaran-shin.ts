import { normalUpper } from '../distributions/normal.js';
import type { Deterministic } from './adf.js';
import { imPesaranShinMoments } from './published-moments.js';

export interface ImPesaranShin {
  /** mean of the entities' t */
  readonly tBar: number;
  /** W_t̄, N(0, 1), small values speak against a unit root in all entities */
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * Im–Pesaran–Shin:  W = √N (t̄ − mean E(t_i))/√(mean Var(t_i)),  E and Var of the t of n rows and p lags from the paper's table 3,
 * interpolated in n.
 *
 * @param entities  degrees-of-freedom corrected t, rows and lags of each ADF regression
 * @returns null where a moment is not tabulated: without deterministic terms, above 8 lags, fewer rows than the table
 * @see Im, Pesaran & Shin (2003), Journal of Econometrics 115, 53–74, eq. 4.10, table 3
 */
export function imPesaranShin(
  entities: readonly { readonly t: number; readonly rows: number; readonly lags: number }[],
  deterministic: Deterministic,
): ImPesaranShin | null {
  const moments = entities.map(({ rows, lags }) => imPesaranShinMoments(deterministic, rows, lags));
  if (moments.some((pair) => pair === null)) return null;
  const N = entities.length;
  const mean = (of: (i: number) => number) => entities.reduce((sum, _, i) => sum + of(i), 0) / N;
  const tBar = mean((i) => entities[i].t);
  const statistic = (Math.sqrt(N) * (tBar - mean((i) => moments[i]![0]))) / Math.sqrt(mean((i) => moments[i]![1]));
  return { tBar, statistic, pValue: normalUpper(-statistic) };
}
