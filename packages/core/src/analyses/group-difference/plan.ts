import { normalUpper } from '../../distributions/normal.js';
import { type Grouping, isNested } from '../../effects/grouping.js';
import { movingEffects } from '../../effects/moving-dummies.js';
import { EstimationError } from '../../errors.js';
import type { Panel } from '../../panel/panel.js';
import { clusterNames } from '../../panel-models/covariance-param.js';
import { constantTerm } from '../../report/estimates-table.js';
import {
  effectsOf,
  type GroupedSample,
  groupEstimates,
  groupedSample,
  interactionFit,
  interactionTests,
  placesOf,
  pooledChow,
  restrictionTest,
  separateFit,
  surDifferences,
} from './models.js';
import { type GroupDifferenceParams, mostEnumerated } from './params.js';
import { labelings, makePermuter, type Permutable, permutableProducts, statisticsOf } from './permutation.js';
import type { GroupDifferenceResult } from './result.js';

/** Everything but the permutations, and what they need. */
export interface GroupDifferenceContext {
  readonly base: Omit<GroupDifferenceResult, 'permutation'>;
  readonly permutation: PermutationContext | null;
}

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

export function planDifference(params: GroupDifferenceParams, panel: Panel): GroupDifferenceContext {
  const of = groupedSample(params, panel);
  const fits = [separateFit(of, 0), separateFit(of, 1)] as const;
  const k = of.terms.length;
  const places = fits.map(({ fit }) => placesOf(fit, k));
  const estimates = fits.map((fit) => groupEstimates(params, fit));
  const cluster = of.named.groupings.get(clusterNames(params.covariance)[0] ?? 'entity')!;
  if (cluster.levels < 2)
    throw new EstimationError('too_few_clusters', `errors across both groups need 2 clusters, got ${cluster.levels}`);
  const sur = surDifferences(fits, places, cluster);
  const { fit: full, restricted, interactions } = interactionFit(of);
  const tests = interactionTests(params, of, panel, full, interactions);
  const common = sur.common;
  const lost = of.terms.filter((_, j) => !common.includes(j));
  const prepared = preparePermutation(params, of, common);
  return {
    base: {
      outcome: of.outcome,
      group: params.group,
      groups: fits.map(({ fit, named }, g) => ({
        label: of.labels[g],
        coefficients: estimates[g].map((estimate, place) => ({
          term: termAt(fit.constant, fit.kept, place, of.terms),
          ...estimate,
        })),
        rows: named.sample.rows,
        entities: named.sample.entity.levels,
        rSquared: 1 - fit.ssr / totalOf(fit.outcome, fit.constant),
        ssr: fit.ssr,
      })),
      differences: common.map((j, c) => {
        const [e0, e1] = [estimates[0][places[0][j]], estimates[1][places[1][j]]];
        const statistic = sur.difference[c] / Math.hypot(e0.classicalError, e1.classicalError);
        return {
          term: of.terms[j],
          difference: sur.difference[c],
          clogg: { statistic, pValue: 2 * normalUpper(Math.abs(statistic)) },
          sur: sur.estimates[c],
          interactions: tests.flatMap(({ estimates: found }) => {
            const one = found[j];
            return one === null
              ? []
              : [
                  {
                    estimate: one.estimate,
                    standardError: one.standardError,
                    statistic: one.statistic,
                    df: one.df,
                    pValue: one.pValue,
                  },
                ];
          }),
          permutation: null,
        };
      }),
      interaction: tests.map(({ label, rule, wald, chiSquared }) => ({ label, rule, wald, chiSquared })),
      chow: restrictionTest(restricted, full),
      chowPooled: pooledChow(of),
      sur: { wald: sur.wald, clusters: sur.clusters, rule: 'G/(G−1)' },
      sample: {
        rows: of.named.sample.rows,
        entities: of.named.sample.entity.levels,
        periods: of.named.sample.time.levels,
        dropped: [...of.dropped],
      },
      conventions: conventionsOf(of),
      warnings: [...warningsOf(of, lost, cluster), ...(typeof prepared === 'string' ? [prepared] : [])],
    },
    permutation: typeof prepared === 'string' ? null : prepared,
  };
}

function termAt(constant: boolean, kept: readonly number[], place: number, terms: readonly string[]): string {
  if (constant && place === 0) return constantTerm;
  return terms[kept[place - (constant ? 1 : 0)]];
}

function totalOf(outcome: Float64Array, constant: boolean): number {
  const mean = constant ? outcome.reduce((sum, y) => sum + y, 0) / outcome.length : 0;
  return outcome.reduce((sum, y) => sum + (y - mean) ** 2, 0);
}

/** More dummies than this beside the slopes would make every labeling slow. */
const mostMoving = 200;

/** What the permutation test needs, or why there is none. */
function preparePermutation(
  params: GroupDifferenceParams,
  of: GroupedSample,
  common: readonly number[],
): PermutationContext | string {
  const { replications } = params.permutation;
  const { sample } = of.named;
  const { entity } = sample;
  if (replications === 0) return 'No permutation test was asked for.';
  if (!isNested(entity, { codes: of.group, levels: 2 }))
    return `No permutation test: ${params.group} changes within entities, and whole entities are what is relabeled.`;
  const labels = new Uint8Array(entity.levels);
  for (let i = 0; i < sample.rows; i++) labels[entity.codes[i]] = of.group[i];
  const ones = labels.reduce((sum, one) => sum + one, 0);
  if (Math.min(ones, entity.levels - ones) < 2)
    return 'No permutation test: each group needs two entities, for the differences are studentised by errors clustered by entity.';
  const effects = effectsOf(of);
  const { apply, dummies } = movingEffects(effects, entity, mostMoving);
  const constant = effects.length > 0 ? [] : [new Float64Array(sample.rows).fill(1)];
  const columns = [...common.map((j) => apply(sample.regressors[j])), ...constant, ...dummies];
  const permutable = permutableProducts(columns, apply(sample.outcome), entity, common.length);
  const observed = new Float64Array(statisticsOf(common.length));
  makePermuter(permutable)(labels, observed);
  const all = labelings(entity.levels, ones);
  const exact = all <= mostEnumerated;
  return { permutable, labels, observed, ones, labelings: all, exact, units: exact ? all : replications };
}

function conventionsOf({ effectNames, labels }: GroupedSample): string[] {
  return [
    `Differences are the slope of ${labels[1]} less that of ${labels[0]}, each from a regression of its own${effectNames.length > 0 ? `, effects ${effectNames.join(' and ')} separately absorbed` : ''}.`,
    'Clogg: z = d/√(s₁² + s₀²) with classical errors, groups taken as independent.',
    'SUR (suest): errors of both regressions clustered together, G/(G−1), t with G − 1 degrees of freedom; clusters in both groups bind them.',
    'Interactions: one regression, every regressor times the group, effects common to both groups; Chow: F of the same by sums of squares.',
    'Permutation: groups are given anew to whole entities, sizes kept; |t*| ≥ |t| of differences studentised by errors clustered by entity; p = (1 + k)/(B + 1), or the share of all labelings when they are enumerated. It assumes that entities are exchangeable when slopes are equal.',
  ];
}

function warningsOf(of: GroupedSample, lost: readonly string[], cluster: Grouping): string[] {
  const common = of.named.sample.time.levels > 1 && of.effectNames.length < 2;
  return [
    ...(lost.length > 0 ? [`Without a slope in one of the groups, so not compared: ${lost.join(', ')}.`] : []),
    ...(of.singletons > 0 ? [`${of.singletons} rows are alone in a level of an effect within their group.`] : []),
    ...(cluster.levels < 30
      ? [`${cluster.levels} clusters: clustered tests of differences are too large below about 30; the permutation test is not.`]
      : []),
    ...(common
      ? [
          'Groups share years: common shocks make them dependent, which Clogg’s z, Chow’s F and errors clustered by entity ignore; add time effects, or cluster by time too.',
        ]
      : []),
  ];
}
