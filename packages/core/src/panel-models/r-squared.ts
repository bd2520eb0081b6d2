import { withinTransform } from '../linalg/demean.js';
import { dot } from '../linalg/vector.js';
import { entityMeans } from './between.js';
import { type PanelSample, sumOfSquares } from './sample.js';

export interface PanelRSquared {
  readonly within: number;
  readonly between: number;
  readonly overall: number;
}

/**
 * R² of a panel model in two conventions, of deviations from entity means (within), of entity means (between) and of all rows
 * (overall).
 *
 * - correlation: squared correlations of x'b with y, as Stata prints them;
 * - ratio: 1 − SSR/SST of the prediction a + x'b, as linearmodels prints them; they can be negative. Within, a drops out.
 *
 * @param fitted    x'b of every row, without the constant
 * @param constant  a
 * @see Stata's manual, [XT] xtreg, Methods and formulas
 */
export function panelRSquared(
  sample: PanelSample,
  fitted: Float64Array,
  constant: number,
): { readonly correlation: PanelRSquared; readonly ratio: PanelRSquared } {
  const { entity, outcome } = sample;
  const means = entityMeans(sample);
  const within = withinTransform(entity.codes, entity.levels);
  const [yWithin, fWithin, yBetween, fBetween] = [within(outcome), within(fitted), means(outcome), means(fitted)];
  return {
    correlation: {
      within: correlation(yWithin, fWithin) ** 2,
      between: correlation(yBetween, fBetween) ** 2,
      overall: correlation(outcome, fitted) ** 2,
    },
    ratio: {
      within: 1 - squaredDistance(yWithin, fWithin, 0) / dot(yWithin, yWithin),
      between: 1 - squaredDistance(yBetween, fBetween, constant) / sumOfSquares(yBetween, undefined),
      overall: 1 - squaredDistance(outcome, fitted, constant) / sumOfSquares(outcome, undefined),
    },
  };
}

/** Σ (y − a − f)². */
function squaredDistance(y: Float64Array, fitted: Float64Array, constant: number): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const e = y[i] - fitted[i] - constant;
    sum += e * e;
  }
  return sum;
}

/** Pearson's r; NaN if either is constant. */
export function correlation(x: Float64Array, y: Float64Array): number {
  const [meanX, meanY] = [mean(x), mean(y)];
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] - meanX, y[i] - meanY];
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xy / Math.sqrt(xx * yy);
}

function mean(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum / x.length;
}
