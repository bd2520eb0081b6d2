import type { Matrix } from 'ml-matrix';
import { classicalCovariance } from '../covariance/classical.js';
import { clusterCovariance, clusterDf, stataClusterFactor } from '../covariance/cluster.js';
import { clusterJackknifeCovariance } from '../covariance/cluster-jackknife.js';
import { driscollKraayCovariance, driscollKraayLag, requirePeriods } from '../covariance/driscoll-kraay.js';
import { hc0Covariance, hc1Covariance } from '../covariance/heteroskedastic.js';
import { leverageCovariance, leverages } from '../covariance/leverage.js';
import { twoWayClusterCovariance } from '../covariance/two-way-cluster.js';
import { effectLeverages } from '../effects/effect-leverage.js';
import { type Grouping, isNested } from '../effects/grouping.js';
import { movingEffects } from '../effects/moving-dummies.js';
import { effectsRank } from '../effects/rank.js';
import { EstimationError } from '../errors.js';
import type { LinearFit } from './linear-fit.js';
import { rootWeighted } from './sample.js';

/** Whose small-sample factor clustered and Driscoll–Kraay errors carry. Stored in params: never rename. */
export const smallSampleRules = ['stata', 'fixest', 'areg', 'plm', 'linearmodels', 'none'] as const;
export type SmallSampleRule = (typeof smallSampleRules)[number];

/** A covariance estimator with its clusters as codes on the rows of the fit. */
export type CovarianceChoice =
  | { readonly kind: 'classical' | 'hc0' | 'hc1' | 'hc2' | 'hc3' }
  | { readonly kind: 'cluster'; readonly clusters: readonly Grouping[]; readonly smallSample: SmallSampleRule }
  | { readonly kind: 'driscoll-kraay'; readonly lag?: number | undefined; readonly smallSample: SmallSampleRule }
  | { readonly kind: 'cluster-jackknife'; readonly clusters: readonly [Grouping] };

export interface FitCovariance {
  /** of the coefficients of the fit, the constant first; a two-way clustered one can have a negative variance */
  readonly matrix: Matrix;
  /** of t: residual ones, G − 1 clustered, T − 1 Driscoll–Kraay */
  readonly df: number;
  /** clusters in each dimension; periods for Driscoll–Kraay; empty otherwise */
  readonly clusters: readonly number[];
  /** lag of Driscoll–Kraay */
  readonly lag: number | null;
  /** c with its formula, for the footer of a table */
  readonly rule: string;
}

/**
 * A covariance of the coefficients of any linear panel model, with the small-sample factor of a named program.
 *
 * @param effects  the factors that were absorbed, in the fit's rows; none for pooled, between, differences and random effects
 * @throws EstimationError `too_few_clusters`, `too_few_periods`, `leverage_unavailable`, `not_identified`, `no_periods`
 */
export function fitCovariance(fit: LinearFit, effects: readonly Grouping[], choice: CovarianceChoice): FitCovariance {
  const { columns, residuals, inverseGram, residualDf } = fit;
  const simple = (matrix: Matrix, rule: string): FitCovariance => ({ matrix, df: residualDf, clusters: [], lag: null, rule });
  switch (choice.kind) {
    case 'classical':
      return simple(classicalOf(fit), `s² = SSR / ${residualDf.toLocaleString('en')}`);
    case 'hc0':
      return simple(hc0Covariance(columns, whiteResiduals(fit), inverseGram), 'no small-sample factor');
    case 'hc1': {
      const parameters = fit.rows - residualDf;
      if (!fit.frequency) return simple(hc1Covariance(columns, residuals, inverseGram, parameters), `n / (n − ${parameters})`);
      const V = hc0Covariance(columns, whiteResiduals(fit), inverseGram);
      return simple(V.mul(fit.rows / residualDf), `n / (n − ${parameters})`);
    }
    case 'hc2':
    case 'hc3': {
      const h = leverageOf(fit, effects);
      const V = leverageCovariance(columns, whiteResiduals(fit), inverseGram, h, choice.kind === 'hc2' ? 1 : 2);
      return simple(V, `residuals over ${choice.kind === 'hc2' ? '√(1 − h)' : '1 − h'}, h with the effects`);
    }
    case 'cluster':
      return clustered(fit, effects, choice.clusters, choice.smallSample);
    case 'driscoll-kraay':
      return driscollKraay(fit, effects, choice.lag, choice.smallSample);
    case 'cluster-jackknife':
      return jackknife(fit, effects, choice.clusters[0]);
  }
}

const classicalOf = ({ residuals, inverseGram, residualDf }: LinearFit) =>
  classicalCovariance(residuals, inverseGram, residualDf);

/** √w û, so that with columns √w x a row's score is w x û; of frequency weights √w x û, w times in the sum of squares. */
function whiteResiduals({ residuals, weights, frequency }: LinearFit): Float64Array {
  return frequency && weights !== undefined ? residuals.map((u, i) => u / Math.sqrt(weights[i])) : residuals;
}

function leverageOf(fit: LinearFit, effects: readonly Grouping[]): Float64Array {
  const { columns, inverseGram, weights, constant } = fit;
  const own = leverages(columns, inverseGram);
  if (effects.length > 0) {
    const h = effectLeverages(effects, columns[0].length, weights);
    const total = weights?.reduce((sum, w) => sum + w, 0) ?? own.length;
    // the constant that is printed with absorbed effects is theirs already
    for (let i = 0; i < h.length; i++) own[i] += h[i] - (constant ? (weights?.[i] ?? 1) / total : 0);
  }
  // w equal rows share the leverage of their sum
  return fit.frequency && weights !== undefined ? own.map((h, i) => h / weights[i]) : own;
}

/**
 * k of (n−1)/(n−k): slopes, and what the effects cost beyond those nested in a cluster, the constant counting as one.
 *
 * Nested effects cost nothing: without other effects k = slopes + 1 (xtreg, fixest, reghdfe). Entity and time effects clustered by
 * entity: slopes + 1 + (T − 1). Not nested at all: slopes + all effects.
 */
export function clusterParameters(fit: LinearFit, effects: readonly Grouping[], clusters: readonly Grouping[]): number {
  if (effects.length === 0) return fit.columns.length;
  const slopes = fit.kept.length;
  const nested = effects.filter((effect) => clusters.some((cluster) => isNested(effect, cluster)));
  if (nested.length === 0) return slopes + fit.absorbed;
  const free = nested.length === effects.length ? fit.absorbed : effectsRank(nested).rank;
  return slopes + fit.absorbed - free + 1;
}

const allParameters = (fit: LinearFit) => fit.rows - fit.residualDf;
const integer = (value: number) => value.toLocaleString('en');

interface Factors {
  /** c given the number of clusters of a term */
  readonly of: (clusters: number) => number;
  readonly words: string;
}

/** Small-sample factors of clustered errors; `smallest` is fixest's one G for all terms of a two-way V. */
function clusterFactors(fit: LinearFit, nested: number, rule: SmallSampleRule, smallest: number): Factors {
  const n = fit.rows;
  const all = allParameters(fit);
  switch (rule) {
    case 'stata':
      return {
        of: (G) => stataClusterFactor({ clusters: G, rows: n, parameters: nested }),
        words: `G/(G−1) · (n−1)/(n−${integer(nested)})`,
      };
    case 'fixest':
      return {
        of: () => stataClusterFactor({ clusters: smallest, rows: n, parameters: nested }),
        words: `G/(G−1) · (n−1)/(n−${integer(nested)}), G = ${smallest} in every term (fixest)`,
      };
    case 'areg':
      return {
        of: (G) => stataClusterFactor({ clusters: G, rows: n, parameters: all }),
        words: `G/(G−1) · (n−1)/(n−${integer(all)}), all effects counted (areg)`,
      };
    case 'plm': {
      const k = fit.absorbed > 0 ? fit.kept.length : fit.columns.length;
      return {
        of: (G) => stataClusterFactor({ clusters: G, rows: n, parameters: k }),
        words: `G/(G−1) · (n−1)/(n−${k}) (plm's sss)`,
      };
    }
    case 'linearmodels': {
      const k = fit.absorbed > 0 && nested === fit.kept.length + 1 ? nested : all;
      return { of: () => n / (n - k), words: `n/(n−${integer(k)}) (linearmodels)` };
    }
    case 'none':
      return { of: () => 1, words: 'no small-sample factor (CR0)' };
  }
}

/**
 * c of a covariance clustered one way, for those who have the scores of many refits and not the fits.
 *
 * @returns c, degrees of freedom of t, and the rule in words: the same as `fitCovariance` of kind cluster
 * @throws EstimationError `too_few_clusters`, `too_few_rows`
 */
export function oneWayClusterFactor(fit: LinearFit, effects: readonly Grouping[], cluster: Grouping, rule: SmallSampleRule) {
  const G = cluster.levels;
  const { of, words } = clusterFactors(fit, clusterParameters(fit, effects, [cluster]), rule, G);
  const df = rule === 'plm' || rule === 'linearmodels' ? fit.residualDf : clusterDf(G);
  return { factor: of(G), df, words };
}

function clustered(
  fit: LinearFit,
  effects: readonly Grouping[],
  clusters: readonly Grouping[],
  rule: SmallSampleRule,
): FitCovariance {
  const counts = clusters.map(({ levels }) => levels);
  const smallest = Math.min(...counts);
  const nested =
    rule === 'linearmodels' && clusters.length > 1
      ? allParameters(fit) // it counts effects that are not nested in every cluster
      : clusterParameters(fit, effects, clusters);
  const { of, words } = clusterFactors(fit, nested, rule, smallest);
  const { columns, residuals, inverseGram } = fit;
  const [first, second] = clusters;
  const matrix =
    second === undefined
      ? clusterCovariance(columns, residuals, inverseGram, first.codes, first.levels, of(first.levels))
      : twoWayClusterCovariance(columns, residuals, inverseGram, first, second, (G) => ({
          first: of(G.first),
          second: of(G.second),
          both: of(G.both),
        }));
  const df = rule === 'plm' || rule === 'linearmodels' ? fit.residualDf : smallest - 1;
  return { matrix, df, clusters: counts, lag: null, rule: words };
}

function driscollKraay(
  fit: LinearFit,
  effects: readonly Grouping[],
  asked: number | undefined,
  rule: SmallSampleRule,
): FitCovariance {
  if (fit.time === null) throw new EstimationError('no_periods', 'Driscoll–Kraay errors need periods: entity means have none');
  const { codes, levels: T } = fit.time;
  const lag = asked ?? driscollKraayLag(T);
  requirePeriods(T, lag);
  const n = fit.rows;
  const all = allParameters(fit);
  const nested = rule === 'stata' ? clusterParameters(fit, effects, [fit.entity]) : clusterParameters(fit, effects, [fit.time]);
  const [factor, words] = ((): [number, string] => {
    switch (rule) {
      case 'stata':
      case 'fixest':
        return [stataClusterFactor({ clusters: T, rows: n, parameters: nested }), `T/(T−1) · (n−1)/(n−${integer(nested)})`];
      case 'areg':
        return [stataClusterFactor({ clusters: T, rows: n, parameters: all }), `T/(T−1) · (n−1)/(n−${integer(all)})`];
      case 'linearmodels':
        return [n / (n - all), `n/(n−${integer(all)})`];
      case 'plm':
      case 'none':
        return [1, 'no small-sample factor'];
    }
  })();
  const matrix = driscollKraayCovariance(fit.columns, fit.residuals, fit.inverseGram, codes, T, lag, factor);
  return { matrix, df: rule === 'plm' || rule === 'linearmodels' ? fit.residualDf : T - 1, clusters: [T], lag, rule: words };
}

/** Dummies of effects that move when a cluster goes stand as columns in the jackknife; more than this are too many. */
const mostDummies = 500;

function jackknife(fit: LinearFit, effects: readonly Grouping[], cluster: Grouping): FitCovariance {
  const { dummies } = movingEffects(effects, cluster, mostDummies, fit.weights);
  const moving = dummies.map((column) => rootWeighted(column, fit.weights));
  const matrix = clusterJackknifeCovariance(
    [...fit.columns, ...moving],
    fit.outcome,
    fit.columns.length,
    cluster.codes,
    cluster.levels,
  );
  return { matrix, df: cluster.levels - 1, clusters: [cluster.levels], lag: null, rule: '(G−1)/G, around the estimate' };
}
