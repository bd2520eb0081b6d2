import { type Deterministic, termsOf } from './adf.js';
import { dickeyFullerSurface } from './dickey-fuller-surface.js';
import { surfaceP } from './quantile-surface.js';

/** Rows below which there is no surface. */
export const fewestRows: Readonly<Record<Deterministic, number>> = { none: 5, intercept: 5, trend: 6 };

/**
 * P(τ ≤ t) of the Dickey–Fuller t statistic under a unit root: the p-value of an ADF test, for n rows of the test regression
 * (Infinity: asymptotic), t with SSR/(n − k).
 *
 * What MacKinnon's (1996) tables give, simulated anew with some ten times as many draws and at each n from 5 to 20 itself. His own
 * surfaces run on below n = 20, where he simulated none: there the two differ by up to some per cent of p. In the far tails (p below
 * 5e-5 or above 1 − 5e-5) p is an extrapolation.
 *
 * @param n  at least `fewestRows`
 * @see MacKinnon (1996), Journal of Applied Econometrics 11, 601–618: the method of response surfaces by quantile;
 *   scripts/dickey-fuller: the simulations
 */
export function dickeyFullerP(t: number, deterministic: Deterministic, n: number): number {
  return surfaceP(dickeyFullerSurface[deterministic], t, n, 1 + termsOf(deterministic));
}
