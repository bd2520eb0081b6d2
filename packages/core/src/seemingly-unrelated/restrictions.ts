import { Matrix } from 'ml-matrix';
import { InputError } from '../errors.js';
import { pointAt } from '../formula/fault.js';
import type { Restrictions } from './system-tests.js';

/** A coefficient by its equation and name. */
export interface CoefficientName {
  readonly equation: string;
  readonly term: string;
}

/** One equality: Σ weight × coefficient = value. */
export interface Restriction {
  readonly terms: readonly { readonly weight: number; readonly of: CoefficientName }[];
  readonly value: number;
}

/** What a test may speak of; `equations` null: any name in brackets is taken, with the terms of `terms`. */
export interface Vocabulary {
  readonly equations: readonly string[] | null;
  terms(equation: string): readonly string[];
}

/**
 * Reads a test: equalities of coefficients, joined by `;`.
 *
 *     [GE]value = [Westinghouse]value; [GE]capital = 2 * [Westinghouse]capital + 0.1
 *     [y1]x = [y2]x = [y3]x
 *     value                      the coefficient has one value in every equation that has it
 *
 * A name in brackets is an equation, what follows it the longest of its coefficients' names that stands there.
 *
 * @param pointer  of the text in params
 * @throws InputError `test_error` with a caret
 */
export function parseRestrictions(text: string, vocabulary: Vocabulary, pointer = ''): Restriction[] {
  const everywhere = equalEverywhere(text.trim(), vocabulary);
  if (everywhere !== null) return everywhere;
  const reader = new Reader(text, vocabulary, pointer);
  const restrictions = reader.equalities();
  for (;;) {
    if (!reader.take(';')) break;
    restrictions.push(...reader.equalities());
  }
  reader.end();
  return restrictions;
}

function equalEverywhere(term: string, { equations, terms }: Vocabulary): Restriction[] | null {
  const having = equations?.filter((equation) => terms(equation).includes(term)) ?? [];
  if (having.length < 2) return null;
  const [first, ...others] = having;
  return others.map((equation) => ({
    terms: [
      { weight: 1, of: { equation: first, term } },
      { weight: -1, of: { equation, term } },
    ],
    value: 0,
  }));
}

interface Side {
  readonly terms: readonly { readonly weight: number; readonly of: CoefficientName }[];
  readonly constant: number;
}

const number = /\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;

class Reader {
  private at = 0;
  constructor(
    private readonly text: string,
    private readonly vocabulary: Vocabulary,
    private readonly pointer: string,
  ) {}

  /** side = side = …: every side equals the first. */
  equalities(): Restriction[] {
    const start = this.at;
    const sides = [this.side()];
    while (this.take('=')) sides.push(this.side());
    if (sides.length < 2) this.fail('an equality is needed here: [equation]coefficient = …', this.at);
    return sides.slice(1).map((side) => {
      const terms = [...sides[0].terms, ...side.terms.map(({ weight, of }) => ({ weight: -weight, of }))];
      if (terms.length === 0) this.fail('an equality of numbers: name a coefficient', start);
      return { terms, value: side.constant - sides[0].constant };
    });
  }

  private side(): Side {
    const terms: { weight: number; of: CoefficientName }[] = [];
    let constant = 0;
    let sign = this.take('-') ? -1 : 1;
    for (;;) {
      const factor = this.number();
      if (factor === null || this.take('*')) terms.push({ weight: sign * (factor ?? 1), of: this.coefficient() });
      else constant += sign * factor;
      if (this.take('+')) sign = 1;
      else if (this.take('-')) sign = -1;
      else return { terms, constant };
    }
  }

  private coefficient(): CoefficientName {
    this.blank();
    const start = this.at;
    if (this.text[this.at] !== '[') this.fail('a coefficient is written [equation]name', start);
    const close = this.text.indexOf(']', start);
    if (close < 0) this.fail('the bracket [ is not closed', start);
    const equation = this.text.slice(start + 1, close).trim();
    const { equations, terms } = this.vocabulary;
    if (equations !== null && !equations.includes(equation)) {
      this.fail(`there is no equation "${equation}"; there are ${equations.slice(0, 12).join(', ')}`, start + 1);
    }
    this.at = close + 1;
    this.blank();
    const names = terms(equation);
    const fits = names.filter((name) => this.text.startsWith(name, this.at) && this.endsAt(this.at + name.length));
    const term = fits.toSorted((a, b) => b.length - a.length).at(0);
    if (term === undefined)
      return this.fail(`equation "${equation}" has no such coefficient; it has ${names.slice(0, 20).join(', ')}`, this.at);
    this.at += term.length;
    return { equation, term };
  }

  /** A name ends where no further letter, digit or bracket goes on. */
  private endsAt(at: number): boolean {
    return at >= this.text.length || !/[\p{L}\p{N}_.(:^/]/u.test(this.text[at]);
  }

  private number(): number | null {
    this.blank();
    number.lastIndex = this.at;
    const found = number.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    return Number(found[0]);
  }

  take(symbol: string): boolean {
    this.blank();
    if (this.text[this.at] !== symbol) return false;
    this.at++;
    return true;
  }

  end(): void {
    this.blank();
    if (this.at < this.text.length) this.fail('expected + - = ; or the end', this.at);
  }

  private blank(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private fail(words: string, at: number): never {
    throw new InputError([{ pointer: this.pointer, code: 'test_error', message: pointAt(this.text, at, words) }]);
  }
}

/** Rb = r over the coefficients in their order; a name that has no coefficient (collinear) is refused. */
export function restrictionMatrix(restrictions: readonly Restriction[], coefficients: readonly CoefficientName[]): Restrictions {
  const R = new Matrix(restrictions.length, coefficients.length);
  for (const [row, { terms }] of restrictions.entries()) {
    for (const { weight, of } of terms) {
      const at = coefficients.findIndex(({ equation, term }) => equation === of.equation && term === of.term);
      if (at < 0) throw InputError.one('no_coefficient', `[${of.equation}]${of.term} has no coefficient: it is collinear there`);
      R.set(row, at, R.get(row, at) + weight);
    }
  }
  return { R, r: Float64Array.from(restrictions, ({ value }) => value) };
}
