import type { Group } from './group.js';
import type { PreparedStage } from './stage.js';

/** out[at + j] = Σ_t U_j(row t of entity i) · e(row t of entity i), rows in order. */
export function addProducts(
  { rows, starts, basis, width }: PreparedStage,
  e: Float64Array,
  i: number,
  out: Float64Array,
  at: number,
) {
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let row = starts[i]; row < starts[i + 1]; row++) sum += basis[j * rows + row] * e[row];
    out[at + j] = sum;
  }
}

/**
 * Fills the table: Uᵀe of every entity with the residuals of every donor, two donors and two columns at a time; sums in the order
 * of rows. What stands for donors of another number of rows is never looked up.
 */
export function pairProducts({ stage: { entities, stride }, basisOfRow: U, residuals: e, pairs, starts }: Group): void {
  for (let i = 0; i < entities; i++) {
    const u = starts[i] * stride;
    const periods = starts[i + 1] - starts[i];
    for (let donor = 0; donor < entities; donor += 2) {
      const p = starts[donor];
      const q = starts[donor + 1 < entities ? donor + 1 : donor];
      for (let j = 0; j < stride; j += 2) {
        let up = 0;
        let vp = 0;
        let uq = 0;
        let vq = 0;
        for (let t = 0, at = u + j; t < periods; t++, at += stride) {
          const x = e[p + t];
          const y = e[q + t];
          up += U[at] * x;
          vp += U[at + 1] * x;
          uq += U[at] * y;
          vq += U[at + 1] * y;
        }
        const to = (i * entities + donor) * stride + j;
        pairs[to] = up;
        pairs[to + 1] = vp;
        if (q === p) continue;
        pairs[to + stride] = uq;
        pairs[to + stride + 1] = vq;
      }
    }
  }
}
