import { columnSums, rowSums, type SparseRows, transposeRows } from './weights.js';

/** Sums over a matrix that the moments of spatial statistics are made of. */
export interface WeightsMoments {
  /** n */
  readonly units: number;
  /** Σ_ij w_ij */
  readonly s0: number;
  /** ½ Σ_ij (w_ij + w_ji)² */
  readonly s1: number;
  /** Σ_i (w_i. + w_.i)² */
  readonly s2: number;
  /** tr(WW) = Σ_ij w_ij w_ji */
  readonly traceWW: number;
  /** tr(WᵀW) = Σ_ij w_ij² */
  readonly traceWtW: number;
}

/** @see Cliff & Ord (1981), Spatial Processes, §1.4; O(links) */
export function weightsMoments(weights: SparseRows): WeightsMoments {
  const { starts, columns, values } = weights;
  const n = starts.length - 1;
  const transposed = transposeRows(weights);
  const [out, into] = [rowSums(weights), columnSums(weights)];
  let [s0, s2, traceWW, traceWtW] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    s0 += out[i];
    s2 += (out[i] + into[i]) ** 2;
    let other = transposed.starts[i];
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      traceWtW += values[at] * values[at];
      while (other < transposed.starts[i + 1] && transposed.columns[other] < columns[at]) other++;
      if (other < transposed.starts[i + 1] && transposed.columns[other] === columns[at]) {
        traceWW += values[at] * transposed.values[other];
      }
    }
  }
  // ½ Σ (w_ij + w_ji)² = Σ w_ij² + Σ w_ij w_ji
  return { units: n, s0, s1: traceWtW + traceWW, s2, traceWW, traceWtW };
}
