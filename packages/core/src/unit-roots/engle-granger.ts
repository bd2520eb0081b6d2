import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { gather } from '../linalg/vector.js';
import { type AdfRegression, adfRegression, type Deterministic, deterministicColumns } from './adf.js';
import { engleGrangerSurface } from './engle-granger-surface.js';
import { surfaceP } from './quantile-surface.js';

/** Regressors for which there are p-values, and rows of the test regression from which on. */
export const mostEngleGrangerRegressors = engleGrangerSurface.intercept.length;
export const fewestEngleGrangerRows = 8;

/**
 * P(τ ≤ t) of the Engle–Granger t statistic without cointegration: an ADF test without terms of the residuals of y on a constant (and
 * a trend) and m integrated regressors, for n rows of the test regression (Infinity: asymptotic).
 *
 * Residuals are made as stationary as they can be, so that these p are larger than those of a raw series.
 *
 * @param regressors  m, 1 to `mostEngleGrangerRegressors`
 * @param n           at least `fewestEngleGrangerRows`
 * @see Engle & Granger (1987), Econometrica 55; MacKinnon (2010), Queen's Economics Department Working Paper 1227, table 2: its
 *   5 % points for n = 25 and more are met; scripts/dickey-fuller: the simulations
 */
export function engleGrangerP(t: number, deterministic: Exclude<Deterministic, 'none'>, regressors: number, n: number): number {
  return surfaceP(engleGrangerSurface[deterministic][regressors - 1], t, n, 1);
}

/**
 * Engle–Granger test of one entity, with its own coefficients.
 *
 * @param y           on the calendar, NaN where missing
 * @param regressors  the same periods, missing where y is
 * @throws EstimationError `too_few_periods`, `collinear`, and those of `adfRegression`
 */
export function engleGranger(
  y: Float64Array,
  regressors: readonly Float64Array[],
  deterministic: Exclude<Deterministic, 'none'>,
  lags: number,
): AdfRegression {
  const there = Uint32Array.from(Array.from(y, (_, t) => t).filter((t) => !Number.isNaN(y[t])));
  const columns = [...deterministicColumns(deterministic, there), ...regressors.map((x) => gather(x, there))];
  if (there.length <= columns.length) {
    throw new EstimationError(
      'too_few_periods',
      `a regression of ${columns.length} coefficients needs more than ${columns.length} periods, there are ${there.length}`,
    );
  }
  const { residuals, collinear } = leastSquares(columns, gather(y, there));
  if (collinear.length > 0) throw new EstimationError('collinear', 'a regressor is a combination of the others and the terms');
  const onCalendar = new Float64Array(y.length).fill(Number.NaN);
  for (const [i, t] of there.entries()) onCalendar[t] = residuals[i];
  return adfRegression(onCalendar, 'none', lags);
}
