import type { Cell, NumberCell } from '@spillway/core';

/**
 * A cell in writing, before any output format: text, or a number in pieces that can be set one under the other.
 * `whole` ends where the decimal point (or the exponent) begins; `fraction` starts with it.
 */
export type WrittenCell = WrittenText | WrittenNumber;

export interface WrittenText {
  readonly kind: 'text';
  readonly text: string;
}

export interface WrittenNumber {
  readonly kind: 'number';
  readonly open: string;
  readonly whole: string;
  readonly fraction: string;
  readonly close: string;
  readonly stars: string;
}

/** What stands for a number that is not there. */
export const dash = '–';

const defaultDigits = { significant: 4, fixed: 3, count: 0, p: 4 } as const;
const brackets = { round: ['(', ')'], square: ['[', ']'] } as const;

/** Beyond these powers of ten a number of so-many significant digits is written with an exponent. */
const smallestPlainExponent = -5;
const largestPlainExponent = 14;

/** A rounding that leaves nothing of a number leaves no sign either: "-0.00" is "0.00". */
const withoutEmptySign = (text: string) => (/^-0(\.0*)?$/.test(text) ? text.slice(1) : text);

const grouped = (text: string) => text.replace(/^(-?)(\d+)/, (_, sign, whole) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','));

/**
 * At least `digits` significant digits: the whole part is never rounded away (12345.6 at 3 digits is 12346), trailing
 * zeros are kept (0.01570), and an exponent is written below 1e-5 and from 1e15 on (1.57e-8).
 */
function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const rounded = value.toExponential(digits - 1);
  const exponent = Number(rounded.slice(rounded.indexOf('e') + 1)); // after rounding: 9.996 at 3 digits has exponent 1
  if (exponent < smallestPlainExponent || exponent > largestPlainExponent) return rounded.replace('e+', 'e');
  return value.toFixed(Math.max(0, digits - 1 - exponent));
}

/** Four digits after the point; what is smaller than the last of them is said to be smaller, never 0.0000. */
function pValue(value: number, digits: number): string {
  const least = 10 ** -digits;
  return value >= 0 && value < least ? `<${least.toFixed(digits)}` : value.toFixed(digits);
}

function count(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? grouped(String(value)) : String(value);
}

/**
 * The one number formatter of every output. A minus is the hyphen of ASCII; NaN, and the null that stands for it on the
 * wire, is a dash.
 */
export function formatNumber(value: number | null, format: NumberCell['format'], digits: number = defaultDigits[format]): string {
  if (typeof value !== 'number' || Number.isNaN(value)) return dash;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (format === 'count') return withoutEmptySign(count(value));
  if (format === 'p') return withoutEmptySign(pValue(value, clamped(digits, 1, 100)));
  if (format === 'fixed' && Math.abs(value) < 1e21) return withoutEmptySign(value.toFixed(clamped(digits, 0, 100)));
  return withoutEmptySign(significant(value, clamped(digits, 1, 100)));
}

const clamped = (digits: number, least: number, most: number) => Math.min(most, Math.max(least, Math.trunc(digits)));

export function writeCell(cell: Cell | undefined): WrittenCell {
  if (cell === null || cell === undefined) return { kind: 'text', text: '' };
  if (typeof cell === 'string') return { kind: 'text', text: cell };
  const text = formatNumber(cell.value, cell.format, cell.digits);
  const split = text.search(/[.e]/);
  const [open, close] = cell.brackets ? brackets[cell.brackets] : ['', ''];
  return {
    kind: 'number',
    open,
    whole: split < 0 ? text : text.slice(0, split),
    fraction: split < 0 ? '' : text.slice(split),
    close,
    stars: text === dash ? '' : '*'.repeat(cell.stars ?? 0),
  };
}

/** The cell as one piece of plain text: "(0.0053)", "-0.498***". */
export function cellText(cell: Cell | undefined): string {
  const written = writeCell(cell);
  if (written.kind === 'text') return written.text;
  return written.open + written.whole + written.fraction + written.close + written.stars;
}
