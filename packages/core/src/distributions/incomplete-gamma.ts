import gammainc from '@stdlib/math-base-special-gammainc';
import { EstimationError } from '../errors.js';
import { devianceTerm, stirlingRemainder } from './saddle-point.js';

/** @stdlib takes a uniform expansion from here on that is wrong by up to 4e-3 (measured against R at a = 500 and 50,000). */
const largeShape = 200;

/** Enough for a = 10¹³. */
const maxSteps = 2 ** 24;

/**
 * Q(a, x) = Γ(a, x)/Γ(a), the upper regularised incomplete gamma function, x > 0.
 *
 * Up to a = 200 by @stdlib; above, x^a e^{−x}/Γ(a+1), in Loader's saddle-point form, times Legendre's continued fraction
 * (x > a) or less the series of P(a, x) (x ≤ a). Both take some √a steps.
 *
 * @throws EstimationError `no_convergence` if a is beyond some 10¹³
 * @see DLMF 8.9.2 and 8.7.1; Loader (2000), "Fast and accurate computation of binomial probabilities"
 */
export function upperGamma(a: number, x: number): number {
  if (a <= largeShape) return gammainc(x, a, true, true);
  return x > a ? upperFraction(a, x) : 1 - lowerSeries(a, x);
}

/** P(a, x) = 1 − Q(a, x), with its digits kept where it is small. */
export function lowerGamma(a: number, x: number): number {
  if (a <= largeShape) return gammainc(x, a, true, false);
  return x > a ? 1 - upperFraction(a, x) : lowerSeries(a, x);
}

/** x^a e^{−x} / Γ(a+1) */
export function gammaTerm(a: number, x: number): number {
  return Math.exp(-stirlingRemainder(a) - devianceTerm(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** gammaTerm · Σ_{j≥0} x^j / ((a+1) ⋯ (a+j)) */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let j = 1; j <= maxSteps; j++) {
    term *= x / (a + j);
    sum += term;
    if (term <= sum * 2 ** -54) return gammaTerm(a, x) * sum;
  }
  throw tooLarge(a, x);
}

/** a · gammaTerm · 1/(x+1−a − 1(1−a)/(x+3−a − 2(2−a)/(x+5−a − …))), by Lentz's algorithm */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let value = d;
  for (let j = 1; j <= maxSteps; j++) {
    const numerator = -j * (j - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) <= 2 ** -52) return a * gammaTerm(a, x) * value;
  }
  throw tooLarge(a, x);
}

function tooLarge(a: number, x: number): EstimationError {
  return new EstimationError('no_convergence', `incomplete gamma function (${a}, ${x}): ${maxSteps} steps were not enough`);
}
