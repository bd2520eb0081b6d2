import { type SparseRows, transposeRows } from './weights.js';

/** Rounding that a matrix similar to a symmetric one may have collected on its way, as a share of log d. */
const tolerance = 1e-10;

/**
 * The symmetric matrix S = D^½ W D^−½ that W is similar to by a diagonal D > 0, or null if there is none.
 *
 * D exists when d_i w_ij = d_j w_ji for all links: found by walking each component once, then checked on every link. Holds for
 * symmetric W and for one whose rows or columns were rescaled (row normalisation, W·diag(z)); s_ij = √(w_ij w_ji).
 *
 * @see Ord (1975), JASA 70, 125
 */
export function symmetricForm(weights: SparseRows): SparseRows | null {
  const { starts, columns, values } = weights;
  const transposed = transposeRows(weights);
  for (let at = 0; at < columns.length; at++) if (columns[at] !== transposed.columns[at]) return null;
  const n = starts.length - 1;
  for (let i = 0; i <= n; i++) if (starts[i] !== transposed.starts[i]) return null;

  const logD = new Float64Array(n).fill(Number.NaN);
  const queue = new Uint32Array(n);
  for (let seed = 0; seed < n; seed++) {
    if (!Number.isNaN(logD[seed])) continue;
    logD[seed] = 0;
    queue[0] = seed;
    for (let head = 0, tail = 1; head < tail; head++) {
      const i = queue[head];
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const j = columns[at];
        const other = logD[i] + Math.log(values[at] / transposed.values[at]); // of the link j → i
        if (Number.isNaN(logD[j])) {
          logD[j] = other;
          queue[tail++] = j;
        } else if (Math.abs(logD[j] - other) > tolerance * Math.max(1, Math.abs(other))) return null;
      }
    }
  }
  return { starts, columns, values: values.map((w, at) => Math.sqrt(w * transposed.values[at])) };
}
