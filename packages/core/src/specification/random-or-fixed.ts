import type { Matrix } from 'ml-matrix';
import { classicalCovariance } from '../covariance/classical.js';
import { clusterCovariance, clusterDf, stataClusterFactor } from '../covariance/cluster.js';
import { waldTest } from '../covariance/inference.js';
import { EstimationError } from '../errors.js';
import type { FTest } from '../instruments/first-stage.js';
import { leastSquares } from '../linalg/least-squares.js';
import { entityMeans } from '../panel-models/between.js';
import type { LinearFit } from '../panel-models/linear-fit.js';
import { randomEffectsFit } from '../panel-models/random-effects.js';
import type { PanelSample } from '../panel-models/sample.js';
import type { UnbalancedRule, VarianceMethod } from '../panel-models/variance-components.js';
import { withinFit } from '../panel-models/within.js';
import { type HausmanTest, hausmanTest } from './hausman.js';

export interface RandomOrFixed {
  /** regressors (places in the sample) that both models have and the test compares */
  readonly compared: readonly number[];
  /** each model's covariance with its own error variance */
  readonly classic: HausmanTest;
  /** both with that of random effects: cannot be negative */
  readonly sigmamore: HausmanTest;
  /** both with that of fixed effects: cannot be negative */
  readonly sigmaless: HausmanTest;
}

/**
 * Hausman's test of random against entity fixed effects in its three forms.
 *
 * sigmamore and sigmaless put one error variance into both covariances (Stata's options), so that their difference is positive
 * definite: s² of the quasi-demeaned regression, or that of the within regression.
 *
 * @param compared  how many of the first regressors are compared; those after (period dummies) are in both models only
 * @throws EstimationError `too_few_entities` and others of `randomEffectsFit`; `nothing_to_test` when no regressor varies within
 */
export function randomOrFixed(
  sample: PanelSample,
  compared: number,
  method: VarianceMethod,
  unbalanced: UnbalancedRule,
): RandomOrFixed {
  const fixed = withinFit(sample, [sample.entity]);
  const random = randomEffectsFit(sample, method, unbalanced);
  const common = fixed.kept.filter((j) => j < compared && random.kept.includes(j));
  if (common.length === 0)
    throw new EstimationError('nothing_to_test', 'no regressor has a coefficient with fixed and with random effects');
  const [sF, sR] = [fixed.ssr / fixed.residualDf, random.ssr / random.residualDf];
  const of = (fit: LinearFit, s2: number) => {
    const places = common.map((j) => fit.kept.indexOf(j) + (fit.constant ? 1 : 0));
    const V: Matrix = classicalCovariance(fit.residuals, fit.inverseGram, fit.ssr / s2);
    return { b: places.map((at) => fit.coefficients[at]), V: V.selection(places, places) };
  };
  return {
    compared: common,
    classic: hausmanTest(of(fixed, sF), of(random, sR)),
    sigmamore: hausmanTest(of(fixed, sR), of(random, sR)),
    sigmaless: hausmanTest(of(fixed, sF), of(random, sF)),
  };
}

export interface MundlakTest extends FTest {
  /** regressors whose entity means were added */
  readonly tested: readonly number[];
}

/**
 * Hausman's null by an auxiliary regression that clustered errors allow: random-effects GLS of y on x and the entity means x̄; Wald F
 * that all coefficients of x̄ are zero, errors clustered by entity, against F(q, N − 1).
 *
 * Means that other columns make up (of regressors constant in time, or the same for every entity) are left out.
 *
 * @param compared  means of how many of the first regressors are tested
 * @throws EstimationError `too_few_entities` when N is not above the number of means, besides those of `randomEffectsFit`
 * @see Mundlak (1978), Econometrica 46; Arellano (1993), Journal of Econometrics 59; Wooldridge (2010), §10.7.3
 */
export function mundlakTest(
  sample: PanelSample,
  compared: number,
  method: VarianceMethod,
  unbalanced: UnbalancedRule,
): MundlakTest {
  const { entity } = sample;
  // θ comes from the model without means, as random effects does under the null
  const { columns, outcome, theta, kept } = randomEffectsFit(sample, method, unbalanced);
  const means = entityMeans(sample);
  const candidates = kept.filter((j) => j < compared);
  const added = candidates.map((j) => {
    const average = means(sample.regressors[j]);
    return Float64Array.from(entity.codes, (e) => (1 - theta[e]) * average[e]);
  });
  const all = [...columns, ...added];
  const fit = leastSquares(all, outcome);
  const keptColumns = fit.kept.map((j) => all[j]);
  const places = fit.kept.map((j, at) => [j - columns.length, at]).filter(([j]) => j >= 0);
  const tested = places.map(([j]) => candidates[j]);
  if (tested.length === 0)
    throw new EstimationError('nothing_to_test', 'no regressor varies both within and between entities: there is no mean to add');
  if (entity.levels <= tested.length) {
    throw new EstimationError(
      'too_few_entities',
      `the clustered test of ${tested.length} means needs more than ${tested.length} entities, got ${entity.levels}`,
    );
  }
  const factor = stataClusterFactor({ clusters: entity.levels, rows: outcome.length, parameters: fit.rank });
  const V = clusterCovariance(keptColumns, fit.residuals, fit.inverseGram, entity.codes, entity.levels, factor);
  const at = places.map(([, place]) => place);
  const b = at.map((place) => fit.coefficients[fit.kept[place]]);
  const { statistic, df1, df2, p } = waldTest(b, V.selection(at, at), clusterDf(entity.levels));
  return { statistic, df1, df2, p, tested };
}
