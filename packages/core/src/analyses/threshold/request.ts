import { EstimationError, InputError, type Problem } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { checkFormula, checkTerm, termNames } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import type { InputInfo } from '../analysis.js';
import { candidateRule } from './candidates.js';
import { jobCost, type Sizes } from './cost.js';
import { mostReplications, type ThresholdParams } from './params.js';
import type { ThresholdSample } from './sample.js';

/** The model that params ask for, read from its texts. */
interface Model {
  readonly formula: Formula;
  readonly threshold: Term;
  readonly regimeRegressors: readonly Term[];
}

/** The texts have been held to the grammar by the schema. */
function readModel(params: ThresholdParams): Model {
  return {
    formula: parseFormula(params.formula, '/formula'),
    threshold: parseTerm(params.thresholdVariable),
    regimeRegressors: params.regimeRegressors.map((text) => parseTerm(text)),
  };
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: ThresholdParams, { panel }: InputInfo): Problem[] {
  const model = readModel(params);
  return [
    ...checkFormula(model.formula, panel),
    ...checkTerm(model.threshold, panel, '/thresholdVariable'),
    ...model.regimeRegressors.flatMap((term, k) => checkTerm(term, panel, `/regimeRegressors/${k}`)),
    ...shapeProblems(model, panel),
    ...thresholdProblems(model, panel),
    ...sizeProblems(params, model, panel),
  ];
}

/** What this model cannot have: other effects than the entity's, instruments, a regressor twice. */
function shapeProblems({ formula, regimeRegressors, threshold }: Model, panel: Panel | PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const entity = [panel.entity.name, 'entity'];
  if (formula.effects.length !== 1 || !entity.includes(formula.effects[0])) {
    const got = formula.effects.length === 0 ? 'none' : formula.effects.join(' + ');
    const message = `the threshold model has entity effects: end the formula with | ${panel.entity.name}; got ${got}`;
    problems.push({ pointer: '/formula', code: 'unsupported_effects', message });
  }
  if (formula.endogenous.length > 0) {
    const message = 'the threshold model takes no instruments: every regressor is exogenous';
    problems.push({ pointer: '/formula', code: 'unsupported_instruments', message });
  }
  const listed = new Set(formula.regressors.map(termKey));
  for (const [k, term] of regimeRegressors.entries()) {
    if (!listed.has(termKey(term))) continue;
    const message = `${termName(term)} has a slope in each regime and cannot also have one in all: take it out of the formula`;
    problems.push({ pointer: `/regimeRegressors/${k}`, code: 'regressor_twice', message });
  }
  for (const [pointer, term] of [
    ['/thresholdVariable', threshold] as const,
    ...regimeRegressors.map((term, k) => [`/regimeRegressors/${k}`, term] as const),
  ]) {
    if (term.factors.every(({ kind }) => kind !== 'levels')) continue;
    const message = `${termName(term)} is several columns; one is needed here`;
    problems.push({ pointer, code: 'several_columns', message });
  }
  return problems;
}

/** Equal for a:b and b:a. */
const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

function thresholdProblems({ threshold }: Model, panel: Panel | PanelSummary): Problem[] {
  const names = termNames(threshold);
  const column = panel.columns.find(({ name }) => names.length === 1 && name === names[0]);
  if (column === undefined || !('distinct' in column) || column.distinct > 2) return [];
  const message =
    `the threshold variable needs more than 2 distinct values, ${column.name} has ${column.distinct}: ` +
    'with two groups, interact the regressor with the group instead';
  return [{ pointer: '/thresholdVariable', code: 'too_few_threshold_values', message }];
}

function sizeProblems(params: ThresholdParams, model: Model, panel: PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const { replications, methods } = params.bootstrap;
  const sizes = requestSizes(params, model, panel);
  if (replications > mostReplications) {
    const message =
      `at most ${mostReplications.toLocaleString('en')} replications, got ${replications.toLocaleString('en')}: ` +
      jobCost(sizes).arithmetic;
    problems.push({ pointer: '/bootstrap/replications', code: 'too_many_replications', message });
  }
  const rule = candidateRule(params.trim, panel.rows, sizes.slopes);
  if (2 * rule.rows > panel.rows || panel.entity.count < 2) {
    const message =
      `each of two regimes needs ${rule.rows} rows (the larger of trim × rows and slopes + 5), ` +
      `and the data set has ${panel.rows} rows of ${panel.entity.count} entities`;
    problems.push({ pointer: '/trim', code: 'trim_too_large', message });
  }
  if (!panel.balanced && methods.includes('residual-blocks')) {
    const message =
      'residual blocks need a balanced panel: the residuals of an entity do not fit one with other periods, and here entities ' +
      `have ${panel.periodsPerEntity.min} to ${panel.periodsPerEntity.max} of ${panel.time.count} periods; ask for ["wild-entity"]`;
    problems.push({ pointer: '/bootstrap/methods', code: 'unbalanced_panel', message });
  }
  return problems;
}

/** Sizes as far as they show without the rows. */
function requestSizes(params: ThresholdParams, { formula, regimeRegressors }: Model, panel: PanelSummary): Sizes {
  return {
    rows: panel.rows,
    entities: panel.entity.count,
    slopes: formula.regressors.reduce((sum, term) => sum + columnsOf(term, panel), regimeRegressors.length),
    regimeRegressors: regimeRegressors.length,
    replications: params.bootstrap.replications,
    methods: params.bootstrap.methods,
  };
}

/** Columns that a term makes: i(…) one for each level but the first. */
function columnsOf(term: Term, panel: PanelSummary): number {
  return term.factors.reduce((columns, factor) => {
    if (factor.kind !== 'levels') return columns;
    const levels = [panel.entity, panel.time].find(({ name }) => name === factor.name)?.count;
    const distinct = panel.columns.find(({ name }) => name === factor.name)?.distinct;
    return columns * Math.max(1, (levels ?? distinct ?? 1) - 1);
  }, 1);
}

export function sizesOf(params: ThresholdParams, { panel }: InputInfo): Sizes {
  return requestSizes(params, readModel(params), panel);
}

/**
 * The rows that the model is fitted on.
 * @throws EstimationError with the code of what the panel lacks (`no_complete_rows`, …), or `unbalanced_sample`
 */
export function thresholdSample(params: ThresholdParams, panel: Panel): ThresholdSample {
  const { formula, threshold, regimeRegressors } = readModel(params);
  const frame = asEstimation(() =>
    modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors, extra: [threshold, ...regimeRegressors] }),
  );
  const [thresholdVariable, ...regime] = frame.extra;
  const sample: ThresholdSample = {
    rows: frame.rows.length,
    entities: frame.entityLabels.length,
    periods: frame.timeLabels.length,
    entity: frame.entity,
    outcome: frame.outcome,
    regressors: frame.regressors,
    regimeRegressors: regime,
    threshold: thresholdVariable,
    dropped: frame.dropped,
  };
  const { rows, entities, periods } = sample;
  if (rows !== entities * periods && params.bootstrap.methods.includes('residual-blocks')) {
    throw new EstimationError(
      'unbalanced_sample',
      `residual blocks need a balanced panel, and the complete rows are not one: ${rows} rows of ${entities} entities × ` +
        `${periods} periods${droppedWords(sample)}; ask for the method wild-entity alone`,
    );
  }
  return sample;
}

function droppedWords({ dropped }: ThresholdSample): string {
  if (dropped.length === 0) return '';
  return `; left out: ${dropped.map(({ reason, rows }) => `${rows} rows, ${reason}`).join('; ')}`;
}

/** What the door could not see is final once the rows are there. */
function asEstimation<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new EstimationError(error.code, error.message, { cause: error });
    throw error;
  }
}
