import { normalQuantile, normalUpper } from '../distributions/normal.js';
import { studentTUpper } from '../distributions/student-t.js';

/**
 * A distribution that depends on the number of rows n, as response surfaces of its quantiles.
 *
 * A statistic t is carried to a normal scale, g = Φ⁻¹(T_ν(t)); the quantiles of g at the levels z_j are polynomials in 1/n, and Φ⁻¹(p)
 * is a monotone cubic through them at n, straight beyond its ends.
 */
export interface QuantileSurface {
  /** z_j = Φ⁻¹(p_j), evenly spaced, ascending */
  readonly levels: readonly number[];
  /** for each level the coefficients of 1, 1/n, 1/n², … */
  readonly coefficients: readonly (readonly number[])[];
}

/** P(τ ≤ t) for n rows; ν = n − lost degrees of freedom, n = Infinity the limit. NaN for NaN. */
export function surfaceP({ levels, coefficients }: QuantileSurface, t: number, n: number, lost: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  const x = 1 / n;
  const quantiles = Float64Array.from(coefficients, (beta) => beta.reduceRight((sum, b) => sum * x + b, 0));
  return normalUpper(-interpolated(gaussian(t, n - lost), quantiles, levels));
}

/** Φ⁻¹(T_ν(t)), from the smaller tail. */
function gaussian(t: number, nu: number): number {
  if (nu === Number.POSITIVE_INFINITY) return t;
  return t < 0 ? normalQuantile(studentTUpper(-t, nu)) : -normalQuantile(studentTUpper(t, nu));
}

/** Fritsch & Carlson's (1980) monotone cubic through (q_j, z_j), straight beyond the ends. */
function interpolated(g: number, q: Float64Array, z: readonly number[]): number {
  const last = q.length - 1;
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
