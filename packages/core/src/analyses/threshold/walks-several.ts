import { abreast, type Group } from './group.js';

const { abs } = Math;

/**
 * Several regime regressors: running sums of rₗ·e* in threshold order and Σ|P r||e*| over each bin, at the ends of bins. A bin's e*
 * are gathered once for all of them, four lanes in one pass.
 */
export function walkDonorsOfSeveral(group: Group, block: number): void {
  for (let half = 0; half < abreast; half += 4) walkFourDonors(group, block, half);
}

function walkFourDonors(group: Group, block: number, half: number): void {
  const { stage, donors, scores: e, entityAt, offsetAt, regimeAt, lengthAt, walked, gathered, end, bins } = group;
  const { dimension: k } = stage;
  const places = stage.order.length;
  const base = block * stage.entities * abreast + half;
  for (let bin = 0, from = 0, out = half; bin < bins.count; bin++, out += abreast) {
    const to = end[bin];
    for (let place = from, y = 0; place <= to; place++, y += 4) {
      const at = base + entityAt[place] * abreast;
      const t = offsetAt[place];
      gathered[y] = e[donors[at] + t];
      gathered[y + 1] = e[donors[at + 1] + t];
      gathered[y + 2] = e[donors[at + 2] + t];
      gathered[y + 3] = e[donors[at + 3] + t];
    }
    for (let l = 0; l < k; l++, out += abreast) {
      const before = out - (k + 1) * abreast;
      let p0 = bin === 0 ? 0 : walked[before];
      let p1 = bin === 0 ? 0 : walked[before + 1];
      let p2 = bin === 0 ? 0 : walked[before + 2];
      let p3 = bin === 0 ? 0 : walked[before + 3];
      for (let r = l * places + from, past = l * places + to, y = 0; r <= past; r++, y += 4) {
        const regime = regimeAt[r];
        p0 += regime * gathered[y];
        p1 += regime * gathered[y + 1];
        p2 += regime * gathered[y + 2];
        p3 += regime * gathered[y + 3];
      }
      walked[out] = p0;
      walked[out + 1] = p1;
      walked[out + 2] = p2;
      walked[out + 3] = p3;
    }
    let v0 = 0;
    let v1 = 0;
    let v2 = 0;
    let v3 = 0;
    for (let place = from, y = 0; place <= to; place++, y += 4) {
      const length = lengthAt[place];
      v0 += length * abs(gathered[y]);
      v1 += length * abs(gathered[y + 1]);
      v2 += length * abs(gathered[y + 2]);
      v3 += length * abs(gathered[y + 3]);
    }
    walked[out] = v0;
    walked[out + 1] = v1;
    walked[out + 2] = v2;
    walked[out + 3] = v3;
    from = to + 1;
  }
}

/** The same in a large panel, as `walkDonorsByEntity`: each bin's sums entity by entity, all regressors in one pass. */
export function walkDonorsOfSeveralByEntity(group: Group, block: number): void {
  const { stage, donors, scores: e, regimeOf, lengthOf, binOf, starts, walked, bins } = group;
  const { entities, rows, dimension: k } = stage;
  const wide = (k + 1) * abreast;
  walked.fill(0);
  for (let half = 0; half < abreast; half += 4) {
    for (let i = 0; i < entities; i++) {
      const at = (block * entities + i) * abreast + half;
      const first = starts[i];
      const d0 = donors[at] - first;
      const d1 = donors[at + 1] - first;
      const d2 = donors[at + 2] - first;
      const d3 = donors[at + 3] - first;
      for (let row = first, to = starts[i + 1]; row < to; row++) {
        const y0 = e[d0 + row];
        const y1 = e[d1 + row];
        const y2 = e[d2 + row];
        const y3 = e[d3 + row];
        let out = binOf[row] * wide + half;
        for (let l = 0; l < k; l++, out += abreast) {
          const r = regimeOf[l * rows + row];
          walked[out] += r * y0;
          walked[out + 1] += r * y1;
          walked[out + 2] += r * y2;
          walked[out + 3] += r * y3;
        }
        const length = lengthOf[row];
        walked[out] += length * abs(y0);
        walked[out + 1] += length * abs(y1);
        walked[out + 2] += length * abs(y2);
        walked[out + 3] += length * abs(y3);
      }
    }
  }
  for (let at = wide; at < bins.count * wide; at += wide)
    for (let lane = 0; lane < k * abreast; lane++) walked[at + lane] += walked[at - wide + lane];
}
