import type { Cell, Report, Table } from '@spillway/core';
import { layOut } from './grid.js';

/**
 * Text is quoted, and text that a spreadsheet would take for a formula gets a leading apostrophe (also before the
 * full-width signs that East Asian spreadsheets take for them); a number is never touched, so −0.5 stays −0.5.
 *
 * @see OWASP, CSV Injection
 */
function textField(text: string): string {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** The shortest decimals that give the same double back; `Number` reads NaN, infinities and −0 too. */
function numberField(value: number | null): string {
  if (value === null) return '';
  return Object.is(value, -0) ? '-0' : String(value);
}

const field = (cell: Cell) => (cell === null ? '' : typeof cell === 'string' ? textField(cell) : numberField(cell.value));
const record = (cells: readonly Cell[]) => cells.map(field).join(',');
const lines = (records: readonly string[]) => records.map((line) => `${line}\r\n`).join('');

function tableRecords(table: Table): string[] {
  const { header, rows } = layOut(table);
  return [record(header), ...rows.map((row) => record(row.cells))];
}

/** Columns of the same length as a table with their names in the first line; null is an empty cell. */
export function csvColumns(
  columns: readonly { readonly name: string; readonly data: readonly (string | number | null)[] }[],
): string {
  const cell = (value: string | number | null) => (typeof value === 'string' ? textField(value) : numberField(value));
  const rows = Array.from({ length: columns[0]?.data.length ?? 0 }, (_, k) => columns.map(({ data }) => cell(data[k])).join(','));
  return lines([columns.map(({ name }) => textField(name)).join(','), ...rows]);
}

/** Header and rows at full precision, without stars, brackets and notes (RFC 4180). */
export function csvTable(table: Table): string {
  return lines(tableRecords(table));
}

/** The tables one after another with an empty line between: title, header, rows, notes. */
export function csvReport(report: Report): string {
  const tables = report.tables.map((table) =>
    lines([record([table.title]), ...tableRecords(table), ...table.notes.map((note) => record([note]))]),
  );
  return tables.join('\r\n');
}
