// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: numbers of the papers' tables
import type { Deterministic } from './adf.js';
import { between, interpolate } from './interpolation.js';

/**
 * Moments and critical values as printed in the papers named. `NaN`: not tabulated.
 */

/** Levin, Lin & Chu (2002), table 2: T, then μ* and σ* without terms, with an intercept, with a trend. */
const levinLinChuTable: readonly (readonly number[])[] = [
  [25, 0.004, 1.049, -0.554, 0.919, -0.703, 1.003],
  [30, 0.003, 1.035, -0.546, 0.889, -0.674, 0.949],
  [35, 0.002, 1.027, -0.541, 0.867, -0.653, 0.906],
  [40, 0.002, 1.021, -0.537, 0.85, -0.637, 0.871],
  [45, 0.001, 1.017, -0.533, 0.837, -0.624, 0.842],
  [50, 0.001, 1.014, -0.531, 0.826, -0.614, 0.818],
  [60, 0.001, 1.011, -0.527, 0.81, -0.598, 0.78],
  [70, 0, 1.008, -0.524, 0.798, -0.587, 0.751],
  [80, 0, 1.007, -0.521, 0.789, -0.578, 0.728],
  [90, 0, 1.006, -0.52, 0.782, -0.571, 0.71],
  [100, 0, 1.005, -0.518, 0.776, -0.566, 0.695],
  [250, 0, 1.001, -0.509, 0.742, -0.533, 0.603],
  [500, 0, 1, -0.5, 0.707, -0.5, 0.5],
];

/** Rows n of the test regression in Im, Pesaran & Shin's table 3; 6 to 9 for no lags only, from their table 1. */
const imPesaranShinRows = [6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60, 70, 100] as const;

/** Im, Pesaran & Shin (2003), tables 1 and 3: mean and variance of t by rows (above), one line for each number of lags 0 … 8. */
const imPesaranShinTable: Readonly<
  Record<'intercept' | 'trend', Readonly<Record<'mean' | 'variance', readonly (readonly number[])[]>>>
> = {
  intercept: {
    mean: [
      [-1.52, -1.514, -1.501, -1.501, -1.504, -1.514, -1.522, -1.52, -1.526, -1.523, -1.527, -1.519, -1.524, -1.532],
      [NaN, NaN, NaN, NaN, -1.488, -1.503, -1.516, -1.514, -1.519, -1.52, -1.524, -1.519, -1.522, -1.53],
      [NaN, NaN, NaN, NaN, -1.319, -1.387, -1.428, -1.443, -1.46, -1.476, -1.493, -1.49, -1.498, -1.514],
      [NaN, NaN, NaN, NaN, -1.306, -1.366, -1.413, -1.433, -1.453, -1.471, -1.489, -1.486, -1.495, -1.512],
      [NaN, NaN, NaN, NaN, -1.171, -1.26, -1.329, -1.363, -1.394, -1.428, -1.454, -1.458, -1.47, -1.495],
      [NaN, NaN, NaN, NaN, NaN, NaN, -1.313, -1.351, -1.384, -1.421, -1.451, -1.454, -1.467, -1.494],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.289, -1.331, -1.38, -1.418, -1.427, -1.444, -1.476],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.273, -1.319, -1.371, -1.411, -1.423, -1.441, -1.474],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.212, -1.266, -1.329, -1.377, -1.393, -1.415, -1.456],
    ],
    variance: [
      [1.745, 1.414, 1.228, 1.132, 1.069, 0.923, 0.851, 0.809, 0.789, 0.77, 0.76, 0.749, 0.736, 0.735],
      [NaN, NaN, NaN, NaN, 1.255, 1.011, 0.915, 0.861, 0.831, 0.803, 0.781, 0.77, 0.753, 0.745],
      [NaN, NaN, NaN, NaN, 1.421, 1.078, 0.969, 0.905, 0.865, 0.83, 0.798, 0.789, 0.766, 0.754],
      [NaN, NaN, NaN, NaN, 1.759, 1.181, 1.037, 0.952, 0.907, 0.858, 0.819, 0.802, 0.782, 0.761],
      [NaN, NaN, NaN, NaN, 2.08, 1.279, 1.097, 1.005, 0.946, 0.886, 0.842, 0.819, 0.801, 0.771],
      [NaN, NaN, NaN, NaN, NaN, NaN, 1.171, 1.055, 0.98, 0.912, 0.863, 0.839, 0.814, 0.781],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.114, 1.023, 0.942, 0.886, 0.858, 0.834, 0.795],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.164, 1.062, 0.968, 0.91, 0.875, 0.851, 0.806],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.217, 1.105, 0.996, 0.929, 0.896, 0.871, 0.818],
    ],
  },
  trend: {
    mean: [
      [NaN, NaN, NaN, NaN, -2.166, -2.167, -2.168, -2.167, -2.172, -2.173, -2.176, -2.174, -2.174, -2.177],
      [NaN, NaN, NaN, NaN, -2.173, -2.169, -2.172, -2.172, -2.173, -2.177, -2.18, -2.178, -2.176, -2.179],
      [NaN, NaN, NaN, NaN, -1.914, -1.999, -2.047, -2.074, -2.095, -2.12, -2.137, -2.143, -2.146, -2.158],
      [NaN, NaN, NaN, NaN, -1.922, -1.977, -2.032, -2.065, -2.091, -2.117, -2.137, -2.142, -2.146, -2.158],
      [NaN, NaN, NaN, NaN, -1.75, -1.823, -1.911, -1.968, -2.009, -2.057, -2.091, -2.103, -2.114, -2.135],
      [NaN, NaN, NaN, NaN, NaN, NaN, -1.888, -1.955, -1.998, -2.051, -2.087, -2.101, -2.111, -2.135],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.868, -1.923, -1.995, -2.042, -2.065, -2.081, -2.113],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.851, -1.912, -1.986, -2.036, -2.063, -2.079, -2.112],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, -1.761, -1.835, -1.925, -1.987, -2.024, -2.046, -2.088],
    ],
    variance: [
      [NaN, NaN, NaN, NaN, 1.132, 0.869, 0.763, 0.713, 0.69, 0.655, 0.633, 0.621, 0.61, 0.597],
      [NaN, NaN, NaN, NaN, 1.453, 0.975, 0.845, 0.769, 0.734, 0.687, 0.654, 0.641, 0.627, 0.605],
      [NaN, NaN, NaN, NaN, 1.627, 1.036, 0.882, 0.796, 0.756, 0.702, 0.661, 0.653, 0.634, 0.613],
      [NaN, NaN, NaN, NaN, 2.482, 1.214, 0.983, 0.861, 0.808, 0.735, 0.688, 0.674, 0.65, 0.625],
      [NaN, NaN, NaN, NaN, 3.947, 1.332, 1.052, 0.913, 0.845, 0.759, 0.705, 0.685, 0.662, 0.629],
      [NaN, NaN, NaN, NaN, NaN, NaN, 1.165, 0.991, 0.899, 0.792, 0.73, 0.705, 0.673, 0.638],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.055, 0.945, 0.828, 0.753, 0.725, 0.689, 0.65],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.145, 1.009, 0.872, 0.786, 0.747, 0.713, 0.661],
      [NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1.208, 1.063, 0.902, 0.808, 0.766, 0.728, 0.67],
    ],
  },
};

/** μ* and σ* of the t of Levin, Lin & Chu at T periods, linear between the table's lines, held beyond its ends. */
export function levinLinChuMoments(deterministic: Deterministic, T: number): readonly [number, number] {
  const column = 1 + 2 * ['none', 'intercept', 'trend'].indexOf(deterministic);
  const place = between(
    levinLinChuTable.map(([size]) => size),
    T,
  );
  const of = (j: number) =>
    interpolate(
      levinLinChuTable.map((line) => line[j]),
      place,
    );
  return [of(column), of(column + 1)];
}

/** E(t) and Var(t) of an ADF t of n rows and p lags, linear in n; null where the table has none. */
export function imPesaranShinMoments(deterministic: Deterministic, rows: number, lags: number): readonly [number, number] | null {
  if (deterministic === 'none' || lags > 8 || rows < imPesaranShinRows[0]) return null;
  const place = between(imPesaranShinRows, rows);
  const { mean, variance } = imPesaranShinTable[deterministic];
  const pair = [interpolate(mean[lags], place), interpolate(variance[lags], place)] as const;
  return pair.some(Number.isNaN) ? null : pair;
}
