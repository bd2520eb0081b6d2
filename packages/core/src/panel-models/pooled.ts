import { ascending } from '../linalg/vector.js';
import { fitTransformed, type LinearFit } from './linear-fit.js';
import { type PanelSample, rootWeighted } from './sample.js';

/**
 * Pooled OLS (WLS with weights), y = a + x'b + e over all rows.
 *
 * @param intercept  false leaves a out
 * @throws EstimationError as `fitTransformed`
 * @see Greene (2018), Econometric Analysis, 8th ed., §11.3
 */
export function pooledFit(sample: PanelSample, intercept = true): LinearFit {
  const { weights } = sample;
  return fitTransformed(
    {
      outcome: rootWeighted(sample.outcome, weights),
      regressors: sample.regressors.map((x) => rootWeighted(x, weights)),
      constant: intercept ? rootWeighted(new Float64Array(sample.rows).fill(1), weights) : undefined,
      absorbed: 0,
      entity: sample.entity,
      time: sample.time,
      sampleRows: ascending(sample.rows),
      weights,
      frequency: sample.frequency,
    },
    'pooled OLS',
  );
}
