import { quantile } from '../descriptives/moments.js';
import { dot } from '../linalg/vector.js';

/** Mean, standard deviation (over n − 1), extremes and quantiles. */
export function summarize(values: Float64Array, shares: readonly number[]) {
  const ascending = Float64Array.from(values).sort();
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviations = values.map((value) => value - mean);
  return {
    mean,
    sd: n > 1 ? Math.sqrt(dot(deviations, deviations) / (n - 1)) : Number.NaN,
    min: ascending[0],
    max: ascending[n - 1],
    quantiles: shares.map((share) => ({ share, value: quantile(ascending, share) })),
  };
}

const densityPoints = 161;
const reach = 3;
/** Of more values than this evenly spaced order statistics stand for all. */
const mostSmoothed = 10_000;

/**
 * Gaussian kernel density on an even grid, bandwidth .9 min(sd, IQR/1.34) n^(−1/5).
 * @returns empty when the values do not vary
 * @see Silverman (1986), Density Estimation, eq. 3.31; R's `bw.nrd0`
 */
export function kernelDensity(values: Float64Array): { readonly x: number; readonly density: number }[] {
  const all = Float64Array.from(values).sort();
  const ascending = thinned(all, mostSmoothed);
  const { sd, min, max } = summarize(values, []);
  const spread = (quantile(ascending, 0.75) - quantile(ascending, 0.25)) / 1.34;
  const bandwidth = 0.9 * (spread > 0 ? Math.min(sd, spread) : sd) * values.length ** -0.2;
  if (!(bandwidth > 0)) return [];
  const [from, to] = [min - reach * bandwidth, max + reach * bandwidth];
  const scale = 1 / (ascending.length * bandwidth * Math.sqrt(2 * Math.PI));
  let first = 0;
  return Array.from({ length: densityPoints }, (_, i) => {
    const x = from + ((to - from) * i) / (densityPoints - 1);
    while (first < ascending.length && ascending[first] < x - 8 * bandwidth) first++;
    let sum = 0;
    for (let at = first; at < ascending.length && ascending[at] <= x + 8 * bandwidth; at++) {
      const z = (x - ascending[at]) / bandwidth;
      sum += Math.exp(-0.5 * z * z);
    }
    return { x, density: scale * sum };
  });
}

/** All of the values, or so many at even distances, the first and the last among them. */
export function thinned(ascending: Float64Array, most: number): Float64Array {
  if (ascending.length <= most) return ascending;
  const stride = (ascending.length - 1) / (most - 1);
  return Float64Array.from({ length: most }, (_, i) => ascending[Math.round(i * stride)]);
}

const histogramBins = 60;

/**
 * Counts in bins of one width that hold `marked` and all but the outermost 0.1 % of the values on each side; the rest are counted
 * as below and beyond.
 */
export function histogram(values: Float64Array, marked: readonly number[]) {
  const ascending = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (ascending.length === 0) return { from: 0, width: 0, counts: [], below: 0, beyond: values.length };
  const finite = marked.filter(Number.isFinite);
  const low = Math.min(quantile(ascending, 0.001), ...finite);
  const high = Math.max(quantile(ascending, 0.999), ...finite);
  const margin = 0.02 * (high - low) || Math.max(Math.abs(high), 1) * 1e-6;
  const from = low - margin;
  const width = (high - low + 2 * margin) / histogramBins;
  const counts = new Array<number>(histogramBins).fill(0);
  let [below, beyond] = [0, 0];
  for (const value of values) {
    const bin = Math.floor((value - from) / width);
    if (bin < 0) below++;
    else if (bin < histogramBins) counts[bin]++;
    else beyond++;
  }
  return { from, width, counts, below, beyond };
}
