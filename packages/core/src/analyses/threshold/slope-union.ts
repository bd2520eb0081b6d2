import { normalQuantile } from '../../distributions/normal.js';
import { studentTQuantile } from '../../distributions/student-t.js';
import { likelihoodRatioCutoff, likelihoodRatios } from './confidence-set.js';
import { fitThresholds, type ThresholdFit } from './estimate.js';
import type { Conventions } from './programs.js';
import type { ThresholdSample } from './sample.js';
import { type CovarianceKind, slopeErrors } from './slopes.js';

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
  const critical = criticalValue(kind === 'cluster' ? sample.entities - 1 : model.residualDf);
  const lower = new Float64Array(model.coefficients.length).fill(Number.POSITIVE_INFINITY);
  const upper = new Float64Array(model.coefficients.length).fill(Number.NEGATIVE_INFINITY);
  const unite = (values: readonly number[]) => {
    const one = fitThresholds(sample, fit, values, conventions);
    for (const [j, { standardError }] of slopeErrors(within, sample.entities, one, kind).entries()) {
      lower[j] = Math.min(lower[j], one.coefficients[j] - critical * standardError);
      upper[j] = Math.max(upper[j], one.coefficients[j] + critical * standardError);
    }
  };
  unite(thresholds);
  const cutoff = likelihoodRatioCutoff(setLevel);
  for (const [t, { values, ssr, ssrNull, best }] of located.entries()) {
    const ratios = likelihoodRatios(ssr, best, denominator);
    const inSet = [...values.keys()].filter((c) => ratios[c] <= cutoff && ssr[c] < ssrNull); // equal: not identified there
    for (const c of spread(inSet, mostUnited)) unite(thresholds.with(t, values[c]).sort((a, b) => a - b));
  }
  return Array.from(lower, (low, j) => ({ level: slopeLevel, lower: low, upper: upper[j] }));
}

function criticalValue(df: number): number {
  const tail = 1 - (1 - slopeLevel) / 2;
  return Number.isFinite(df) ? studentTQuantile(tail, df) : normalQuantile(tail);
}

/** At most `most` items, evenly spread, first and last among them. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}
