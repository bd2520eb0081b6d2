import { absorb } from '../effects/absorb.js';
import type { Grouping } from '../effects/grouping.js';

/**
 * Why a column has no variation that a regression could use, if it has none: the same in every row beside a constant, or held by the
 * effects, alone or together.
 *
 * @param constant  whether the regression has a constant; effects always hold it
 */
export function variationProblem(
  column: Float64Array,
  name: string,
  effects: readonly Grouping[],
  effectNames: readonly string[],
  constant: boolean,
): { readonly kind: 'constant' | 'absorbed'; readonly words: string } | null {
  if (column.every((value) => value === column[0]) && (constant || effects.length > 0))
    return { kind: 'constant', words: `${name} is ${column[0]} in every row` };
  const holds = (factors: readonly Grouping[]) =>
    absorb(factors)
      .apply(column)
      .every((left) => left === 0);
  const one = effects.findIndex((effect) => holds([effect]));
  if (one >= 0)
    return {
      kind: 'absorbed',
      words: `${name} never varies within ${effectNames[one]}: the effects of ${effectNames[one]} hold all of it`,
    };
  if (effects.length > 1 && holds(effects))
    return { kind: 'absorbed', words: `the effects of ${effectNames.join(' and ')} together hold all of ${name}` };
  return null;
}
