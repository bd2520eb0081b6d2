import { normalUpper } from '../distributions/normal.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { type Deterministic, deterministicColumns } from './adf.js';

export interface HarrisTzavalis {
  /** pooled ρ̂ of y_t on y_{t−1} and each entity's own terms */
  readonly rho: number;
  /** N(0, 1) as N grows, T fixed; small values speak against a unit root */
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * Harris–Tzavalis test for few periods and many entities: exact moments of ρ̂ at the T that there is, with errors that are
 * independent, normal and have one variance.
 *
 *   √N (ρ̂ − 1 − μ)/σ:  none  μ = 0, σ² = 2/(T(T−1));  intercept  μ = −3/(T+1), σ² = 3(17T²−20T+17)/(5(T−1)(T+1)³);
 *   trend  μ = −15/(2(T+2)), σ² = 15(193T²−728T+1147)/(112(T+2)³(T−2)),   T transitions (periods less one).
 *
 * @param all  one series for each entity, equally long, complete
 * @throws EstimationError `too_few_periods`, `constant_series`
 * @see Harris & Tzavalis (1999), Journal of Econometrics 91, 201–226, theorems 1 to 3; Stata's `xtunitroot ht`
 */
export function harrisTzavalis(all: readonly Float64Array[], deterministic: Deterministic): HarrisTzavalis {
  const T = all[0].length - 1;
  if (T < 3) throw new EstimationError('too_few_periods', `Harris–Tzavalis needs at least 4 periods, there are ${T + 1}`);
  let [cross, level, square] = [0, 0, 0];
  for (const y of all) {
    const before = y.slice(0, T);
    const terms = deterministicColumns(
      deterministic,
      Array.from(before, (_, t) => t),
    );
    const x = leastSquares(terms, before).residuals;
    cross += dot(x, y.slice(1));
    level += dot(x, x);
    square += dot(before, before);
  }
  if (!(level > 1e-20 * square)) throw new EstimationError('constant_series', 'no series varies beside its terms');
  const rho = cross / level;
  const [mu, variance] = {
    none: [0, 2 / (T * (T - 1))],
    intercept: [-3 / (T + 1), (3 * (17 * T ** 2 - 20 * T + 17)) / (5 * (T - 1) * (T + 1) ** 3)],
    trend: [-15 / (2 * (T + 2)), (15 * (193 * T ** 2 - 728 * T + 1147)) / (112 * (T + 2) ** 3 * (T - 2))],
  }[deterministic];
  const statistic = (Math.sqrt(all.length) * (rho - 1 - mu)) / Math.sqrt(variance);
  return { rho, statistic, pValue: normalUpper(-statistic) };
}
