import { spatialLag } from '../weights/lag.js';
import type { WeightsMoments } from '../weights/moments.js';
import type { SparseRows } from '../weights/weights.js';

/** A statistic with its moments when there is no spatial association. */
export interface AssociationMoments {
  readonly statistic: number;
  readonly expectation: number;
  /** x normal and independent */
  readonly varianceNormality: number;
  /** every assignment of the values to the units equally likely */
  readonly varianceRandomisation: number;
}

/** Deviations from the mean, and their sums of squares and fourth powers. */
export interface Deviations {
  readonly z: Float64Array;
  /** Σ z² */
  readonly squares: number;
  /** n Σ z⁴ / (Σ z²)² */
  readonly kurtosis: number;
}

export function deviations(x: Float64Array): Deviations {
  const n = x.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += x[i];
  mean /= n;
  let rest = 0;
  for (let i = 0; i < n; i++) rest += x[i] - mean;
  mean += rest / n;
  const z = x.map((value) => value - mean);
  let [squares, fourth] = [0, 0];
  for (let i = 0; i < n; i++) {
    const square = z[i] * z[i];
    squares += square;
    fourth += square * square;
  }
  return { z, squares, kurtosis: (n * fourth) / (squares * squares) };
}

/** n/S₀ · Σ_ij w_ij z_i z_j / Σ z_i². */
export function moranStatistic(weights: SparseRows, { z, squares }: Deviations, s0: number): number {
  return (z.length / s0) * (spatialProduct(weights, z) / squares);
}

/** zᵀWz without the lag being kept. */
export function spatialProduct({ starts, columns, values }: SparseRows, z: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < z.length; i++) {
    let lag = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) lag += values[at] * z[columns[at]];
    sum += z[i] * lag;
  }
  return sum;
}

/**
 * Moran's I of a variable, its mean −1/(n − 1), and its variance under normality and under randomisation.
 *
 * Units without neighbours stay: their z counts in the mean and the sum of squares, their row adds nothing. The moments are
 * exact for this I. (spdep under zero.policy takes such units off n in the moments, but not off z.)
 *
 * @see Cliff & Ord (1981), Spatial Processes, §1.5, eqs. 1.35–1.44
 */
export function moranI(weights: SparseRows, x: Float64Array, { units: n, s0, s1, s2 }: WeightsMoments): AssociationMoments {
  const parts = deviations(x);
  const b2 = parts.kurtosis;
  const expectation = -1 / (n - 1);
  const varianceNormality = (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0) - expectation ** 2;
  const first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0);
  const second = b2 * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0);
  const varianceRandomisation = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0 * s0) - expectation ** 2;
  return { statistic: moranStatistic(weights, parts, s0), expectation, varianceNormality, varianceRandomisation };
}

/** (n − 1)/(2S₀) · Σ_ij w_ij (z_i − z_j)² / Σ z_i². */
export function gearyStatistic(
  { starts, columns, values }: SparseRows,
  { z, squares }: Pick<Deviations, 'z' | 'squares'>,
  s0: number,
): number {
  let sum = 0;
  for (let i = 0; i < z.length; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) sum += values[at] * (z[i] - z[columns[at]]) ** 2;
  }
  return ((z.length - 1) / (2 * s0)) * (sum / squares);
}

/**
 * Geary's C, with mean 1; below 1 is positive association.
 * @see Cliff & Ord (1981), §1.5, eqs. 1.45–1.48
 */
export function gearyC(weights: SparseRows, x: Float64Array, { units: n, s0, s1, s2 }: WeightsMoments): AssociationMoments {
  const parts = deviations(x);
  const k = parts.kurtosis;
  const varianceNormality = ((2 * s1 + s2) * (n - 1) - 4 * s0 * s0) / (2 * (n + 1) * s0 * s0);
  const sum =
    (n - 1) * s1 * (n * n - 3 * n + 3 - k * (n - 1)) -
    ((n - 1) * s2 * (n * n + 3 * n - 6 - k * (n * n - n + 2))) / 4 +
    s0 * s0 * (n * n - 3 - k * (n - 1) ** 2);
  const varianceRandomisation = sum / (n * (n - 2) * (n - 3) * s0 * s0);
  return { statistic: gearyStatistic(weights, parts, s0), expectation: 1, varianceNormality, varianceRandomisation };
}

/** Local Moran I_i = z_i (Wz)_i / m₂, m₂ = Σ z²/n; with row-standardised W their mean is I. */
export function localMoran(weights: SparseRows, { z, squares }: Deviations): { local: Float64Array; lag: Float64Array } {
  const lag = spatialLag(weights, z);
  const m2 = squares / z.length;
  return { local: z.map((value, i) => (value * lag[i]) / m2), lag };
}
