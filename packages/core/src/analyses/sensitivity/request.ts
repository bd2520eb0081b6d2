import type { Problem } from '../../errors.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import { clusterNames } from '../../panel-models/covariance-param.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import type { SensitivityParams } from './params.js';

export interface Benchmark {
  readonly name: string;
  /** places among the controls */
  readonly controls: readonly number[];
}

/** The request, read from its texts. */
export interface Request {
  readonly formula: Formula;
  readonly treatment: Term;
  /** the formula's other regressors, in its order */
  readonly controls: readonly Term[];
  readonly benchmarks: readonly Benchmark[];
  /** asked for by name: then one without variation is refused, not skipped */
  readonly named: boolean;
  /** places of Oster's unrelated controls among the controls */
  readonly unrelated: readonly number[];
  /** columns whose levels are needed: effects, clusters */
  readonly levels: readonly string[];
}

/** Equal for a:b and b:a. */
const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

const textsOf = (benchmark: NonNullable<SensitivityParams['benchmarks']>[number]) =>
  typeof benchmark === 'string' ? [benchmark] : benchmark.terms;

export function readRequest(params: SensitivityParams): Request {
  const formula = parseFormula(params.formula, '/formula');
  const treatment = params.treatment === undefined ? formula.regressors[0] : parseTerm(params.treatment);
  const controls = formula.regressors.filter((term) => termKey(term) !== termKey(treatment));
  const place = (text: string) => controls.findIndex((term) => termKey(term) === termKey(parseTerm(text)));
  const benchmarks =
    params.benchmarks?.map((benchmark) => ({
      name: typeof benchmark === 'string' ? termName(parseTerm(benchmark)) : benchmark.name,
      controls: textsOf(benchmark).map(place),
    })) ?? controls.map((term, j) => ({ name: termName(term), controls: [j] }));
  return {
    formula,
    treatment,
    controls,
    benchmarks,
    named: params.benchmarks !== undefined,
    unrelated: params.oster.unrelated.map(place),
    levels: [...new Set([...formula.effects, ...clusterNames(params.covariance)])],
  };
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: SensitivityParams, { panel }: InputInfo): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const problems: Problem[] = [...checkFormula(formula, panel)];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const known = meanings(panel);
  for (const [c, one] of params.covariance.entries()) {
    if (!('by' in one)) continue;
    for (const [k, name] of one.by.entries())
      if (!known.has(name))
        add(`/covariance/${c}/by/${k}`, 'unknown_column', `there is no column "${name}"${didYouMean(name, known.keys())}`);
  }
  if (formula.endogenous.length > 0)
    add(
      '/formula',
      'unsupported_instruments',
      'these formulas are for least squares, with or without effects: leave the instruments out',
    );
  if (!formula.intercept && formula.effects.length === 0)
    add('/formula', 'intercept_needed', 'a partial R² is about the mean: leave the 0 out of the formula, or absorb effects');
  if (params.ky !== undefined && params.ky.length !== params.kd.length)
    add('/ky', 'lengths_differ', `ky goes with kd, one for each: kd has ${params.kd.length}, ky ${params.ky.length}`);
  if (params.benchmarks === undefined && formula.regressors.length > maxUnnamed)
    add(
      '/benchmarks',
      'too_many_benchmarks',
      `${formula.regressors.length - 1} controls are too many to compare with each: name the benchmarks`,
    );
  return [...problems, ...modelProblems(formula), ...treatmentProblems(params, formula), ...controlProblems(params, formula)];
}

/** Controls beside the treatment that are all taken as benchmarks when none is named. */
const maxUnnamed = 51;

function modelProblems({ outcome, regressors, effects }: Formula): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string) => problems.push({ pointer: '/formula', code, message });
  if (regressors.length === 0) add('no_regressors', 'there is no treatment: the formula needs a regressor');
  for (const term of regressors) {
    if (termKey(term) === termKey(outcome)) add('outcome_on_itself', `${termName(term)} is the outcome and a regressor`);
    if (effects.includes(termName(term)))
      add('absorbed', `${termName(term)} is an effect too: nothing of it is left to have a coefficient`);
  }
  return problems;
}

function treatmentProblems({ treatment: text }: SensitivityParams, { regressors, effects }: Formula): Problem[] {
  const pointer = text === undefined ? '/formula' : '/treatment';
  const treatment = text === undefined ? regressors[0] : parseTerm(text);
  if (treatment === undefined) return [];
  const name = termName(treatment);
  if (treatment.factors.some(({ kind }) => kind === 'levels'))
    return [{ pointer, code: 'several_columns', message: `${name} is several columns: a treatment is one coefficient` }];
  if (regressors.some((term) => termKey(term) === termKey(treatment))) return [];
  const names = regressors.map(termName);
  const message = effects.includes(name)
    ? `${name} is absorbed as an effect and has no coefficient: make it a regressor`
    : `${name} is not among the regressors ${names.join(', ')}${didYouMean(name, names)}`;
  return [{ pointer, code: 'treatment_not_in_model', message }];
}

/** Benchmarks and unrelated controls must be controls. */
function controlProblems(params: SensitivityParams, formula: Formula): Problem[] {
  if (formula.regressors.length === 0) return [];
  const { treatment } = readRequest(params);
  const controls = formula.regressors.filter((term) => termKey(term) !== termKey(treatment));
  const names = controls.map(termName);
  const one = (text: string, pointer: string, what: string): Problem[] => {
    const term = parseTerm(text);
    const name = termName(term);
    if (names.some((_, j) => termKey(controls[j]) === termKey(term))) return [];
    const message =
      termKey(term) === termKey(treatment)
        ? `${name} is the treatment: ${what} is one of the controls ${names.join(', ') || '(there are none)'}`
        : formula.effects.includes(name)
          ? `${name} is absorbed as an effect: ${what} needs a coefficient, and its own part in treatment and outcome`
          : `${name} is not in the model: ${what} is one of the controls ${names.join(', ') || '(there are none)'}${didYouMean(name, names)}`;
    return [{ pointer, code: 'not_a_control', message }];
  };
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [b, benchmark] of (params.benchmarks ?? []).entries()) {
    const texts = textsOf(benchmark);
    const at = (k: number) => (typeof benchmark === 'string' ? `/benchmarks/${b}` : `/benchmarks/${b}/terms/${k}`);
    problems.push(...texts.flatMap((text, k) => one(text, at(k), 'a benchmark')));
    const keys = texts.map((text) => termKey(parseTerm(text)));
    for (const [k, key] of keys.entries())
      if (keys.indexOf(key) < k)
        problems.push({ pointer: at(k), code: 'term_twice', message: `${texts[k]} is in the group twice` });
    const name = typeof benchmark === 'string' ? termName(parseTerm(benchmark)) : benchmark.name;
    if (seen.has(name))
      problems.push({ pointer: `/benchmarks/${b}`, code: 'benchmark_twice', message: `two benchmarks are called ${name}` });
    seen.add(name);
  }
  problems.push(...params.oster.unrelated.flatMap((text, k) => one(text, `/oster/unrelated/${k}`, 'an unrelated control')));
  return problems;
}
