import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';

/** Terms of a test regression beside the lagged level: nothing, a constant, a constant and a linear trend. */
export const deterministics = ['none', 'intercept', 'trend'] as const;
export type Deterministic = (typeof deterministics)[number];

/** How many coefficients the deterministic terms take: 0, 1, 2. */
export const termsOf = (deterministic: Deterministic): number => deterministics.indexOf(deterministic);

/** Constant and calendar trend at the positions given, those that there are. */
export function deterministicColumns(deterministic: Deterministic, positions: ArrayLike<number>): Float64Array[] {
  const constant = new Float64Array(positions.length).fill(1);
  const trend = Float64Array.from(positions);
  return [constant, trend].slice(0, termsOf(deterministic));
}

/** The rows of Δy_t on y_{t−1} and p lagged differences: those where all of y_t … y_{t−p−1} are there. */
export interface AdfDesign {
  readonly positions: readonly number[];
  readonly difference: Float64Array;
  readonly level: Float64Array;
  readonly lagged: readonly Float64Array[];
}

/** @param y  on the calendar, NaN where missing: a lag over a gap is missing */
export function adfDesign(y: Float64Array, lags: number, common = lags): AdfDesign {
  const positions: number[] = [];
  for (let t = 1, run = Number.isNaN(y[0]) ? 0 : 1; t < y.length; t++) {
    run = Number.isNaN(y[t]) ? 0 : run + 1;
    if (run >= common + 2) positions.push(t);
  }
  const change = (back: number) => Float64Array.from(positions, (t) => y[t - back] - y[t - back - 1]);
  return {
    positions,
    difference: change(0),
    level: Float64Array.from(positions, (t) => y[t - 1]),
    lagged: Array.from({ length: lags }, (_, j) => change(j + 1)),
  };
}

export interface AdfRegression {
  readonly lags: number;
  /** rows of the regression: what p-values of finite samples take as n */
  readonly rows: number;
  /** coefficient of y_{t−1}: ρ − 1 */
  readonly coefficient: number;
  readonly standardError: number;
  readonly t: number;
  /** n − k */
  readonly df: number;
  readonly ssr: number;
  /** û_t, and the t they belong to */
  readonly residuals: Float64Array;
  readonly positions: readonly number[];
}

/**
 * Augmented Dickey–Fuller regression  Δy_t = d_t + α y_{t−1} + Σ_{j=1…p} γ_j Δy_{t−j} + u_t,  t = α̂/se with s² = SSR/(n − k).
 *
 * @throws EstimationError `too_few_periods` without a degree of freedom; `constant_series` where y_{t−1} does not vary beside the
 *   deterministic terms and lags; `exact_fit` where nothing is left to explain
 * @see Said & Dickey (1984), Biometrika 71; Hamilton (1994), Time Series Analysis, §17.7
 */
export function adfRegression(y: Float64Array, deterministic: Deterministic, lags: number): AdfRegression {
  const design = adfDesign(y, lags);
  const rows = design.positions.length;
  const k = 1 + lags + termsOf(deterministic);
  if (rows <= k) {
    throw new EstimationError(
      'too_few_periods',
      `a regression of ${k} coefficients with ${lags} lags needs more than ${k} rows, there are ${rows}`,
    );
  }
  const columns = [...deterministicColumns(deterministic, design.positions), ...design.lagged, design.level];
  const { coefficients, residuals, ssr, kept, inverseGram, rank } = leastSquares(columns, design.difference);
  const last = columns.length - 1;
  if (kept.at(-1) !== last) {
    throw new EstimationError('constant_series', 'the lagged level does not vary beside the deterministic terms and lags');
  }
  if (!(ssr > 1e-20 * dot(design.difference, design.difference))) {
    throw new EstimationError('exact_fit', 'the regression fits exactly: there is no error to compare with');
  }
  const df = rows - rank;
  const standardError = Math.sqrt((ssr / df) * inverseGram.get(rank - 1, rank - 1));
  const coefficient = coefficients[last];
  return {
    lags,
    rows,
    coefficient,
    standardError,
    t: coefficient / standardError,
    df,
    ssr,
    residuals,
    positions: design.positions,
  };
}

export const lagCriteria = ['aic', 'sic', 'hq'] as const;
export type LagCriterion = (typeof lagCriteria)[number];

/**
 * The number of lags, 0 … most, with the smallest  ln(SSR/n) + K·c(n)/n,  all compared on the rows that `most` lags leave;
 * c = 2 (Akaike), ln n (Schwarz), 2 ln ln n (Hannan–Quinn). K counts every coefficient. The model is then fitted on its own rows.
 *
 * @throws EstimationError `too_few_periods` when `most` lags leave no degree of freedom
 */
export function selectLags(y: Float64Array, deterministic: Deterministic, most: number, criterion: LagCriterion): number {
  const { positions, difference, level, lagged } = adfDesign(y, most);
  const n = positions.length;
  const largest = 1 + most + termsOf(deterministic);
  if (n <= largest) {
    throw new EstimationError(
      'too_few_periods',
      `choosing among 0 to ${most} lags needs more than ${largest} rows with all of them, there are ${n}`,
    );
  }
  const fixed = [...deterministicColumns(deterministic, positions), level];
  const price = { aic: 2, sic: Math.log(n), hq: 2 * Math.log(Math.log(n)) }[criterion];
  const values = Array.from({ length: most + 1 }, (_, lags) => {
    const { ssr, rank } = leastSquares([...fixed, ...lagged.slice(0, lags)], difference);
    return Math.log(ssr / n) + (price * rank) / n;
  });
  return values.reduce((best, value, lags) => (value < values[best] ? lags : best), 0);
}

/**
 * The most lags that are tried when none are named: ⌊min(T/3, 12) · (T/100)^¼⌋, EViews' rule for automatic selection, lowered until the
 * largest model has two degrees of freedom and `rows` rows.
 */
export function defaultMostLags(T: number, deterministic: Deterministic, rows = 0): number {
  const rule = Math.floor(Math.min(T / 3, 12) * (T / 100) ** 0.25);
  const fits = (lags: number) => T - 1 - lags >= Math.max(rows, 3 + lags + termsOf(deterministic));
  let most = rule;
  while (most > 0 && !fits(most)) most--;
  return most;
}
