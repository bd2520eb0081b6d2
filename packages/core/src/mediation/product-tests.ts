import type { Matrix } from 'ml-matrix';
import { studentTQuantile, twoSidedP } from '../distributions/student-t.js';

/** One coefficient of a route. */
export interface PathEstimate {
  readonly estimate: number;
  readonly standardError: number;
}

/** Stored in results: never rename. */
export const productMethods = ['sobel', 'aroian', 'goodman'] as const;
export type ProductMethod = (typeof productMethods)[number];

/**
 * Standard error of a product of independent estimates, μ̂ = Π b_j.
 *
 *   Sobel    Σ_j s_j² Π_{l≠j} b_l²                  for two: √(b² s_a² + a² s_b²)
 *   Aroian   Π(b_j² + s_j²) − Π b_j²                for two: … + s_a² s_b²   (exact variance at the estimates)
 *   Goodman  Π b_j² − Π(b_j² − s_j²)                for two: … − s_a² s_b²   (unbiased; may be negative)
 *
 * Coefficients of different equations of a chain are uncorrelated, for the residuals of each are orthogonal to those before.
 *
 * @returns NaN where Goodman's variance is negative
 * @see Sobel (1982), Sociological Methodology 13, 290–312; Aroian (1947), Annals of Mathematical Statistics 18, 265–271;
 *   Goodman (1960), JASA 55, 708–713; for more than two factors the same algebra
 */
export function productError(method: ProductMethod, factors: readonly PathEstimate[]): number {
  const squares = factors.map(({ estimate }) => estimate ** 2);
  const variances = factors.map(({ standardError }) => standardError ** 2);
  switch (method) {
    case 'sobel':
      return Math.sqrt(expansion(squares, variances, (order) => (order === 1 ? 1 : 0)));
    case 'aroian':
      return Math.sqrt(expansion(squares, variances, () => 1));
    case 'goodman':
      return Math.sqrt(expansion(squares, variances, (order) => (order % 2 === 1 ? 1 : -1)));
  }
}

/** Σ over non-empty sets S of w(|S|) Π_{j∈S} s_j² Π_{j∉S} b_j²: without the differences of near numbers that products would give. */
function expansion(squares: readonly number[], variances: readonly number[], weight: (order: number) => number): number {
  let sum = 0;
  for (let set = 1; set < 2 ** squares.length; set++) {
    let term = 1;
    let order = 0;
    for (let j = 0; j < squares.length; j++) {
      const inside = ((set >> j) & 1) === 1;
      term *= inside ? variances[j] : squares[j];
      if (inside) order++;
    }
    sum += weight(order) * term;
  }
  return sum;
}

/** √(gᵀVg), the delta method. */
export function deltaError(gradient: Float64Array, covariance: Matrix): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++)
    for (let j = 0; j < gradient.length; j++) sum += gradient[i] * gradient[j] * covariance.get(i, j);
  return Math.sqrt(sum);
}

export interface EffectTest {
  readonly standardError: number;
  readonly statistic: number;
  /** of Student's t; Infinity is the normal */
  readonly df: number;
  readonly pValue: number;
  readonly lower: number;
  readonly upper: number;
}

/** Test of zero and interval b ± t_{1−α/2}(df) s. */
export function effectTest(estimate: number, standardError: number, df: number, level: number): EffectTest {
  const statistic = estimate / standardError;
  const margin = -studentTQuantile((1 - level) / 2, df) * standardError;
  return { standardError, statistic, df, pValue: twoSidedP(statistic, df), lower: estimate - margin, upper: estimate + margin };
}

/** Sobel's, Aroian's or Goodman's test that a product is zero. */
export function productTest(
  method: ProductMethod,
  factors: readonly PathEstimate[],
  df = Number.POSITIVE_INFINITY,
  level = 0.95,
): EffectTest & { readonly estimate: number } {
  const estimate = factors.reduce((product, factor) => product * factor.estimate, 1);
  return { estimate, ...effectTest(estimate, productError(method, factors), df, level) };
}
