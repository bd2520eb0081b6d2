import { EstimationError, InputError, type Problem } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { checkFormula, checkTerm, termNames } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import type { InputInfo } from '../analysis.js';
import { candidateRule, leastEntities } from './candidates.js';
import { jobCost, type Sizes } from './cost.js';
import { classesOfPeriods, type DonorClasses } from './donors.js';
import { byStage, mostReplications, type ThresholdParams } from './params.js';
import { checkSize } from './period-check.js';
import { conventionsOf } from './programs.js';
import type { BootstrapMethod } from './replicate.js';
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
    ...effectProblems(params, model, panel),
    ...shapeProblems(model),
    ...stageProblems(params),
    ...thresholdProblems(model, panel),
    ...sizeProblems(params, model, panel),
  ];
}

/** Entity effects alone, or with those of the periods; for the programs that drop a period, alone and balanced. */
function effectProblems(params: ThresholdParams, { formula }: Model, panel: Panel | PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const { entity, time } = namedEffects(formula, panel);
  if (entity !== 1 || time > 1 || formula.effects.length !== entity + time) {
    const got = formula.effects.length === 0 ? 'none' : formula.effects.join(' + ');
    const message =
      `the threshold model has entity effects, or entity and period effects: end the formula with | ${panel.entity.name} or ` +
      `| ${panel.entity.name} + ${panel.time.name}; got ${got}`;
    problems.push({ pointer: '/formula', code: 'unsupported_effects', message });
  }
  const { program } = params;
  const { lastPeriod } = conventionsOf(params);
  if (lastPeriod === 'dropped' && time > 0) {
    const message =
      `dropping each entity’s last period${program === 'spillway' ? '' : `, as ${program} does,`} goes with entity effects alone: leave out ` +
      `${panel.time.name}, or ask for lastPeriod "kept"`;
    problems.push({ pointer: program === 'spillway' ? '/lastPeriod' : '/program', code: 'program_needs_balance', message });
  }
  if (program !== 'spillway' && 'balanced' in panel && !panel.balanced) {
    problems.push({ pointer: '/program', code: 'program_needs_balance', message: needsBalance(program) });
  }
  return problems;
}

const needsBalance = (program: string) =>
  `${program} takes balanced panels alone, so an unbalanced one has no numbers of it to rebuild; ask for program "spillway"`;

function namedEffects({ effects }: Formula, { entity, time }: Panel | PanelSummary) {
  return {
    entity: effects.filter((name) => name === entity.name || name === 'entity').length,
    time: effects.filter((name) => name === time.name || name === 'time').length,
  };
}

/** Lists with one item a stage have as many items as there are thresholds. */
function stageProblems({ thresholdCount, trim, bootstrap, given }: ThresholdParams): Problem[] {
  const problems: Problem[] = [];
  for (const [pointer, list] of [
    ['/trim', trim],
    ['/bootstrap/replications', bootstrap.replications],
  ] as const) {
    if (typeof list === 'number' || list.length === thresholdCount) continue;
    const message = `one number for all stages, or one for each of ${thresholdCount}; got ${list.length}`;
    problems.push({ pointer, code: 'not_one_a_stage', message });
  }
  if (given.length > thresholdCount) {
    const message = `no more thresholds can be given than thresholdCount, ${thresholdCount}; got ${given.length}`;
    problems.push({ pointer: '/given', code: 'not_one_a_stage', message });
  }
  return problems;
}

/** What this model cannot have: instruments, a regressor twice, several columns where one is needed. */
function shapeProblems({ formula, regimeRegressors, threshold }: Model): Problem[] {
  const problems: Problem[] = [];
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
    `the threshold variable needs more than 2 distinct values, ${column.name} has ${column.distinct}` +
    (column.distinct === 2 ? ': with two groups, interact the regressor with the group instead' : '');
  return [{ pointer: '/thresholdVariable', code: 'too_few_threshold_values', message }];
}

function sizeProblems(params: ThresholdParams, model: Model, panel: PanelSummary): Problem[] {
  const problems: Problem[] = [];
  const sizes = requestSizes(params, model, panel);
  const most = Math.max(...sizes.replications);
  if (most > mostReplications) {
    const message =
      `at most ${mostReplications.toLocaleString('en')} replications, got ${most.toLocaleString('en')}: ` +
      jobCost(sizes).arithmetic;
    problems.push({ pointer: '/bootstrap/replications', code: 'too_many_replications', message });
  }
  const needed = params.program === 'spillway' ? leastEntities : 2;
  if (panel.entity.count < needed) {
    const message = `the model needs at least ${needed} entities in each regime, and the data set has ${panel.entity.count}`;
    problems.push({ pointer: '/formula', code: 'too_few_entities', message });
  }
  for (const [s, trim] of byStage(params.trim, typeof params.trim === 'number' ? 1 : params.thresholdCount).entries()) {
    const rule = candidateRule(trim ?? 0, panel.rows, sizes.slopes + sizes.timeDummies);
    const regimes = typeof params.trim === 'number' ? params.thresholdCount + 1 : s + 2;
    const room = params.program === 'spillway' ? regimes * rule.rows : 2;
    if (room <= panel.rows) continue;
    const message =
      `each of ${regimes === 2 ? 'two' : regimes} regimes needs ${rule.rows} rows (the larger of trim × rows and slopes + 5), ` +
      `and the data set has ${panel.rows} rows of ${panel.entity.count} entities`;
    problems.push({ pointer: typeof params.trim === 'number' ? '/trim' : `/trim/${s}`, code: 'trim_too_large', message });
  }
  return problems;
}

/** Sizes as far as they show without the rows. */
function requestSizes(params: ThresholdParams, { formula, regimeRegressors }: Model, panel: PanelSummary): Sizes {
  const timeEffects = namedEffects(formula, panel).time > 0;
  const dummies = panel.time.count - 1;
  return {
    rows: panel.rows,
    entities: panel.entity.count,
    slopes: formula.regressors.reduce((sum, term) => sum + columnsOf(term, panel), regimeRegressors.length),
    timeDummies: timeEffects ? dummies : 0,
    regimeRegressors: regimeRegressors.length,
    replications: byStage(params.bootstrap.replications, params.thresholdCount).map((B) => B ?? 0),
    check: {
      replications: checkSize(params, { timeEffects, rows: panel.rows, periods: panel.time.count }),
      timeDummies: dummies,
    },
    methods: methodsFor(params, panel.balanced),
    weights: params.bootstrap.weights,
  };
}

/** The methods asked for; by default both where blocks of residuals fit every entity, else the wild bootstrap alone. */
export function methodsFor({ bootstrap: { methods } }: ThresholdParams, balanced: boolean): readonly BootstrapMethod[] {
  if (methods !== 'default') return methods;
  return balanced ? ['residual-blocks', 'wild-entity'] : ['wild-entity'];
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
 * @throws EstimationError with the code of what the panel lacks (`no_complete_rows`, …), or `program_needs_balance`
 */
export function thresholdSample(params: ThresholdParams, panel: Panel): ThresholdSample {
  const { formula, threshold, regimeRegressors } = readModel(params);
  const frame = asEstimation(() =>
    modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors, extra: [threshold, ...regimeRegressors] }),
  );
  const [thresholdVariable, ...regime] = frame.extra;
  const { rows, entityLabels, timeLabels } = frame;
  const balanced = rows.length === entityLabels.length * timeLabels.length;
  if (params.program !== 'spillway' && !balanced) {
    throw new EstimationError(
      'program_needs_balance',
      `${needsBalance(params.program)}; ${unevenWords(rows.length, entityLabels.length, timeLabels.length, frame.dropped)}`,
    );
  }
  return {
    rows: rows.length,
    entities: entityLabels.length,
    periods: timeLabels.length,
    balanced,
    entity: frame.entity,
    entityLabels,
    time: frame.time,
    timeLabels,
    timeEffects: namedEffects(formula, panel).time > 0,
    outcome: frame.outcome,
    regressors: frame.regressors,
    regimeRegressors: regime,
    threshold: thresholdVariable,
    dropped: frame.dropped,
  };
}

/**
 * Entities observed in the same periods, whose residual blocks may stand in for one another.
 * @throws EstimationError `unbalanced_sample` when residual blocks are asked for and an entity has no other with its periods
 */
export function donorClasses(sample: ThresholdSample, methods: readonly BootstrapMethod[]): DonorClasses {
  const classes = classesOfPeriods(sample.entity, sample.entities, sample.time);
  if (!methods.includes('residual-blocks')) return classes;
  const alone = sample.entityLabels.filter((_, e) => classes.size[e] === 1);
  if (alone.length === 0) return classes;
  const named = `${alone.slice(0, 5).join(', ')}${alone.length > 5 ? ', …' : ''}`;
  throw new EstimationError(
    'unbalanced_sample',
    'residual blocks are drawn among entities observed in exactly the same periods, and ' +
      `${alone.length} of ${sample.entities} entities (${named}) share their periods with no other: ` +
      `${unevenWords(sample.rows, sample.entities, sample.periods, sample.dropped)}; ask for the methods ["wild-entity"]`,
  );
}

function unevenWords(rows: number, entities: number, periods: number, dropped: ThresholdSample['dropped']): string {
  const left = dropped.map(({ reason, rows: lost }) => `${lost} rows, ${reason}`).join('; ');
  return `${rows} complete rows of ${entities} entities × ${periods} periods${left === '' ? '' : `; left out: ${left}`}`;
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
