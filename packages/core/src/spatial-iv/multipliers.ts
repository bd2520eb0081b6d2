import { EigenvalueDecomposition, type Matrix } from 'ml-matrix';
import { PhiloxStream } from '../random/stream.js';
import { denseRows, extremeEigenvalues, largestEigenvalue } from '../weights/eigenvalues.js';
import { spatialLag, transposedLag } from '../weights/lag.js';
import { weightsMoments } from '../weights/moments.js';
import { symmetricForm } from '../weights/symmetric-form.js';
import { rowSums, type SparseRows, transposeRows } from '../weights/weights.js';

/** Means of S = (I − ρW)⁻¹ that effects are made of, each with its derivative in ρ. */
export interface MultiplierMeans {
  /** tr(S)/n, tr(SW)/n */
  readonly direct: number;
  readonly directLag: number;
  /** 1ᵀS1/n, 1ᵀSW1/n */
  readonly total: number;
  readonly totalLag: number;
  readonly slopes: { readonly direct: number; readonly directLag: number; readonly total: number; readonly totalLag: number };
}

export interface Multipliers {
  readonly method: 'eigenvalues' | 'stochastic Lanczos' | 'stochastic powers';
  /** ρ for which I − ρW is regular around 0; `safe` when only the largest eigenvalue is known */
  readonly bounds: { readonly lower: number; readonly upper: number; readonly safe: boolean };
  /** probes of a stochastic trace; 0 for exact ones */
  readonly probes: number;
  at(rho: number): MultiplierMeans;
  /** Monte Carlo standard error of tr(S)/n at ρ; 0 when exact */
  traceError(rho: number): number;
}

/** Up to so many units all eigenvalues are found: traces are exact for every ρ. */
export const exactUnits = 400;
/** Above this only the largest eigenvalue is found, and ρ is held to ±1 of its inverse. */
const extremesUnits = 5_000;
const lanczosSteps = 40;
const powers = 100;

/**
 * Traces and sums of the spatial multiplier without any dense n × n matrix beyond `exactUnits` units.
 *
 * - up to 400 units: eigenvalues of W, tr S = Σ 1/(1 − ρλ)
 * - above, W similar to a symmetric matrix: tr W² … tr W⁴ exactly, the rest of the series by stochastic Lanczos quadrature with
 *   Rademacher probes
 * - above, any other W: tr W² … tr W⁴ exactly, powers 5 … 100 by the same probes (Barry & Pace)
 *
 * Sums: equal row sums c give 1/(1 − ρc); else the series 1ᵀWᵏ1 until it is geometric.
 *
 * @param weights  one period's W, or all rows of an unbalanced panel in blocks
 * @see LeSage & Pace (2009), Introduction to Spatial Econometrics, §4.4–4.5; Barry & Pace (1999); Ubaru, Chen & Saad (2017), SIAM
 *   Journal on Matrix Analysis 38, on the quadrature
 */
export function spatialMultipliers(weights: SparseRows): Multipliers {
  const n = weights.starts.length - 1;
  const sums = totalSums(weights);
  if (n <= exactUnits) {
    const nodes = eigenvalueNodes(weights);
    const real = nodes.filter(({ im }) => Math.abs(im) < 1e-10).map(({ re }) => re);
    const bounds = boundsOf(Math.min(...real), Math.max(...real), sums.constant !== null);
    return {
      method: 'eigenvalues',
      bounds,
      probes: 0,
      traceError: () => 0,
      at: (rho) => withTotals(exactTraces(nodes, rho, n), sums, rho),
    };
  }
  const symmetric = symmetricForm(weights);
  const low = lowTraces(weights);
  const probes = Math.max(8, Math.min(64, Math.ceil(200_000 / n)));
  const extremes = n <= extremesUnits ? extremeEigenvalues(weights) : null;
  const max = extremes?.max ?? largestEigenvalue(weights);
  const bounds = boundsOf(extremes?.min ?? -max, max, sums.constant !== null);
  const safe = { ...bounds, safe: extremes === null || bounds.safe };
  const each = symmetric === null ? probePowers(weights, probes) : probeNodes(symmetric, probes);
  return {
    method: symmetric === null ? 'stochastic powers' : 'stochastic Lanczos',
    bounds: safe,
    probes,
    at: (rho) => withTotals(addLow(meanOf(each.map((probe) => probe(rho))), low, rho), sums, rho),
    traceError: (rho) => {
      const values = each.map((probe) => probe(rho)[0]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length);
    },
  };
}

function boundsOf(min: number, max: number, closedTotals: boolean): Multipliers['bounds'] {
  const upper = max > 0 ? 1 / max : Number.POSITIVE_INFINITY;
  // sums that are a series converge within ±1/max only
  if (!closedTotals || !(min < 0)) return { lower: -upper, upper, safe: true };
  return { lower: Math.min(-upper, 1 / min), upper, safe: false };
}

/** [tr S, tr SW, d tr S, d tr SW]/n. */
type Traces = readonly [number, number, number, number];

interface Node {
  readonly re: number;
  readonly im: number;
}

function eigenvalueNodes(weights: SparseRows): Node[] {
  const symmetric = symmetricForm(weights);
  const dense: Matrix = denseRows(symmetric ?? weights);
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(dense, { assumeSymmetric: symmetric !== null });
  return realEigenvalues.map((re, k) => ({ re, im: symmetric === null ? imaginaryEigenvalues[k] : 0 }));
}

function exactTraces(nodes: readonly Node[], rho: number, n: number): Traces {
  const sums = [0, 0, 0, 0];
  for (const { re, im } of nodes) {
    // 1/(1 − ρλ) as a complex number
    const [a, b] = [1 - rho * re, -rho * im];
    const size = a * a + b * b;
    const [x, y] = [a / size, -b / size];
    const [lx, ly] = [x * re - y * im, x * im + y * re]; // λ/(1 − ρλ)
    sums[0] += x;
    sums[1] += lx;
    sums[2] += lx * x - ly * y;
    sums[3] += lx * lx - ly * ly;
  }
  return [sums[0] / n, sums[1] / n, sums[2] / n, sums[3] / n];
}

/** tr(Wᵏ)/n for k = 2, 3, 4: rows of W² made one at a time. */
function lowTraces(weights: SparseRows): readonly [number, number, number] {
  const { starts, columns, values } = weights;
  const n = starts.length - 1;
  const row = new Float64Array(n);
  const mark = new Int32Array(n).fill(-1);
  const touched: number[] = [];
  const back = new Float64Array(n);
  const backMark = new Int32Array(n).fill(-1);
  let [third, fourth] = [0, 0];
  const t = transposeRows(weights);
  for (let i = 0; i < n; i++) {
    touched.length = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      const j = columns[at];
      for (let next = starts[j]; next < starts[j + 1]; next++) {
        const l = columns[next];
        if (mark[l] !== i) {
          mark[l] = i;
          row[l] = 0;
          touched.push(l);
        }
        row[l] += values[at] * values[next];
      }
    }
    // (W²)_li: what comes back to i in two steps
    for (let at = t.starts[i]; at < t.starts[i + 1]; at++) {
      const j = t.columns[at];
      if (mark[j] === i) third += row[j] * t.values[at];
      for (let next = t.starts[j]; next < t.starts[j + 1]; next++) {
        const l = t.columns[next];
        if (backMark[l] !== i) {
          backMark[l] = i;
          back[l] = 0;
        }
        back[l] += t.values[next] * t.values[at];
      }
    }
    for (const l of touched) if (backMark[l] === i) fourth += row[l] * back[l];
  }
  return [weightsMoments(weights).traceWW / n, third / n, fourth / n];
}

/** 1 + ρ²t₂ + ρ³t₃ + ρ⁴t₄ and what the probes say of the powers above. */
function addLow(rest: Traces, [t2, t3, t4]: readonly [number, number, number], rho: number): Traces {
  return [
    1 + rho * rho * (t2 + rho * (t3 + rho * t4)) + rest[0],
    rho * (t2 + rho * (t3 + rho * t4)) + rest[1],
    rho * (2 * t2 + rho * (3 * t3 + rho * 4 * t4)) + rest[2],
    t2 + rho * (2 * t3 + rho * 3 * t4) + rest[3],
  ];
}

function meanOf(traces: readonly Traces[]): Traces {
  const sums = [0, 0, 0, 0];
  for (const one of traces) for (let k = 0; k < 4; k++) sums[k] += one[k];
  return [sums[0] / traces.length, sums[1] / traces.length, sums[2] / traces.length, sums[3] / traces.length];
}

/** Σ_{k≥5} of each series at a node λ: ρᵏλᵏ, ρᵏ⁻¹λᵏ, kρᵏ⁻¹λᵏ, (k − 1)ρᵏ⁻²λᵏ. */
function restAt(lambda: number, rho: number): Traces {
  const x = rho * lambda;
  const q = 1 / (1 - x);
  const l5 = lambda ** 5;
  return [rho ** 5 * l5 * q, rho ** 4 * l5 * q, l5 * rho ** 4 * (5 - 4 * x) * q * q, l5 * rho ** 3 * (4 - 3 * x) * q * q];
}

/** A probe: the four traces of powers 5 and above as functions of ρ, by Lanczos from a vector of ±1. */
function probeNodes(symmetric: SparseRows, probes: number): ((rho: number) => Traces)[] {
  const n = symmetric.starts.length - 1;
  const stream = new PhiloxStream(0, 1);
  return Array.from({ length: probes }, (_, probe) => {
    stream.seek(probe);
    const start = new Float64Array(n);
    stream.signs(start);
    const { nodes, shares } = quadrature(symmetric, start);
    return (rho: number): Traces => {
      const sums = [0, 0, 0, 0];
      for (let j = 0; j < nodes.length; j++) {
        const rest = restAt(nodes[j], rho);
        for (let k = 0; k < 4; k++) sums[k] += shares[j] * rest[k];
      }
      return [sums[0], sums[1], sums[2], sums[3]];
    };
  });
}

/** Gauss quadrature of uᵀf(S)u/uᵀu: nodes are Ritz values, shares squares of the first entries of their vectors. */
function quadrature(symmetric: SparseRows, start: Float64Array): { nodes: number[]; shares: number[] } {
  const n = start.length;
  const norm = Math.sqrt(start.reduce((sum, value) => sum + value * value, 0));
  let q: Float64Array = start.map((value) => value / norm);
  let previous: Float64Array = new Float64Array(n);
  const [alpha, beta]: [number[], number[]] = [[], []];
  for (let step = 0; step < lanczosSteps; step++) {
    const image = spatialLag(symmetric, q);
    const before = step === 0 ? 0 : beta[step - 1];
    let a = 0;
    for (let i = 0; i < n; i++) a += q[i] * image[i];
    let size = 0;
    for (let i = 0; i < n; i++) {
      image[i] -= a * q[i] + before * previous[i];
      size += image[i] * image[i];
    }
    alpha.push(a);
    size = Math.sqrt(size);
    if (size < 1e-12 || step + 1 === lanczosSteps) break;
    beta.push(size);
    previous = q;
    q = image;
    for (let i = 0; i < n; i++) q[i] /= size;
  }
  const m = alpha.length;
  const dense = denseRows({ starts: new Uint32Array(m + 1), columns: new Uint32Array(0), values: new Float64Array(0) });
  for (let k = 0; k < m; k++) {
    dense.set(k, k, alpha[k]);
    if (k + 1 < m) {
      dense.set(k, k + 1, beta[k]);
      dense.set(k + 1, k, beta[k]);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
  return { nodes: realEigenvalues, shares: realEigenvalues.map((_, k) => eigenvectorMatrix.get(0, k) ** 2) };
}

/** uᵀWᵏu/n, k = 5 … 100, of each probe: two half powers meet, so 50 lags each way. */
function probePowers(weights: SparseRows, probes: number): ((rho: number) => Traces)[] {
  const n = weights.starts.length - 1;
  const stream = new PhiloxStream(0, 1);
  return Array.from({ length: probes }, (_, probe) => {
    stream.seek(probe);
    const u = new Float64Array(n);
    stream.signs(u);
    const traces = new Float64Array(powers + 1);
    let [forward, backward]: [Float64Array, Float64Array] = [Float64Array.from(u), Float64Array.from(u)];
    for (let half = 1; 2 * half <= powers; half++) {
      forward = spatialLag(weights, forward);
      let odd = 0;
      for (let i = 0; i < n; i++) odd += backward[i] * forward[i];
      backward = transposedLag(weights, backward);
      let even = 0;
      for (let i = 0; i < n; i++) even += backward[i] * forward[i];
      traces[2 * half - 1] = odd / n;
      traces[2 * half] = even / n;
    }
    return (rho: number): Traces => {
      const sums = [0, 0, 0, 0];
      for (let k = 5; k <= powers; k++) {
        sums[0] += rho ** k * traces[k];
        sums[1] += rho ** (k - 1) * traces[k];
        sums[2] += k * rho ** (k - 1) * traces[k];
        sums[3] += (k - 1) * rho ** (k - 2) * traces[k];
      }
      return [sums[0], sums[1], sums[2], sums[3]];
    };
  });
}

interface TotalSums {
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

function totalSums(weights: SparseRows): TotalSums {
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

function withTotals([direct, directLag, slope, slopeLag]: Traces, sums: TotalSums, rho: number): MultiplierMeans {
  const { total, totalLag, totalSlope, totalLagSlope } = totalsAt(sums, rho);
  return {
    direct,
    directLag,
    total,
    totalLag,
    slopes: { direct: slope, directLag: slopeLag, total: totalSlope, totalLag: totalLagSlope },
  };
}

function totalsAt({ constant, scale, series, ratio }: TotalSums, rho: number) {
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
