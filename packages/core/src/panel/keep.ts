import type { Problem } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { type Column, missingText, type Panel, type PanelSummary } from './panel.js';
import { quoted } from './problems.js';

/** Rows of which a column's value (the year, of periods with months or days) is in a range, one of a list, none of a list. */
export interface Condition {
  /** a column, or the words `entity` and `time` */
  readonly column: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly in?: readonly (string | number)[] | undefined;
  readonly notIn?: readonly (string | number)[] | undefined;
}

/** What a condition asks of columns that are not there, and of texts that have no size. */
export function conditionProblems(panel: PanelSummary, condition: Condition, pointer: string): Problem[] {
  const { entity, time, columns } = panel;
  const names = [entity.name, time.name, 'entity', 'time', ...columns.map(({ name }) => name)];
  const { column, min, max } = condition;
  if (!names.includes(column)) {
    const message = `there is no column ${quoted(column)}${didYouMean(column, names)}`;
    return [{ pointer: `${pointer}/column`, code: 'unknown_column', message }];
  }
  const text =
    column === entity.name ||
    column === 'entity' ||
    (column !== time.name && columns.find(({ name }) => name === column)?.kind === 'text');
  if (text && (min !== undefined || max !== undefined)) {
    return [{ pointer, code: 'text_column', message: `${quoted(column)} is text: choose rows of it by "in" or "notIn"` }];
  }
  return [];
}

/**
 * The panel confined to the rows that meet all conditions: estimators use only those, while lags, differences and spatial lags are
 * still taken over all rows, as Stata's `if` does. A row whose value is missing meets no condition on it.
 */
export function keepRows(panel: Panel, name: string, conditions: readonly Condition[]): Panel {
  if (conditions.length === 0) return panel;
  const kept = new Uint8Array(panel.rows).fill(1);
  for (const condition of conditions) {
    const meets = tester(panel, condition);
    for (let row = 0; row < panel.rows; row++) if (!meets(row)) kept[row] = 0;
  }
  return { ...panel, kept: { name, rows: kept } };
}

function tester(panel: Panel, { column: name, min, max, in: among, notIn }: Condition): (row: number) => boolean {
  const { entity, time } = panel;
  const byLabel = (labels: readonly string[], codes: Uint32Array) => {
    const asked = (list: readonly (string | number)[]) => new Set(list.map(String));
    const [wanted, unwanted] = [among && asked(among), notIn && asked(notIn)];
    const meets = labels.map((label) => wanted?.has(label) !== false && unwanted?.has(label) !== true);
    return (row: number) => codes[row] !== missingText && meets[codes[row]];
  };
  const column: Column | undefined = panel.columns.find((one) => one.name === name);
  if (name === entity.name || (name === 'entity' && !column)) return byLabel(entity.labels, entity.codes);
  if (column?.kind === 'text') return byLabel(column.labels, column.codes);
  const inRange = (value: number) => value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  if (name === time.name || (name === 'time' && !column)) {
    const labelled = byLabel(time.labels, time.codes);
    const years = time.labels.map((label, t) => (time.unit === 'integer' ? time.values[t] : Number(label.slice(0, 4))));
    return (row) => labelled(row) && inRange(years[time.codes[row]]);
  }
  if (column?.kind !== 'number') throw new TypeError(`no column ${name}: conditions are checked before`);
  const [wanted, unwanted] = [among && new Set(among.map(Number)), notIn && new Set(notIn.map(Number))];
  return (row) => {
    const value = column.values[row];
    return !Number.isNaN(value) && inRange(value) && wanted?.has(value) !== false && unwanted?.has(value) !== true;
  };
}
