import { inverse, Matrix } from 'ml-matrix';
import { denseRows } from '../weights/eigenvalues.js';
import type { SparseRows } from '../weights/weights.js';

/** What (I − ρW)⁻¹ says of each unit. */
export interface UnitMultipliers {
  /** s_ii: a unit's own impulse as it comes back to it */
  readonly own: Float64Array;
  /** Σ_{j≠i} s_ij: what a unit receives when all others move by one */
  readonly received: Float64Array;
  /** Σ_{j≠i} s_ji: what all others receive when the unit moves by one */
  readonly sent: Float64Array;
}

/**
 * Multipliers of single units, by the dense inverse: for few units only (`exactUnits`).
 *
 * @see LeSage & Pace (2009), Introduction to Spatial Econometrics, §2.7.1, on impacts to and from an observation
 */
export function unitMultipliers(weights: SparseRows, rho: number): UnitMultipliers {
  const n = weights.starts.length - 1;
  const s = inverse(Matrix.sub(Matrix.eye(n), denseRows(weights).mul(rho)));
  const [own, received, sent] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const value = s.get(i, j);
      if (i === j) own[i] = value;
      else {
        received[i] += value;
        sent[j] += value;
      }
    }
  }
  return { own, received, sent };
}
