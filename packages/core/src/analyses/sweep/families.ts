import { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError, InputError } from '../../errors.js';
import { evaluateTerm } from '../../formula/evaluate.js';
import { modelFrame } from '../../formula/frame.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import { gather } from '../../linalg/vector.js';
import { keepRows } from '../../panel/keep.js';
import type { Panel } from '../../panel/panel.js';
import { clusterNames, covarianceChoice } from '../../panel-models/covariance-param.js';
import { RegressionFamily } from '../../panel-models/family.js';
import { fitCovariance } from '../../panel-models/fit-covariance.js';
import { type NamedSample, sampleOfFrame, withoutSingletons } from '../../panel-models/read-sample.js';
import type { Estimate } from '../analysis.js';
import { type PanelRegressionParams, panelRegressionParams } from '../panel-regression/params.js';
import type { Item, Pieces } from './grid.js';
import type { SweepParams } from './params.js';

/** Params of panel-regression that one column of one pooled or within model understands without more ado. */
const simpleParams = ['covariance', 'level', 'singletons', 'effectTests', 'table', 'program'];

/** Can the items of this sweep be regressions of one family each? */
export function haveFamilies({ analysis, formulas, list, params, vary }: SweepParams): boolean {
  return (
    analysis === 'panel-regression' &&
    formulas !== undefined &&
    list === undefined &&
    [...Object.keys(params), ...Object.keys(vary).map((path) => path.split('.')[0])].every((name) => simpleParams.includes(name))
  );
}

interface Variable {
  readonly term: Term;
  readonly name: string;
  readonly values: Float64Array;
  /** variables with the same rows missing have the same number; 0 misses none */
  readonly missing: number;
}

/** Regressions on the same rows, with the same effects. */
export interface Family {
  readonly regressions: RegressionFamily<string>;
  readonly named: NamedSample;
  /** rows of the panel */
  readonly rows: Uint32Array;
}

export interface FamilyModel {
  readonly family: Family;
  readonly outcome: string;
  /** the treatment first */
  readonly regressors: readonly string[];
  readonly params: PanelRegressionParams;
}

/**
 * Pooled and within regressions, many on the same rows: columns are transformed and cross-products taken once, and everything that
 * follows the fit (degrees of freedom, covariance, its small-sample rule) is what `panel-regression` does. What it does not know how to
 * do is null: the analysis itself is then asked, which also says what is wrong.
 */
export class Families {
  readonly #panels = new Map<number, Panel>();
  readonly #variables = new Map<string, Variable | null>();
  readonly #masks: Uint8Array[] = [];
  readonly #families = new Map<string, Family | null>();
  readonly #params = new Map<string, PanelRegressionParams>();

  constructor(
    readonly sweep: SweepParams,
    readonly panel: Panel,
  ) {}

  /** The family of an item and its columns there, or null if it has none. */
  model({ sample, params: given, pieces }: Item): FamilyModel | null {
    if (pieces === null) return null;
    const params = this.#paramsOf(given, pieces);
    const texts = [pieces.outcome, pieces.treatment, ...pieces.controls];
    const variables = texts.map((text) => this.#variable(text));
    if (variables.includes(null)) return null;
    const known = variables as Variable[];
    const [outcome, ...regressors] = known.map(({ name }) => name);
    if (new Set([outcome, ...regressors]).size < known.length) return null;
    const family = this.#family(sample, pieces.effects, params, known);
    return family && { family, outcome, regressors, params };
  }

  estimate(item: Item): Estimate | null {
    const model = this.model(item);
    if (model === null) return null;
    const { family, outcome, regressors, params } = model;
    const fit = family.regressions.fit(outcome, regressors);
    if (fit === null) return null;
    try {
      const effects = item.pieces!.effects.map((name) => family.named.groupings.get(name)!);
      const [asked] = params.covariance;
      if (asked.kind === 'bootstrap') return null;
      const choice = covarianceChoice(asked, (name) => family.named.groupings.get(name)!);
      const { matrix, df } = fitCovariance(fit, effects, choice);
      const place = fit.constant ? 1 : 0;
      const variance = new Matrix([[matrix.get(place, place)]]);
      const [test] = coefficientTests([fit.coefficients[place]], variance, df, params.level);
      const { estimate, standardError, statistic, p, lower, upper } = test;
      return { name: regressors[0], estimate, standardError, statistic, pValue: p, lower, upper, rows: family.named.sample.rows };
    } catch (error) {
      if (error instanceof EstimationError) return null;
      throw error;
    }
  }

  /** A variable on the rows of the panel, by its printed name. */
  values(name: string): Float64Array {
    return this.#byName(name).values;
  }

  /** Params without the formula are few: the items differ in what they are made of. */
  #paramsOf(given: Item['params'], { outcome, treatment }: Pieces): PanelRegressionParams {
    const key =
      Object.keys(this.sweep.vary).length === 0 ? '' : JSON.stringify([given.covariance, given.level, given.singletons]);
    let parsed = this.#params.get(key);
    if (parsed === undefined) {
      parsed = panelRegressionParams.parse({ ...given, formula: { outcome, regressors: [treatment] } });
      this.#params.set(key, parsed);
    }
    return parsed;
  }

  #variable(text: string): Variable | null {
    const found = this.#variables.get(text);
    if (found !== undefined) return found;
    const term = parseTerm(text);
    const single = term.factors.every(({ kind }) => kind !== 'levels');
    const variable = single ? this.#evaluate(term) : null;
    this.#variables.set(text, variable);
    return variable;
  }

  #evaluate(term: Term): Variable | null {
    try {
      const values = evaluateTerm(term, this.panel);
      const mask = Uint8Array.from(values, (value) => (Number.isFinite(value) ? 0 : 1));
      return { term, name: termName(term), values, missing: this.#maskNumber(mask) };
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  }

  #maskNumber(mask: Uint8Array): number {
    if (!mask.includes(1)) return 0;
    const at = this.#masks.findIndex((known) => known.every((missing, row) => missing === mask[row]));
    return 1 + (at >= 0 ? at : this.#masks.push(mask) - 1);
  }

  #family(
    sample: number,
    effects: readonly string[],
    params: PanelRegressionParams,
    variables: readonly Variable[],
  ): Family | null {
    const clusters = clusterNames(params.covariance.slice(0, 1));
    const missing = [...new Set(variables.map((variable) => variable.missing))].sort((a, b) => a - b);
    const key = JSON.stringify([sample, effects, clusters, params.singletons, missing]);
    let family = this.#families.get(key);
    if (family === undefined) {
      family = this.#makeFamily(sample, effects, clusters, params.singletons, variables);
      this.#families.set(key, family);
    }
    return family;
  }

  #makeFamily(
    sample: number,
    effects: readonly string[],
    clusters: readonly string[],
    singletons: 'drop' | 'keep',
    [outcome, ...regressors]: readonly Variable[],
  ): Family | null {
    try {
      const panel = this.#panelOf(sample);
      const levels = [...new Set([...effects, ...clusters])];
      const request = { outcome: outcome.term, regressors: regressors.map(({ term }) => term), effects: levels };
      const frame = modelFrame(panel, request);
      const all = sampleOfFrame(panel, frame, { columns: [], asked: levels });
      const { named, rows } = withoutSingletons(all, effects, singletons);
      const inPanel = rows.map((row) => frame.rows[row]);
      const byName = (name: string) => gather(this.#byName(name).values, inPanel);
      const factors = effects.map((name) => named.groupings.get(name)!);
      return { named, rows: inPanel, regressions: new RegressionFamily(named.sample, factors, byName) };
    } catch (error) {
      if (error instanceof EstimationError || error instanceof InputError) return null;
      throw error;
    }
  }

  #byName(name: string): Variable {
    for (const variable of this.#variables.values()) if (variable?.name === name) return variable;
    throw new TypeError(`no variable ${name}`);
  }

  #panelOf(sample: number): Panel {
    let panel = this.#panels.get(sample);
    if (panel === undefined) {
      const { name, keep } = this.sweep.samples[sample];
      panel = keepRows(this.panel, name, keep);
      this.#panels.set(sample, panel);
    }
    return panel;
  }
}
