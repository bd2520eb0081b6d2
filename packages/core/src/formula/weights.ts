import type { Problem } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { expressionName } from './print.js';
import type { Expression, Formula, Term } from './syntax.js';

/** `W(x)`, or `W(x, name)`. */
export type SpatialLag = Extract<Expression, { kind: 'spatialLag' }>;

/** The spatial lags of a term, outer before inner. */
export function spatialLagsOf(term: Term): SpatialLag[] {
  return term.factors.flatMap((factor) => (factor.kind === 'levels' ? [] : lagsIn(factor)));
}

function lagsIn(expression: Expression): SpatialLag[] {
  switch (expression.kind) {
    case 'variable':
    case 'number':
      return [];
    case 'binary':
      return [...lagsIn(expression.left), ...lagsIn(expression.right)];
    case 'spatialLag':
      return [expression, ...lagsIn(expression.of)];
    default:
      return lagsIn(expression.of);
  }
}

/** Every term of a formula. */
export const formulaTerms = ({ outcome, regressors, endogenous, instruments }: Formula): Term[] => [
  outcome,
  ...regressors,
  ...endogenous,
  ...instruments,
];

/**
 * Which of a job's weights a lag means: the one it names; without a name the one called `W`, or the only one.
 * @returns null when there is none such: `weightsFault` says why
 */
export function weightsNameOf({ weights }: SpatialLag, known: ReadonlyMap<string, unknown> | undefined): string | null {
  if (known === undefined) return null;
  if (weights !== null) return known.has(weights) ? weights : null;
  if (known.has('W')) return 'W';
  return known.size === 1 ? [...known.keys()][0] : null;
}

export function weightsFault(lag: SpatialLag, known: ReadonlyMap<string, unknown> | undefined): Omit<Problem, 'pointer'> {
  const name = expressionName(lag);
  if (known === undefined || known.size === 0) {
    return { code: 'weights_needed', message: `${name} needs spatial weights, and this job has none` };
  }
  const names = [...known.keys()];
  if (lag.weights === null) {
    return { code: 'ambiguous_weights', message: `${name} must say which weights: ${names.join(', ')}, as in W(x, ${names[0]})` };
  }
  const hint = didYouMean(lag.weights, names);
  return {
    code: 'unknown_weights',
    message: `${name}: there are no weights "${lag.weights}"${hint}; there are ${names.join(', ')}`,
  };
}

/** Spatial lags that name no weights of the job. */
export function lagProblems(terms: readonly Term[], known: ReadonlyMap<string, unknown> | undefined, pointer = ''): Problem[] {
  return terms
    .flatMap(spatialLagsOf)
    .flatMap((lag) => (weightsNameOf(lag, known) === null ? [{ ...weightsFault(lag, known), pointer }] : []));
}
