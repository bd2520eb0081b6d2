import { InputError } from '../../errors.js';
import { chooseDelimiter, decodeText, readRecords } from '../../panel/csv-text.js';
import { plainNumber } from '../../panel/number.js';
import { quoted } from '../../panel/problems.js';
import { didYouMean } from '../../suggest.js';

/** A small CSV file: its first line names the columns. Cells are trimmed. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** the line of each row in the file */
  readonly lines: readonly number[];
}

const limits = { lineLength: 10_000_000 }; // a dense matrix of 10⁵ cells a row

/** Every record of a CSV file, trimmed. */
export function csvRecords(bytes: Uint8Array, delimiter?: string | undefined): { cells: string[]; line: number }[] {
  const text = decodeText(bytes);
  if (text.trim() === '') throw InputError.one('empty_file', 'the file is empty');
  const records: { cells: string[]; line: number }[] = [];
  readRecords(text, delimiter ?? chooseDelimiter(text, [',', ';', '\t', '|', ' ']), limits, (cells, line) => {
    records.push({ cells: cells.map((cell) => cell.trim()), line });
  });
  return records;
}

export function readTable(bytes: Uint8Array, delimiter?: string | undefined): Table {
  const [head, ...rest] = csvRecords(bytes, delimiter);
  const ragged = rest.find(({ cells }) => cells.length !== head.cells.length);
  if (ragged !== undefined) {
    throw InputError.one(
      'ragged_row',
      `line ${ragged.line} has ${ragged.cells.length} cells, but the header has ${head.cells.length}`,
    );
  }
  if (rest.length === 0) throw InputError.one('no_rows', 'there are no rows under the header');
  return { names: head.cells, rows: rest.map(({ cells }) => cells), lines: rest.map(({ line }) => line) };
}

/** The place of a column that an option names. */
export function columnPlace({ names }: Table, name: string, option: string): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  throw InputError.one(
    'unknown_column',
    `there is no column ${quoted(name)} for ${option}${didYouMean(name, names)}`,
    `/${option}`,
  );
}

/** The first of the usual names that a table has, in any case. */
export function usualColumn({ names }: Table, usual: readonly string[]): number {
  const folded = names.map((name) => name.toLowerCase());
  return usual.map((name) => folded.indexOf(name)).find((place) => place >= 0) ?? -1;
}

/** A cell as a number; what it is instead is said with its line. */
export function numberCell(table: Table, row: number, place: number): number {
  const value = plainNumber(table.rows[row][place]);
  if (Number.isFinite(value)) return value;
  throw InputError.one(
    'not_a_number',
    `line ${table.lines[row]}: ${quoted(table.names[place])} must be a number, got ${quoted(table.rows[row][place])}`,
  );
}
