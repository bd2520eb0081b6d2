import { EstimationError, type Problem } from '../../errors.js';
import { checkFormula, checkTerm, meanings } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { whyUnweighted } from '../../panel-models/between.js';
import { clusterNames } from '../../panel-models/covariance-param.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { type Estimator, mostColumns, type PanelRegressionParams } from './params.js';

/** The request, read from its texts. */
export interface Request {
  readonly formula: Formula;
  readonly outcomes: readonly Term[];
  /** regressors of each step */
  readonly steps: readonly (readonly Term[])[];
  readonly estimators: readonly Estimator[];
  readonly weights: Term | null;
  /** columns whose levels are needed: effects, clusters, groups */
  readonly levels: readonly string[];
}

/** One column of the table: a model to fit. */
export interface ColumnSpec {
  readonly outcome: number;
  readonly step: number;
  readonly estimator: Estimator;
  /** label of the group, null for all rows */
  readonly group: string | null;
}

export function readRequest(params: PanelRegressionParams): Request {
  const formula = parseFormula(params.formula, '/formula');
  return {
    formula,
    outcomes: [formula.outcome, ...params.outcomes.map((text) => parseTerm(text))],
    steps: stepsOf(params, formula),
    estimators: params.estimators ?? [formula.effects.length > 0 ? 'within' : 'pooled'],
    weights: params.weights ? parseTerm(params.weights.variable) : null,
    levels: [
      ...new Set([
        ...formula.effects,
        ...clusterNames(params.covariance),
        ...(params.groups === undefined ? [] : [params.groups]),
      ]),
    ],
  };
}

function stepsOf({ steps }: PanelRegressionParams, { regressors }: Formula): Term[][] {
  if (steps === undefined) return [[...regressors]];
  if (steps === 'one-by-one') return regressors.map((_, j) => regressors.slice(0, j + 1));
  const added = steps.map((texts) => texts.map((text) => parseTerm(text)));
  return [[...regressors], ...added.map((_, s) => [...regressors, ...added.slice(0, s + 1).flat()])];
}

/** Columns in the order of groups, outcomes, steps, models. */
export function columnSpecs(request: Request, groups: readonly string[]): ColumnSpec[] {
  const runs: (string | null)[] = groups.length === 0 ? [null] : [null, ...groups];
  return runs.flatMap((group) =>
    request.outcomes.flatMap((_, outcome) =>
      request.steps.flatMap((__, step) => request.estimators.map((estimator) => ({ outcome, step, estimator, group }))),
    ),
  );
}

/** Levels of the group column, in order. */
export function groupLabels(params: PanelRegressionParams, panel: Panel): string[] {
  const { groups } = params;
  if (groups === undefined) return [];
  const meaning = meanings(panel).get(groups);
  if (meaning === 'entity' || meaning === 'time') return [...panel[meaning].labels];
  const column = panel.columns.find(({ name }) => name === groups);
  if (column === undefined) throw new EstimationError('unknown_column', `there is no column "${groups}"`);
  if (column.kind === 'text') return [...column.labels];
  return [...new Set(column.values.filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b).map(String);
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: PanelRegressionParams, { panel, limits }: InputInfo): Problem[] {
  const request = readRequest(params);
  return [
    ...checkFormula(request.formula, panel),
    ...termProblems(params, panel),
    ...nameProblems(params, panel),
    ...shapeProblems(params, request, panel),
    ...replicationProblems(params, limits?.replications ?? Number.POSITIVE_INFINITY),
  ];
}

function replicationProblems({ covariance }: PanelRegressionParams, most: number): Problem[] {
  return covariance.flatMap((one, c) =>
    one.kind === 'bootstrap' && one.replications > most
      ? [
          {
            pointer: `/covariance/${c}/replications`,
            code: 'too_many_replications',
            message: `at most ${most.toLocaleString('en')} replications, got ${one.replications.toLocaleString('en')}`,
          },
        ]
      : [],
  );
}

function termProblems(params: PanelRegressionParams, panel: PanelSummary): Problem[] {
  const one = (text: string, pointer: string): Problem[] => {
    const term = parseTerm(text);
    const several = term.factors.some(({ kind }) => kind === 'levels')
      ? [{ pointer, code: 'several_columns', message: `${termName(term)} is several columns; one is needed here` }]
      : [];
    return [...several, ...checkTerm(term, panel, pointer)];
  };
  return [
    ...params.outcomes.flatMap((text, k) => one(text, `/outcomes/${k}`)),
    ...(Array.isArray(params.steps) ? params.steps : []).flatMap((texts, s) =>
      texts.flatMap((text, k) => checkTerm(parseTerm(text), panel, `/steps/${s}/${k}`)),
    ),
    ...(params.weights ? one(params.weights.variable, '/weights/variable') : []),
  ];
}

function nameProblems(params: PanelRegressionParams, panel: PanelSummary): Problem[] {
  const known = meanings(panel);
  const names = [
    ...params.covariance.flatMap((one, c) =>
      'by' in one ? one.by.map((name, k) => [name, `/covariance/${c}/by/${k}`] as const) : [],
    ),
    ...(params.groups === undefined ? [] : [[params.groups, '/groups'] as const]),
  ];
  return names
    .filter(([name]) => !known.has(name))
    .map(([name, pointer]) => ({
      pointer,
      code: 'unknown_column',
      message: `there is no column "${name}"${didYouMean(name, known.keys())}`,
    }));
}

const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

function shapeProblems(params: PanelRegressionParams, request: Request, panel: PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const { formula, estimators, steps, outcomes } = request;
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  if (formula.endogenous.length > 0)
    add('/formula', 'unsupported_instruments', 'panel-regression takes no instruments: use the analysis iv');
  if (estimators.includes('within') && formula.effects.length === 0)
    add('/formula', 'effects_needed', `the within model needs effects: end the formula with | ${panel.entity.name}`);
  if (formula.effects.length > 0 && !estimators.includes('within')) {
    const entityOnly = formula.effects.every((name) => name === panel.entity.name || name === 'entity');
    if (!(entityOnly && estimators.every((estimator) => estimator === 'random-effects')))
      add(
        '/formula',
        'effects_unused',
        `of ${estimators.join(', ')} none absorbs effects: leave out | ${formula.effects.join(' + ')}, or add within`,
      );
  }
  const unweighted = estimators.filter((estimator) => estimator !== 'pooled' && estimator !== 'within');
  if (params.weights && unweighted.length > 0)
    add('/weights', 'unsupported_weights', `${unweighted.join(', ')} take no weights: ${whyUnweighted}`);
  if (steps.some((terms) => terms.length === 0))
    add('/formula', 'no_regressors', 'a regression needs a regressor beside the constant and the effects');
  for (const [s, terms] of steps.entries()) {
    const keys = terms.map(termKey);
    const twice = terms.find((_, j) => keys.indexOf(keys[j]) < j);
    if (twice !== undefined) add(`/steps/${s - 1}`, 'regressor_twice', `${termName(twice)} is in an earlier column already`);
    const outcome = outcomes.find((term) => keys.includes(termKey(term)));
    if (outcome !== undefined) add('/formula', 'outcome_is_regressor', `${termName(outcome)} is an outcome and a regressor`);
  }
  const k = Math.max(...steps.map(({ length }) => length));
  const { method } = params.varianceComponents;
  if (estimators.includes('random-effects') && method === 'swamy-arora' && panel.entity.count <= k + 1) {
    add(
      '/varianceComponents/method',
      'too_few_entities',
      `Swamy–Arora divides by N − k − 1: ${k} regressors need more than ${k + 1} entities, the data set has ${panel.entity.count}; use wallace-hussain, wansbeek-kapteyn or nerlove`,
    );
  }
  const columns = columnCount(params, request, panel);
  if (columns > mostColumns)
    add('/groups', 'too_many_columns', `${columns} columns are asked for, at most ${mostColumns} make one table: use a sweep`);
  return problems;
}

/** Columns of the table as far as they show without the rows. */
export function columnCount(params: PanelRegressionParams, request: Request, panel: PanelSummary): number {
  const { groups } = params;
  const meaning = groups === undefined ? undefined : meanings(panel).get(groups);
  const levels =
    groups === undefined
      ? 0
      : meaning === 'entity' || meaning === 'time'
        ? panel[meaning].count
        : (panel.columns.find(({ name }) => name === groups)?.distinct ?? 0);
  return (1 + levels) * request.outcomes.length * request.steps.length * request.estimators.length;
}
