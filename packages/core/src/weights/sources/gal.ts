import { InputError } from '../../errors.js';
import { decodeText } from '../../panel/csv-text.js';
import { plainNumber } from '../../panel/number.js';
import { quoted } from '../../panel/problems.js';
import { expandStarts, islandsOf, type Weights, weightsFromLinks } from '../weights.js';
import { LinkList, Units } from './units.js';

/**
 * GeoDa's `.gal`: a header (`n`, or `0 n file key`), then for each unit its label and number of neighbours, and their labels.
 * Every link weighs 1. Labels hold no white space.
 *
 * @throws InputError not_gal, unit_count (the header's n is not what follows), duplicate_label, unknown_neighbour
 */
export function weightsFromGal(bytes: Uint8Array): Weights {
  const { header, tokens } = split(bytes, 'gal');
  const count = unitsOf(header, 'gal');
  const listed: { label: string; neighbours: string[] }[] = [];
  for (let at = 0; at < tokens.length; ) {
    const degree = plainNumber(tokens[at + 1] ?? '');
    if (!(Number.isInteger(degree) && degree >= 0) || at + 2 + degree > tokens.length) {
      throw InputError.one('not_gal', `unit ${quoted(tokens[at])}: its number of neighbours must follow, then so many labels`);
    }
    listed.push({ label: tokens[at], neighbours: tokens.slice(at + 2, at + 2 + degree) });
    at += 2 + degree;
  }
  if (listed.length !== count) throw InputError.one('unit_count', `the header says ${count} units, and ${listed.length} follow`);
  const [units, links] = [new Units(), new LinkList()];
  for (const { label } of listed) {
    if (units.find(label) !== undefined) throw InputError.one('duplicate_label', `unit ${quoted(label)} is listed twice`);
    units.of(label);
  }
  listed.forEach(({ label, neighbours }, i) => {
    for (const neighbour of neighbours) {
      const j = units.find(neighbour);
      if (j === undefined) {
        throw InputError.one('unknown_neighbour', `unit ${quoted(label)} has neighbour ${quoted(neighbour)}, which is no unit`);
      }
      links.add(i, j, 1);
    }
  });
  return weightsFromLinks({ labels: units.labels, ...links, kind: 'gal', notes: ['every link weighs 1'] });
}

/**
 * GeoDa's `.gwt`: a header (`0 n file key`), then a line for each link: from, to, weight (often a distance: say what it is).
 *
 * A unit without links has no line: units are then 1 … n if the labels are such numbers, else the file is refused.
 * @throws InputError not_gwt, unit_count
 */
export function weightsFromGwt(bytes: Uint8Array): Weights {
  const { header, tokens } = split(bytes, 'gwt');
  const count = unitsOf(header, 'gwt');
  if (tokens.length % 3 !== 0) throw InputError.one('not_gwt', 'each line after the header is: from to weight');
  const [units, links] = [new Units(), new LinkList()];
  for (let at = 0; at < tokens.length; at += 3) {
    const [a, b, text] = tokens.slice(at, at + 3);
    const w = plainNumber(text);
    if (Number.isNaN(w) && !/^[+-]?nan$/i.test(text)) {
      throw InputError.one('not_gwt', `the weight of ${quoted(a)} → ${quoted(b)} must be a number, got ${quoted(text)}`);
    }
    links.add(units.of(a), units.of(b), w);
  }
  const positions = units.labels.every((label) => /^[1-9]\d*$/.test(label) && Number(label) <= count);
  if (positions) for (let i = 1; i <= count; i++) units.of(String(i));
  if (units.labels.length !== count) {
    throw InputError.one(
      'unit_count',
      `the header says ${count} units, and the links name ${units.labels.length}: a unit without links cannot stand in a .gwt file`,
    );
  }
  return weightsFromLinks({ labels: units.labels, ...links, kind: 'gwt' });
}

/** The first line, and all words after it: line ends say nothing in these formats. */
function split(bytes: Uint8Array, format: string): { header: string[]; tokens: string[] } {
  const [first, ...rest] = decodeText(bytes)
    .trimStart()
    .split(/\r\n|\n|\r/);
  const header = first.trim().split(/\s+/);
  if (header[0] === '') throw InputError.one('empty_file', `the .${format} file is empty`);
  return {
    header,
    tokens: rest
      .join(' ')
      .split(/\s+/)
      .filter((token) => token !== ''),
  };
}

function unitsOf(header: readonly string[], format: string): number {
  const count = plainNumber(header.length === 1 ? header[0] : header[1]);
  if (Number.isInteger(count) && count > 0) return count;
  throw InputError.one(
    `not_${format}`,
    `the first line of a .${format} file holds the number of units, got ${quoted(header.join(' '))}`,
  );
}

/** The links, without their weights. */
export function galText(weights: Weights): string {
  const { labels, starts, columns } = weights;
  requirePlain(labels, 'gal');
  const lines = labels.flatMap((label, i) => {
    const neighbours = Array.from(columns.subarray(starts[i], starts[i + 1]), (j) => labels[j]);
    return [`${label} ${neighbours.length}`, neighbours.join(' ')];
  });
  return `0 ${labels.length} spillway id\n${lines.join('\n')}\n`;
}

/** @throws InputError isolated_units: a unit without links cannot stand in this format */
export function gwtText(weights: Weights): string {
  const { labels, starts, columns, values } = weights;
  requirePlain(labels, 'gwt');
  const [alone] = islandsOf(weights).filter((i) => !columns.includes(i));
  if (alone !== undefined) {
    throw InputError.one(
      'isolated_units',
      `unit ${quoted(labels[alone])} has no links, and cannot stand in a .gwt file: write CSV`,
    );
  }
  const rows = expandStarts(starts);
  const lines = Array.from(columns, (j, at) => `${labels[rows[at]]} ${labels[j]} ${values[at]}`);
  return `0 ${labels.length} spillway id\n${lines.join('\n')}\n`;
}

function requirePlain(labels: readonly string[], format: string): void {
  const spaced = labels.find((label) => /\s/.test(label));
  if (spaced === undefined) return;
  throw InputError.one(
    'label_with_space',
    `unit ${quoted(spaced)} has white space in its label, which .${format} cannot hold: write CSV`,
  );
}
