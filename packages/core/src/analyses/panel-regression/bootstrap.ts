import { Matrix } from 'ml-matrix';
import { bootstrapCovariance } from '../../covariance/bootstrap.js';
import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import type { BootstrapRequest } from '../../panel-models/covariance-param.js';
import {
  type EntityResampler,
  randomEffectsResampler,
  transformedResampler,
  withinResampler,
} from '../../panel-models/entity-resampler.js';
import type { FitCovariance } from '../../panel-models/fit-covariance.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import type { RandomEffectsFit } from '../../panel-models/random-effects.js';
import { PhiloxStream } from '../../random/stream.js';
import { constantTerm } from '../../report/estimates-table.js';
import type { ColumnModel } from './model.js';
import type { PanelRegressionParams } from './params.js';
import type { ColumnSpec } from './request.js';
import type { FittedColumn } from './result.js';
import { waldOf } from './wald.js';

/** The bootstrap that was asked for, if one was. */
export function bootstrapOf({ covariance }: PanelRegressionParams): BootstrapRequest | null {
  return covariance.find((one) => one.kind === 'bootstrap') ?? null;
}

/**
 * The place of a covariance whose numbers come from draws: no errors yet.
 * @throws EstimationError `too_few_clusters`
 */
export function bootstrapToCome({ columns, entity }: LinearFit, { replications }: BootstrapRequest): FitCovariance {
  if (entity.levels < 2)
    throw new EstimationError('too_few_clusters', `a bootstrap of entities draws from 2 or more, got ${entity.levels}`);
  const k = columns.length;
  const draws = replications.toLocaleString('en');
  return {
    matrix: Matrix.zeros(k, k).fill(Number.NaN),
    df: entity.levels - 1,
    clusters: [entity.levels],
    lag: null,
    rule: `${draws} draws of N entities with replacement, about their mean; intervals are percentiles`,
  };
}

function resamplerOf(
  { varianceComponents: { method, unbalanced } }: PanelRegressionParams,
  { estimator }: ColumnSpec,
  { named: { sample }, effects, fit }: ColumnModel,
): EntityResampler {
  switch (estimator) {
    case 'within':
      return withinResampler(sample, effects, fit);
    case 'random-effects':
      return randomEffectsResampler(sample, fit as RandomEffectsFit, method, unbalanced);
    case 'pooled':
    case 'between':
    case 'first-difference':
      return transformedResampler(fit);
  }
}

/**
 * Coefficients of draws `first` … of one column, by rows; NaN rows for draws that do not identify them. Entities of draw b are the
 * same in every column with as many of them.
 *
 * @throws EstimationError `too_many_levels`
 */
export function bootstrapDraws(
  params: PanelRegressionParams,
  spec: ColumnSpec,
  model: ColumnModel,
  { first, count, seed }: { readonly first: number; readonly count: number; readonly seed: number },
  progress: (done: number) => void,
): Float64Array {
  const { draw } = resamplerOf(params, spec, model);
  const k = model.fit.columns.length;
  const random = new PhiloxStream(seed, 0);
  const all = new Float64Array(count * k).fill(Number.NaN);
  for (let b = 0; b < count; b++) {
    random.seek(first + b);
    const found = draw(random);
    if (found !== null) all.set(found, b * k);
    progress(1);
  }
  return all;
}

/** Standard errors, tests and percentile intervals of the column's bootstrap in their places. */
export function withBootstrap(
  fitted: FittedColumn,
  draws: Float64Array,
  joint: readonly { readonly term: string; readonly places: readonly number[] }[],
  level: number,
): FittedColumn {
  const at = fitted.covariances.findIndex(({ kind }) => kind === 'bootstrap');
  const coefficients = Float64Array.from(fitted.coefficients, ({ estimate }) => estimate);
  const k = coefficients.length;
  const replications = draws.length / k;
  const { matrix, percentiles, draws: identified } = bootstrapCovariance(draws, k, level);
  const df = fitted.covariances[at].clusters[0] - 1;
  const cells = coefficientTests(coefficients, matrix, df, level).map(({ standardError, statistic, p }, j) => ({
    standardError,
    statistic,
    df,
    pValue: p,
    ...percentiles[j],
  }));
  const test = (places: readonly number[]) => waldOf({ coefficients }, { matrix, df }, places);
  const slopes = fitted.coefficients.flatMap(({ term }, j) => (term === constantTerm ? [] : [j]));
  const none = { statistic: Number.NaN, df2: df, pValue: Number.NaN };
  return {
    ...fitted,
    coefficients: fitted.coefficients.map((of, j) => ({
      ...of,
      ...(at === 0 ? cells[j] : {}),
      alternatives: of.alternatives.map((other) => (other.covariance === at ? { covariance: at, ...cells[j] } : other)),
    })),
    covariances: fitted.covariances.map((of, c) =>
      c === at ? { ...of, slopesTest: test(slopes), bootstrap: { replications, unidentified: replications - identified } } : of,
    ),
    jointTests:
      at > 0
        ? fitted.jointTests
        : joint.map(({ term, places }) => ({ term, ...(test(places) ?? { ...none, df1: places.length }) })),
  };
}
