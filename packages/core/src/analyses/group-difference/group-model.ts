import type { Grouping } from '../../effects/grouping.js';
import type { Formula } from '../../formula/syntax.js';
import { betweenFit } from '../../panel-models/between.js';
import { firstDifferenceFit } from '../../panel-models/first-difference.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { randomEffectsFit } from '../../panel-models/random-effects.js';
import type { PanelSample } from '../../panel-models/sample.js';
import { type InstrumentedPlaces, twoStageFit } from '../../panel-models/two-stage.js';
import { withinFit } from '../../panel-models/within.js';
import type { GroupDifferenceParams, GroupEstimator } from './params.js';

/** The linear model whose slopes are compared, to be fitted on any rows. */
export interface GroupModel {
  readonly estimator: GroupEstimator;
  /** the regressors of a sample that have slopes: the first ones; instruments come after them */
  readonly slopes: number;
  /** of those, how many of the first are endogenous */
  readonly endogenous: number;
  /** Fits y on the first `slopes` regressors; `kept` are their places. */
  fit(sample: PanelSample, effects: readonly Grouping[]): LinearFit;
  /**
   * One regression of both groups: [x, g, x·g], with instruments [z, z·g]; places k is g's, k + 1 + j that of x_j·g.
   * @param interacted  false leaves the products out: the restricted model
   */
  fitTogether(sample: PanelSample, effects: readonly Grouping[], group: Uint32Array, interacted: boolean): LinearFit;
}

/** What the formula and the request mean: instruments make it two-stage least squares, effects the within model. */
export function estimatorOf({ estimator }: GroupDifferenceParams, { effects, endogenous }: Formula): GroupEstimator {
  return estimator ?? (endogenous.length > 0 ? '2sls' : effects.length > 0 ? 'within' : 'pooled');
}

export function groupModel(params: GroupDifferenceParams, formula: Formula, slopes: number): GroupModel {
  const estimator = estimatorOf(params, formula);
  const p = formula.endogenous.length;
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, j) => from + j);
  const fit = (sample: PanelSample, effects: readonly Grouping[], places: InstrumentedPlaces): LinearFit => {
    if (estimator === '2sls') return twoStageFit(sample, places, effects);
    return leastSquaresFit(params, estimator, sample, effects);
  };
  const times = (x: Float64Array, group: Uint32Array) => x.map((value, i) => value * group[i]);
  return {
    estimator,
    slopes,
    endogenous: p,
    fit: (sample, effects) =>
      fit(sample, effects, {
        endogenous: numbers(0, p),
        exogenous: numbers(p, slopes),
        instruments: numbers(slopes, sample.regressors.length),
      }),
    fitTogether(sample, effects, group, interacted) {
      const x = sample.regressors.slice(0, slopes);
      const z = sample.regressors.slice(slopes);
      const products = interacted ? x.map((column) => times(column, group)) : [];
      const instruments = [...z, ...(interacted ? z.map((column) => times(column, group)) : [])];
      const own = slopes + 1 + products.length;
      // the constant of first differences is a trend: the group's own constant is there its own trend, whose difference is g
      const dummy = Float64Array.from(group);
      const constant = estimator === 'first-difference' ? times(sample.calendar, group) : dummy;
      const regressors = [...x, constant, ...products, ...instruments];
      const crossed = interacted ? numbers(slopes + 1, own) : [];
      return fit({ ...sample, regressors }, effects, {
        endogenous: [...numbers(0, p), ...crossed.slice(0, p)],
        exogenous: [...numbers(p, slopes + 1), ...crossed.slice(p)],
        instruments: numbers(own, regressors.length),
      });
    },
  };
}

function leastSquaresFit(
  { varianceComponents: { method, unbalanced } }: GroupDifferenceParams,
  estimator: Exclude<GroupEstimator, '2sls'>,
  sample: PanelSample,
  effects: readonly Grouping[],
): LinearFit {
  switch (estimator) {
    case 'within':
      return withinFit(sample, effects);
    case 'pooled':
      return pooledFit(sample);
    case 'between':
      return betweenFit(sample);
    case 'first-difference':
      return firstDifferenceFit(sample);
    case 'random-effects':
      return randomEffectsFit(sample, method, unbalanced);
  }
}

/** Can the two groups be told apart by sums of squares? Not when errors are weighted by their own variances, or fitted otherwise. */
export const hasSumsOfSquares = ({ estimator }: Pick<GroupModel, 'estimator'>) =>
  estimator !== 'random-effects' && estimator !== '2sls';
