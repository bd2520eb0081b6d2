import { type Grouping, isNested } from '../../effects/grouping.js';
import { movingEffects } from '../../effects/moving-dummies.js';
import { codesOnFit } from '../../panel-models/fit-clusters.js';
import type { PanelSample } from '../../panel-models/sample.js';
import { effectsOf, type GroupedSample } from './models.js';
import { type GroupDifferenceParams, mostEnumerated } from './params.js';
import {
  type LeastSquaresPermutable,
  labelings,
  makeLeastSquaresPermuter,
  type Permuter,
  permutableProducts,
  statisticsOf,
} from './permutation.js';
import { makeRefitPermuter, type RefitPermutable, refitPermutable } from './refit-permutation.js';
import { makeTwoStagePermuter, type TwoStagePermutable, twoStageProducts } from './two-stage-permutation.js';

/** What refits both groups of any labeling. */
export type Permutable = LeastSquaresPermutable | TwoStagePermutable | RefitPermutable;

export interface PermutationContext {
  readonly permutable: Permutable;
  /** labels of the data */
  readonly labels: Uint8Array;
  /** statistics of the data */
  readonly observed: Float64Array;
  readonly ones: number;
  readonly labelings: number;
  readonly exact: boolean;
  readonly units: number;
}

export function makePermuter(of: Permutable): Permuter {
  switch (of.kind) {
    case 'least-squares':
      return makeLeastSquaresPermuter(of);
    case 'two-stage':
      return makeTwoStagePermuter(of);
    case 'random-effects':
      return makeRefitPermuter(of);
  }
}

/** What the permutation test needs, or why there is none. */
export function preparePermutation(
  params: GroupDifferenceParams,
  of: GroupedSample,
  common: readonly number[],
): PermutationContext | string {
  const { replications } = params.permutation;
  const { sample } = of.named;
  if (replications === 0) return 'No permutation test was asked for.';
  if (!isNested(sample.entity, { codes: of.group, levels: 2 }))
    return `No permutation test: ${params.group} changes within entities, and whole entities are what is relabeled.`;
  const { permutable, labels } = permutableOf(params, of, common);
  const entities = labels.length;
  const ones = labels.reduce((sum, one) => sum + one, 0);
  if (Math.min(ones, entities - ones) < 2)
    return 'No permutation test: each group needs two entities, for the differences are studentised by errors clustered by entity.';
  const observed = new Float64Array(statisticsOf(common.length));
  makePermuter(permutable)(labels, observed);
  const all = labelings(entities, ones);
  const exact = all <= mostEnumerated;
  return { permutable, labels, observed, ones, labelings: all, exact, units: exact ? all : replications };
}

function permutableOf(params: GroupDifferenceParams, of: GroupedSample, common: readonly number[]) {
  const { sample } = of.named;
  const labels = labelsOf(sample.entity, of.group);
  switch (of.model.estimator) {
    case 'pooled':
    case 'within':
      return { permutable: leastSquaresOf(of, common), labels };
    case '2sls':
      return { permutable: twoStageOf(of, common), labels };
    case 'random-effects': {
      const { method, unbalanced } = params.varianceComponents;
      return { permutable: refitPermutable(sample, common, method, unbalanced), labels };
    }
    case 'between':
    case 'first-difference':
      return transformedOf(of, common);
  }
}

function labelsOf({ codes, levels }: Grouping, group: Uint32Array): Uint8Array {
  const labels = new Uint8Array(levels);
  for (let i = 0; i < codes.length; i++) labels[codes[i]] = group[i];
  return labels;
}

/** More dummies than this beside the slopes would make every labeling slow. */
const mostMoving = 200;

/** Effects nested in entities are taken out; the dummies of others, and the constant without effects, stand as columns. */
function besidesSlopes({ sample }: { readonly sample: PanelSample }, effects: readonly Grouping[]) {
  const { apply, dummies } = movingEffects(effects, sample.entity, mostMoving);
  return { apply, columns: effects.length > 0 ? dummies : [new Float64Array(sample.rows).fill(1)] };
}

function leastSquaresOf(of: GroupedSample, common: readonly number[]): LeastSquaresPermutable {
  const { sample } = of.named;
  const { apply, columns } = besidesSlopes(of.named, effectsOf(of));
  const slopes = common.map((j) => apply(sample.regressors[j]));
  return permutableProducts([...slopes, ...columns], apply(sample.outcome), sample.entity, common.length);
}

function twoStageOf(of: GroupedSample, common: readonly number[]): TwoStagePermutable {
  const { sample } = of.named;
  const { slopes: k, endogenous: p } = of.model;
  const { apply, columns } = besidesSlopes(of.named, effectsOf(of));
  const slopes = common.map((j) => apply(sample.regressors[j]));
  const exogenous = common.flatMap((j, at) => (j >= p ? [slopes[at]] : []));
  const outside = sample.regressors.slice(k).map(apply);
  return twoStageProducts(
    [...slopes, ...columns],
    [...exogenous, ...columns, ...outside],
    apply(sample.outcome),
    sample.entity,
    common.length,
  );
}

/** Between and first differences: rows of the transformed model belong to one entity each, whatever the labels. */
function transformedOf(of: GroupedSample, common: readonly number[]) {
  const { sample } = of.named;
  const regressors = common.map((j) => sample.regressors[j]);
  const fit = of.model.fit({ ...sample, regressors }, []);
  const [constant, ...slopes] = fit.columns;
  const group = codesOnFit(fit, sample, { codes: of.group, levels: 2 }, 'the group');
  const permutable = permutableProducts([...slopes, constant], fit.outcome, fit.entity, slopes.length);
  return { permutable, labels: labelsOf(fit.entity, group) };
}
