import { EstimationError } from '../errors.js';
import { absorb } from './absorb.js';
import { type Grouping, isNested } from './grouping.js';

export interface MovingEffects {
  /** takes the effects nested in the clusters out of a column: the same whichever clusters are there */
  readonly apply: (column: Float64Array) => Float64Array;
  /** dummies of the other effects, less the nested ones: their means move when clusters come and go */
  readonly dummies: readonly Float64Array[];
}

/**
 * Splits effects for refits on other choices of clusters: those nested in the clusters are absorbed once, the others stand as
 * columns.
 *
 * @param most  dummies that may be held
 * @throws EstimationError `too_many_levels`
 */
export function movingEffects(
  effects: readonly Grouping[],
  cluster: Grouping,
  most: number,
  weights?: Float64Array,
): MovingEffects {
  const nested = effects.filter((effect) => isNested(effect, cluster));
  const moving = effects.filter((effect) => !nested.includes(effect));
  const width = moving.reduce((sum, { levels }) => sum + levels, 0);
  if (width > most) {
    throw new EstimationError(
      'too_many_levels',
      `refits without some clusters hold effects that are not nested in them as columns, at most ${most}, got ${width}`,
    );
  }
  const { apply } = absorb(nested, weights);
  const dummies = moving.flatMap(({ codes, levels }) =>
    Array.from({ length: levels }, (_, level) => apply(Float64Array.from(codes, (code) => (code === level ? 1 : 0)))),
  );
  return { apply, dummies };
}
