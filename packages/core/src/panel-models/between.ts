import { EstimationError } from '../errors.js';
import { groupCounts, groupMeans } from '../linalg/demean.js';
import { fitTransformed, type LinearFit } from './linear-fit.js';
import type { PanelSample } from './sample.js';

/**
 * Between estimator: OLS of entity means on entity means, each entity once whatever its number of periods.
 *
 * @throws EstimationError `too_few_entities` if N ≤ k + 1; weights are refused as `unsupported_weights`
 * @see Baltagi (2021), §2.3; Stata's `xtreg, be`, plm's `model = "between"`
 */
export function betweenFit(sample: PanelSample, intercept = true): LinearFit {
  refuseWeights(sample, 'the between estimator');
  const { levels } = sample.entity;
  const parameters = sample.regressors.length + (intercept ? 1 : 0);
  if (levels <= parameters) {
    throw new EstimationError(
      'too_few_entities',
      `the between estimator has one row an entity and needs more than ${parameters} of them, got ${levels}`,
    );
  }
  const means = entityMeans(sample);
  return fitTransformed(
    {
      outcome: means(sample.outcome),
      regressors: sample.regressors.map(means),
      constant: intercept ? new Float64Array(levels).fill(1) : undefined,
      absorbed: 0,
      entity: { codes: Uint32Array.from({ length: levels }, (_, e) => e), levels },
      time: null,
      sampleRows: null,
    },
    'the between estimator',
  );
}

/** Means of a column by entity, length N. */
export function entityMeans({ entity }: Pick<PanelSample, 'entity'>): (column: Float64Array) => Float64Array {
  const counts = groupCounts(entity.codes, entity.levels);
  return (column) => {
    const means = new Float64Array(entity.levels);
    groupMeans(entity.codes, counts, column, means);
    return means;
  };
}

export function refuseWeights(sample: PanelSample, model: string): void {
  if (sample.weights === undefined) return;
  throw new EstimationError('unsupported_weights', `${model} takes no weights: use pooled or fixed effects, or leave them out`);
}
