import { InputError, type Problem } from '../errors.js';
import { parseTerm } from '../formula/parse.js';
import { termName } from '../formula/print.js';
import type { Term } from '../formula/syntax.js';
import { spatialLagsOf } from '../formula/weights.js';
import { didYouMean } from '../suggest.js';

/** Terms that are, or hold, spatial lags: the models add them. */
export function ownLagProblems(terms: readonly Term[]): Problem[] {
  return terms
    .filter((term) => spatialLagsOf(term).length > 0)
    .map((term) => ({
      pointer: '/formula',
      code: 'lag_in_formula',
      message: `${termName(term)} has a spatial lag of its own: the models add Wy and WX themselves (durbin says which), so that their effects are right`,
    }));
}

/** Why `durbin` names no regressors. */
export function durbinProblems(durbin: 'all' | readonly string[], terms: readonly Term[], models: readonly string[]): Problem[] {
  if (durbin === 'all') {
    if (models.length === 0 || terms.length > 0) return [];
    return [
      { pointer: '/durbin', code: 'nothing_to_lag', message: `${models.join(', ')} need a regressor to lag, and there is none` },
    ];
  }
  const known = terms.map(termName);
  return durbin.flatMap((text, k) => {
    const name = nameOf(text);
    if (known.includes(name)) return [];
    const message = `${text} is not among the regressors ${known.join(', ')}${didYouMean(text, known)}`;
    return [{ pointer: `/durbin/${k}`, code: 'not_a_regressor', message }];
  });
}

/** A term in its one spelling, or the text itself if it is none. */
function nameOf(text: string): string {
  try {
    return termName(parseTerm(text));
  } catch (error) {
    if (error instanceof InputError) return text;
    throw error;
  }
}

/** Whether a term enters with its lag too. */
export function isLagged(durbin: 'all' | readonly string[]): (term: Term) => boolean {
  const wanted = durbin === 'all' ? null : new Set(durbin.map(nameOf));
  return (term) => wanted === null || wanted.has(termName(term));
}
