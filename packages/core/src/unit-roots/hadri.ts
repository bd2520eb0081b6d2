import { normalUpper } from '../distributions/normal.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { type Deterministic, deterministicColumns } from './adf.js';

interface Z {
  /** N(0, 1), large values speak against stationarity */
  readonly statistic: number;
  readonly pValue: number;
}

export interface Hadri {
  readonly homoskedastic: Z;
  /** each entity with its own error variance */
  readonly heteroskedastic: Z;
}

/**
 * Hadri's Lagrange multiplier test; its NULL is that every series is stationary around its mean (trend).
 *
 *   LM = mean_i Σ_t S_it²/(T² σ̂²),  S_it partial sums of residuals,  Z = √N (LM − ξ)/ζ,
 *
 * ξ, ζ² = 1/6, 1/45 (intercept), 1/15, 11/6300 (trend); σ̂² = SSR/T without correction for degrees of freedom or serial correlation.
 *
 * @param all  one series for each entity, equally long, complete
 * @throws EstimationError `constant_series`
 * @see Hadri (2000), Econometrics Journal 3, 148–161, eqs. 11, 13, 24
 */
export function hadri(all: readonly Float64Array[], deterministic: Exclude<Deterministic, 'none'>): Hadri {
  const T = all[0].length;
  const entities = all.map((y) => {
    const { residuals, ssr } = leastSquares(
      deterministicColumns(
        deterministic,
        Array.from(y, (_, t) => t),
      ),
      y,
    );
    let sum = 0;
    const partial = residuals.map((value) => {
      sum += value;
      return sum;
    });
    if (!(ssr > 1e-20 * dot(y, y))) throw new EstimationError('constant_series', 'a series does not vary beside its terms');
    return { squares: dot(partial, partial) / T ** 2, variance: ssr / T };
  });
  const mean = (of: (entity: (typeof entities)[number]) => number) =>
    entities.reduce((total, entity) => total + of(entity), 0) / entities.length;
  const [xi, zeta2] = deterministic === 'intercept' ? [1 / 6, 1 / 45] : [1 / 15, 11 / 6300];
  const z = (lm: number): Z => {
    const statistic = (Math.sqrt(all.length) * (lm - xi)) / Math.sqrt(zeta2);
    return { statistic, pValue: normalUpper(statistic) };
  };
  return {
    homoskedastic: z(mean((e) => e.squares) / mean((e) => e.variance)),
    heteroskedastic: z(mean((e) => e.squares / e.variance)),
  };
}
