import { normalUpper } from '../../distributions/normal.js';
import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import type { Panel } from '../../panel/panel.js';
import { clusterNames } from '../../panel-models/covariance-param.js';
import { constantTerm } from '../../report/estimates-table.js';
import { adequacyRows, fewClusters } from './adequacy.js';
import { hasSumsOfSquares } from './group-model.js';
import {
  chowTest,
  type GroupedSample,
  groupEstimates,
  groupedSample,
  interactionFit,
  interactionTests,
  placesOf,
  pooledChow,
  separateFit,
  surDifferences,
} from './models.js';
import type { GroupDifferenceParams, GroupEstimator } from './params.js';
import { type PermutationContext, preparePermutation } from './prepare-permutation.js';
import type { GroupDifferenceResult } from './result.js';

/** Everything but the permutations, and what they need. */
export interface GroupDifferenceContext {
  readonly base: Omit<GroupDifferenceResult, 'permutation'>;
  readonly permutation: PermutationContext | null;
}

export function planDifference(params: GroupDifferenceParams, panel: Panel): GroupDifferenceContext {
  const of = groupedSample(params, panel);
  const fits = [separateFit(of, 0), separateFit(of, 1)] as const;
  const k = of.terms.length;
  const places = fits.map(({ fit }) => placesOf(fit, k));
  const estimates = fits.map((fit, g) => groupEstimates(params, of, g, fit));
  const cluster = of.named.groupings.get(clusterNames(params.covariance)[0] ?? 'entity')!;
  if (cluster.levels < 2)
    throw new EstimationError('too_few_clusters', `errors across both groups need 2 clusters, got ${cluster.levels}`);
  const sur = surDifferences(fits, places, cluster);
  const { fit: full, interactions } = interactionFit(of);
  const tests = interactionTests(params, of, panel, full, interactions);
  const common = sur.common;
  const lost = of.terms.filter((_, j) => !common.includes(j));
  const prepared = preparePermutation(params, of, common);
  return {
    base: {
      outcome: of.outcome,
      estimator: of.model.estimator,
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
      chow: chowTest(of, full, interactions),
      chowPooled: pooledChow(of),
      sur: { wald: sur.wald, clusters: sur.clusters, rule: 'G/(G−1)' },
      sample: {
        rows: of.named.sample.rows,
        entities: of.named.sample.entity.levels,
        periods: of.named.sample.time.levels,
        dropped: [...of.dropped],
      },
      adequacy: adequacyRows(
        sur.clusters,
        common.length,
        fits.map(({ named }) => ({ entities: named.sample.entity.levels })),
        typeof prepared === 'string' ? null : prepared,
      ),
      conventions: conventionsOf(of),
      warnings: [...warningsOf(of, lost, cluster), ...permutationWords(prepared)],
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

const modelWords: Record<GroupEstimator, string> = {
  pooled: 'pooled least squares',
  within: 'fixed effects',
  between: 'least squares of entity means',
  'first-difference': 'least squares in first differences',
  'random-effects': 'random effects, each group with variance components of its own, taken as given in its errors',
  '2sls': 'two-stage least squares',
};

function conventionsOf({ effectNames, labels, model }: GroupedSample): string[] {
  return [
    `Differences are the slope of ${labels[1]} less that of ${labels[0]}, each from a regression of its own (${modelWords[model.estimator]})${effectNames.length > 0 ? `, effects ${effectNames.join(' and ')} separately absorbed` : ''}.`,
    'Clogg: z = d/√(s₁² + s₀²) with classical errors, groups taken as independent.',
    'SUR (suest): errors of both regressions clustered together, G/(G−1), t with G − 1 degrees of freedom; clusters in both groups bind them.',
    'Interactions: one regression, every regressor times the group, effects common to both groups; Chow: F of the same ' +
      (hasSumsOfSquares(model) ? 'by sums of squares.' : 'with classical errors.'),
    'Permutation: groups are given anew to whole entities, sizes kept; |t*| ≥ |t| of differences studentised by errors clustered by entity; p = (1 + k)/(B + 1), or the share of all labelings when they are enumerated. It assumes that entities are exchangeable when slopes are equal.',
  ];
}

function permutationWords(prepared: PermutationContext | string): string[] {
  if (typeof prepared === 'string') return [prepared];
  const least = 1 / prepared.labelings;
  return least > 0.05
    ? [
        `${prepared.labelings} labelings are all there are: the permutation test cannot give a p below ${least.toPrecision(2)}, so it cannot reject at 5 %.`,
      ]
    : [];
}

function warningsOf(of: GroupedSample, lost: readonly string[], cluster: Grouping): string[] {
  const common = of.named.sample.time.levels > 1 && of.effectNames.length < 2;
  return [
    ...(lost.length > 0 ? [`Without a slope in one of the groups, so not compared: ${lost.join(', ')}.`] : []),
    ...(of.singletons > 0 ? [`${of.singletons} rows are alone in a level of an effect within their group.`] : []),
    ...(cluster.levels < fewClusters
      ? [`${cluster.levels} clusters: clustered tests of differences are too large below about 30; the permutation test is not.`]
      : []),
    ...(common
      ? [
          'Groups share years: common shocks make them dependent, which Clogg’s z, Chow’s F and errors clustered by entity ignore; add time effects, or cluster by time too.',
        ]
      : []),
  ];
}
