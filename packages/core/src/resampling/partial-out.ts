import { absorb } from '../effects/absorb.js';
import type { Grouping } from '../effects/grouping.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { collinearityTolerance } from '../linalg/qr.js';
import { addScaled, dot } from '../linalg/vector.js';

export interface PartialOut {
  /** M x: what controls and effects leave of a column; exact zeros if they hold all of it. A new column. */
  readonly apply: (column: Float64Array) => Float64Array;
  /** controls that count, the constant among them; the effects are not */
  readonly rank: number;
}

/**
 * Residual maker of controls and fixed effects, M = I − P, for regressions that differ in one regressor only (Frisch, Waugh,
 * Lovell): the slope of x beside the controls is x'M y / x'M x.
 *
 * Controls are absorbed once and made orthonormal; a column is then absorbed and swept twice, so that what is left is orthogonal to
 * the controls to the digits of what is left, not of the column.
 *
 * @param controls  columns beside x, without the constant
 * @param constant  whether a constant is regressed on; effects hold it already
 */
export function partialOut(
  rows: number,
  effects: readonly Grouping[],
  controls: readonly Float64Array[],
  constant: boolean,
): PartialOut {
  const absorption = absorb(effects);
  const own = constant && effects.length === 0 ? [new Float64Array(rows).fill(1)] : [];
  const { basis } = orthonormalBasis([...own, ...controls.map(absorption.apply)]);
  const apply = (column: Float64Array): Float64Array => {
    const left = absorption.apply(column);
    const before = dot(left, left);
    for (let pass = 0; pass < 2; pass++) for (const q of basis) addScaled(left, -dot(q, left), q);
    if (dot(left, left) <= collinearityTolerance * collinearityTolerance * before) left.fill(0);
    return left;
  };
  return { apply, rank: basis.length };
}
