import { EstimationError } from '../errors.js';
import { devianceTerm, stirlingRemainder } from './saddle-point.js';

const tiny = 1e-300;
/** Enough for a and b of 10¹³ both; t and F with one of them small take a few dozen steps whatever the other is. */
const maxSteps = 2 ** 24;

/**
 * Regularised incomplete beta function I_x(a, b), with its digits kept down to 1e-300.
 *
 *   I_x(a, b) = x^a y^b / B(a, b) · 1/(b₀ + a₁/(b₁ + a₂/(b₂ + …))),   1 − I_y(b, a) where that converges faster,
 *   a_m = (a+m−1)(n+m−1) m (b−m) x² / (a+2m−1)²,   n = a + b,
 *   b_m = m + m(b−m)x / (a+2m−1) + (a+m)(ay − bx + 1 + m(1+y)) / (a+2m+1)
 *
 * The factor before the fraction is a binomial probability in Loader's saddle-point form, which loses no digits for large
 * a and b. (@stdlib's `betainc` does: 2e-11 at 10⁶ degrees of freedom, and 0 instead of 1e-300 for F(60, 200); so does the
 * better known fraction DLMF 8.17.22, 1e-10 at 10⁷.) It takes some √max(a, b) steps.
 *
 * @param x  in [0, 1]
 * @param y  1 − x, computed by the caller without cancellation
 * @throws EstimationError `no_convergence` if a and b are both beyond some 10¹³
 * @see DiDonato & Morris (1992), ACM Transactions on Mathematical Software 18(3), the fraction of BFRAC; Loader (2000), "Fast
 *   and accurate computation of binomial probabilities"; Lentz's algorithm as in Press et al. (2007), Numerical Recipes, §5.2
 */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  return x < (a + 1) / (a + b + 2) ? fraction(x, y, a, b) : 1 - fraction(y, x, b, a);
}

function fraction(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const exponent =
    stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b) - devianceTerm(a, n * x) - devianceTerm(b, n * y);
  const before = Math.sqrt(b / (2 * Math.PI * a * n)) * Math.exp(exponent);
  if (before === 0) return 0;

  const slope = a * y - b * x + 1;
  let c = (a * slope) / (a + 1);
  let d = 0;
  let value = c;
  for (let m = 1; m <= maxSteps; m++) {
    const e = a + 2 * m - 1;
    const numerator = ((a + m - 1) * (n + m - 1) * m * (b - m) * x * x) / (e * e);
    const denominator = m + (m * (b - m) * x) / e + ((a + m) * (slope + m * (1 + y))) / (e + 2);
    d = 1 / away(denominator + numerator * d);
    c = away(denominator + numerator / c);
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) <= 2 ** -52) return (a * before) / value;
  }
  throw new EstimationError('no_convergence', `incomplete beta function (${x}; ${a}, ${b}): ${maxSteps} steps were not enough`);
}

/** Lentz: a denominator that is zero is moved by less than it can matter. */
function away(denominator: number): number {
  return Math.abs(denominator) < tiny ? tiny : denominator;
}
