import { InputError, type Problem } from '../errors.js';
import { weightsNameOf } from '../formula/weights.js';
import { didYouMean } from '../suggest.js';
import { alignWeights } from '../weights/align.js';
import type { Weights } from '../weights/weights.js';
import type { InputInfo, Inputs } from './analysis.js';
import { asEstimation } from './as-estimation.js';

/** The weights that a parameter means, as a formula's W(…) finds them; null when there is none such. */
export function weightsMeant(name: string | undefined, known: ReadonlyMap<string, unknown> | undefined): string | null {
  return weightsNameOf({ kind: 'spatialLag', of: { kind: 'number', value: 0 }, weights: name ?? null }, known);
}

/** Why a parameter means no weights, or weights of too few units; none when all is well. */
export function weightsProblems(
  name: string | undefined,
  { panel, weights }: InputInfo,
  pointer: string,
  what: string,
): Problem[] {
  const meant = weightsMeant(name, weights);
  if (meant === null) return [absentWeights(name, weights, pointer, what)];
  const summary = weights?.get(meant);
  if (summary === undefined || summary.units >= panel.entity.count) return [];
  return [
    {
      pointer,
      code: 'weights_mismatch',
      message: `weights ${meant} have ${summary.units} units, and the data ${panel.entity.count} entities: each entity needs a unit`,
    },
  ];
}

function absentWeights(
  name: string | undefined,
  known: ReadonlyMap<string, unknown> | undefined,
  pointer: string,
  what: string,
): Problem {
  const names = [...(known?.keys() ?? [])];
  if (names.length === 0) {
    return { pointer, code: 'weights_needed', message: `${what} need spatial weights: hand some in with the job` };
  }
  const field = pointer.slice(1);
  const message =
    name === undefined
      ? `say which weights (${field}): ${names.join(', ')}`
      : `there are no weights "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`;
  return { pointer, code: name === undefined ? 'ambiguous_weights' : 'unknown_weights', message };
}

/**
 * The weights meant, in the order of the panel's entities.
 * @throws EstimationError `weights_needed`, `unknown_weights`, `ambiguous_weights`, `weights_mismatch`
 */
export function alignedChoice(
  name: string | undefined,
  { panel, weights }: Pick<Inputs, 'panel' | 'weights'>,
  unused: 'refuse' | 'cut',
  what: string,
): { readonly name: string; readonly weights: Weights } {
  return asEstimation(() => {
    const meant = weightsMeant(name, weights);
    if (meant === null || weights === undefined) throw new InputError([absentWeights(name, weights, '/weights', what)]);
    return { name: meant, weights: alignWeights(weights.get(meant)!, panel.entity.labels, { unused }) };
  });
}
