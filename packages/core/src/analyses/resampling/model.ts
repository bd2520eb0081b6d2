import { coefficientTests } from '../../covariance/inference.js';
import type { Grouping } from '../../effects/grouping.js';
import { findSingletons } from '../../effects/singletons.js';
import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { type Meaning, meanings } from '../../formula/names.js';
import { termName } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import { fitCovariance, oneWayClusterFactor } from '../../panel-models/fit-covariance.js';
import { isPerfectFit, type LinearFit } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { type NamedSample, sampleOfFrame, sampleOnRows } from '../../panel-models/read-sample.js';
import type { PanelSample } from '../../panel-models/sample.js';
import { variationProblem } from '../../panel-models/variation.js';
import { withinFit } from '../../panel-models/within.js';
import type { TreatmentModel } from '../../resampling/wild-cluster.js';
import type { ResamplingParams } from './params.js';
import { readRequest } from './request.js';

/** Complete rows of the request, singletons gone, with its columns. */
export interface Model {
  readonly named: NamedSample;
  /** regressors: controls, then the treatment */
  readonly sample: PanelSample;
  readonly effects: readonly Grouping[];
  readonly effectNames: readonly string[];
  readonly cluster: Grouping & { readonly labels: readonly string[] };
  readonly clusterName: string;
  readonly constant: boolean;
  readonly treatment: Float64Array;
  readonly treatmentName: string;
  readonly outcomeName: string;
  readonly controlNames: readonly string[];
  readonly entityName: string;
  readonly timeName: string;
  /** the words entity and time as the columns that they name */
  readonly columnName: (name: string) => string;
  /** whether a name is that of the entities, of time, or of a column */
  readonly meaning: (name: string) => Meaning | undefined;
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
  readonly singletons: number;
}

/** @throws EstimationError `only_singletons` */
export function readModel(params: ResamplingParams, panel: Panel): Model {
  const request = readRequest(params);
  const asked = [...new Set([...request.levels, panel.entity.name, panel.time.name])];
  const frame = modelFrame(panel, {
    outcome: request.formula.outcome,
    regressors: [...request.controls, request.treatment],
    effects: asked,
  });
  const whole = sampleOfFrame(panel, frame, { asked });
  const { effects: effectNames } = request.formula;
  const found = findSingletons(
    effectNames.map((name) => whole.groupings.get(name)!),
    whole.sample.rows,
  );
  const drop = params.singletons === 'drop' && found.dropped > 0;
  if (drop && found.rows.length === 0)
    throw new EstimationError('only_singletons', `every row is alone in a level of ${effectNames.join(' or ')}`);
  return {
    ...modelOn(params, drop ? sampleOnRows(whole, found.rows) : whole, effectNames),
    clusterName: columnName(params.cluster, panel),
    constant: request.formula.intercept,
    treatmentName: termName(request.treatment),
    entityName: panel.entity.name,
    timeName: panel.time.name,
    columnName: (name) => columnName(name, panel),
    meaning: (name) => meanings(panel).get(name),
    outcomeName: frame.outcome.name,
    controlNames: frame.regressors.slice(0, -1).map(({ name }) => name),
    dropped: frame.dropped,
    singletons: found.dropped,
  };
}

function modelOn(params: ResamplingParams, named: NamedSample, effectNames: readonly string[]) {
  const { sample, groupings } = named;
  return {
    named,
    sample,
    effects: effectNames.map((name) => groupings.get(name)!),
    effectNames,
    cluster: groupings.get(params.cluster)!,
    treatment: sample.regressors.at(-1)!,
  };
}

/** The model on some of its rows, with another treatment if one is given (in the rows of the whole); singletons go again. */
export function modelOnRows(params: ResamplingParams, model: Model, rows: Uint32Array, treatment?: Float64Array): Model {
  const { named } = model;
  const regressors = treatment && [...named.sample.regressors.slice(0, -1), treatment];
  const changed = regressors ? { ...named, sample: { ...named.sample, regressors } } : named;
  let part = sampleOnRows(changed, rows);
  if (params.singletons === 'drop' && model.effectNames.length > 0) {
    const found = findSingletons(
      model.effectNames.map((name) => part.groupings.get(name)!),
      rows.length,
    );
    if (found.rows.length === 0)
      throw new EstimationError('only_singletons', `every row left is alone in a level of ${model.effectNames.join(' or ')}`);
    if (found.dropped > 0) part = sampleOnRows(part, found.rows);
  }
  return { ...model, ...modelOn(params, part, model.effectNames) };
}

/** The numbers that the kernels take. */
export function treatmentModel({ sample, treatment, constant, effects }: Model): TreatmentModel {
  return { outcome: sample.outcome, treatment, controls: sample.regressors.slice(0, -1), constant, effects };
}

export interface TreatmentFit {
  readonly fit: LinearFit;
  readonly estimate: number;
  readonly rows: number;
  readonly clustered: ErrorOf & { readonly clusters: number; readonly rule: string; readonly factor: number };
  readonly classical: ErrorOf;
  /** controls without a coefficient, by place */
  readonly collinear: readonly number[];
}

export interface ErrorOf {
  readonly standardError: number;
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
  readonly lower: number;
  readonly upper: number;
}

const noError: ErrorOf = {
  standardError: Number.NaN,
  statistic: Number.NaN,
  df: Number.NaN,
  pValue: Number.NaN,
  lower: Number.NaN,
  upper: Number.NaN,
};

/**
 * Fits the model and takes out its treatment. With one cluster left there is an estimate and no clustered error.
 * @throws EstimationError `treatment_absorbed`, `treatment_constant`, `treatment_collinear`, `perfect_fit`, `too_few_rows`
 */
export function fitTreatment(params: ResamplingParams, model: Model): TreatmentFit {
  const { sample, effects, cluster } = model;
  const fit = linearFit(model);
  const place = fit.kept.indexOf(sample.regressors.length - 1);
  if (place < 0) {
    requireVariation(model);
    throw new EstimationError(
      'treatment_collinear',
      `${model.treatmentName} is a combination of the controls${effects.length > 0 ? ' and effects' : ''}: it has no coefficient of its own`,
    );
  }
  if (isPerfectFit(fit))
    throw new EstimationError(
      'perfect_fit',
      'regressors and effects reproduce the outcome exactly: standard errors would be rounding',
    );
  const at = place + (fit.constant ? 1 : 0);
  const classical = fitCovariance(fit, effects, { kind: 'classical' });
  const testOf = ({ matrix, df }: typeof classical): ErrorOf => {
    const { standardError, statistic, p, lower, upper } = coefficientTests(fit.coefficients, matrix, df, params.level)[at];
    return { standardError, statistic, df, pValue: p, lower, upper };
  };
  const single = cluster.levels < 2;
  const clustered = single
    ? null
    : fitCovariance(fit, effects, { kind: 'cluster', clusters: [cluster], smallSample: params.smallSample });
  return {
    fit,
    estimate: fit.coefficients[at],
    rows: fit.rows,
    clustered: {
      ...(clustered === null ? noError : testOf(clustered)),
      clusters: cluster.levels,
      rule: clustered?.rule ?? '',
      factor: single ? Number.NaN : oneWayClusterFactor(fit, effects, cluster, params.smallSample).factor,
    },
    classical: testOf(classical),
    collinear: fit.collinear.filter((j) => j >= 0),
  };
}

function linearFit(model: Model): LinearFit {
  try {
    return model.effects.length > 0 ? withinFit(model.sample, model.effects) : pooledFit(model.sample, model.constant);
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'all_collinear') requireVariation(model);
    throw error;
  }
}

/** Says which effects hold the treatment, if they do. */
function requireVariation({ treatment, effects, effectNames, treatmentName, constant }: Model): void {
  const problem = variationProblem(treatment, treatmentName, effects, effectNames, constant);
  if (problem === null) return;
  const consequence = problem.kind === 'constant' ? ': it has no coefficient' : ', and it has no coefficient';
  throw new EstimationError(`treatment_${problem.kind}`, `${problem.words}${consequence}`);
}

function columnName(name: string, panel: Panel): string {
  const meaning = meanings(panel).get(name);
  return meaning === 'entity' || meaning === 'time' ? panel[meaning].name : name;
}

/** Labels of entities or periods, by their codes in the sample. */
export const labelsOf = ({ named }: Model, name: string): readonly string[] => named.groupings.get(name)!.labels;

/** @throws EstimationError `too_few_clusters` */
export function requireClusters({ cluster, clusterName }: Model): void {
  if (cluster.levels >= 2) return;
  throw new EstimationError(
    'too_few_clusters',
    `clustering needs 2 levels, and all complete rows have ${clusterName} = ${cluster.labels[0]}: cluster by another column`,
  );
}
