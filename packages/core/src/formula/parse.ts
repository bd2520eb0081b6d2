import { InputError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { formulaError } from './fault.js';
import { type NameToken, type Token, tokensOf } from './lexer.js';
import { factorName } from './print.js';
import {
  type Expression,
  type Factor,
  type Formula,
  type FormulaLists,
  formulaLimits,
  functionNames,
  type Mention,
  type Operator,
  type Term,
} from './syntax.js';

/**
 * Reads a formula.
 *
 *     outcome ~ terms [ | effects ] [ | endogenous ~ instruments ]
 *     terms:    products joined by +; 0 or -1 leaves the intercept out, 1 keeps it
 *     product:  x*z, which is x + z + x:z         interaction: x:z
 *     factor:   x, log(x), exp, sqrt, abs (of arithmetic), I(arithmetic), W(arithmetic [, weights]), i(column)
 *     arithmetic: + - * / ^ and brackets over numbers and factors but i(…); ^ from the right, then signs, as in R
 *     time operators before a name or a call: L. L2. F. D. D2. LD. L.D.
 *
 * Equal terms are kept once, a:b and b:a being equal.
 *
 * @param pointer  JSON pointer to the formula in the request, for problems
 * @throws InputError `formula_error` with the text and a caret
 */
export function parseFormula(formula: string | FormulaLists, pointer = ''): Formula {
  if (typeof formula !== 'string') return formulaOfLists(formula, pointer);
  const parser = new Parser(formula, pointer);
  const parsed = parser.formula();
  return { ...parsed, mentions: parser.mentions };
}

/** Reads one term that stands for one column or several: `L.d`, `x:z`, `i(region)`; not `x*z`. */
export function parseTerm(text: string, pointer = ''): Term {
  const parser = new Parser(text, pointer);
  const term = parser.interaction();
  parser.end();
  return term;
}

function formulaOfLists(lists: FormulaLists, pointer: string): Formula {
  const mentions: Mention[] = [];
  const each = <T>(member: string, items: readonly string[] | undefined, read: (parser: Parser) => T): T[] =>
    (items ?? []).map((item, k) => one(`${pointer}/${member}/${k}`, item, read));
  const one = <T>(where: string, item: string, read: (parser: Parser) => T): T => {
    const parser = new Parser(item, where);
    const got = read(parser);
    parser.end();
    mentions.push(...parser.mentions);
    return got;
  };
  const terms = (member: 'regressors' | 'endogenous' | 'instruments') =>
    distinct(each(member, lists[member], (parser) => parser.product()).flat());

  const outcome = one(`${pointer}/outcome`, lists.outcome, (parser) => parser.outcome());
  const regressors = terms('regressors');
  const effects = [...new Set(each('effects', lists.effects, (parser) => parser.effect()))];
  const [endogenous, instruments] = [terms('endogenous'), terms('instruments')];
  if (endogenous.length > 0 !== instruments.length > 0) {
    const [given, missing] = endogenous.length > 0 ? ['endogenous', 'instruments'] : ['instruments', 'endogenous'];
    throw InputError.one('formula_error', `the list "${given}" needs the list "${missing}" beside it`, `${pointer}/${missing}`);
  }
  return { outcome, intercept: lists.intercept ?? true, regressors, effects, endogenous, instruments, mentions };
}

/** Equal terms once, the first of them; a:b equals b:a. */
function distinct(terms: readonly Term[]): Term[] {
  const key = (term: Term) => term.factors.map(factorName).sort().join(':');
  const first = new Map<string, Term>();
  for (const term of terms) if (!first.has(key(term))) first.set(key(term), term);
  return [...first.values()];
}

class Parser {
  readonly mentions: Mention[] = [];
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #terms = 0;
  #operations = 0;

  constructor(
    readonly text: string,
    readonly pointer: string,
  ) {
    this.#tokens = tokensOf(text, pointer);
  }

  formula(): Omit<Formula, 'mentions'> {
    const outcome = this.outcome();
    this.#expect('~', 'then regressors');
    const { terms: regressors, intercept } = this.#termList(true);
    let effects: string[] = [];
    if (this.#at('|') && !this.#sectionHasTilde()) {
      this.#next += 1;
      effects = this.#effects();
    }
    let [endogenous, instruments]: Term[][] = [[], []];
    if (this.#at('|')) {
      this.#next += 1;
      endogenous = this.#termList(false).terms;
      this.#expect('~', 'then instruments');
      instruments = this.#termList(false).terms;
    }
    this.end('+, | or the end');
    return { outcome, intercept, regressors, effects, endogenous, instruments };
  }

  outcome(): Term {
    const token = this.#token;
    const factor = this.#factor();
    if (factor.kind === 'levels') throw this.#fault(token, 'the outcome must be one column: i(…) is several');
    this.#refuseArithmetic();
    return { factors: [factor] };
  }

  end(expected = 'the end'): void {
    if (this.#token.kind !== 'end') throw this.#unexpected(expected);
  }

  effect(): string {
    const token = this.#token;
    if (token.kind !== 'name') throw this.#unexpected('the name of a column, or entity or time');
    if (token.lag !== 0 || token.differences !== 0) throw this.#fault(token, 'effects are columns: no time operators here');
    this.#next += 1;
    this.#mention(token, 'levels');
    return token.name;
  }

  /** a*b*c: all of them, all pairs, all three; smaller sets first, as R orders them. */
  product(): Term[] {
    const start = this.#token;
    const operands = [this.interaction()];
    while (this.#accept('*')) operands.push(this.interaction());
    if (operands.length > formulaLimits.crossed)
      throw this.#fault(start, `at most ${formulaLimits.crossed} terms may be crossed with *`);
    const subsets = Array.from({ length: 2 ** operands.length - 1 }, (_, k) => operands.filter((_, j) => ((k + 1) >> j) & 1));
    const places = (subset: readonly Term[]) => subset.map((operand) => operands.indexOf(operand));
    const terms = subsets
      .sort((a, b) => a.length - b.length || (places(a) < places(b) ? -1 : 1))
      .map((subset) => ({ factors: subset.flatMap((operand) => operand.factors) }));
    for (const term of terms) this.#refuseRepeated(term, start);
    this.#terms += terms.length;
    if (this.#terms > formulaLimits.terms) throw this.#fault(start, `a formula has at most ${formulaLimits.terms} terms`);
    return terms;
  }

  interaction(): Term {
    const start = this.#token;
    const factors = [this.#factor()];
    while (this.#accept(':')) factors.push(this.#factor());
    this.#refuseArithmetic();
    const term = { factors };
    this.#refuseRepeated(term, start);
    return term;
  }

  #termList(constants: boolean): { terms: Term[]; intercept: boolean } {
    const terms: Term[] = [];
    let intercept = true;
    let first = true;
    do {
      const minus = this.#at('-') && constants;
      if (minus) this.#next += 1;
      else if (!first && !this.#accept('+')) break;
      first = false;
      const token = this.#token;
      if (constants && token.kind === 'number' && (token.value === 1 || (token.value === 0 && !minus))) {
        this.#next += 1;
        intercept = token.value === 1 && !minus;
      } else if (minus) {
        throw this.#unexpected('1 (only the intercept can be taken out)');
      } else {
        terms.push(...this.product());
      }
    } while (this.#at('+') || this.#at('-'));
    return { terms: distinct(terms), intercept };
  }

  #effects(): string[] {
    const names = [this.effect()];
    while (this.#accept('+')) names.push(this.effect());
    return [...new Set(names)];
  }

  #factor(): Factor {
    const token = this.#token;
    if (token.kind === 'name') {
      if (token.name === 'i' && this.#isCall(token)) return this.#levels(token);
      return this.#named(token, false);
    }
    if (token.kind === 'number')
      throw this.#unexpected('a variable (numbers other than an intercept of 0 or 1 stand inside I(…))');
    if (token.text === '(') throw this.#unexpected('a variable (brackets stand inside I(…) and functions only)');
    throw this.#unexpected('a variable');
  }

  #levels(token: NameToken): Factor {
    if (token.lag !== 0 || token.differences !== 0) throw this.#fault(token, 'time operators do not apply to i(…)');
    this.#next += 2;
    const column = this.#token;
    if (column.kind !== 'name') throw this.#unexpected('the name of a column');
    if (column.lag !== 0 || column.differences !== 0) throw this.#fault(column, 'i(…) takes a column: no time operators here');
    this.#next += 1;
    this.#mention(column, 'levels');
    this.#expect(')');
    return { kind: 'levels', name: column.name };
  }

  /** A variable or a call, with the time operators before it. */
  #named(token: NameToken, inside: boolean): Expression {
    this.#next += 1;
    let of: Expression;
    if (!token.odd && this.#at('(')) of = this.#call(token, inside);
    else {
      this.#mention(token, 'number');
      of = { kind: 'variable', name: token.name };
    }
    const { lag, differences } = token;
    return lag === 0 && differences === 0 ? of : { kind: 'shift', lag, differences, of };
  }

  #call(token: NameToken, inside: boolean): Expression {
    const known = functionNames.find((name) => name === token.name);
    if (known === undefined && token.name !== 'I' && token.name !== 'W') {
      const all = [...functionNames, 'I', 'W', 'i'];
      const hint =
        token.name === 'i'
          ? 'i(…) stands alone or in an interaction'
          : `functions are ${all.join(', ')}${didYouMean(token.name, all)}`;
      throw formulaError(this.text, token.nameAt, `there is no function ${token.name}(…) here: ${hint}`, this.pointer);
    }
    this.#next += 1;
    const of = this.#deeper(() => this.#sum());
    let weights: string | null = null;
    if (token.name === 'W' && this.#accept(',')) {
      const name = this.#token;
      if (name.kind !== 'name' || name.lag !== 0 || name.differences !== 0) throw this.#unexpected('the name of weights');
      this.#next += 1;
      weights = name.name;
    }
    this.#expect(')');
    if (known !== undefined) return { kind: 'call', name: known, of };
    if (token.name === 'W') return { kind: 'spatialLag', of, weights };
    // inside arithmetic I(…) is only a pair of brackets; under a time operator it must stay one thing
    return inside && token.lag === 0 && token.differences === 0 ? of : { kind: 'arithmetic', of };
  }

  #sum(): Expression {
    let left = this.#quotient();
    for (let operator = this.#operator('+', '-'); operator !== null; operator = this.#operator('+', '-')) {
      left = { kind: 'binary', operator, left, right: this.#quotient() };
      this.#boundLength();
    }
    return left;
  }

  #quotient(): Expression {
    let left = this.#signed();
    for (let operator = this.#operator('*', '/'); operator !== null; operator = this.#operator('*', '/')) {
      left = { kind: 'binary', operator, left, right: this.#signed() };
      this.#boundLength();
    }
    return left;
  }

  #signed(): Expression {
    if (this.#accept('-')) return { kind: 'negative', of: this.#deeper(() => this.#signed()) };
    const left = this.#atom();
    if (!this.#accept('^')) return left;
    return { kind: 'binary', operator: '^', left, right: this.#deeper(() => this.#signed()) };
  }

  #atom(): Expression {
    const token = this.#token;
    if (token.kind === 'name') return this.#named(token, true);
    if (token.kind === 'number') {
      this.#next += 1;
      return { kind: 'number', value: token.value };
    }
    if (!this.#accept('(')) throw this.#unexpected('a variable, a number or (');
    const inner = this.#deeper(() => this.#sum());
    this.#expect(')');
    return inner;
  }

  get #token(): Token {
    return this.#tokens[this.#next];
  }

  #at(symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol;
  }

  #accept(symbol: string): boolean {
    const here = this.#at(symbol);
    if (here) this.#next += 1;
    return here;
  }

  #expect(symbol: string, why = ''): void {
    if (!this.#accept(symbol)) throw this.#unexpected(why === '' ? `"${symbol}"` : `"${symbol}" ${why}`);
  }

  #operator(...wanted: Operator[]): Operator | null {
    return wanted.find((operator) => this.#accept(operator)) ?? null;
  }

  #isCall(token: NameToken): boolean {
    const after = this.#tokens[this.#next + 1];
    return !token.odd && after.kind === 'symbol' && after.text === '(';
  }

  #sectionHasTilde(): boolean {
    const rest = this.#tokens.slice(this.#next + 1);
    const end = rest.findIndex((token) => token.kind === 'end' || (token.kind === 'symbol' && token.text === '|'));
    return rest.slice(0, end).some((token) => token.kind === 'symbol' && token.text === '~');
  }

  #deeper<T>(read: () => T): T {
    if (this.#depth >= formulaLimits.depth)
      throw this.#fault(this.#token, `at most ${formulaLimits.depth} brackets and signs in one another`);
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** A chain a + b + c + … is a tree as deep as it is long, and whatever reads it recurses. */
  #boundLength(): void {
    this.#operations += 1;
    if (this.#operations > formulaLimits.terms)
      throw this.#fault(this.#token, `at most ${formulaLimits.terms} operations in a formula's arithmetic`);
  }

  #mention(token: NameToken, wanted: Mention['wanted']): void {
    this.mentions.push({ name: token.name, wanted, text: this.text, at: token.nameAt, pointer: this.pointer });
  }

  #refuseArithmetic(): void {
    if (this.#at('^') || this.#at('/')) throw this.#fault(this.#token, `arithmetic stands inside I(…): I(x${this.#token.text}2)`);
  }

  #refuseRepeated(term: Term, start: Token): void {
    const names = new Set<string>();
    for (const name of term.factors.map(factorName)) {
      if (names.has(name)) throw this.#fault(start, `${name} is multiplied by itself here; for its square write I(${name}^2)`);
      names.add(name);
    }
  }

  #fault(token: Token, words: string): InputError {
    return formulaError(this.text, token.at, words, this.pointer);
  }

  #unexpected(expected: string): InputError {
    const { kind, text } = this.#token;
    return this.#fault(this.#token, `expected ${expected}, got ${kind === 'end' ? 'the end' : JSON.stringify(text)}`);
  }
}
