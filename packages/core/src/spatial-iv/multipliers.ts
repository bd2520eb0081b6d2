import { allEigenvalues, type Eigenvalue, extremeEigenvalues, largestEigenvalue } from '../weights/eigenvalues.js';
import { symmetricForm } from '../weights/symmetric-form.js';
import type { SparseRows } from '../weights/weights.js';
import { type TotalSums, totalSums, totalsAt } from './multiplier-sums.js';
import { lowTraces, probeNodes, probePowers, type Traces } from './stochastic-traces.js';

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
    const nodes = allEigenvalues(weights);
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

function exactTraces(nodes: readonly Eigenvalue[], rho: number, n: number): Traces {
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
