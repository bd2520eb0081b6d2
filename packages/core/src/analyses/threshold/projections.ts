import { abreast, type Group } from './group.js';

/** Uᵀe* of the first `used` lanes from the table; one entity's part of it serves all lanes while it is in the cache. */
export function lookUp({ stage: { entities, stride }, drawn, pairs, bOfLane, b }: Group, used: number): void {
  bOfLane.fill(0);
  for (let i = 0; i < entities; i++) {
    for (let lane = 0; lane < used; lane++) {
      const donor = drawn[(lane - (lane % abreast)) * entities + i * abreast + (lane % abreast)];
      const from = (i * entities + donor) * stride;
      const to = lane * stride;
      for (let j = 0; j < stride; j += 2) {
        bOfLane[to + j] += pairs[from + j];
        bOfLane[to + j + 1] += pairs[from + j + 1];
      }
    }
  }
  for (let lane = 0; lane < used; lane++) {
    const to = (lane - (lane % abreast)) * stride + (lane % abreast);
    for (let j = 0; j < stride; j++) b[to + j * abreast] = bOfLane[lane * stride + j];
  }
}

/** Uᵀe* of a block of lanes, entity by entity: two lanes and two columns at a time, so that loads are shared. */
export function project(group: Group, block: number): void {
  const { stage, donors, residuals: e, basis, b, starts } = group;
  const { rows, entities, stride, width } = stage;
  const to = block * stride * abreast;
  b.fill(0, to, to + stride * abreast);
  for (let i = 0; i < entities; i++) {
    const periods = starts[i + 1] - starts[i];
    const drawn = (block * entities + i) * abreast;
    for (let j = 0; j < width; j += 2) {
      const u = j * rows + starts[i];
      const v = j + 1 < width ? u + rows : u; // an odd last column is computed twice and its copy left out
      for (let lane = 0; lane < abreast; lane += 2) {
        const p = donors[drawn + lane];
        const q = donors[drawn + lane + 1];
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
        const at = to + j * abreast + lane;
        b[at] += up;
        b[at + 1] += uq;
        if (v !== u) {
          b[at + abreast] += vp;
          b[at + abreast + 1] += vq;
        }
      }
    }
  }
}

/** Uᵀe* of a block of lanes, e* being weighted residuals: four lanes and two columns at a time. */
export function projectWeights({ stage: { entities, stride }, weights, own, b }: Group, block: number): void {
  for (let half = 0; half < abreast; half += 4) {
    for (let j = 0; j < stride; j += 2) {
      let [x0, x1, x2, x3, y0, y1, y2, y3] = [0, 0, 0, 0, 0, 0, 0, 0];
      let at = block * entities * abreast + half;
      for (let i = 0, o = j; i < entities; i++, o += stride, at += abreast) {
        const x = own[o];
        const y = own[o + 1];
        const w0 = weights[at];
        const w1 = weights[at + 1];
        const w2 = weights[at + 2];
        const w3 = weights[at + 3];
        x0 += w0 * x;
        x1 += w1 * x;
        x2 += w2 * x;
        x3 += w3 * x;
        y0 += w0 * y;
        y1 += w1 * y;
        y2 += w2 * y;
        y3 += w3 * y;
      }
      const to = (block * stride + j) * abreast + half;
      b[to] = x0;
      b[to + 1] = x1;
      b[to + 2] = x2;
      b[to + 3] = x3;
      b[to + abreast] = y0;
      b[to + abreast + 1] = y1;
      b[to + abreast + 2] = y2;
      b[to + abreast + 3] = y3;
    }
  }
}
