import { type Absorption, absorb } from '../../effects/absorb.js';
import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import { dot } from '../../linalg/vector.js';
import type { Panel } from '../../panel/panel.js';
import { isPerfectFit, type LinearFit, withConstant } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { type NamedSample, sampleOfFrame, withoutSingletons } from '../../panel-models/read-sample.js';
import { sumOfSquares, weightedMean } from '../../panel-models/sample.js';
import { variationProblem } from '../../panel-models/variation.js';
import { withinFit } from '../../panel-models/within.js';
import type { MediationParams } from './params.js';
import { type Request, readRequest, termKey } from './request.js';

/** One column of the sample by its name. */
export interface Column {
  readonly name: string;
  readonly values: Float64Array;
}

/** The rows that are complete for every equation, with all columns on them. */
export interface Model {
  readonly request: Request;
  readonly named: NamedSample;
  readonly effects: readonly Grouping[];
  readonly effectNames: readonly string[];
  readonly absorption: Absorption;
  readonly constant: boolean;
  readonly outcome: Column;
  readonly treatment: Column;
  readonly mediators: readonly Column[];
  readonly controls: readonly Column[];
  readonly mediatorControls: readonly Column[];
  readonly moderator: Column | null;
  /** treatment × moderator */
  readonly interaction: Column | null;
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
  readonly singletons: number;
}

/** @throws EstimationError `only_singletons`, `treatment_absorbed`, `mediator_absorbed`, … */
export function readModel(params: MediationParams, panel: Panel): Model {
  const request = readRequest(params);
  const treatment = request.treatment!;
  const { formula, controls, mediators, moderator } = request;
  const mediatorControls = request.mediatorControls ?? controls;
  const product: Term | null = moderator && { factors: [...treatment.factors, ...moderator.factors] };
  const terms = uniqueTerms([
    ...controls,
    ...mediatorControls,
    treatment,
    ...mediators,
    ...(product ? [moderator!, product] : []),
  ]);
  const frame = modelFrame(panel, { outcome: formula.outcome, regressors: terms, effects: request.levels });
  const whole = sampleOfFrame(panel, frame, { asked: request.levels });
  const { named, singletons } = withoutSingletons(whole, formula.effects, params.singletons);
  const columnsOf = (of: readonly Term[]): Column[] => {
    const keys = new Set(of.map(termKey));
    return frame.regressors.flatMap(({ name }, j) =>
      keys.has(termKey(terms[frame.regressorTerms[j]])) ? [{ name, values: named.sample.regressors[j] }] : [],
    );
  };
  const columnOf = (term: Term): Column => ({ ...columnsOf([term])[0], name: termName(term) });
  const effects = formula.effects.map((name) => named.groupings.get(name)!);
  const model: Model = {
    request,
    named,
    effects,
    effectNames: formula.effects,
    absorption: absorb(effects),
    constant: formula.intercept && effects.length === 0,
    outcome: { name: frame.outcome.name, values: named.sample.outcome },
    treatment: columnOf(treatment),
    mediators: mediators.map(columnOf),
    controls: columnsOf(controls),
    mediatorControls: columnsOf(mediatorControls),
    moderator: moderator && columnOf(moderator),
    interaction: product && columnOf(product),
    dropped: frame.dropped,
    singletons,
  };
  requireVariation(model, model.treatment, 'treatment');
  for (const mediator of model.mediators) requireVariation(model, mediator, 'mediator');
  requireVariation(model, model.outcome, 'outcome');
  return model;
}

function uniqueTerms(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [termKey(term), term])).values()];
}

type Role = 'treatment' | 'mediator' | 'outcome';

function requireVariation({ effects, effectNames, constant }: Model, { name, values }: Column, role: Role): void {
  const problem = variationProblem(values, name, effects, effectNames, constant);
  if (problem === null) return;
  const consequence = {
    treatment: 'it has no coefficient',
    mediator: 'nothing can be seen to pass through it',
    outcome: 'there is nothing to explain',
  }[role];
  throw new EstimationError(`${role}_${problem.kind}`, `${problem.words}: ${consequence}`);
}

/** One equation on the common rows. Regressors are fitted controls first, so that a collinear control, never a path, loses its coefficient. */
export interface Equation {
  readonly outcome: Column;
  readonly regressors: readonly Column[];
  /** the constant first if there is one */
  readonly fit: LinearFit;
  /** of the transformed outcome (within), and with the dummies */
  readonly rSquared: { readonly model: number; readonly lsdv: number };
  /** place of a regressor's coefficient in the fit */
  readonly place: (name: string) => number;
}

/**
 * @param paths  regressors that must have a coefficient, in order
 * @throws EstimationError `path_collinear`, `perfect_fit`, `too_few_rows`
 */
export function fitEquation(model: Model, outcome: Column, controls: readonly Column[], paths: readonly Column[]): Equation {
  const regressors = [...controls, ...paths];
  const { sample } = model.named;
  const own = { ...sample, outcome: outcome.values, regressors: regressors.map(({ values }) => values) };
  const within = model.effects.length > 0;
  const fit = within ? withinFit(own, model.effects, model.absorption) : pooledFit(own, model.constant);
  const lost = paths.find((_, j) => !fit.kept.includes(controls.length + j));
  if (lost !== undefined) {
    const others = paths.filter((path) => path !== lost).map(({ name }) => name);
    throw new EstimationError(
      'path_collinear',
      `in the equation of ${outcome.name}, ${lost.name} is a combination of ${[...others, ...(controls.length > 0 ? ['the controls'] : []), ...(model.effects.length > 0 ? ['the effects'] : [])].join(', ')}: it has no coefficient of its own`,
    );
  }
  if (isPerfectFit(fit))
    throw new EstimationError(
      'perfect_fit',
      `${outcome.name} is reproduced exactly by ${regressors.map(({ name }) => name).join(', ')}: standard errors would be rounding. Is one computed from the other?`,
    );
  const full =
    within && model.request.formula.intercept
      ? withConstant(
          fit,
          weightedMean(own.outcome, undefined),
          own.regressors.map((x) => weightedMean(x, undefined)),
        )
      : fit;
  const shift = full.constant ? 1 : 0;
  return {
    outcome,
    regressors,
    fit: full,
    rSquared: {
      model: 1 - fit.ssr / (fit.constant ? sumOfSquares(own.outcome, undefined) : dot(fit.outcome, fit.outcome)),
      lsdv: within ? 1 - fit.ssr / sumOfSquares(own.outcome, undefined) : Number.NaN,
    },
    place: (name) => fit.kept.findIndex((j) => regressors[j].name === name) + shift,
  };
}
