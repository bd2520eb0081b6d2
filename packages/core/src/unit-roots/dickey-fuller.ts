import { normalQuantile, normalUpper } from '../distributions/normal.js';
import { studentTUpper } from '../distributions/student-t.js';
import { type Deterministic, termsOf } from './adf.js';
import { dickeyFullerSurface, surfaceLevels } from './dickey-fuller-surface.js';

/** Rows below which there is no surface. */
export const fewestRows: Readonly<Record<Deterministic, number>> = { none: 5, intercept: 5, trend: 6 };

/**
 * P(τ ≤ t) of the Dickey–Fuller t statistic under a unit root: the p-value of an ADF test, for n rows of the test regression
 * (Infinity: asymptotic).
 *
 * τ is carried to a normal scale by its degrees of freedom without lags, g = Φ⁻¹(T_ν(τ)), ν = n − 1 − (0, 1, 2); the quantiles of g
 * are polynomials in 1/n (`dickey-fuller-surface.ts`), and Φ⁻¹(p) is a monotone cubic through them at n, straight beyond its ends.
 * What MacKinnon's (1996) tables give, from 10 times as many draws: equal to 0.2 % from n = 20 on, where the two overlap. Below
 * his own surfaces run beyond the sample sizes that were simulated for them; these do not. In the far tails (p below 5e-5 or above
 * 1 − 5e-5) p is an extrapolation.
 *
 * @param n  at least `fewestRows`
 * @see MacKinnon (1996), Journal of Applied Econometrics 11, 601–618: the method of response surfaces by quantile
 */
export function dickeyFullerP(t: number, deterministic: Deterministic, n: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  const normal = (z: number) => normalUpper(-z);
  const nu = n === Number.POSITIVE_INFINITY ? n : n - 1 - termsOf(deterministic);
  return normal(interpolated(gaussian(t, nu), quantilesAt(deterministic, n)));
}

/** Φ⁻¹(T_ν(t)), from the smaller tail. */
function gaussian(t: number, nu: number): number {
  if (nu === Number.POSITIVE_INFINITY) return t;
  return t < 0 ? normalQuantile(studentTUpper(-t, nu)) : -normalQuantile(studentTUpper(t, nu));
}

/** Quantiles of g at the levels of the surface: Σ_k β_k n^{−k}. */
function quantilesAt(deterministic: Deterministic, n: number): Float64Array {
  const x = 1 / n;
  return Float64Array.from(dickeyFullerSurface[deterministic], (beta) => beta.reduceRight((sum, b) => sum * x + b, 0));
}

/** Fritsch & Carlson's (1980) monotone cubic through (q_j, z_j), straight beyond the ends; the z_j are evenly spaced. */
function interpolated(g: number, q: Float64Array): number {
  const last = q.length - 1;
  const z = surfaceLevels;
  const slope = (j: number) => (z[j + 1] - z[j]) / (q[j + 1] - q[j]);
  if (g <= q[0]) return z[0] + slope(0) * (g - q[0]);
  if (g >= q[last]) return z[last] + slope(last - 1) * (g - q[last]);
  let j = 0;
  while (q[j + 1] < g) j++;
  const h = q[j + 1] - q[j];
  const tangent = (i: number) => {
    if (i === 0) return slope(0);
    if (i === last) return slope(last - 1);
    const [left, right] = [q[i] - q[i - 1], q[i + 1] - q[i]];
    const [w1, w2] = [2 * right + left, right + 2 * left];
    return (w1 + w2) / (w1 / slope(i - 1) + w2 / slope(i));
  };
  const s = (g - q[j]) / h;
  const [m0, m1] = [tangent(j) * h, tangent(j + 1) * h];
  return z[j] * (1 + 2 * s) * (1 - s) ** 2 + m0 * s * (1 - s) ** 2 + z[j + 1] * s * s * (3 - 2 * s) + m1 * s * s * (s - 1);
}
