import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { adfDesign, type Deterministic, deterministicColumns, termsOf } from './adf.js';
import { cipsCriticalValues } from './cips-critical-values.js';

export interface Cips {
  /** mean of the entities' CADF t */
  readonly statistic: number;
  /** mean of the t cut off at Pesaran's bounds */
  readonly truncated: number;
  /** critical values at 1, 5 and 10 %; null where the tables end (fewer than 10 entities or periods) */
  readonly criticalValues: readonly [number, number, number] | null;
  readonly truncatedCriticalValues: readonly [number, number, number] | null;
  readonly t: readonly number[];
  /** rows of each regression: T of the tables */
  readonly rows: number;
}

/** Bounds that Pesaran (2007, eq. 34) cuts the t at. */
const bounds: Readonly<Record<Deterministic, readonly [number, number]>> = {
  none: [-6.12, 4.16],
  intercept: [-6.19, 2.61],
  trend: [-6.42, 1.7],
};

/**
 * Pesaran's CIPS: ADF regressions with the cross-section means ȳ_{t−1}, Δȳ_t, …, Δȳ_{t−p} added, for entities that share a factor.
 *
 * @param all  one series for each entity, equally long, complete
 * @throws EstimationError `too_few_periods`
 * @see Pesaran (2007), Journal of Applied Econometrics 22, 265–312, eqs. 6, 33, tables II
 */
export function cips(all: readonly Float64Array[], deterministic: Deterministic, lags: number): Cips {
  const mean = all[0].map((_, t) => all.reduce((sum, y) => sum + y[t], 0) / all.length);
  const common = adfDesign(mean, lags);
  const rows = common.positions.length;
  const k = termsOf(deterministic) + 2 * lags + 3;
  if (rows <= k) {
    throw new EstimationError(
      'too_few_periods',
      `a CADF regression with ${lags} lags has ${k} coefficients and needs more than ${k} rows, there are ${rows}`,
    );
  }
  const t = all.map((y) => {
    const own = adfDesign(y, lags);
    const columns = [
      ...deterministicColumns(deterministic, own.positions),
      common.level,
      common.difference,
      ...common.lagged,
      ...own.lagged,
      own.level,
    ];
    const { coefficients, ssr, kept, rank, inverseGram } = leastSquares(columns, own.difference);
    if (kept.at(-1) !== columns.length - 1) {
      throw new EstimationError('constant_series', 'a lagged level does not vary beside the cross-section means');
    }
    return coefficients[columns.length - 1] / Math.sqrt((ssr / (rows - rank)) * inverseGram.get(rank - 1, rank - 1));
  });
  const [low, high] = bounds[deterministic];
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    statistic: average(t),
    truncated: average(t.map((value) => Math.min(high, Math.max(low, value)))),
    criticalValues: cipsCriticalValues(deterministic, all.length, rows, false),
    truncatedCriticalValues: cipsCriticalValues(deterministic, all.length, rows, true),
    t,
    rows,
  };
}

/**
 * p between the critical values at 1, 5 and 10 %, linear in the statistic; at the ends .01 and .10, which stand for "at most" and
 * "at least".
 */
export function interpolatedP(statistic: number, [one, five, ten]: readonly [number, number, number]): number {
  if (statistic <= one) return 0.01;
  if (statistic >= ten) return 0.1;
  if (statistic <= five) return 0.01 + (0.04 * (statistic - one)) / (five - one);
  return 0.05 + (0.05 * (statistic - five)) / (ten - five);
}
