import { EstimationError } from '../errors.js';
import { groupCounts } from '../linalg/demean.js';
import { ascending } from '../linalg/vector.js';
import { entityMeans, refuseWeights } from './between.js';
import { fitTransformed, type LinearFit } from './linear-fit.js';
import type { PanelSample } from './sample.js';
import { type UnbalancedRule, type VarianceComponents, type VarianceMethod, varianceComponents } from './variance-components.js';

export interface RandomEffectsFit extends LinearFit {
  readonly components: VarianceComponents;
  /** θ_i of each entity */
  readonly theta: Float64Array;
}

/**
 * Random-effects (GLS) estimator: OLS of y − θ_i ȳ_i on 1 − θ_i and x − θ_i x̄_i, θ_i = 1 − √(σ_e² / (T_i σ_u² + σ_e²)).
 *
 * @throws EstimationError `too_few_entities` (Swamy–Arora with N ≤ k + 1), `too_few_periods` if no entity has two rows,
 *   `unsupported_weights`
 * @see Baltagi (2021), §2.3, eq. 2.20
 */
export function randomEffectsFit(sample: PanelSample, method: VarianceMethod, unbalanced: UnbalancedRule): RandomEffectsFit {
  refuseWeights(sample, 'the random-effects estimator');
  const { entity } = sample;
  const periods = groupCounts(entity.codes, entity.levels);
  if (periods.every((T) => T < 2))
    throw new EstimationError(
      'too_few_periods',
      'random effects need an entity with two rows or more: the effects cannot be told from the errors',
    );
  const components = varianceComponents(sample, method, unbalanced);
  const { idiosyncratic, entity: variance } = components;
  const theta = periods.map((T) => 1 - Math.sqrt(idiosyncratic / (T * variance + idiosyncratic)));
  const means = entityMeans(sample);
  const transform = (x: Float64Array) => {
    const average = means(x);
    return x.map((value, i) => value - theta[entity.codes[i]] * average[entity.codes[i]]);
  };
  const fit = fitTransformed(
    {
      outcome: transform(sample.outcome),
      regressors: sample.regressors.map(transform),
      constant: Float64Array.from(entity.codes, (e) => 1 - theta[e]),
      absorbed: 0,
      entity,
      time: sample.time,
      sampleRows: ascending(sample.rows),
    },
    'random effects',
  );
  return { ...fit, components, theta };
}
