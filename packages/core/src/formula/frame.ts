import { InputError } from '../errors.js';
import { ascending, gather } from '../linalg/vector.js';
import { missingText, type Panel } from '../panel/panel.js';
import type { Weights } from '../weights/weights.js';
import { type AtRow, compile, product, Scope, valuesOf, whyMissing } from './evaluate.js';
import { expressionName, printName, termName } from './print.js';
import type { Expression, Term } from './syntax.js';

/** What a computation wants from a panel. */
export interface FrameRequest {
  readonly outcome: Term;
  readonly regressors: readonly Term[];
  /** further terms whose values must be there: threshold variable, instruments, … */
  readonly extra?: readonly Term[] | undefined;
  /** columns whose levels must be there: effects, clusters; or the words `entity` and `time` */
  readonly effects?: readonly string[] | undefined;
}

export interface Variable {
  readonly name: string;
  /** length rows.length */
  readonly values: Float64Array;
}

/** Levels numbered 0 … labels − 1 in the order of their labels, each used by a row. */
export interface Effect {
  readonly name: string;
  readonly codes: Uint32Array;
  readonly labels: readonly string[];
}

/** Complete rows of a panel, with the columns of a model; rows are in the panel's order (entity, then time). */
export interface ModelFrame {
  /** rows of the panel that are kept, ascending */
  readonly rows: Uint32Array;
  readonly entity: Uint32Array;
  readonly entityLabels: readonly string[];
  /** length entityLabels + 1: entity e has rows entityStarts[e] … entityStarts[e+1] − 1 of the frame */
  readonly entityStarts: Uint32Array;
  readonly time: Uint32Array;
  readonly timeLabels: readonly string[];
  readonly outcome: Variable;
  /** i(…) expanded to its dummies */
  readonly regressors: readonly Variable[];
  /** which of the request's regressor terms each came from: i(…) is several columns of one */
  readonly regressorTerms: readonly number[];
  readonly extra: readonly Variable[];
  /** all of the above by name */
  readonly variables: ReadonlyMap<string, Float64Array>;
  readonly effects: readonly Effect[];
  /** rows left out by their first reason, in the order of outcome, regressors, extra, effects; reasons as first met */
  readonly dropped: readonly Dropped[];
}

export interface Dropped {
  readonly reason: string;
  readonly rows: number;
}

/** More levels than this are effects to absorb, not columns to hold. */
export const maxDummies = 1_000;

/**
 * Evaluates terms and keeps the rows on which all of them are there.
 *
 * @param weights  what W(…) may name, the panel's own when left out; its lags are taken over all rows of the panel before any row is dropped
 * @throws InputError unknown_column, text_column, weights_needed, unknown_weights, ambiguous_weights, weights_mismatch,
 *   several_columns (an outcome or extra that is i(…)),
 *   too_many_levels, no_complete_rows
 */
export function modelFrame(panel: Panel, request: FrameRequest, weights?: ReadonlyMap<string, Weights> | undefined): ModelFrame {
  const scope = new Scope(panel, weights);
  const prepare = (term: Term) => prepareTerm(term, scope);
  const [outcome, regressors, extra] = [
    prepare(request.outcome),
    request.regressors.map(prepare),
    (request.extra ?? []).map(prepare),
  ];
  const terms = [outcome, ...regressors, ...extra];
  for (const { name, levels } of [outcome, ...extra]) {
    if (levels.length > 0) throw InputError.one('several_columns', `${name} is several columns; one is needed here`);
  }
  const effects = (request.effects ?? []).map((name) => ({ name, ...scope.levels(name) }));

  const { rows, dropped } = completeRows(panel.rows, terms, effects, scope);
  const only = (term: PreparedTerm): Variable => ({
    name: term.name,
    values: onRows(term.numbers, rows),
  });
  const expanded = regressors.map((term) => expand(term, rows));
  const columns = {
    outcome: only(outcome),
    regressors: expanded.flat(),
    regressorTerms: expanded.flatMap((variables, term) => variables.map(() => term)),
    extra: extra.map(only),
  };
  const variables = new Map([columns.outcome, ...columns.regressors, ...columns.extra].map(({ name, values }) => [name, values]));
  const entity = recode(panel.entity, rows);
  const time = recode(panel.time, rows);
  const entityStarts = new Uint32Array(entity.labels.length + 1);
  for (let i = 0; i < rows.length; i++) entityStarts[entity.codes[i] + 1] += 1;
  for (let e = 1; e < entityStarts.length; e++) entityStarts[e] += entityStarts[e - 1];
  return {
    rows,
    entity: entity.codes,
    entityLabels: entity.labels,
    entityStarts,
    time: time.codes,
    timeLabels: time.labels,
    ...columns,
    variables,
    effects: effects.map((effect) => ({ name: effect.name, ...recode(effect, rows) })),
    dropped,
  };
}

interface Coded {
  readonly codes: Uint32Array;
  readonly labels: readonly string[];
}

interface PreparedTerm {
  readonly name: string;
  /** product of the factors that are numbers, at every row of the panel */
  readonly numbers: Float64Array;
  readonly expressions: readonly { expression: Expression; at: AtRow }[];
  readonly levels: readonly (Coded & { readonly name: string })[];
}

function prepareTerm(term: Term, scope: Scope): PreparedTerm {
  scope.check(term);
  const expressions = term.factors.flatMap((factor) =>
    factor.kind === 'levels' ? [] : [{ expression: factor, at: compile(factor, scope) }],
  );
  const levels = term.factors.flatMap((factor) =>
    factor.kind === 'levels' ? [{ name: factor.name, ...scope.levels(factor.name) }] : [],
  );
  const [only] = expressions;
  if (expressions.length === 1)
    return { name: termName(term), numbers: valuesOf(only.expression, only.at, scope), expressions, levels };
  const factors = expressions.map(({ at }) => at);
  const numbers = new Float64Array(scope.panel.rows);
  for (let row = 0; row < numbers.length; row++) numbers[row] = product(factors, row);
  return { name: termName(term), numbers, expressions, levels };
}

function completeRows(
  count: number,
  terms: readonly PreparedTerm[],
  effects: readonly (Coded & { name: string })[],
  scope: Scope,
) {
  // column by column, so that only rows that lack something are asked why
  const lacking = new Uint8Array(count);
  for (const { numbers, levels } of terms) {
    for (let row = 0; row < count; row++) if (Number.isNaN(numbers[row])) lacking[row] = 1;
    for (const { codes } of levels) markMissing(codes, lacking);
  }
  for (const { codes } of effects) markMissing(codes, lacking);
  const { kept: confined } = scope.panel;
  if (confined !== undefined) for (let row = 0; row < count; row++) if (confined.rows[row] === 0) lacking[row] = 1;
  if (!lacking.includes(1)) return { rows: ascending(count), dropped: [] };

  const rows = new Uint32Array(count);
  let kept = 0;
  const dropped = new Map<string, number>();
  for (let row = 0; row < count; row++) {
    const reason = lacking[row] === 0 ? null : firstReason(row, terms, effects, scope);
    if (reason === null) rows[kept++] = row;
    else dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
  }
  const counted = Array.from(dropped, ([reason, number]): Dropped => ({ reason, rows: number }));
  if (kept === 0) {
    const why = counted.map(({ reason, rows: number }) => `${reason} (${number} rows)`).join('; ');
    throw InputError.one('no_complete_rows', `no row has all that is needed: ${why}`);
  }
  return { rows: rows.slice(0, kept), dropped: counted };
}

function markMissing(codes: Uint32Array, lacking: Uint8Array): void {
  for (let row = 0; row < lacking.length; row++) if (codes[row] === missingText) lacking[row] = 1;
}

/** Why an incomplete row is left out. */
function firstReason(
  row: number,
  terms: readonly PreparedTerm[],
  effects: readonly (Coded & { name: string })[],
  scope: Scope,
): string {
  const { kept } = scope.panel;
  if (kept?.rows[row] === 0) return `not in the sample ${kept.name}`;
  for (const { name, numbers, expressions, levels } of terms) {
    if (Number.isNaN(numbers[row])) {
      const missing = expressions.find(({ at }) => Number.isNaN(at(row)));
      return missing === undefined ? `${name} not finite: too large for a double` : whyMissing(missing.expression, scope, row);
    }
    const unknown = levels.find(({ codes }) => codes[row] === missingText);
    if (unknown !== undefined) return `${printName(unknown.name)} missing in the data`;
  }
  const unknown = effects.find(({ codes }) => codes[row] === missingText)!;
  return `${printName(unknown.name)} missing in the data`;
}

/** The values at the kept rows; all of them without a copy. */
const onRows = (values: Float64Array, rows: Uint32Array) => (rows.length === values.length ? values : gather(values, rows));

/** A term's columns on the kept rows: itself, or for i(…) a dummy per level but the first, times its other factors. */
function expand(term: PreparedTerm, rows: Uint32Array): Variable[] {
  const numbers = onRows(term.numbers, rows);
  const rest = term.expressions.map(({ expression }) => expressionName(expression));
  let columns = [{ labels: [] as string[], values: numbers }];
  for (const level of term.levels) {
    const { codes, labels } = recode(level, rows);
    if (columns.length * labels.length > maxDummies) {
      throw InputError.one(
        'too_many_levels',
        `${term.name} makes more than ${maxDummies} columns: make ${printName(level.name)} an effect`,
      );
    }
    columns = columns.flatMap((column) =>
      labels.slice(1).map((label, k) => ({
        labels: [...column.labels, `${printName(level.name)}::${label}`],
        values: column.values.map((value, row) => (codes[row] === k + 1 ? value : 0)),
      })),
    );
  }
  if (term.levels.length === 0) return [{ name: term.name, values: numbers }];
  return columns.map(({ labels, values }) => ({ name: [...labels, ...rest].join(':'), values }));
}

/** Codes over the kept rows only, in the order of the labels. */
function recode({ codes, labels }: Coded, rows: Uint32Array): Coded {
  const used = new Uint8Array(labels.length);
  for (let i = 0; i < rows.length; i++) used[codes[rows[i]]] = 1;
  const newCode = new Uint32Array(labels.length);
  const kept: string[] = [];
  labels.forEach((label, code) => {
    if (used[code] === 1) newCode[code] = kept.push(label) - 1;
  });
  const numbered = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) numbered[i] = newCode[codes[rows[i]]];
  return { codes: numbered, labels: kept };
}
