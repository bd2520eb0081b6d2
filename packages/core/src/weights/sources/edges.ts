import { InputError } from '../../errors.js';
import { quoted } from '../../panel/problems.js';
import { expandStarts, type Weights, weightsFromLinks } from '../weights.js';
import { columnPlace, numberCell, readTable, type Table, usualColumn } from './table.js';
import { LinkList, Units } from './units.js';

export interface EdgeOptions {
  /** columns of the unit that takes and of the one it takes from; the first and second when left out */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** column of w_ij; when left out one called weight, w or value, and without such all links weigh 1 */
  readonly weight?: string | undefined;
  /** `mirror`: a link stands for both directions */
  readonly direction?: 'as-given' | 'mirror' | undefined;
  /** rows that count as links, `kind=land`: the others name units only */
  readonly only?: string | undefined;
  readonly delimiter?: string | undefined;
}

/**
 * Weights from a list of links: a CSV with a header, one link a row. A row with an empty second cell names a unit without links.
 *
 * @throws InputError: those of the table and of `weightsFromLinks`; missing_label, bad_only
 */
export function weightsFromEdges(bytes: Uint8Array, options: EdgeOptions = {}): Weights {
  const table = readTable(bytes, options.delimiter);
  if (table.names.length < 2) throw InputError.one('no_link_columns', 'an edge list needs two columns, the ends of each link');
  const from = options.from === undefined ? 0 : columnPlace(table, options.from, 'from');
  const to = options.to === undefined ? 1 : columnPlace(table, options.to, 'to');
  const weight =
    options.weight === undefined ? usualColumn(table, ['weight', 'w', 'value']) : columnPlace(table, options.weight, 'weight');
  const counts = filterOf(table, options.only);
  const [units, links] = [new Units(), new LinkList()];
  const mirrored = new Map<string, number>();
  for (let row = 0; row < table.rows.length; row++) {
    const [a, b] = [table.rows[row][from], table.rows[row][to]];
    if (a === '') throw InputError.one('missing_label', `line ${table.lines[row]}: ${quoted(table.names[from])} is empty`);
    const i = units.of(a);
    if (b === '') continue;
    const j = units.of(b);
    if (!counts(row)) continue;
    const w = weight < 0 ? 1 : weightCell(table, row, weight);
    if (options.direction !== 'mirror') links.add(i, j, w);
    else mirror(links, mirrored, i, j, w, `line ${table.lines[row]}: ${quoted(a)}, ${quoted(b)}`);
  }
  const notes = [
    ...(weight < 0 ? ['every link weighs 1'] : []),
    ...(options.direction === 'mirror' ? ['each link counts in both directions'] : []),
    ...(options.only === undefined ? kindsOf(table, [from, to, weight]) : [`only links with ${options.only}`]),
  ];
  return weightsFromLinks({ labels: units.labels, ...links, kind: 'edge-list', notes });
}

/** How many links are of each kind, where a column `kind` tells: a link by convention is a choice, and is said with every result. */
function kindsOf(table: Table, taken: readonly number[]): string[] {
  const place = usualColumn(table, ['kind']);
  if (place < 0 || taken.includes(place)) return [];
  const counts = new Map<string, number>();
  for (const cells of table.rows) counts.set(cells[place], (counts.get(cells[place]) ?? 0) + 1);
  if (counts.size < 2 || counts.size > 10) return [];
  return [`rows by kind: ${Array.from(counts, ([kind, rows]) => `${kind} ${rows}`).join(', ')}`];
}

/** NaN and infinities are let through: `weightsFromLinks` names the link. */
function weightCell(table: Table, row: number, place: number): number {
  if (/^[+-]?(nan|na|inf|infinity)$/i.test(table.rows[row][place]) || table.rows[row][place] === '') return Number.NaN;
  return numberCell(table, row, place);
}

function mirror(links: LinkList, seen: Map<string, number>, i: number, j: number, w: number, place: string): void {
  const key = i < j ? `${i} ${j}` : `${j} ${i}`;
  const before = seen.get(key);
  if (before === undefined) {
    seen.set(key, w);
    links.add(i, j, w);
    if (i !== j) links.add(j, i, w);
  } else if (before !== w) {
    throw InputError.one('contradictory_links', `${place} weigh ${w} here and ${before} before: they cannot mirror each other`);
  }
}

function filterOf(table: Table, only: string | undefined): (row: number) => boolean {
  if (only === undefined) return () => true;
  const at = only.indexOf('=');
  if (at < 1) throw InputError.one('bad_only', `"only" is written column=value, got ${quoted(only)}`, '/only');
  const [place, value] = [columnPlace(table, only.slice(0, at), 'only'), only.slice(at + 1)];
  if (table.rows.some((cells) => cells[place] === value)) return (row) => table.rows[row][place] === value;
  throw InputError.one('bad_only', `no row has ${quoted(table.names[place])} = ${quoted(value)}`, '/only');
}

/** The links as CSV, `from,to,weight`; a unit without any as a row of its own. Reading it gives the same matrix. */
export function edgesCsv({ labels, starts, columns, values }: Weights): string {
  const cell = (label: string) =>
    /[",\r\n|;\t]/.test(label) || label !== label.trim() ? `"${label.replaceAll('"', '""')}"` : label;
  const rows = expandStarts(starts);
  const lines = Array.from(columns, (j, at) => `${cell(labels[rows[at]])},${cell(labels[j])},${values[at]}`);
  const islands = labels.flatMap((label, i) => (starts[i] === starts[i + 1] ? [`${cell(label)},,`] : []));
  return `from,to,weight\n${[...lines, ...islands].join('\n')}\n`;
}
