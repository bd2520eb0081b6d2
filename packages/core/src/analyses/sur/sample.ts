import { absorb } from '../../effects/absorb.js';
import { type Grouping, groupingOnRows } from '../../effects/grouping.js';
import { findSingletons } from '../../effects/singletons.js';
import { EstimationError } from '../../errors.js';
import { type Dropped, type ModelFrame, modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import { demean } from '../../linalg/demean.js';
import { gather } from '../../linalg/vector.js';
import type { Panel } from '../../panel/panel.js';
import { constantTerm } from '../../report/estimates-table.js';
import type { Equation } from '../../seemingly-unrelated/equation.js';
import { asEstimation } from '../as-estimation.js';
import type { SurParams } from './params.js';
import { byIndex, namedFormulas, termKey } from './request.js';

/** An equation with the names of its columns; effects are taken out of all of them. */
export interface NamedEquation extends Equation {
  readonly outcomeName: string;
  readonly terms: readonly string[];
  /** about the mean, the effects, or 0 without either: what R² is a share of */
  readonly centred: Float64Array;
}

export interface SurSample {
  readonly equations: readonly NamedEquation[];
  readonly rows: number;
  readonly entities: number;
  readonly periods: number;
  /** degrees of freedom of the effects in each equation; 0 without */
  readonly absorbed: number;
  readonly absorbedExact: boolean;
  readonly effects: readonly string[];
  readonly by: string | null;
  readonly clusters: (Grouping & { readonly name: string }) | null;
  readonly singletons: number;
  readonly dropped: readonly Dropped[];
}

/**
 * The rows that all equations have.
 * @throws EstimationError `no_complete_rows`, `only_singletons`, `unknown_level`, `no_common_rows`, `constant_outcome`
 */
export function surSample(params: SurParams, panel: Panel): SurSample {
  return params.equations === undefined ? sampleBy(params, panel) : sampleOfEquations(params, panel);
}

function sampleOfEquations(params: SurParams, panel: Panel): SurSample {
  const formulas = namedFormulas(params);
  const { effects } = formulas[0].formula;
  const cluster = params.cluster === undefined ? 'entity' : params.cluster;
  const all = distinctTerms(formulas.flatMap(({ formula }) => formula.regressors));
  const frame = asEstimation(() =>
    modelFrame(panel, {
      outcome: formulas[0].formula.outcome,
      regressors: all,
      extra: formulas.slice(1).map(({ formula }) => formula.outcome),
      effects: [...effects, ...(cluster === null ? [] : [cluster])],
    }),
  );
  const groupings = frame.effects.map(({ codes, labels }): Grouping => ({ codes, levels: labels.length }));
  const { rows, dropped: singletons } = findSingletons(groupings.slice(0, effects.length), frame.rows.length);
  if (effects.length > 0 && rows.length === 0)
    throw new EstimationError(
      'only_singletons',
      `every row is alone in a level of ${effects.join(' or ')}: nothing is left within them`,
    );
  const used = effects.length > 0 ? rows : Uint32Array.from(frame.rows.keys());
  const kept = groupings.map((grouping) => groupingOnRows(grouping, used));
  const absorption = absorb(kept.slice(0, effects.length));
  const within = (values: Float64Array) => absorption.apply(gather(values, used));
  const columns = frame.regressors.map(({ values }) => within(values));
  const outcomes = [frame.outcome, ...frame.extra].map(({ values }) => within(values));
  const equations = formulas.map(({ name, formula }, e) => {
    const places = formula.regressors.flatMap((term) =>
      frame.regressors.flatMap((_, j) => (termKey(all[frame.regressorTerms[j]]) === termKey(term) ? [j] : [])),
    );
    return equationOf({
      name,
      outcomeName: termName(formula.outcome),
      outcome: outcomes[e],
      columns: places.map((j) => columns[j]),
      terms: places.map((j) => frame.regressors[j].name),
      constant: effects.length === 0 && formula.intercept,
      absorbs: effects.length > 0,
    });
  });
  const distinct = (codes: Uint32Array) => new Set(used.map((row) => codes[row])).size;
  return {
    equations,
    rows: used.length,
    entities: distinct(frame.entity),
    periods: distinct(frame.time),
    absorbed: absorption.absorbed,
    absorbedExact: absorption.exact,
    effects,
    by: null,
    clusters: cluster === null ? null : clustersOf(cluster, kept[effects.length], params.cluster === undefined, panel),
    singletons: effects.length > 0 ? singletons : 0,
    dropped: frame.dropped,
  };
}

const distinctTerms = (terms: readonly Term[]) => [...new Map(terms.map((term) => [termKey(term), term])).values()];

/** Each row a cluster of its own, or all rows one: no clustered errors unless they were asked for. */
function clustersOf(cluster: string, grouping: Grouping, byDefault: boolean, { entity, time }: Panel): SurSample['clusters'] {
  if (byDefault && (grouping.levels < 2 || grouping.levels === grouping.codes.length)) return null;
  return { ...grouping, name: cluster === 'entity' ? entity.name : cluster === 'time' ? time.name : cluster };
}

/** One equation a level of entity or time, its rows the levels of the other index that every equation has. */
function sampleBy(params: SurParams, panel: Panel): SurSample {
  const formula = parseFormula(params.formula!, '/formula');
  const index = byIndex(params.by!, panel)!;
  const frame = asEstimation(() => modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors }));
  const sides = {
    entity: { codes: frame.entity, labels: frame.entityLabels },
    time: { codes: frame.time, labels: frame.timeLabels },
  };
  const [own, other] = index === 'entity' ? [sides.entity, sides.time] : [sides.time, sides.entity];
  const levels = params.levels ?? [...own.labels];
  const unknown = levels.find((level) => !own.labels.includes(level));
  if (unknown !== undefined) {
    const some = own.labels.slice(0, 12).join(', ');
    throw new EstimationError('unknown_level', `no complete row has ${params.by} = ${unknown}; there are ${some}`);
  }
  const rowsOf = levels.map((level) => rowsByOther(own.codes, own.labels.indexOf(level), other.codes));
  const common = other.labels.map((_, code) => code).filter((code) => rowsOf.every((rows) => rows.has(code)));
  if (common.length === 0) {
    const what = index === 'entity' ? 'period' : 'entity';
    throw new EstimationError('no_common_rows', `no ${what} has a complete row in all ${levels.length} equations`);
  }
  const equations = levels.map((name, e) => {
    const rows = Uint32Array.from(common, (code) => rowsOf[e].get(code)!);
    return equationOf({
      name,
      outcomeName: frame.outcome.name,
      outcome: gather(frame.outcome.values, rows),
      columns: frame.regressors.map(({ values }) => gather(values, rows)),
      terms: frame.regressors.map(({ name: term }) => term),
      constant: formula.intercept,
      absorbs: false,
    });
  });
  return {
    equations,
    rows: common.length,
    entities: index === 'entity' ? levels.length : common.length,
    periods: index === 'entity' ? common.length : levels.length,
    absorbed: 0,
    absorbedExact: true,
    effects: [],
    by: index,
    clusters: null,
    singletons: 0,
    dropped: droppedBy(frame, panel, index, levels, rowsOf, common.length),
  };
}

function rowsByOther(own: Uint32Array, level: number, other: Uint32Array): Map<number, number> {
  const rows = new Map<number, number>();
  for (let row = 0; row < own.length; row++) if (own[row] === level) rows.set(other[row], row);
  return rows;
}

/** Rows of the chosen levels only: those of others were not wanted. */
function droppedBy(
  frame: ModelFrame,
  panel: Panel,
  index: 'entity' | 'time',
  levels: readonly string[],
  rowsOf: readonly ReadonlyMap<number, number>[],
  common: number,
): Dropped[] {
  const complete = rowsOf.reduce((sum, rows) => sum + rows.size, 0);
  const wanted = new Set(levels.map((level) => panel[index].labels.indexOf(level)));
  const there = panel[index].codes.reduce((sum, code) => sum + (wanted.has(code) ? 1 : 0), 0);
  const incomplete =
    there === frame.rows.length + sum(frame.dropped) ? frame.dropped : [{ reason: 'a value is missing', rows: there - complete }];
  const unmatched = { reason: 'not in every equation', rows: complete - common * levels.length };
  return [...incomplete, unmatched].filter(({ rows }) => rows > 0);
}

const sum = (dropped: readonly Dropped[]) => dropped.reduce((total, { rows }) => total + rows, 0);

interface Parts {
  readonly name: string;
  readonly outcomeName: string;
  readonly outcome: Float64Array;
  readonly columns: readonly Float64Array[];
  readonly terms: readonly string[];
  readonly constant: boolean;
  readonly absorbs: boolean;
}

function equationOf({ name, outcomeName, outcome, columns, terms, constant, absorbs }: Parts): NamedEquation {
  const centred = constant ? demean(outcome) : outcome;
  if (centred.every((value) => value === 0))
    throw new EstimationError(
      'constant_outcome',
      `equation ${name}: ${outcomeName} does not vary${absorbs ? ' within the effects' : ''}`,
    );
  const one = new Float64Array(outcome.length).fill(1);
  return {
    name,
    outcomeName,
    outcome,
    columns: constant ? [one, ...columns] : columns,
    terms: constant ? [constantTerm, ...terms] : terms,
    centred,
  };
}
