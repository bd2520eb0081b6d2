import { isPlainName } from './lexer.js';
import type { Expression, Factor, Formula, Shift, Term } from './syntax.js';

/** The formula in its one spelling: equal formulas print equally, and parsing gives the same formula again. */
export function printFormula(formula: Formula): string {
  const { outcome, intercept, regressors, effects, endogenous, instruments } = formula;
  const terms = regressors.map(termName);
  if (!intercept) terms.unshift('0');
  else if (terms.length === 0) terms.push('1');
  const parts = [`${termName(outcome)} ~ ${terms.join(' + ')}`];
  if (effects.length > 0) parts.push(effects.map(printName).join(' + '));
  if (endogenous.length > 0) parts.push(`${endogenous.map(termName).join(' + ')} ~ ${instruments.map(termName).join(' + ')}`);
  return parts.join(' | ');
}

/** A term's name in results: `L.q`, `I(L.q^2)`, `L.q:L.d`, `log(pcap)`. Stable: stored with every result. */
export function termName(term: Term): string {
  return term.factors.map(factorName).join(':');
}

export function factorName(factor: Factor): string {
  return factor.kind === 'levels' ? `i(${printName(factor.name)})` : expressionName(factor);
}

/** A column's name as it stands in a formula: in backticks if it could be read as anything else. */
export function printName(name: string): string {
  return isPlainName(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** Binding strength; an operand that binds less tightly than its place asks for goes in brackets. */
const strength = { sum: 1, product: 2, negative: 3, power: 4, atom: 5 };

export function expressionName(expression: Expression): string {
  return print(expression).text;
}

function print(expression: Expression): { text: string; binds: number } {
  const atom = (text: string) => ({ text, binds: strength.atom });
  switch (expression.kind) {
    case 'variable':
      return atom(printName(expression.name));
    case 'number':
      return atom(String(expression.value));
    case 'shift':
      return atom(`${shiftPrefix(expression)}${print(expression.of).text}`);
    case 'call':
      return atom(`${expression.name}(${print(expression.of).text})`);
    case 'arithmetic':
      return atom(`I(${print(expression.of).text})`);
    case 'spatialLag': {
      const weights = expression.weights === null ? '' : `, ${printName(expression.weights)}`;
      return atom(`W(${print(expression.of).text}${weights})`);
    }
    case 'negative':
      return { text: `-${operand(expression.of, strength.negative)}`, binds: strength.negative };
    case 'binary':
      return printBinary(expression);
  }
}

function printBinary({ operator, left, right }: Expression & { kind: 'binary' }): { text: string; binds: number } {
  if (operator === '^') {
    // the only one that groups from the right, and whose exponent may carry a sign: x^-1
    return { text: `${operand(left, strength.atom)}^${operand(right, strength.negative)}`, binds: strength.power };
  }
  const binds = operator === '+' || operator === '-' ? strength.sum : strength.product;
  const sign = operator === '/' ? '/' : ` ${operator} `;
  return { text: `${operand(left, binds)}${sign}${operand(right, binds + 1)}`, binds };
}

function operand(expression: Expression, atLeast: number): string {
  const { text, binds } = print(expression);
  return binds < atLeast ? `(${text})` : text;
}

/** `L.`, `L2.`, `F.`, `D.`, `LD2.` */
export function shiftPrefix({ lag, differences }: Pick<Shift, 'lag' | 'differences'>): string {
  const times = (letter: string, count: number) => (count === 0 ? '' : count === 1 ? letter : `${letter}${count}`);
  return `${lag < 0 ? times('F', -lag) : times('L', lag)}${times('D', differences)}.`;
}
