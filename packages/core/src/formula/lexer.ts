import { formulaError } from './fault.js';
import { formulaLimits } from './syntax.js';

export type Token = NameToken | NumberToken | SymbolToken | EndToken;

/** A name with the time operators before it: `L2D.x` has lag 2 and 1 difference. */
export interface NameToken {
  readonly kind: 'name';
  readonly name: string;
  /** in backticks: never a function */
  readonly odd: boolean;
  readonly lag: number;
  readonly differences: number;
  /** where the name begins, after the operators */
  readonly nameAt: number;
  readonly text: string;
  readonly at: number;
}
interface NumberToken {
  readonly kind: 'number';
  readonly value: number;
  readonly text: string;
  readonly at: number;
}
interface SymbolToken {
  readonly kind: 'symbol';
  readonly text: string;
  readonly at: number;
}
interface EndToken {
  readonly kind: 'end';
  readonly text: '';
  readonly at: number;
}

const blank = /\s+/uy;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const plainName = /(?:[\p{L}_]|\.(?=[\p{L}_.]))[\p{L}\p{M}\p{N}_.]*/uy;
const oddName = /`((?:[^`]|``)+)`/y;
const operators = /((?:[LFD]\d*)+)\./y;
const symbols = new Set('~|+-*/^:(),');

/** Whether a name may stand without backticks. */
export function isPlainName(name: string): boolean {
  return matchAt(plainName, name, 0)?.[0].length === name.length && matchAt(operators, name, 0) === null;
}

/**
 * Cuts a formula into tokens.
 *
 * Names are letters of any script, digits, `_` and `.`, as in R, and do not begin with a digit. A beginning that reads as time
 * operators *is* time operators (`L.x`, `D2.x`, `LD.x`, `L.D.x`), whatever columns there are: a column named "L.x" is written
 * `` `L.x` ``. In backticks any character may stand, a backtick doubled.
 */
export function tokensOf(text: string, pointer: string): Token[] {
  if (text.length > formulaLimits.characters) {
    throw formulaError(
      text,
      formulaLimits.characters,
      `a formula has at most ${formulaLimits.characters} characters, this one has ${text.length}`,
      pointer,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(blank, text, at)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = nameAt(text, at, pointer) ?? numberAt(text, at, pointer) ?? symbolAt(text, at, pointer);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function nameAt(text: string, at: number, pointer: string): NameToken | null {
  let [lag, differences, nameAt] = [0, 0, at];
  for (let found = matchAt(operators, text, at); found !== null; found = matchAt(operators, text, nameAt)) {
    for (const [, operator, digits] of found[1].matchAll(/([LFD])(\d*)/g)) {
      const times = digits === '' ? 1 : Number(digits);
      if ((operator === 'L' && lag < 0) || (operator === 'F' && lag > 0)) {
        const name = plainNameFrom(text, at);
        throw formulaError(
          text,
          at,
          `L and F undo each other here; if "${name}" is a column, write it in backticks: \`${name}\``,
          pointer,
        );
      }
      if (operator === 'D') differences += times;
      else lag += operator === 'L' ? times : -times;
    }
    if (Math.abs(lag) > formulaLimits.lag || differences > formulaLimits.differences) {
      throw formulaError(text, at, `at most ${formulaLimits.lag} lags and ${formulaLimits.differences} differences`, pointer);
    }
    nameAt += found[0].length;
  }

  const odd = matchAt(oddName, text, nameAt);
  const plain = odd === null ? matchAt(plainName, text, nameAt) : null;
  if (odd === null && plain === null) {
    if (text[nameAt] === '`') throw formulaError(text, nameAt, 'this backtick is not closed, or there is no name in it', pointer);
    if (nameAt === at) return null;
    throw formulaError(text, nameAt, `expected a name after "${text.slice(at, nameAt)}", got ${describe(text, nameAt)}`, pointer);
  }
  const name = odd !== null ? odd[1].replaceAll('``', '`') : plain![0];
  const end = nameAt + (odd ?? plain)![0].length;
  return { kind: 'name', name, odd: odd !== null, lag, differences, nameAt, text: text.slice(at, end), at };
}

const plainNameFrom = (text: string, at: number) => matchAt(plainName, text, at)?.[0] ?? text.slice(at, at + 1);

function numberAt(text: string, at: number, pointer: string): NumberToken | null {
  const found = matchAt(number, text, at);
  if (found === null) return null;
  const value = Number(found[0]);
  if (!Number.isFinite(value)) throw formulaError(text, at, `${found[0].slice(0, 40)} is too large for a double`, pointer);
  return { kind: 'number', value, text: found[0], at };
}

function symbolAt(text: string, at: number, pointer: string): SymbolToken {
  if (symbols.has(text[at])) return { kind: 'symbol', text: text[at], at };
  const hint =
    text[at] === '.'
      ? ' ("." for all other columns is not known here: name them)'
      : ' (a column with such a name is written in backticks)';
  throw formulaError(text, at, `cannot read ${describe(text, at)} in a formula${hint}`, pointer);
}

/** The character at a place, as it stands in a message. */
function describe(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(code));
}
