import { coefficientTests, waldTest } from '../../covariance/inference.js';
import { type Grouping, groupingOnRows, isNested } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { type ModelFrame, modelFrame } from '../../formula/frame.js';
import { factorName, termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import type { Panel } from '../../panel/panel.js';
import { betweenFit } from '../../panel-models/between.js';
import { covarianceChoice, covarianceLabel } from '../../panel-models/covariance-param.js';
import { firstDifferenceFit } from '../../panel-models/first-difference.js';
import { type FitCovariance, fitCovariance } from '../../panel-models/fit-covariance.js';
import { isPerfectFit, type LinearFit, withConstant } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { type RandomEffectsFit, randomEffectsFit } from '../../panel-models/random-effects.js';
import {
  type NamedSample,
  sampleOfFrame,
  sampleOnRows,
  usableWeights,
  withoutSingletons,
} from '../../panel-models/read-sample.js';
import { type PanelSample, weightedMean } from '../../panel-models/sample.js';
import { type WithinFit, withinFit } from '../../panel-models/within.js';
import { constantTerm } from '../../report/estimates-table.js';
import { effectTests, entityEffects, fitStatistics, varianceOf } from './fit-statistics.js';
import type { PanelRegressionParams } from './params.js';
import type { ColumnSpec, Request } from './request.js';
import type { FittedColumn, TestResult } from './result.js';

/** The rows and columns of one outcome and step, before groups and singletons. */
export interface PreparedStep {
  readonly named: NamedSample;
  readonly regressors: readonly { readonly name: string; readonly term: Term }[];
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
}

const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

/** Evaluates the formula of one outcome and step. */
export function prepareStep(
  params: PanelRegressionParams,
  request: Request,
  panel: Panel,
  outcome: number,
  step: number,
): PreparedStep {
  const common = params.sample === 'common';
  const all = new Map(request.steps.flat().map((term) => [termKey(term), term]));
  const terms = common ? [...all.values()] : request.steps[step];
  const wanted = new Set(request.steps[step].map(termKey));
  const frame: ModelFrame = modelFrame(panel, {
    outcome: request.outcomes[outcome],
    regressors: terms,
    extra: [...(common ? request.outcomes : []), ...(request.weights ? [request.weights] : [])],
    effects: request.levels,
  });
  const columns = frame.regressors.map((_, j) => j).filter((j) => wanted.has(termKey(terms[frame.regressorTerms[j]])));
  const weights = params.weights && usableWeights(termName(request.weights!), frame.extra.at(-1)!.values, params.weights.kind);
  return {
    named: sampleOfFrame(panel, frame, { columns, weights, asked: request.levels }),
    regressors: columns.map((j) => ({ name: frame.regressors[j].name, term: terms[frame.regressorTerms[j]] })),
    dropped: frame.dropped,
  };
}

/**
 * Fits one column.
 * @throws EstimationError with what these rows lack
 */
export function fitColumn(
  params: PanelRegressionParams,
  request: Request,
  panel: Panel,
  step: PreparedStep,
  spec: ColumnSpec,
): FittedColumn {
  const ofGroup = rowsOfGroup(step.named, params.groups, spec.group);
  const names = spec.estimator === 'within' ? request.formula.effects : [];
  const { named, singletons } = withoutSingletons(ofGroup, names, params.singletons);
  const { sample } = named;
  const effects = names.map((name) => named.groupings.get(name)!);
  const fit = fitModel(params, request, sample, spec, effects);
  if (isPerfectFit(fit)) {
    throw new EstimationError(
      'perfect_fit',
      'regressors and effects reproduce the outcome exactly: standard errors would be rounding. Is the outcome among the regressors, or computed from them?',
    );
  }
  const normal = spec.estimator === 'random-effects';
  const covariances = params.covariance.map((asked) => {
    const choice = covarianceChoice(asked, (name) => clusterOnFit(fit, sample, named.groupings.get(name)!, name));
    const found = fitCovariance(fit, effects, choice);
    const df = normal && found.df === fit.residualDf ? Number.POSITIVE_INFINITY : found.df;
    return {
      ...found,
      df,
      kind: asked.kind,
      label: covarianceLabel(asked, { entity: panel.entity.name, time: panel.time.name }),
    };
  });
  const tests = covariances.map(({ matrix, df }) => coefficientTests(fit.coefficients, matrix, df, params.level));
  const terms = [...(fit.constant ? [constantTerm] : []), ...fit.kept.map((j) => step.regressors[j].name)];
  const restricted = params.effectTests && names.length > 0 ? effectTests(fit as WithinFit, sample, names, effects) : [];
  return {
    coefficients: terms.map((term, j) => {
      const [{ estimate, ...first }, ...others] = tests.map((of) => errorOf(of[j]));
      return {
        term,
        estimate,
        ...first,
        alternatives: others.map(({ estimate: _, ...rest }, c) => ({ covariance: c + 1, ...rest })),
      };
    }),
    collinear: fit.collinear.filter((j) => j >= 0).map((j) => step.regressors[j].name),
    covariances: covariances.map(({ kind, label, clusters, lag, rule, matrix, df }) => ({
      kind,
      label,
      clusters: [...clusters],
      lag,
      rule,
      slopesTest: slopesTest(fit, { matrix, df }),
      indefinite: matrix.diagonal().some((variance) => variance < 0),
    })),
    jointTests: jointTests(fit, step, covariances[0]),
    effects: effects.map(({ levels }, f) => ({ name: names[f], levels })),
    absorbed: {
      rank: fit.absorbed,
      redundant: names.length > 0 ? (fit as WithinFit).absorption.redundant : 0,
      exact: names.length > 0 ? (fit as WithinFit).absorption.exact : true,
    },
    sample: {
      rows: sample.rows,
      entities: sample.entity.levels,
      periods: sample.time.levels,
      dropped: [...step.dropped],
    },
    singletons,
    fit: fitStatistics(fit, sample, spec.estimator),
    effectTests: restricted,
    variance: varianceOf(fit, sample, spec.estimator, isEntityOnly(names, panel)),
    entityEffects:
      params.effectEstimates && isEntityOnly(names, panel)
        ? entityEffects(fit, sample, named.groupings.get(names[0])!.labels)
        : [],
  };
}

const errorOf = ({ estimate, standardError, statistic, df, p, lower, upper }: ReturnType<typeof coefficientTests>[number]) => ({
  estimate,
  standardError,
  statistic,
  df,
  pValue: p,
  lower,
  upper,
});

const isEntityOnly = (names: readonly string[], panel: Panel) =>
  names.length === 1 && (names[0] === panel.entity.name || names[0] === 'entity');

function rowsOfGroup(named: NamedSample, groups: string | undefined, label: string | null): NamedSample {
  if (groups === undefined || label === null) return named;
  const { codes, labels } = named.groupings.get(groups)!;
  const level = labels.indexOf(label);
  const rows = Uint32Array.from(codes.keys()).filter((row) => codes[row] === level);
  if (level < 0 || rows.length === 0) throw new EstimationError('empty_group', `no complete row has ${groups} = ${label}`);
  return sampleOnRows(named, rows);
}

function fitModel(
  params: PanelRegressionParams,
  { formula }: Request,
  sample: PanelSample,
  { estimator }: ColumnSpec,
  effects: readonly Grouping[],
): LinearFit | WithinFit | RandomEffectsFit {
  switch (estimator) {
    case 'pooled':
      return pooledFit(sample, formula.intercept);
    case 'within': {
      const fit = withinFit(sample, effects);
      if (!formula.intercept) return fit;
      const { outcome, regressors, weights } = sample;
      const means = regressors.map((x) => weightedMean(x, weights));
      return { ...fit, ...withConstant(fit, weightedMean(outcome, weights), means) };
    }
    case 'between':
      return betweenFit(sample, formula.intercept);
    case 'first-difference':
      return firstDifferenceFit(sample, formula.intercept);
    case 'random-effects':
      return randomEffectsFit(sample, params.varianceComponents.method, params.varianceComponents.unbalanced);
  }
}

/** Clusters on the rows of the fit: of entity means they must be constant within entities. */
function clusterOnFit(fit: LinearFit, sample: PanelSample, cluster: Grouping, name: string): Grouping {
  if (fit.sampleRows !== null) return fit.sampleRows.length === sample.rows ? cluster : groupingOnRows(cluster, fit.sampleRows);
  if (!isNested(sample.entity, cluster))
    throw new EstimationError(
      'cluster_not_constant',
      `the between model has one row an entity, and ${name} changes within entities: cluster by another column`,
    );
  const codes = new Uint32Array(sample.entity.levels);
  for (let i = 0; i < sample.rows; i++) codes[sample.entity.codes[i]] = cluster.codes[i];
  return { codes, levels: cluster.levels };
}

/** Wald test of some coefficients; null if their covariance has no inverse. */
function waldOf(
  fit: LinearFit,
  { matrix, df }: Pick<FitCovariance, 'matrix' | 'df'>,
  places: readonly number[],
): TestResult | null {
  if (places.length === 0) return null;
  try {
    const { statistic, df1, df2, p } = waldTest(
      places.map((j) => fit.coefficients[j]),
      subMatrix(matrix, places),
      df,
    );
    return { statistic, df1, df2, pValue: p };
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'not_positive_definite') return null;
    throw error;
  }
}

function slopesTest(fit: LinearFit, covariance: Pick<FitCovariance, 'matrix' | 'df'>): TestResult | null {
  const shift = fit.constant ? 1 : 0;
  return waldOf(
    fit,
    covariance,
    fit.kept.map((_, j) => j + shift),
  );
}

/** F of all dummies of each term with i(…). */
function jointTests(fit: LinearFit, { regressors }: PreparedStep, covariance: Pick<FitCovariance, 'matrix' | 'df'>) {
  const shift = fit.constant ? 1 : 0;
  const terms = new Map<Term, number[]>();
  for (const [j, index] of fit.kept.entries()) {
    const { term } = regressors[index];
    if (!term.factors.some(({ kind }) => kind === 'levels')) continue;
    terms.set(term, [...(terms.get(term) ?? []), j + shift]);
  }
  return Array.from(terms, ([term, places]) => {
    const test = waldOf(fit, covariance, places) ?? {
      statistic: Number.NaN,
      df1: places.length,
      df2: covariance.df,
      pValue: Number.NaN,
    };
    return { term: termName(term), ...test };
  });
}
