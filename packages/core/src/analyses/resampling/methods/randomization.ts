import { isNested } from '../../../effects/grouping.js';
import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { PhiloxStream } from '../../../random/stream.js';
import { reassignedTreatment, reassignedWidth } from '../../../resampling/reassigned-treatment.js';
import { drawWidth } from '../../../resampling/test-draws.js';
import { type Model, requireClusters, treatmentModel } from '../model.js';
import { type MethodOf, mostEnumerated } from '../params.js';
import type { RandomizationResult } from '../result.js';
import { inferenceOf } from './inference.js';
import { type Method, reassignSeconds, streams } from './method.js';
import { exchangeablePaths, reassignPaths, unitsOf } from './placebo-in-space.js';

type Request = MethodOf<'randomization-inference'>;

interface Context {
  readonly exact: boolean;
  readonly assignments: number;
  readonly movable: number;
  /** b − β₀, and its clustered variance without c */
  readonly distance: number;
  readonly scores: number;
}

function strataOf(model: Model, strata: string | undefined) {
  if (strata === undefined) return null;
  const grouping = model.named.groupings.get(strata)!;
  if (isNested(model.sample.entity, grouping)) return grouping;
  throw new EstimationError(
    'strata_not_constant',
    `paths of whole entities move within strata, and ${strata} changes within ${model.entityName}: name a column that does not`,
  );
}

/**
 * Fisher's exact test of β = β₀ for every entity: under it the outcome without the treatment is known, and any other assignment of
 * the paths could as well have been.
 *
 * Exact whatever the errors if paths were assigned at random among those that may exchange; studentised it also keeps its size in large
 * samples for the weaker hypothesis that only the average coefficient is β₀.
 *
 * @see Young (2019), Quarterly Journal of Economics 134; MacKinnon & Webb (2020), Journal of Econometrics 218 (RI-t and RI-β);
 *   DiCiccio & Romano (2017), JASA 112
 */
export const randomization: Method<Request, Context, RandomizationResult> = {
  foresee({ replications }, panel, params) {
    const formula = parseFormula(params.formula);
    const units = Math.max(replications, panel.entity.count <= 25 ? mostEnumerated : 0);
    return { units, seconds: reassignSeconds(panel.rows, formula.regressors.length) };
  },

  plan({ replications, strata, null: nullValue }, { model }) {
    requireClusters(model);
    const { count, movable } = exchangeablePaths(model, strataOf(model, strata));
    const { distance, scores } = reassignedTreatment(treatmentModel(model), model.cluster, nullValue);
    const units = unitsOf(replications, count);
    const { sample } = model;
    return {
      context: { exact: units === count, assignments: count, movable, distance, scores },
      units,
      width: reassignedWidth,
      secondsPerUnit: reassignSeconds(sample.rows, sample.regressors.length),
    };
  },

  start({ strata, null: nullValue }, { exact }, given, seed) {
    const { model } = given();
    const paths = exchangeablePaths(model, strataOf(model, strata));
    return reassignPaths(model, paths, exact, nullValue, new PhiloxStream(seed, streams.randomization));
  },

  combine({ statistic, strata, null: nullValue, ties, interval }, context, { params, full }, numbers) {
    const { exact, assignments, movable, distance, scores } = context;
    const units = numbers.length / reassignedWidth;
    const draws = new Float64Array(units * drawWidth);
    for (let u = 0; u < units; u++)
      draws.set(numbers.subarray(u * reassignedWidth, u * reassignedWidth + drawWidth), u * drawWidth);
    const { factor } = full.clustered;
    const tests = {
      studentised: { distance, variance: factor * scores, factor, draws },
      coefficient: { distance, variance: 1, factor: null, draws },
    };
    const options = { exact, ties, level: params.level, nullValue, interval };
    const own = inferenceOf(tests[statistic], options);
    if (own.draws === 0) {
      throw new EstimationError(
        'treatment_collinear',
        `none of the ${units} other assignments has a coefficient: controls and effects hold all of them`,
      );
    }
    const otherName = statistic === 'studentised' ? 'coefficient' : 'studentised';
    const other = inferenceOf(tests[otherName], { ...options, interval: false });
    return {
      method: 'randomization-inference',
      label: `Randomisation inference, ${statistic === 'studentised' ? 't (RI-t)' : 'coefficient (RI-β)'}`,
      statisticUsed: statistic,
      ties,
      strata: strata ?? null,
      exact,
      assignments,
      unidentified: units - own.draws,
      movable,
      ...own,
      other: { statisticUsed: otherName, statistic: other.statistic, pCounted: other.pCounted, pStrict: other.pStrict },
    };
  },
};
