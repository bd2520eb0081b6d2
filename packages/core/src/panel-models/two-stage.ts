import { absorb } from '../effects/absorb.js';
import type { Grouping } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { kClass } from '../instruments/k-class.js';
import { instrumentSpace } from '../instruments/model.js';
import { ascending } from '../linalg/vector.js';
import { refuseWeights } from './between.js';
import type { LinearFit } from './linear-fit.js';
import type { PanelSample } from './sample.js';

/** Which regressors of a sample are what, by their places. */
export interface InstrumentedPlaces {
  readonly endogenous: readonly number[];
  readonly exogenous: readonly number[];
  /** outside the equation: no coefficient */
  readonly instruments: readonly number[];
}

/**
 * Two-stage least squares with absorbed effects, in the form of the other linear models: `columns` are the fitted regressors
 * X̂ = P_Z X, `residuals` y − Xb with X itself and `inverseGram` (X̂ᵀX̂)⁻¹, so that s²(X̂ᵀX̂)⁻¹ and every sandwich made of the scores x̂û
 * follow. Not what refits take: covariances that leave rows out (jackknife, HC2, HC3) are not of this model.
 *
 * Without effects a constant stands first.
 *
 * @throws EstimationError of `instrumentSpace`; `too_few_rows`; `unsupported_weights`
 * @see Hayashi (2000), Econometrics, §3.8
 */
export function twoStageFit(sample: PanelSample, places: InstrumentedPlaces, effects: readonly Grouping[]): LinearFit {
  refuseWeights(sample, 'two-stage least squares');
  const { apply, absorbed } = absorb(effects);
  const constant = effects.length === 0;
  const column = (j: number) => apply(sample.regressors[j]);
  const outcome = apply(sample.outcome);
  const model = {
    outcome,
    endogenous: places.endogenous.map(column),
    exogenous: [...(constant ? [new Float64Array(sample.rows).fill(1)] : []), ...places.exogenous.map(column)],
    instruments: places.instruments.map(column),
  };
  const space = instrumentSpace(model);
  const fit = kClass(space, outcome, 1);
  const p = places.endogenous.length;
  const shift = constant ? 1 : 0;
  const exogenous = model.exogenous.map((_, j) => j).filter((j) => !space.collinearExogenous.includes(j));
  // k-class: endogenous, then exogenous kept; here the constant comes first
  const order = constant ? [p, ...fit.fitted.map((_, at) => at).filter((at) => at !== p)] : fit.fitted.map((_, at) => at);
  const residualDf = sample.rows - absorbed - fit.fitted.length;
  if (residualDf < 1)
    throw new EstimationError(
      'too_few_rows',
      `two-stage least squares needs more rows than parameters: ${sample.rows} rows, ${absorbed + fit.fitted.length} parameters`,
    );
  return {
    columns: order.map((at) => fit.fitted[at]),
    constant,
    outcome,
    residuals: fit.residuals,
    coefficients: Float64Array.from(order, (at) => fit.coefficients[at]),
    kept: [...places.endogenous, ...exogenous.filter((j) => j >= shift).map((j) => places.exogenous[j - shift])],
    collinear: space.collinearExogenous.map((j) => places.exogenous[j - shift]),
    inverseGram: fit.bread.selection(order, order),
    ssr: fit.ssr,
    rows: sample.rows,
    absorbed,
    residualDf,
    entity: sample.entity,
    time: sample.time,
    sampleRows: ascending(sample.rows),
    frequency: false,
  };
}
