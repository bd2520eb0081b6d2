import { dot } from '../linalg/vector.js';
import { type SparseRows, transposeRows } from '../weights/weights.js';

/** Traces that the covariance of εᵀA₁ε and εᵀA₂ε is made of, Σ = diag(s). */
export interface MomentTraces {
  /** Σ_{j≠l} b_jl² s_j s_l, B = MᵀM */
  readonly offDiagonal: number;
  /** Σ_j b_jj² s_j² */
  readonly diagonal: number;
  /** Σ_{j≠l} b_jl m_jl s_j s_l */
  readonly cross: number;
  /** Σ_jl (m_jl² + m_jl m_lj) s_j s_l */
  readonly lag: number;
}

/**
 * One pass over the rows of B = MᵀM, each made in a workspace of length n and forgotten: O(Σ deg²) time, O(n) memory.
 *
 * @param s  variances, length n; 1 for homoskedastic errors
 * @see Kelejian & Prucha (2010), eq. 15; Drukker, Egger & Prucha (2013), appendix
 */
export function momentTraces(m: SparseRows, s: Float64Array): MomentTraces {
  const { starts, columns, values } = m;
  const n = s.length;
  const t = transposeRows(m);
  const row = new Float64Array(n);
  const touched: number[] = [];
  const mark = new Int32Array(n).fill(-1);
  let [offDiagonal, diagonal, cross, lag] = [0, 0, 0, 0];
  for (let j = 0; j < n; j++) {
    touched.length = 0;
    // b_jl = Σ_i m_ij m_il over the rows i that hold j
    for (let up = t.starts[j]; up < t.starts[j + 1]; up++) {
      const i = t.columns[up];
      const mij = t.values[up];
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const l = columns[at];
        if (mark[l] !== j) {
          mark[l] = j;
          row[l] = 0;
          touched.push(l);
        }
        row[l] += mij * values[at];
      }
    }
    let own = 0;
    for (let k = 0; k < touched.length; k++) {
      const l = touched[k];
      if (l === j) diagonal += row[l] * row[l] * s[j] * s[j];
      else own += row[l] * row[l] * s[l];
    }
    offDiagonal += own * s[j];
    let other = t.starts[j];
    for (let at = starts[j]; at < starts[j + 1]; at++) {
      const l = columns[at];
      while (other < t.starts[j + 1] && t.columns[other] < l) other++;
      const back = other < t.starts[j + 1] && t.columns[other] === l ? t.values[other] : 0; // m_lj
      lag += values[at] * (values[at] + back) * s[j] * s[l];
      if (mark[l] === j) cross += row[l] * values[at] * s[j] * s[l];
    }
  }
  return { offDiagonal, diagonal, cross, lag };
}

/** tr(MᵀM)/n. */
export const traceShare = (m: SparseRows): number => dot(m.values, m.values) / (m.starts.length - 1);
