import { groupingOnRows } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { refuseWeights } from './between.js';
import { fitTransformed, type LinearFit } from './linear-fit.js';
import type { PanelSample } from './sample.js';

/**
 * First-difference estimator: OLS of Δy on Δx, differences over one step of calendar time; a row without its previous period
 * has none.
 *
 * @param intercept  a constant in the differenced equation is a linear trend in levels; plm has it by default
 * @throws EstimationError `too_few_periods` if no entity has two consecutive periods
 * @see Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd ed., §10.6
 */
export function firstDifferenceFit(sample: PanelSample, intercept = true): LinearFit {
  refuseWeights(sample, 'the first-difference estimator');
  const { codes } = sample.entity;
  const rows: number[] = [];
  for (let i = 1; i < sample.rows; i++) {
    if (codes[i] === codes[i - 1] && sample.calendar[i] - sample.calendar[i - 1] === 1) rows.push(i);
  }
  if (rows.length === 0) {
    throw new EstimationError(
      'too_few_periods',
      'first differences need two consecutive periods of some entity, and there are none',
    );
  }
  const sampleRows = Uint32Array.from(rows);
  const difference = (x: Float64Array) => Float64Array.from(sampleRows, (i) => x[i] - x[i - 1]);
  return fitTransformed(
    {
      outcome: difference(sample.outcome),
      regressors: sample.regressors.map(difference),
      constant: intercept ? new Float64Array(rows.length).fill(1) : undefined,
      absorbed: 0,
      entity: groupingOnRows(sample.entity, sampleRows),
      time: groupingOnRows(sample.time, sampleRows),
      sampleRows,
    },
    'first differences',
  );
}
