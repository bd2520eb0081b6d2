import { type Absorption, absorb } from '../effects/absorb.js';
import type { Grouping } from '../effects/grouping.js';
import { ascending } from '../linalg/vector.js';
import { fitTransformed, type LinearFit } from './linear-fit.js';
import { type PanelSample, rootWeighted } from './sample.js';

export interface WithinFit extends LinearFit {
  readonly absorption: Absorption;
}

/**
 * Fixed-effects (within) estimator: OLS of M y on M X, M the residual maker of the dummies of all factors. Slopes only; the
 * constant of xtreg is added by `withConstant`.
 *
 * @param factors  the effects absorbed: entity, time, any others
 * @throws EstimationError `all_collinear`, `too_few_rows`, `no_convergence`
 * @see Baltagi (2021), Econometric Analysis of Panel Data, 6th ed., §2.2, §3.2
 */
export function withinFit(
  sample: PanelSample,
  factors: readonly Grouping[],
  absorption = absorb(factors, sample.weights),
): WithinFit {
  const { weights } = sample;
  const within = (column: Float64Array) => rootWeighted(absorption.apply(column), weights);
  const fit = fitTransformed(
    {
      outcome: within(sample.outcome),
      regressors: sample.regressors.map(within),
      absorbed: absorption.absorbed,
      entity: sample.entity,
      time: sample.time,
      sampleRows: ascending(sample.rows),
      weights,
      frequency: sample.frequency,
    },
    'fixed effects',
  );
  return { ...fit, absorption };
}
