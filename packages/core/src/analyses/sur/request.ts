import { InputError, type Problem } from '../../errors.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { constantTerm } from '../../report/estimates-table.js';
import { parseRestrictions } from '../../seemingly-unrelated/restrictions.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { mostEquations, type SurParams } from './params.js';

/** Equal for a:b and b:a. */
export const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

export interface NamedFormula {
  readonly name: string;
  readonly formula: Formula;
  readonly pointer: string;
}

/** The formulas of a request by equations; names are the outcomes', numbered where they repeat. */
export function namedFormulas({ equations = [] }: SurParams): NamedFormula[] {
  const read = equations.map((item, e) => {
    const named = typeof item === 'object' && 'formula' in item;
    const pointer = named ? `/equations/${e}/formula` : `/equations/${e}`;
    const formula = parseFormula(named ? item.formula : item, pointer);
    return { name: named ? item.name : null, formula, pointer };
  });
  const seen = new Map<string, number>();
  return read.map(({ name, formula, pointer }) => {
    const plain = name ?? termName(formula.outcome);
    const times = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, times);
    return { name: name === null && times > 1 ? `${plain} (${times})` : plain, formula, pointer };
  });
}

/** Is the word or name the panel's entity or time? */
export function byIndex(by: string, panel: Panel | PanelSummary): 'entity' | 'time' | null {
  const meaning = meanings(panel).get(by);
  return meaning === 'entity' || meaning === 'time' ? meaning : null;
}

export const testOf = (item: NonNullable<SurParams['tests']>[number]) =>
  typeof item === 'string' ? { name: item, text: item } : { name: item.name, text: item.test };

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: SurParams, { panel }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const { equations, formula, by, cluster } = params;
  if ((equations === undefined) === (formula === undefined)) {
    add(
      '/equations',
      'one_form',
      'give either equations (several formulas on the same rows), or formula with by (one equation each entity or period)',
    );
    return problems;
  }
  if (equations !== undefined) {
    for (const field of ['by', 'levels'] as const)
      if (params[field] !== undefined) add(`/${field}`, 'one_form', `${field} goes with formula, not with equations`);
    problems.push(...equationProblems(namedFormulas(params), panel));
  } else problems.push(...byProblems(params, panel));
  const known = meanings(panel);
  if (cluster !== undefined && cluster !== null) {
    if (by !== undefined)
      add('/cluster', 'cluster_with_by', 'rows of equations by entity or period have no clusters: leave cluster out');
    else if (!known.has(cluster))
      add('/cluster', 'unknown_column', `there is no column "${cluster}" to cluster by${didYouMean(cluster, known.keys())}`);
  }
  return problems.length > 0 ? problems : testProblems(params);
}

function equationProblems(formulas: readonly NamedFormula[], panel: PanelSummary): Problem[] {
  const problems: Problem[] = formulas.flatMap(({ formula }) => checkFormula(formula, panel));
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const effectsKey = ({ formula }: NamedFormula) => [...formula.effects].sort().join(' + ');
  const sidesKey = ({ formula }: NamedFormula) =>
    `${termKey(formula.outcome)} ~ ${formula.regressors.map(termKey).sort().join(' + ')} ${formula.intercept}`;
  const names = formulas.map(({ name }) => name);
  for (const [e, one] of formulas.entries()) {
    const { formula, pointer, name } = one;
    problems.push(...formulaProblems(formula, pointer));
    if (effectsKey(one) !== effectsKey(formulas[0])) {
      add(
        pointer,
        'effects_differ',
        `all equations need the same effects: ${formulas[0].name} has ${effectsKey(formulas[0]) || 'none'}, ${name} has ${effectsKey(one) || 'none'}; write others as i(…)`,
      );
    }
    const before = formulas.slice(0, e).find((other) => sidesKey(other) === sidesKey(one));
    if (before !== undefined)
      add(
        pointer,
        'equation_twice',
        `equation ${e + 1} is equation ${before.name} again (${termName(formula.outcome)} on the same regressors): its residuals are the same, and the system has no inverse`,
      );
    if (names.indexOf(name) < e) add(pointer, 'name_twice', `two equations are called ${name}`);
    if (/[[\]]/.test(name))
      add(pointer, 'bad_name', `the name ${name} has a bracket, and tests write equations in brackets: give it another`);
  }
  return problems;
}

function formulaProblems({ outcome, regressors, endogenous, intercept, effects }: Formula, pointer: string): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string) => problems.push({ pointer, code, message });
  if (endogenous.length > 0)
    add('unsupported_instruments', 'SUR takes no instruments: use the analysis iv, one equation at a time');
  if (regressors.length === 0 && (effects.length > 0 || !intercept))
    add('no_regressors', 'an equation needs a regressor beside the effects');
  if (outcome.factors.some(({ kind }) => kind === 'levels'))
    add('several_columns', `${termName(outcome)} is several columns; an outcome is one`);
  if (regressors.some((term) => termKey(term) === termKey(outcome)))
    add('outcome_on_itself', `${termName(outcome)} is the outcome and a regressor of one equation`);
  return problems;
}

function byProblems({ formula: text, by, levels }: SurParams, panel: PanelSummary): Problem[] {
  const formula = parseFormula(text!, '/formula');
  const problems: Problem[] = [...checkFormula(formula, panel), ...formulaProblems(formula, '/formula')];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  if (by === undefined) {
    add(
      '/by',
      'by_needed',
      `formula alone is one equation: say by "${panel.entity.name}" (one an entity) or by "${panel.time.name}" (one a period)`,
    );
    return problems;
  }
  const index = byIndex(by, panel);
  if (index === null)
    add(
      '/by',
      'not_an_index',
      `equations are entities ("${panel.entity.name}") or periods ("${panel.time.name}"), and ${by} is neither`,
    );
  if (formula.effects.length > 0)
    add('/formula', 'effects_with_by', `each equation has a constant of its own: leave | ${formula.effects.join(' + ')} out`);
  const twice = levels?.findIndex((level, k) => levels.indexOf(level) < k) ?? -1;
  if (twice >= 0)
    add(`/levels/${twice}`, 'equation_twice', `${levels![twice]} is in levels twice: two equal equations have no inverse`);
  const bracket = levels?.findIndex((level) => /[[\]]/.test(level)) ?? -1;
  if (bracket >= 0)
    add(`/levels/${bracket}`, 'bad_name', `${levels![bracket]} has a bracket, and tests write equations in brackets`);
  if (index !== null && levels === undefined && panel[index].count > mostEquations)
    add(
      '/levels',
      'too_many_equations',
      `${panel[index].count} equations are too many, at most ${mostEquations}: name some as levels`,
    );
  if (index !== null && panel[index].count < 2)
    add('/by', 'one_equation', `there is one ${by} only, and a system has at least 2 equations`);
  return problems;
}

/** Tests that can be read at the door: the names of i(…) dummies and of entities are known only with the rows. */
function testProblems(params: SurParams): Problem[] {
  const formulas =
    params.equations === undefined ? [{ name: '', formula: parseFormula(params.formula!, '/formula') }] : namedFormulas(params);
  const levels = formulas.some(({ formula }) =>
    formula.regressors.some(({ factors }) => factors.some(({ kind }) => kind === 'levels')),
  );
  if (levels) return [];
  const namesOf = (formula: Formula) => [
    ...(formula.intercept && formula.effects.length === 0 ? [constantTerm] : []),
    ...formula.regressors.map(termName),
  ];
  const byName = new Map(formulas.map(({ name, formula }) => [name, namesOf(formula)]));
  const shared = namesOf(formulas[0].formula);
  const equations = params.equations === undefined ? (params.levels ?? null) : [...byName.keys()];
  const terms = (equation: string) => byName.get(equation) ?? shared;
  return (params.tests ?? []).flatMap((item, t) => {
    const { text } = testOf(item);
    if (equations === null && shared.includes(text.trim())) return [];
    const pointer = `/tests/${t}${typeof item === 'string' ? '' : '/test'}`;
    try {
      parseRestrictions(text, { equations, terms }, pointer);
      return [];
    } catch (error) {
      if (error instanceof InputError) return [...error.problems];
      throw error;
    }
  });
}
