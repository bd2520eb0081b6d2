import { EstimationError } from '../errors.js';
import { groupCounts, groupMeans } from '../linalg/demean.js';
import { qr } from '../linalg/qr.js';
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
  const means = entityMeans(sample);
  const columns = sample.regressors.map(means);
  const constant = intercept ? new Float64Array(levels).fill(1) : undefined;
  // columns that do not vary between entities cost no degree of freedom
  if (levels <= parameters && levels <= qr([...(constant ? [constant] : []), ...columns]).rank) {
    throw new EstimationError(
      'too_few_entities',
      `the between estimator has one row an entity and needs more than ${Math.min(parameters, levels)} of them, got ${levels}`,
    );
  }
  return fitTransformed(
    {
      outcome: means(sample.outcome),
      regressors: columns,
      constant,
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
  throw new EstimationError('unsupported_weights', `${model} takes no weights: ${whyUnweighted}`);
}

/** Said at the door too. */
export const whyUnweighted =
  'a mean or a difference of rows has no weight that programs agree on (xtreg, be and re take none): use pooled or fixed effects, or leave them out';
