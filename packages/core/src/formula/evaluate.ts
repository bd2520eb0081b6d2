import { InputError } from '../errors.js';
import { type Column, missingText, type Panel } from '../panel/panel.js';
import { alignWeights } from '../weights/align.js';
import { type PanelLag, panelLag } from '../weights/lag.js';
import type { Weights } from '../weights/weights.js';
import { checkTerm, meanings } from './names.js';
import { expressionName, termName } from './print.js';
import type { Expression, FunctionName, Operator, Shift, Term } from './syntax.js';
import { type SpatialLag, weightsFault, weightsNameOf } from './weights.js';

/** A number for a row of the panel; NaN if it is missing or not finite. */
export type AtRow = (row: number) => number;

/** What expressions are evaluated on: the panel, for each lag asked for the row it leads to, and the weights of spatial lags. */
export class Scope {
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #meanings: ReturnType<typeof meanings>;
  readonly #shifted = new Map<number, Int32Array>();
  readonly #spatial = new Map<string, PanelLag>();

  constructor(
    readonly panel: Panel,
    readonly weights: ReadonlyMap<string, Weights> | undefined = panel.weights,
  ) {
    this.#columns = new Map(panel.columns.map((column) => [column.name, column]));
    this.#meanings = meanings(panel);
  }

  /** Refuses a term that names what is not there. */
  check(term: Term): void {
    const [first, ...rest] = checkTerm(term, this.panel, '', this.weights);
    if (first !== undefined) throw new InputError([first, ...rest]);
  }

  /** The numbers of a column; none for the period, which stands in no column of its own. */
  column(name: string): Float64Array | undefined {
    const column = this.#columns.get(name);
    return column?.kind === 'number' ? column.values : undefined;
  }

  numbers(name: string): AtRow {
    const column = this.column(name);
    if (column) return (row) => column[row];
    const { values, codes } = this.panel.time; // `check` has left nothing else
    return (row) => values[codes[row]];
  }

  /** Codes and labels of a column's levels: texts, entities, periods, or distinct numbers; `missingText` where missing. */
  levels(name: string): { codes: Uint32Array; labels: readonly string[] } {
    const meaning = this.#meanings.get(name);
    if (meaning === 'entity' || meaning === 'time') return this.panel[meaning];
    const column = this.#columns.get(name);
    if (column === undefined) throw InputError.one('unknown_column', `there is no column "${name}"`);
    if (column.kind === 'text') return column;
    const values = Array.from(new Set(column.values.filter((value) => !Number.isNaN(value))).values()).sort((a, b) => a - b);
    const codeOf = new Map(values.map((value, code) => [value, code]));
    return { codes: Uint32Array.from(column.values, (value) => codeOf.get(value) ?? missingText), labels: values.map(String) };
  }

  /** The lag within each period by the weights that a W(…) means, aligned to the panel's entities. */
  spatial(lag: SpatialLag): PanelLag {
    const name = weightsNameOf(lag, this.weights);
    const weights = name === null ? undefined : this.weights?.get(name);
    if (name === null || weights === undefined) throw new InputError([{ pointer: '', ...weightsFault(lag, this.weights) }]);
    let known = this.#spatial.get(name);
    if (known === undefined) {
      const { entity, time } = this.panel;
      known = panelLag(alignWeights(weights, entity.labels), entity.codes, time.codes, time.labels.length);
      this.#spatial.set(name, known);
    }
    return known;
  }

  /** For each row the row of the same entity `lag` steps of time earlier (later if negative), −1 where there is none. */
  shifted(lag: number): Int32Array {
    const known = this.#shifted.get(lag);
    if (known !== undefined) return known;
    const { entity, time, rows } = this.panel;
    const codeOf = new Map(Array.from(time.values, (value, code) => [value, code]));
    const source = Int32Array.from(time.values, (value) => codeOf.get(value - lag * time.step) ?? -1); // of each period
    const shifted = new Int32Array(rows).fill(-1);
    for (let e = 0; e < entity.labels.length; e++) {
      const end = entity.starts[e + 1];
      let candidate = entity.starts[e]; // moves forward with the row: both are in order of time
      for (let row = entity.starts[e]; row < end; row++) {
        const wanted = source[time.codes[row]];
        if (wanted < 0) continue;
        while (candidate < end && time.codes[candidate] < wanted) candidate += 1;
        if (candidate < end && time.codes[candidate] === wanted) shifted[row] = candidate;
      }
    }
    this.#shifted.set(lag, shifted);
    return shifted;
  }
}

/**
 * One column of a term: the product of its factors at every row of the panel. NaN where anything it needs is missing, where a
 * lag leads to a period the entity does not have, where a spatial lag's neighbour has no row in the period, and where the
 * result is not finite.
 *
 * @param weights  what W(…) may name; the panel's own when left out
 * @throws InputError unknown_column, text_column, weights_needed, unknown_weights, ambiguous_weights, weights_mismatch (W(…)),
 *   several_columns (i(…))
 */
export function evaluateTerm(term: Term, panel: Panel, weights?: ReadonlyMap<string, Weights> | undefined): Float64Array {
  const scope = new Scope(panel, weights);
  scope.check(term);
  const factors = term.factors.map((factor) => {
    if (factor.kind === 'levels')
      throw InputError.one('several_columns', `${termName(term)} is several columns; one is needed here`);
    return compile(factor, scope);
  });
  return Float64Array.from({ length: panel.rows }, (_, row) => product(factors, row));
}

/** Of no factors: 1. */
export function product(factors: readonly AtRow[], row: number): number {
  let value = 1;
  for (const factor of factors) value *= factor(row);
  return finite(value);
}

/** An expression at every row of the panel, given as compiled. */
export function valuesOf(expression: Expression, at: AtRow, scope: Scope): Float64Array {
  const { rows } = scope.panel;
  const values = new Float64Array(rows);
  const column = expression.kind === 'variable' ? scope.column(expression.name) : undefined;
  if (column) for (let row = 0; row < rows; row++) values[row] = finite(column[row]);
  else for (let row = 0; row < rows; row++) values[row] = finite(at(row));
  return values;
}

/** The value, or NaN if it is not finite. */
export const finite = (value: number) => (value - value === 0 ? value : Number.NaN);

/** An expression as a function of the row; its names have been checked. */
export function compile(expression: Expression, scope: Scope): AtRow {
  switch (expression.kind) {
    case 'variable':
      return scope.numbers(expression.name);
    case 'number':
      return () => expression.value;
    case 'shift':
      return compileShift(expression, scope);
    case 'call': {
      const [f, x] = [functions[expression.name].apply, compile(expression.of, scope)];
      return (row) => finite(f(x(row)));
    }
    case 'arithmetic':
      return compile(expression.of, scope);
    case 'spatialLag': {
      const x = compile(expression.of, scope);
      const lag = scope.spatial(expression).apply(Float64Array.from({ length: scope.panel.rows }, (_, row) => x(row)));
      return (row) => finite(lag[row]);
    }
    case 'negative': {
      const x = compile(expression.of, scope);
      return (row) => -x(row);
    }
    case 'binary': {
      const [f, x, z] = [
        arithmetic(expression.operator, expression.right),
        compile(expression.left, scope),
        compile(expression.right, scope),
      ];
      return (row) => finite(f(x(row), z(row)));
    }
  }
}

/** Δᵐx at t − lag·step, each difference against one step earlier. */
function compileShift({ lag, differences, of }: Shift, scope: Scope): AtRow {
  let x = compile(of, scope);
  for (let m = 0; m < differences; m++) x = minus(x, at(x, 1, scope));
  return lag === 0 ? x : at(x, lag, scope);
}

const minus =
  (x: AtRow, z: AtRow): AtRow =>
  (row) =>
    finite(x(row) - z(row));

function at(x: AtRow, lag: number, scope: Scope): AtRow {
  const shifted = scope.shifted(lag);
  return (row) => (shifted[row] < 0 ? Number.NaN : x(shifted[row]));
}

const functions: Record<FunctionName, { apply: (x: number) => number; fault: string }> = {
  log: { apply: Math.log, fault: 'log of a value ≤ 0' },
  exp: { apply: Math.exp, fault: 'too large for a double' },
  sqrt: { apply: Math.sqrt, fault: 'square root of a negative value' },
  abs: { apply: Math.abs, fault: 'too large for a double' },
};

function arithmetic(operator: Operator, right: Expression): (x: number, z: number) => number {
  switch (operator) {
    case '+':
      return (x, z) => x + z;
    case '-':
      return (x, z) => x - z;
    case '*':
      return (x, z) => x * z;
    case '/':
      return (x, z) => x / z;
    case '^':
      // Squares and cubes as products, correctly rounded at each step and equal on every machine; R does so for squares.
      if (right.kind === 'number' && right.value === 2) return (x) => x * x;
      if (right.kind === 'number' && right.value === 3) return (x) => x * x * x;
      return (x, z) => (Number.isNaN(x) ? x : x ** z); // NaN⁰ is 1 in JavaScript, but a missing value stays missing
  }
}

/** Why an expression is NaN at a row, in words that are equal for equal causes: rows are counted by them. */
export function whyMissing(expression: Expression, scope: Scope, row: number): string {
  const missing = (inner: Expression) => Number.isNaN(compile(inner, scope)(row));
  switch (expression.kind) {
    case 'variable':
      return `${expressionName(expression)} missing in the data`;
    case 'shift':
      return whyShiftMissing(expression, scope, row);
    case 'call':
      if (missing(expression.of)) return whyMissing(expression.of, scope, row);
      return `${expressionName(expression)} not finite: ${functions[expression.name].fault}`;
    case 'binary': {
      for (const side of [expression.left, expression.right]) if (missing(side)) return whyMissing(side, scope, row);
      const byZero = expression.operator === '/' && compile(expression.right, scope)(row) === 0;
      const fault = byZero ? 'division by zero' : expression.operator === '^' ? 'no such power' : 'too large for a double';
      return `${expressionName(expression)} not finite: ${fault}`;
    }
    case 'number':
      return `${expressionName(expression)} missing`;
    case 'spatialLag':
      return `${expressionName(expression)} missing: ${whyLagMissing(expression, scope, row)}`;
    default:
      return whyMissing(expression.of, scope, row);
  }
}

function whyLagMissing(lag: SpatialLag, scope: Scope, row: number): string {
  const spatial = scope.spatial(lag);
  const absent = spatial.absent(row);
  if (absent !== null) return `neighbour ${scope.panel.entity.labels[absent]} has no row in that period`;
  const x = compile(lag.of, scope);
  const neighbour = spatial.neighbours(row).find((there) => Number.isNaN(x(there)));
  if (neighbour === undefined) return 'too large for a double';
  return `at neighbour ${scope.panel.entity.labels[scope.panel.entity.codes[neighbour]]}, ${whyMissing(lag.of, scope, neighbour)}`;
}

function whyShiftMissing(shift: Shift, scope: Scope, row: number): string {
  const name = expressionName(shift);
  for (let back = 0; back <= shift.differences; back++) {
    const lag = shift.lag + back;
    const there = lag === 0 ? row : scope.shifted(lag)[row];
    if (there < 0) return `${name} missing: ${noPeriod(lag)}`;
    if (Number.isNaN(compile(shift.of, scope)(there))) return `${name} missing: ${whyMissing(shift.of, scope, there)}`;
  }
  return `${name} not finite: too large for a double`;
}

function noPeriod(lag: number): string {
  if (Math.abs(lag) === 1) return lag === 1 ? 'no previous period' : 'no next period';
  return `no period ${Math.abs(lag)} steps ${lag > 0 ? 'earlier' : 'later'}`;
}
