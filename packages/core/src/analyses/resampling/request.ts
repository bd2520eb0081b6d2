import type { Problem } from '../../errors.js';
import { checkFormula, checkTerm, meanings, termNames } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { PanelSummary } from '../../panel/panel.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { levelsAtDoor, setsAtDoor, tooManySets } from './methods/left-out-sets.js';
import { mostLeftOut, type ResamplingParams } from './params.js';

export interface Request {
  readonly formula: Formula;
  readonly treatment: Term;
  /** the other regressors */
  readonly controls: readonly Term[];
  /** columns whose levels are needed: effects, clusters, strata, what is left out */
  readonly levels: readonly string[];
}

const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

export function readRequest(params: ResamplingParams): Request {
  const formula = parseFormula(params.formula, '/formula');
  const treatment = params.treatment === undefined ? formula.regressors[0] : parseTerm(params.treatment);
  const key = treatment === undefined ? '' : termKey(treatment);
  return {
    formula,
    treatment,
    controls: formula.regressors.filter((term) => termKey(term) !== key),
    levels: [...new Set([...formula.effects, ...namedColumns(params).map(([name]) => name)])],
  };
}

/** Columns named outside of the formula, with where. */
function namedColumns({ cluster, methods }: ResamplingParams): [string, string][] {
  return [
    [cluster, '/cluster'],
    ...methods.flatMap((method, m): [string, string][] => {
      if (method.method === 'leave-one-out') return [[method.by, `/methods/${m}/by`]];
      if (method.method === 'randomization-inference' && method.strata !== undefined)
        return [[method.strata, `/methods/${m}/strata`]];
      return [];
    }),
  ];
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: ResamplingParams, { panel, limits }: InputInfo): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const known = meanings(panel);
  const names = namedColumns(params)
    .filter(([name]) => !known.has(name))
    .map(([name, pointer]) => ({
      pointer,
      code: 'unknown_column',
      message: `there is no column "${name}"${didYouMean(name, known.keys())}`,
    }));
  return [
    ...checkFormula(formula, panel),
    ...names,
    ...modelProblems(params, formula, panel),
    ...methodProblems(params, panel, limits?.replications ?? Number.POSITIVE_INFINITY),
  ];
}

function modelProblems(params: ResamplingParams, formula: Formula, panel: PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  if (formula.endogenous.length > 0)
    add('/formula', 'unsupported_instruments', 'resampling takes no instruments: least squares only');
  if (formula.regressors.length === 0) {
    add('/formula', 'no_regressors', 'there is no regressor whose coefficient could be tested');
    return problems;
  }
  const { treatment } = readRequest(params);
  const pointer = params.treatment === undefined ? '/formula' : '/treatment';
  if (treatment.factors.some(({ kind }) => kind === 'levels'))
    add(
      pointer,
      'several_columns',
      `${termName(treatment)} is several columns; one coefficient is tested: name one regressor as treatment`,
    );
  if (params.treatment !== undefined) {
    problems.push(...checkTerm(treatment, panel, '/treatment'));
    const names = formula.regressors.map(termName);
    if (!formula.regressors.some((term) => termKey(term) === termKey(treatment))) {
      const hint = didYouMean(termName(treatment), names) || `; there are ${names.join(', ')}`;
      add('/treatment', 'not_a_regressor', `${termName(treatment)} is no regressor of the formula${hint}`);
    }
  }
  if (termKey(treatment) === termKey(formula.outcome))
    add(pointer, 'outcome_is_regressor', `${termName(treatment)} is the outcome too`);
  if (params.cluster === 'entity' && panel.entity.count < 2)
    add('/cluster', 'too_few_clusters', 'clustered errors need 2 entities, the data set has 1: cluster by another column');
  return problems;
}

function methodProblems({ methods }: ResamplingParams, panel: PanelSummary, mostReplications: number): Problem[] {
  const problems: Problem[] = [];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  for (const [m, method] of methods.entries()) {
    const at = `/methods/${m}`;
    if ('replications' in method && method.replications > mostReplications)
      add(
        `${at}/replications`,
        'too_many_replications',
        `at most ${mostReplications.toLocaleString('en')} replications, got ${method.replications.toLocaleString('en')}`,
      );
    if (method.method === 'placebo-in-time') {
      const reach = panel.time.count - 1;
      const far = method.shifts.find((shift) => shift >= reach);
      if (far !== undefined)
        add(
          `${at}/shifts`,
          'fake_start_outside',
          `a start moved back by ${far} periods leaves none before it: the data set has ${panel.time.count} periods, so at most ${Math.max(0, reach - 1)}`,
        );
      if (new Set(method.shifts).size < method.shifts.length) add(`${at}/shifts`, 'shift_twice', 'a shift is asked for twice');
    }
    if (method.method === 'placebo-mixed' && method.treated !== undefined) {
      if (method.treated >= panel.entity.count)
        add(
          `${at}/treated`,
          'too_many_treated',
          `fake treated entities must leave some untreated: at most ${panel.entity.count - 1}, got ${method.treated}`,
        );
      if (method.timing === 'cohorts')
        add(
          `${at}/treated`,
          'treated_of_cohorts',
          'timing cohorts keeps the sizes of the data: leave treated out, or take common or free',
        );
    }
    if (method.method === 'leave-one-out' && meanings(panel).has(method.by)) {
      const sets = setsAtDoor(method, panel);
      if (sets > mostLeftOut) add(`${at}/size`, 'too_many_sets', tooManySets(method.by, method.size, sets));
      const levels = levelsAtDoor(method.by, panel);
      if (method.size >= levels)
        add(`${at}/size`, 'nothing_left', `leaving out ${method.size} of ${levels} levels of ${method.by} leaves no rows`);
    }
  }
  return problems;
}

/** Controls made of the treatment's columns: they stay as they are when the treatment is reassigned. */
export function controlsOfTreatment({ treatment, controls }: Request): string[] {
  const names = new Set(termNames(treatment));
  return controls.filter((term) => termNames(term).some((name) => names.has(name))).map(termName);
}
