import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { type ModelFrame, modelFrame } from '../../formula/frame.js';
import { factorName, termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import type { Panel } from '../../panel/panel.js';
import { betweenFit } from '../../panel-models/between.js';
import { firstDifferenceFit } from '../../panel-models/first-difference.js';
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
import type { PanelRegressionParams } from './params.js';
import type { ColumnSpec, Request } from './request.js';

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

/** The model of one column on its rows. */
export interface ColumnModel {
  readonly named: NamedSample;
  readonly singletons: number;
  /** effects absorbed */
  readonly names: readonly string[];
  readonly effects: readonly Grouping[];
  readonly fit: LinearFit | WithinFit | RandomEffectsFit;
}

/** @throws EstimationError with what these rows lack */
export function columnModel(params: PanelRegressionParams, request: Request, step: PreparedStep, spec: ColumnSpec): ColumnModel {
  const ofGroup = rowsOfGroup(step.named, params.groups, spec.group);
  const names = spec.estimator === 'within' ? request.formula.effects : [];
  const { named, singletons } = withoutSingletons(ofGroup, names, params.singletons);
  const effects = names.map((name) => named.groupings.get(name)!);
  const fit = fitModel(params, request, named.sample, spec, effects);
  if (isPerfectFit(fit)) {
    throw new EstimationError(
      'perfect_fit',
      'regressors and effects reproduce the outcome exactly: standard errors would be rounding. Is the outcome among the regressors, or computed from them?',
    );
  }
  return { named, singletons, names, effects, fit };
}

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
