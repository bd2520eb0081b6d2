import { InputError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { assemble, checkColumnNames, intern, type RawColumn } from './build.js';
import { chooseDelimiter, decodeText, readRecords } from './csv-text.js';
import { plainNumber } from './number.js';
import { missingText, type Panel } from './panel.js';
import { Problems, quoted } from './problems.js';

export interface CsvOptions {
  /** names of the columns that say whose and when a row is */
  readonly entity: string;
  readonly time: string;
  /** one character; else chosen from the header line among , ; tab and | */
  readonly delimiter?: string | undefined;
  /** `,` where 1,5 is one and a half; never guessed */
  readonly decimal?: '.' | ',' | undefined;
  /** what `L.` goes back by, in units of time; else the greatest common difference of the times present */
  readonly step?: number | undefined;
  /** cells that mean "missing" besides empty ones; else NA, NaN and . */
  readonly missing?: readonly string[] | undefined;
  readonly limits?: Partial<CsvLimits> | undefined;
}

export interface CsvLimits {
  readonly columns: number;
  readonly rows: number;
  readonly cells: number;
  readonly lineLength: number;
}

export const csvLimits: CsvLimits = {
  columns: 2_000, // a wide survey; beyond it a file is usually turned on its side
  rows: 5_000_000, // 10,000 counties for 40 years of 12 months
  cells: 25_000_000, // 200 MB as doubles: ",,,," costs a byte a cell to send and eight to hold
  lineLength: 1_000_000, // 2,000 columns of 500 characters; a file without line ends stops here
};

/**
 * A panel from a CSV file.
 *
 * The first line names the columns. White space around a cell is not part of it. A column is a number column if every cell
 * that is not missing is a plain number, a text column if none is; anything between is refused, for a stray letter would
 * else turn a variable into labels.
 *
 * @throws InputError with all problems found (the first `maxProblems`); codes: empty_file, no_header, no_rows, not_utf8,
 *   bad_delimiter, bad_quote, duplicate_column, empty_column_name, reserved_column_name, unknown_column, same_column, ragged_row,
 *   text_in_numeric_column, number_out_of_range, missing_key, bad_time, bad_step, duplicate_key, too_many_columns,
 *   too_many_rows, too_many_cells, line_too_long
 */
export function panelFromCsv(bytes: Uint8Array, options: CsvOptions): Panel {
  const text = decodeText(bytes);
  if (text.trim() === '') throw InputError.one('empty_file', 'the file is empty');
  const limits = { ...csvLimits, ...options.limits };
  const problems = new Problems();
  const delimiter = delimiterOf(text, options);
  const rules: CellRules = { decimal: options.decimal ?? '.', missing: new Set(options.missing ?? ['NA', 'NaN', '.']) };

  let table: CsvTable | null = null;
  readRecords(text, delimiter, limits, (cells, line) => {
    if (table === null)
      table = new CsvTable(readHeader(cells, rules, options, limits, problems), rules, options, limits, problems);
    else table.add(cells, line);
  });
  return table!.panel(options.step);
}

function delimiterOf(text: string, { delimiter, decimal }: CsvOptions): string {
  if (delimiter === undefined) return chooseDelimiter(text, [',', ';', '\t', '|'].slice(decimal === ',' ? 1 : 0));
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw InputError.one(
      'bad_delimiter',
      `the delimiter must be one character and no quote or line end, got ${quoted(delimiter)}`,
      '/delimiter',
    );
  }
  if (delimiter === decimal) {
    throw InputError.one('bad_delimiter', `delimiter and decimal mark are both ${quoted(delimiter)}`, '/delimiter');
  }
  return delimiter;
}

function readHeader(
  cells: readonly string[],
  rules: CellRules,
  options: CsvOptions,
  limits: CsvLimits,
  problems: Problems,
): string[] {
  const names = cells.map((cell) => cell.trim());
  if (names.length > limits.columns) {
    throw InputError.one('too_many_columns', `the file has ${names.length} columns; at most ${limits.columns} are read`);
  }
  if (names.every((name) => name === '' || rules.missing.has(name) || !Number.isNaN(plainNumber(name, rules.decimal)))) {
    throw InputError.one('no_header', `the first line must name the columns; it reads ${quoted(names.join(' '))}`);
  }
  checkColumnNames(names, problems);
  for (const key of ['entity', 'time'] as const) {
    if (names.includes(options[key])) continue;
    const alone = names.length === 1 ? '; the whole header is one column: is the delimiter right?' : '';
    problems.add(
      'unknown_column',
      `there is no column ${quoted(options[key])} for ${key}${didYouMean(options[key], names)}${alone}`,
      `/${key}`,
    );
  }
  if (options.entity === options.time) problems.add('same_column', `entity and time are both ${quoted(options.time)}`, '/time');
  problems.throwIfAny();
  return names;
}

interface CellRules {
  readonly decimal: '.' | ',';
  readonly missing: ReadonlySet<string>;
}

/** Takes records one by one into columns. */
class CsvTable {
  readonly #entity: Key;
  readonly #time: Key;
  readonly #columns: { at: number; reader: ColumnReader }[];
  readonly #lines: number[] = [];

  constructor(
    readonly names: readonly string[],
    readonly rules: CellRules,
    options: CsvOptions,
    readonly limits: CsvLimits,
    readonly problems: Problems,
  ) {
    this.#entity = { role: 'entity', name: options.entity, at: names.indexOf(options.entity), labels: new Map(), codes: [] };
    this.#time = { role: 'time', name: options.time, at: names.indexOf(options.time), labels: new Map(), codes: [] };
    const columns = names.map((name, at) => ({ at, reader: new ColumnReader(name, rules) }));
    this.#columns = columns.filter(({ at }) => at !== this.#entity.at && at !== this.#time.at);
  }

  add(cells: readonly string[], line: number): void {
    const { names, problems, limits } = this;
    if (cells.length !== names.length) {
      problems.add(
        'ragged_row',
        `line ${line} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, but the header has ${names.length}`,
      );
      return;
    }
    if (this.#lines.length >= limits.rows) throw InputError.one('too_many_rows', `the file has more than ${limits.rows} rows`);
    if (this.#lines.length * names.length >= limits.cells) {
      throw InputError.one('too_many_cells', `the file has more than ${limits.cells} cells (rows × columns)`);
    }
    const whose = this.#keyOf(this.#entity, cells, line);
    const when = this.#keyOf(this.#time, cells, line);
    if (whose === null || when === null) return;
    this.#entity.codes.push(whose);
    this.#time.codes.push(when);
    for (const { at, reader } of this.#columns) reader.add(cells[at], line);
    this.#lines.push(line);
  }

  /** The code of a key cell's label; null, and told, if the cell is missing. */
  #keyOf({ role, name, at, labels }: Key, cells: readonly string[], line: number): number | null {
    const label = cells[at].trim();
    if (label !== '' && !this.rules.missing.has(label)) return intern(labels, label);
    const means = label === '' ? '' : ` (${quoted(label)} means missing)`;
    this.problems.add('missing_key', `line ${line} has no ${role}: column ${quoted(name)} is empty${means}`, `/${role}`);
    return null;
  }

  panel(step: number | undefined): Panel {
    const { problems } = this;
    for (const { reader } of this.#columns) reader.report(problems);
    if (this.#lines.length === 0 && problems.any) problems.throwIfAny();
    const key = ({ name, labels, codes }: Key) => ({ name, labels: [...labels.keys()], codes });
    const panel = assemble(
      {
        rows: this.#lines.length,
        entity: key(this.#entity),
        time: key(this.#time),
        columns: this.#columns.map(({ reader }) => reader.column()),
        step,
        place: (row) => `line ${this.#lines[row]}`,
      },
      problems,
    );
    problems.throwIfAny();
    return panel!;
  }
}

interface Key {
  readonly role: 'entity' | 'time';
  readonly name: string;
  readonly at: number;
  readonly labels: Map<string, number>;
  readonly codes: number[];
}

interface Sighting {
  readonly cell: string;
  readonly line: number;
}

/** One column's cells: numbers until the first text, then codes of texts; both at once are remembered as a fault. */
class ColumnReader {
  readonly #numbers: number[] = [];
  readonly #labels = new Map<string, number>();
  #codes: number[] | null = null;
  #firstNumber: Sighting | null = null;
  #firstText: Sighting | null = null;
  #infinite: Sighting | null = null;
  #texts = 0;

  constructor(
    readonly name: string,
    readonly rules: CellRules,
  ) {}

  add(raw: string, line: number): void {
    const cell = raw.trim();
    if (cell === '' || this.rules.missing.has(cell)) {
      this.#push(Number.NaN, missingText);
      return;
    }
    const value = plainNumber(cell, this.rules.decimal);
    if (Number.isNaN(value)) {
      this.#texts += 1;
      this.#firstText ??= { cell, line };
      // once a number was seen the column is refused: its texts need no keeping
      if (this.#codes === null && this.#firstNumber === null) this.#codes = this.#numbers.map(() => missingText);
      this.#push(Number.NaN, this.#codes === null ? missingText : intern(this.#labels, cell));
    } else {
      this.#firstNumber ??= { cell, line };
      if (value - value !== 0) this.#infinite ??= { cell, line };
      this.#push(value, missingText);
    }
  }

  #push(value: number, code: number): void {
    if (this.#codes === null) this.#numbers.push(value);
    else this.#codes.push(code);
  }

  report(problems: Problems): void {
    const { name } = this;
    const [text, number, infinite] = [this.#firstText, this.#firstNumber, this.#infinite];
    if (text !== null && number !== null) {
      const more = this.#texts === 1 ? '' : `; ${this.#texts} cells of the column are text`;
      const hint = this.rules.decimal === '.' && /^[+-]?\d+,\d+$/.test(text.cell) ? '; a decimal comma? say decimal=,' : '';
      problems.add(
        'text_in_numeric_column',
        `column ${quoted(name)} has text ${quoted(text.cell)} on line ${text.line}, but a number (${number.cell.slice(0, 40)}) on line ${number.line}${more}${hint}`,
      );
    }
    if (infinite !== null) {
      problems.add(
        'number_out_of_range',
        `column ${quoted(name)} has ${quoted(infinite.cell)} on line ${infinite.line}, which is too large for a double`,
      );
    }
  }

  column(): RawColumn {
    if (this.#codes === null) return { kind: 'number', name: this.name, values: this.#numbers };
    return { kind: 'text', name: this.name, labels: [...this.#labels.keys()], codes: this.#codes };
  }
}
