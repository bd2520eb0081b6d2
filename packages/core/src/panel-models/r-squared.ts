import { demeanBy } from '../linalg/demean.js';
import { dot } from '../linalg/vector.js';
import { entityMeans } from './between.js';
import { type PanelSample, sumOfSquares } from './sample.js';

export interface PanelRSquared {
  readonly within: number;
  readonly between: number;
  readonly overall: number;
}

/**
 * R² of a panel model as Stata prints them: squared correlations of x'b with y, of deviations from entity means (within), of
 * entity means (between) and of all rows (overall).
 *
 * @param fitted  x'b of every row, with or without the constant
 * @see Stata's manual, [XT] xtreg, Methods and formulas
 */
export function correlationRSquared(sample: PanelSample, fitted: Float64Array): PanelRSquared {
  const { entity, outcome } = sample;
  const means = entityMeans(sample);
  const within = (x: Float64Array) => demeanBy(entity.codes, entity.levels, x);
  return {
    within: correlation(within(outcome), within(fitted)) ** 2,
    between: correlation(means(outcome), means(fitted)) ** 2,
    overall: correlation(outcome, fitted) ** 2,
  };
}

/**
 * The same three as 1 − SSR/SST of the prediction with its constant, as linearmodels prints them; they can be negative.
 *
 * @param fitted  constant + x'b of every row
 */
export function ratioRSquared(sample: PanelSample, fitted: Float64Array): PanelRSquared {
  const { entity, outcome } = sample;
  const means = entityMeans(sample);
  const errors = outcome.map((y, i) => y - fitted[i]);
  const within = (x: Float64Array) => demeanBy(entity.codes, entity.levels, x);
  const ratio = (e: Float64Array, total: number) => 1 - dot(e, e) / total;
  const inside = within(outcome);
  return {
    within: ratio(within(errors), dot(inside, inside)),
    between: ratio(means(errors), sumOfSquares(means(outcome), undefined)),
    overall: ratio(errors, sumOfSquares(outcome, undefined)),
  };
}

/** Pearson's r; NaN if either is constant. */
export function correlation(x: Float64Array, y: Float64Array): number {
  const [a, b] = [deviations(x), deviations(y)];
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function deviations(x: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.map((value) => value - mean);
}
