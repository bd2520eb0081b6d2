import { studentTQuantile } from '../../distributions/student-t.js';
import { EstimationError } from '../../errors.js';
import { leastEntities, leastRowsPastSlopes } from './candidates.js';
import { likelihoodRatioCutoff, likelihoodRatios } from './confidence-set.js';
import { fitThresholds, type ThresholdFit } from './estimate.js';
import { regimesOf, type WithinFit } from './linear-model.js';
import type { Conventions } from './programs.js';
import type { ThresholdSample } from './sample.js';
import { type CovarianceKind, slopeDf, slopeErrors } from './slopes.js';

/** An interval of a slope that holds whichever threshold of the confidence set is the true one. */
export interface SlopeUnion {
  readonly level: number;
  readonly lower: number;
  readonly upper: number;
}

const slopeLevel = 0.95;
/** Models fitted for one threshold: of a larger set these many are taken, evenly spread, its ends among them. */
export const mostUnited = 200;

/**
 * For each slope the union of its 95 % intervals over the thresholds in a confidence set, the others held at their estimates:
 *
 *   ⋃_{γ ∈ Γ̂_φ} [β̂(γ) − c·s(γ), β̂(γ) + c·s(γ)]
 *
 * A set is that of its own search, beside fewer thresholds or others than the model's: values that leave one of the model's regimes
 * nearly empty, or its slopes unidentified, are no models and are passed over.
 *
 * @param setLevel  φ
 * @see Hansen (2000), §3.5, with φ = .8
 */
export function slopeUnions(
  sample: ThresholdSample,
  fit: ThresholdFit,
  conventions: Conventions,
  kind: CovarianceKind,
  setLevel: number,
): SlopeUnion[] {
  const { within, model, thresholds, located, denominator } = fit;
  const critical = studentTQuantile(1 - (1 - slopeLevel) / 2, slopeDf(sample.entities, model, kind));
  const lower = new Float64Array(model.coefficients.length).fill(Number.POSITIVE_INFINITY);
  const upper = new Float64Array(model.coefficients.length).fill(Number.NEGATIVE_INFINITY);
  const unite = (one: WithinFit) => {
    for (const [j, { standardError }] of slopeErrors(within, sample.entities, one, kind).entries()) {
      lower[j] = Math.min(lower[j], one.coefficients[j] - critical * standardError);
      upper[j] = Math.max(upper[j], one.coefficients[j] + critical * standardError);
    }
  };
  unite(model);
  const cutoff = likelihoodRatioCutoff(setLevel);
  for (const [t, { values, ssr, ssrNull, best }] of located.entries()) {
    const ratios = likelihoodRatios(ssr, best, denominator);
    const inSet = [...values.keys()].filter((c) => ratios[c] <= cutoff && ssr[c] < ssrNull); // equal: not identified there
    const models = spread(inSet, mostUnited).map((c) => thresholds.with(t, values[c]).sort((a, b) => a - b));
    for (const one of models) {
      const fitted = fittedAt(sample, fit, one, conventions);
      if (fitted !== null) unite(fitted);
    }
  }
  return Array.from(lower, (low, j) => ({ level: slopeLevel, lower: low, upper: upper[j] }));
}

/** The model with these thresholds; null where a regime has too few rows or entities, or a slope no variation. */
function fittedAt(
  sample: ThresholdSample,
  fit: ThresholdFit,
  thresholds: readonly number[],
  conventions: Conventions,
): WithinFit | null {
  const leastRows = fit.model.coefficients.length - sample.regimeRegressors.length + leastRowsPastSlopes;
  const regime = regimesOf(sample.threshold.values, thresholds, conventions.rule);
  const rows = new Uint32Array(thresholds.length + 1);
  const entities = Array.from(rows, () => new Set<number>());
  for (let row = 0; row < regime.length; row++) {
    rows[regime[row]]++;
    entities[regime[row]].add(sample.entity[row]);
  }
  if (rows.some((count) => count < leastRows) || entities.some(({ size }) => size < leastEntities)) return null;
  try {
    return fitThresholds(sample, fit, thresholds, conventions);
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'collinear_regressors') return null;
    throw error;
  }
}

/** At most `most` items, evenly spread, first and last among them. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}
