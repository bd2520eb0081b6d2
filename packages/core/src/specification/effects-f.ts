import { fUpper } from '../distributions/f.js';
import { EstimationError } from '../errors.js';
import type { FTest } from '../instruments/first-stage.js';

export interface NestedSums {
  /** residual sum of squares without what is tested */
  readonly restricted: number;
  /** with it */
  readonly full: number;
  /** how many restrictions */
  readonly df1: number;
  /** residual degrees of freedom of the full model */
  readonly df2: number;
}

/**
 * F of nested least squares, ((SSR₀ − SSR)/df₁)/(SSR/df₂): that all effects are equal, when the restricted model has none.
 *
 * Entity effects: df₁ = N − 1, df₂ = n − N − k ("redundant fixed effects" in EViews, plm's `pFtest`, the last line of `xtreg, fe`).
 * Assumes classical errors.
 *
 * @throws EstimationError `perfect_fit` when the full model leaves nothing; `too_few_rows` without degrees of freedom
 * @see Baltagi (2021), Econometric Analysis of Panel Data, 6th ed., §2.2, eq. 2.12
 */
export function effectsFTest({ restricted, full, df1, df2 }: NestedSums): FTest {
  if (!(df1 > 0 && df2 > 0)) {
    throw new EstimationError('too_few_rows', `the F test of effects needs degrees of freedom above 0, got ${df1} and ${df2}`);
  }
  if (!(full > 1e-26 * restricted))
    throw new EstimationError('perfect_fit', 'the model with effects fits perfectly: there are no errors to compare with');
  const statistic = (restricted - full) / df1 / (full / df2);
  return { statistic, df1, df2, p: fUpper(statistic, df1, df2) };
}
