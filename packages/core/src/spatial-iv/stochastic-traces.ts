import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { PhiloxStream } from '../random/stream.js';
import { spatialLag, transposedLag } from '../weights/lag.js';
import { weightsMoments } from '../weights/moments.js';
import { type SparseRows, transposeRows } from '../weights/weights.js';

/** [tr S, tr SW, d tr S, d tr SW]/n. */
export type Traces = readonly [number, number, number, number];

const lanczosSteps = 40;
const powers = 100;

/** tr(Wᵏ)/n for k = 2, 3, 4: rows of W² made one at a time. */
export function lowTraces(weights: SparseRows): readonly [number, number, number] {
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

/**
 * A probe: the four traces of powers 5 and above as functions of ρ, by Lanczos from a vector of ±1. At a node λ with x = ρλ,
 *
 *   Σ_{k≥5} ρᵏλᵏ = ρ⁵λ⁵/(1 − x), and of ρᵏ⁻¹λᵏ, kρᵏ⁻¹λᵏ, (k − 1)ρᵏ⁻²λᵏ likewise.
 */
export function probeNodes(symmetric: SparseRows, probes: number): ((rho: number) => Traces)[] {
  const n = symmetric.starts.length - 1;
  const stream = new PhiloxStream(0, 1);
  return Array.from({ length: probes }, (_, probe) => {
    stream.seek(probe);
    const start = new Float64Array(n);
    stream.signs(start);
    const { nodes, shares } = quadrature(symmetric, start);
    const fifth = nodes.map((lambda, j) => shares[j] * lambda ** 5);
    return (rho: number): Traces => {
      let [s0, s2, s3] = [0, 0, 0];
      for (let j = 0; j < nodes.length; j++) {
        const x = rho * nodes[j];
        const q = 1 / (1 - x);
        const term = fifth[j] * q;
        s0 += term;
        s2 += term * q * (5 - 4 * x);
        s3 += term * q * (4 - 3 * x);
      }
      const cube = rho * rho * rho;
      return [cube * rho * rho * s0, cube * rho * s0, cube * rho * s2, cube * s3];
    };
  });
}

/** Gauss quadrature of uᵀf(S)u/uᵀu: nodes are Ritz values, shares squares of the first entries of their vectors. */
function quadrature(symmetric: SparseRows, start: Float64Array): { nodes: number[]; shares: number[] } {
  const n = start.length;
  const norm = Math.sqrt(start.reduce((sum, value) => sum + value * value, 0));
  let q = start.map((value) => value / norm);
  let previous = new Float64Array(n);
  let image = new Float64Array(n);
  const [alpha, beta]: [number[], number[]] = [[], []];
  for (let step = 0; step < lanczosSteps; step++) {
    spatialLag(symmetric, q, image);
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
    [previous, q, image] = [q, image, previous];
    for (let i = 0; i < n; i++) q[i] /= size;
  }
  const m = alpha.length;
  const dense = Matrix.zeros(m, m);
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
export function probePowers(weights: SparseRows, probes: number): ((rho: number) => Traces)[] {
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
