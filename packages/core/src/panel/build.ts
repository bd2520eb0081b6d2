import { plainNumber } from './number.js';
import { type Column, missingText, type Panel } from './panel.js';
import { Problems, quoted } from './problems.js';
import { readPeriods } from './time.js';

/** Columns of equal length, rows in any order. Missing: NaN or null in a number column, null or '' in a text column. */
export interface PanelSource {
  readonly entity: { readonly name: string; readonly values: ArrayLike<string | number> };
  readonly time: { readonly name: string; readonly values: ArrayLike<string | number> };
  readonly columns: readonly { readonly name: string; readonly values: ArrayLike<number | string | null> }[];
  /** what `L.` goes back by, in units of time; else the greatest common difference of the times present */
  readonly step?: number | undefined;
}

/**
 * A panel from columns: checks names and keys, sorts rows by entity, then time.
 *
 * Entities sort by number if all their labels are plain numbers (and `1.0` is then `1`, though never `01`), else by code
 * unit. The same data in any row order give the same panel to the last bit: text labels are sorted, −0 is 0, NaN is one NaN.
 *
 * @throws InputError with every problem found: column names, keys missing or twice, times, values that are not finite
 */
export function buildPanel(source: PanelSource): Panel {
  const problems = new Problems();
  checkColumnNames([source.entity.name, source.time.name, ...source.columns.map((column) => column.name)], problems);
  const rows = source.entity.values.length;
  for (const { name, values } of [source.time, ...source.columns]) {
    if (values.length !== rows)
      problems.add('ragged_row', `column "${name}" has ${values.length} rows, but "${source.entity.name}" has ${rows}`);
  }
  problems.throwIfAny();

  const entity = { name: source.entity.name, ...internKeys(source.entity, problems) };
  const time = { name: source.time.name, ...internKeys(source.time, problems) };
  problems.throwIfAny();
  const panel = assemble(
    {
      rows,
      entity,
      time,
      columns: source.columns.map((column) => rawColumn(column, problems)),
      step: source.step,
      place: (row) => `row ${row + 1}`,
    },
    problems,
  );
  problems.throwIfAny();
  return panel!;
}

/** Objects have these as members of their own accord; refused so that no later code can trip over them. */
const reservedNames = new Set(['__proto__', 'constructor', 'prototype']);

export function checkColumnNames(names: readonly string[], problems: Problems): void {
  const seen = new Map<string, number>();
  names.forEach((name, k) => {
    const earlier = seen.get(name);
    if (name === '') {
      const hint = k === 0 ? ' (row names of R? write them not: row.names = FALSE)' : '';
      problems.add('empty_column_name', `column ${k + 1} has no name${hint}`);
    } else if (reservedNames.has(name)) {
      problems.add('reserved_column_name', `column ${k + 1} is named "${name}", which is reserved: give it another name`);
    } else if (earlier !== undefined) {
      problems.add('duplicate_column', `columns ${earlier + 1} and ${k + 1} are both named ${quoted(name)}`);
    }
    if (earlier === undefined) seen.set(name, k);
  });
}

/** Distinct texts and, for each row, which of them; `missingText` where there is none. */
export interface Interned {
  readonly labels: readonly string[];
  readonly codes: ArrayLike<number>;
}

export type RawColumn =
  | { readonly kind: 'number'; readonly name: string; readonly values: ArrayLike<number> }
  | ({ readonly kind: 'text'; readonly name: string } & Interned);

/** What every format is read into: columns in the order of the file, keys interned, none missing. */
export interface RawPanel {
  readonly rows: number;
  readonly entity: { readonly name: string } & Interned;
  readonly time: { readonly name: string } & Interned;
  readonly columns: readonly RawColumn[];
  readonly step: number | undefined;
  /** where a row stands, for messages: "line 7" */
  place(row: number): string;
}

/** Sorts a raw panel into a Panel; null after telling `problems` why not. */
export function assemble(raw: RawPanel, problems: Problems): Panel | null {
  if (raw.rows === 0) problems.add('no_rows', 'there are no rows of data');
  const entities = canonicalEntities(raw.entity.labels);
  const periods = raw.rows === 0 ? null : readPeriods(raw.time.name, raw.time.labels, raw.step, problems);
  if (periods === null) return null;

  const entityOf = Uint32Array.from({ length: raw.rows }, (_, row) => entities.codeOf[raw.entity.codes[row]]);
  const timeOf = Uint32Array.from({ length: raw.rows }, (_, row) => periods.codeOf[raw.time.codes[row]]);
  const byTime = countingSort(
    Uint32Array.from({ length: raw.rows }, (_, row) => row),
    timeOf,
    periods.labels.length,
  );
  const order = countingSort(byTime, entityOf, entities.labels.length); // stable: equal keys stay in the order of the file
  const codes = order.map((row) => entityOf[row]);
  const timeCodes = order.map((row) => timeOf[row]);
  for (let k = 1; k < raw.rows; k++) {
    if (codes[k] !== codes[k - 1] || timeCodes[k] !== timeCodes[k - 1]) continue;
    const key = `${raw.entity.name} ${quoted(entities.labels[codes[k]])}, ${raw.time.name} ${quoted(periods.labels[timeCodes[k]])}`;
    problems.add('duplicate_key', `${key} is on ${raw.place(order[k - 1])} and again on ${raw.place(order[k])}`);
  }
  if (problems.any) return null;

  const starts = new Uint32Array(entities.labels.length + 1);
  for (const code of codes) starts[code + 1] += 1;
  for (let e = 1; e < starts.length; e++) starts[e] += starts[e - 1];
  return {
    rows: raw.rows,
    entity: { name: raw.entity.name, labels: entities.labels, codes, starts },
    time: {
      name: raw.time.name,
      unit: periods.unit,
      step: periods.step,
      labels: periods.labels,
      values: periods.values,
      codes: timeCodes,
    },
    columns: raw.columns.map((column) => sortedColumn(column, order)),
  };
}

function sortedColumn(column: RawColumn, order: Uint32Array): Column {
  if (column.kind === 'number') {
    const values = new Float64Array(order.length);
    for (let k = 0; k < order.length; k++) {
      const value = column.values[order[k]];
      values[k] = Number.isNaN(value) ? Number.NaN : value + 0; // one NaN, and no −0: equal data have equal bytes
    }
    return { kind: 'number', name: column.name, values };
  }
  const used = new Set<number>();
  for (const row of order) used.add(column.codes[row]);
  const labels = column.labels.filter((_, code) => used.has(code)).sort();
  const codeOf = new Map(labels.map((label, code) => [label, code]));
  const codes = order.map((row) => codeOf.get(column.labels[column.codes[row]]) ?? missingText);
  return { kind: 'text', name: column.name, labels, codes };
}

/** Row numbers in the order of their keys; rows of equal keys keep their order. O(rows + keys). */
function countingSort(rows: Uint32Array, keyOf: Uint32Array, keys: number): Uint32Array {
  const next = new Uint32Array(keys + 1);
  for (const row of rows) next[keyOf[row] + 1] += 1;
  for (let key = 1; key <= keys; key++) next[key] += next[key - 1];
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) sorted[next[keyOf[row]]++] = row;
  return sorted;
}

/** Labels in order and in one spelling, and for each label handed in its code. */
export function canonicalEntities(given: readonly string[]): { labels: string[]; codeOf: Uint32Array } {
  const numeric = given.every((label) => Number.isFinite(plainNumber(label)));
  // Zeros after the point say nothing; zeros in front make an identifier ("01001" is a county), so they stay.
  const spelled = numeric
    ? given.map((label) => label.replace(/^\+/, '').replace(/^([^eE.]*)\.(?:0*|(\d*[1-9])0*)$/, withoutZeros))
    : given;
  const byCodeUnit = [...new Set(spelled)].sort();
  const labels = numeric ? byCodeUnit.sort((a, b) => Number(a) - Number(b)) : byCodeUnit; // sort is stable: ties by code unit
  const codes = new Map(labels.map((label, code) => [label, code]));
  return { labels, codeOf: Uint32Array.from(spelled, (label) => codes.get(label)!) };
}

const withoutZeros = (_: string, whole: string, fraction: string | undefined) =>
  `${whole}${/\d$/.test(whole) ? '' : '0'}${fraction === undefined ? '' : `.${fraction}`}`;

function internKeys(key: PanelSource['entity'], problems: Problems): Interned {
  const labels = new Map<string, number>();
  const codes = new Uint32Array(key.values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = key.values[row];
    const label = value === null || value === undefined || Number.isNaN(value) ? '' : String(value).trim();
    if (label === '') problems.add('missing_key', `row ${row + 1} has no ${key.name}`);
    codes[row] = intern(labels, label);
  }
  return { labels: [...labels.keys()], codes };
}

export function intern(labels: Map<string, number>, label: string): number {
  let code = labels.get(label);
  if (code === undefined) {
    code = labels.size;
    labels.set(label, code);
  }
  return code;
}

function rawColumn({ name, values }: PanelSource['columns'][number], problems: Problems): RawColumn {
  const given = Array.from(values);
  if (!given.some((value) => typeof value === 'string')) {
    const numbers = given.map((value) => (typeof value === 'number' ? value : Number.NaN));
    const infinite = numbers.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
    if (infinite >= 0) problems.add('number_out_of_range', `column "${name}" is not finite in row ${infinite + 1}`);
    return { kind: 'number', name, values: numbers };
  }
  const number = given.findIndex((value) => typeof value === 'number' && !Number.isNaN(value));
  if (number >= 0) {
    const text = given.findIndex((value) => typeof value === 'string');
    problems.add(
      'text_in_numeric_column',
      `column "${name}" has text ${quoted(String(given[text]))} in row ${text + 1}, but a number in row ${number + 1}`,
    );
  }
  const labels = new Map<string, number>();
  const codes = given.map((value) =>
    typeof value === 'string' && value.trim() !== '' ? intern(labels, value.trim()) : missingText,
  );
  return { kind: 'text', name, labels: [...labels.keys()], codes };
}
