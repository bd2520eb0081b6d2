import { InputError } from '../../errors.js';
import { plainNumber } from '../../panel/number.js';
import { quoted } from '../../panel/problems.js';
import { type Weights, weightsFromLinks } from '../weights.js';
import { csvRecords } from './table.js';
import { LinkList } from './units.js';

export interface MatrixOptions {
  /** where labels stand: first line and first column; first line; nowhere (units are 1 … n). Seen from the shape when left out */
  readonly labels?: 'both' | 'header' | 'none' | undefined;
  readonly delimiter?: string | undefined;
}

/**
 * Weights from a dense matrix as CSV: row i holds w_i1 … w_in.
 *
 * @throws InputError not_square, labels_differ (rows and columns are not named alike), not_a_number; and those of `weightsFromLinks`
 */
export function weightsFromMatrix(bytes: Uint8Array, options: MatrixOptions = {}): Weights {
  const records = csvRecords(bytes, options.delimiter);
  const placed = options.labels ?? labelsOf(records);
  const head = placed === 'none' ? null : records[0].cells;
  const body = placed === 'none' ? records : records.slice(1);
  const skip = placed === 'both' ? 1 : 0;
  const n = body.length;
  for (const { cells, line } of body) {
    if (cells.length - skip === n) continue;
    throw InputError.one(
      'not_square',
      `the matrix has ${n} rows, but line ${line} has ${cells.length - skip} weights: it must be square`,
    );
  }
  const labels = head === null ? body.map((_, i) => String(i + 1)) : head.slice(head.length - n);
  if (placed === 'both') {
    const differs = body.findIndex(({ cells }, i) => cells[0] !== labels[i]);
    if (differs >= 0) {
      throw InputError.one(
        'labels_differ',
        `row ${differs + 1} is named ${quoted(body[differs].cells[0])}, but column ${differs + 1} ${quoted(labels[differs])}: rows and columns must have the same units in the same order`,
      );
    }
  }
  const links = new LinkList();
  body.forEach(({ cells, line }, i) => {
    for (let j = 0; j < n; j++) {
      const cell = cells[j + skip];
      if (cell === '0') continue;
      const missing = /^[+-]?(nan|na|inf|infinity)?$/i.test(cell);
      const w = missing ? Number.NaN : plainNumber(cell);
      if (Number.isNaN(w) && !missing) {
        throw InputError.one(
          'not_a_number',
          `line ${line}, column ${j + skip + 1}: a weight must be a number, got ${quoted(cell)}`,
        );
      }
      if (w !== 0) links.add(i, j, w);
    }
  });
  return weightsFromLinks({ labels, ...links, kind: 'matrix' });
}

/** n × n numbers have no labels; one line more is a header (a matrix would start with its diagonal's 0); one line and a column more name both. */
function labelsOf(records: readonly { cells: readonly string[] }[]): 'both' | 'header' | 'none' {
  const [height, width] = [records.length, records[records.length - 1].cells.length];
  const first = records[0].cells;
  if (height === width + 1) return first[0] === '0' ? 'none' : 'header';
  if (first.length === width - 1 && height === width) return 'both'; // R writes no corner
  const corner = first[0];
  return height === width && Number.isNaN(plainNumber(corner)) ? 'both' : 'none';
}

/** The matrix as CSV with labels on both sides, for small n. */
export function matrixCsv({ labels, starts, columns, values }: Weights): string {
  const cell = (label: string) => (/[",\r\n]/.test(label) ? `"${label.replaceAll('"', '""')}"` : label);
  const lines = labels.map((label, i) => {
    const row = new Array<number>(labels.length).fill(0);
    for (let at = starts[i]; at < starts[i + 1]; at++) row[columns[at]] = values[at];
    return `${cell(label)},${row.join(',')}`;
  });
  return `unit,${labels.map(cell).join(',')}\n${lines.join('\n')}\n`;
}
