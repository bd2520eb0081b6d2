import type { Group } from './group.js';
import type { PreparedStage } from './stage.js';

/** out[at + j] += Σ_t U_j(row t of entity i) · e(from + t): rows within the entity first, in order. */
export function addProducts(
  { rows, starts, basis, width }: PreparedStage,
  residuals: Float64Array,
  i: number,
  from: number,
  out: Float64Array,
  at: number,
): void {
  const periods = starts[i + 1] - starts[i];
  for (let j = 0; j < width; j++) {
    const u = j * rows + starts[i];
    let sum = 0;
    for (let t = 0; t < periods; t++) sum += basis[u + t] * residuals[from + t];
    out[at + j] += sum;
  }
}

/** Uᵀe of every entity with the residuals of every donor, two donors and two columns at a time; sums in the order of rows. */
export function pairProducts({ rows, entities, starts, basis, stride, width }: PreparedStage, e: Float64Array): Float64Array {
  const pairs = new Float64Array(entities * entities * stride);
  for (let i = 0; i < entities; i++) {
    const periods = starts[i + 1] - starts[i];
    for (let j = 0; j < width; j += 2) {
      const u = j * rows + starts[i];
      const v = j + 1 < width ? u + rows : u; // an odd last column is computed twice and its copy left out
      for (let donor = 0; donor < entities; donor += 2) {
        const p = starts[donor];
        const q = starts[donor + 1 < entities ? donor + 1 : donor];
        let up = 0;
        let vp = 0;
        let uq = 0;
        let vq = 0;
        for (let t = 0; t < periods; t++) {
          up += basis[u + t] * e[p + t];
          vp += basis[v + t] * e[p + t];
          uq += basis[u + t] * e[q + t];
          vq += basis[v + t] * e[q + t];
        }
        const at = (i * entities + donor) * stride + j;
        pairs[at] = up;
        if (v !== u) pairs[at + 1] = vp;
        if (q === p) continue;
        pairs[at + stride] = uq;
        if (v !== u) pairs[at + stride + 1] = vq;
      }
    }
  }
  return pairs;
}

/** b += Uᵀe* of each lane from the table; one entity's part of it serves all lanes while it is in the cache. */
export function lookUpBlocks(
  { entities, stride }: PreparedStage,
  { lanes, drawn, b }: Group,
  pairs: Float64Array,
  used: number,
): void {
  for (let i = 0; i < entities; i++) {
    for (let lane = 0; lane < used; lane++) {
      const from = (i * entities + drawn[i * lanes + lane]) * stride;
      const to = lane * stride;
      for (let j = 0; j < stride; j += 2) {
        b[to + j] += pairs[from + j];
        b[to + j + 1] += pairs[from + j + 1];
      }
    }
  }
}

/** b += Uᵀe* of each lane, entity by entity: two lanes and two columns at a time, so that loads are shared. */
export function projectBlocks({ rows, entities, starts, basis, stride, width }: PreparedStage, group: Group, used: number): void {
  const { lanes, donors, residuals: e, b } = group;
  for (let i = 0; i < entities; i++) {
    const periods = starts[i + 1] - starts[i];
    for (let j = 0; j < width; j += 2) {
      const u = j * rows + starts[i];
      const v = j + 1 < width ? u + rows : u; // an odd last column is computed twice and its copy left out
      for (let lane = 0; lane < used; lane += 2) {
        const p = donors[i * lanes + lane];
        const q = donors[i * lanes + lane + 1];
        let up = 0;
        let vp = 0;
        let uq = 0;
        let vq = 0;
        for (let t = 0; t < periods; t++) {
          const a = basis[u + t];
          const c = basis[v + t];
          const x = e[p + t];
          const y = e[q + t];
          up += a * x;
          vp += c * x;
          uq += a * y;
          vq += c * y;
        }
        const at = lane * stride + j;
        b[at] += up;
        b[at + stride] += uq;
        if (v !== u) {
          b[at + 1] += vp;
          b[at + stride + 1] += vq;
        }
      }
    }
  }
}
