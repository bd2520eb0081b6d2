import { spatialLag } from '../weights/lag.js';
import { rowSums, type SparseRows } from '../weights/weights.js';

/** What 1ᵀ(I − ρW)⁻¹1 is made of. */
export interface TotalSums {
  /** the row sum, when all rows have the same */
  readonly constant: number | null;
  /** c, the largest row sum: a bound of the largest eigenvalue */
  readonly scale: number;
  /** 1ᵀ(W/c)ᵏ1/n, k = 0, 1, … */
  readonly series: readonly number[];
  /** ratio of two steps once the series is geometric; 0 when it has ended */
  readonly ratio: number;
}

const mostTerms = 2_000;

/** Row sums of the powers of W, in units of its largest row sum so that nothing overflows, until they are geometric. */
export function totalSums(weights: SparseRows): TotalSums {
  const sums = rowSums(weights);
  const n = sums.length;
  const first = sums[0] ?? 0;
  if (sums.every((sum) => Math.abs(sum - first) <= 1e-12 * Math.abs(first))) {
    return { constant: first, scale: 1, series: [], ratio: 0 };
  }
  const scale = sums.reduce((max, sum) => Math.max(max, sum), 0);
  const series = [1];
  let image: Float64Array = new Float64Array(n).fill(1);
  let still = 0;
  let ratio = 0;
  for (let k = 1; k <= mostTerms && still < 4; k++) {
    image = spatialLag(weights, image);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      image[i] /= scale;
      sum += image[i];
    }
    series.push(sum / n);
    if (k < 3) continue;
    const next = series[k - 2] === 0 ? 0 : series[k] / series[k - 2];
    still = Math.abs(next - ratio) <= 1e-13 * next ? still + 1 : 0;
    ratio = next;
  }
  return { constant: null, scale, series, ratio };
}

/** 1ᵀS1/n, 1ᵀSW1/n and their derivatives in ρ. */
export function totalsAt({ constant, scale, series, ratio }: TotalSums, rho: number) {
  if (constant !== null) {
    const q = 1 / (1 - rho * constant);
    return { total: q, totalLag: constant * q, totalSlope: constant * q * q, totalLagSlope: (constant * q) ** 2 };
  }
  const x = rho * scale; // in units of W/c
  const [s1, last] = [series[1], series.length - 1];
  const out = { total: 1 + x * s1, totalLag: s1, totalSlope: s1, totalLagSlope: 0 };
  // Σ_j s rʲ xᵏ⁺²ʲ and its like: one term (r = 0) or a geometric tail in steps of two
  const add = (k: number, s: number, r: number) => {
    const power = x ** (k - 2);
    const q = 1 / (1 - x * x * r);
    const tail = 2 * x * x * r * q;
    out.total += s * power * x * x * q;
    out.totalLag += s * power * x * q;
    out.totalSlope += s * power * x * q * (k + tail);
    out.totalLagSlope += s * power * q * (k - 1 + tail);
  };
  for (let k = 2; k < last - 1; k++) add(k, series[k], 0);
  for (let k = Math.max(2, last - 1); k <= last; k++) add(k, series[k], ratio);
  return {
    total: out.total,
    totalLag: out.totalLag * scale,
    totalSlope: out.totalSlope * scale,
    totalLagSlope: out.totalLagSlope * scale * scale,
  };
}
