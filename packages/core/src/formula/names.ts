import type { Problem } from '../errors.js';
import type { Panel, PanelSummary } from '../panel/panel.js';
import { didYouMean } from '../suggest.js';
import { pointAt } from './fault.js';
import { printName, termName } from './print.js';
import type { Expression, Formula, Mention, Term } from './syntax.js';
import { formulaTerms, lagProblems } from './weights.js';

/** What a name in a formula stands for. */
export type Meaning = 'number' | 'text' | 'entity' | 'time';

/** The columns a formula names, once each, in the order of its text. */
export function formulaNames(formula: Formula): string[] {
  return [...new Set(formula.mentions.map((mention) => mention.name))];
}

/** The columns a term names, once each. */
export function termNames(term: Term): string[] {
  return [...new Set(term.factors.flatMap((factor) => (factor.kind === 'levels' ? [factor.name] : expressionNames(factor))))];
}

function expressionNames(expression: Expression): string[] {
  switch (expression.kind) {
    case 'variable':
      return [expression.name];
    case 'number':
      return [];
    case 'binary':
      return [...expressionNames(expression.left), ...expressionNames(expression.right)];
    default:
      return expressionNames(expression.of);
  }
}

/**
 * What names mean in a panel: a column, the entity or time column by its name, or by the words `entity` and `time` where no
 * column is called so.
 */
export function meanings({ entity, time, columns }: Panel | PanelSummary): Map<string, Meaning> {
  const found = new Map<string, Meaning>(columns.map(({ name, kind }) => [name, kind]));
  found.set(entity.name, 'entity').set(time.name, 'time');
  for (const word of ['entity', 'time'] as const) if (!found.has(word)) found.set(word, word);
  return found;
}

/**
 * Everything a formula asks of columns that are not there or not numbers (messages carry a caret), and of weights that are not there.
 * @param weights  the job's, by name; those of the panel when left out
 */
export function checkFormula(
  formula: Formula,
  panel: Panel | PanelSummary,
  weights: ReadonlyMap<string, unknown> | undefined = panel.weights,
): Problem[] {
  const known = meanings(panel);
  const columns = formula.mentions.flatMap((mention) => {
    const fault = faultOf(mention, known);
    return fault === null
      ? []
      : [{ ...fault, pointer: mention.pointer, message: pointAt(mention.text, mention.at, fault.message) }];
  });
  return [...columns, ...lagProblems(formulaTerms(formula), weights, formula.mentions[0]?.pointer)];
}

/** The same for one term. */
export function checkTerm(
  term: Term,
  panel: Panel | PanelSummary,
  pointer = '',
  weights: ReadonlyMap<string, unknown> | undefined = panel.weights,
): Problem[] {
  const known = meanings(panel);
  const mentions = term.factors.flatMap((factor): Pick<Mention, 'name' | 'wanted'>[] =>
    factor.kind === 'levels'
      ? [{ name: factor.name, wanted: 'levels' }]
      : expressionNames(factor).map((name) => ({ name, wanted: 'number' })),
  );
  const columns = mentions.flatMap((mention) => {
    const fault = faultOf(mention, known);
    return fault === null ? [] : [{ ...fault, pointer, message: `${termName(term)}: ${fault.message}` }];
  });
  return [...columns, ...lagProblems([term], weights, pointer)];
}

function faultOf(
  { name, wanted }: Pick<Mention, 'name' | 'wanted'>,
  known: ReadonlyMap<string, Meaning>,
): Omit<Problem, 'pointer'> | null {
  const meaning = known.get(name);
  if (meaning === undefined) return { code: 'unknown_column', message: `there is no column "${name}"${hintFor(name, known)}` };
  if (wanted === 'number' && (meaning === 'text' || meaning === 'entity')) {
    const what = meaning === 'text' ? 'is text' : 'names the entities';
    return {
      code: 'text_column',
      message: `"${name}" ${what}, and numbers are needed here: use i(${printName(name)}), or make it an effect`,
    };
  }
  return null;
}

function hintFor(name: string, known: ReadonlyMap<string, Meaning>): string {
  // "L.x" as a column, and the formula's L.x read as a lag of x
  const prefixed = [...known.keys()].find((candidate) => /^(?:[LFD]\d*)+\./.test(candidate) && candidate.endsWith(`.${name}`));
  if (prefixed !== undefined) return ` (the column "${prefixed}" is written in backticks: ${printName(prefixed)})`;
  return didYouMean(name, known.keys());
}
