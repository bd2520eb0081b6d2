import { abreast, type Group } from './group.js';

// Bound once: a global looked up in a loop of 10⁸ turns costs where globals are intercepted, as under test runners.
const { abs } = Math;

/**
 * One regime regressor: running sums of r·e* in threshold order and Σ|r e*| over each bin, at the ends of bins, four lanes in one
 * pass. Unused lanes hold what they held; nobody reads their sums.
 */
export function walkDonors(group: Group, block: number): void {
  for (let half = 0; half < abreast; half += 4) walkFourDonors(group, block, half);
}

function walkFourDonors(group: Group, block: number, half: number): void {
  const { stage, donors, scores: e, entityAt, offsetAt, regimeAt, walked, end, bins } = group;
  const count = bins.count;
  const base = block * stage.entities * abreast + half;
  let out = half;
  let p0 = 0;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  for (let bin = 0, place = 0; bin < count; bin++) {
    const to = end[bin];
    let v0 = 0;
    let v1 = 0;
    let v2 = 0;
    let v3 = 0;
    for (; place <= to; place++) {
      const at = base + entityAt[place] * abreast;
      const t = offsetAt[place];
      const r = regimeAt[place];
      const y0 = r * e[donors[at] + t];
      const y1 = r * e[donors[at + 1] + t];
      const y2 = r * e[donors[at + 2] + t];
      const y3 = r * e[donors[at + 3] + t];
      p0 += y0;
      p1 += y1;
      p2 += y2;
      p3 += y3;
      v0 += abs(y0);
      v1 += abs(y1);
      v2 += abs(y2);
      v3 += abs(y3);
    }
    walked[out] = p0;
    walked[out + 1] = p1;
    walked[out + 2] = p2;
    walked[out + 3] = p3;
    walked[out + 8] = v0;
    walked[out + 9] = v1;
    walked[out + 10] = v2;
    walked[out + 11] = v3;
    out += 2 * abreast;
  }
}

/** Running sums of rₗ·e* for weighted residuals, eight lanes in one pass: `regimeAt` is r·e, and the variation is known beforehand. */
export function walkWeights({ stage, weights, entityAt, regimeAt, walked, end, bins }: Group, block: number, l: number): void {
  const count = bins.count;
  const base = block * stage.entities * abreast;
  const rAt = l * stage.order.length;
  const wide = (stage.dimension + 1) * abreast;
  let out = l * abreast;
  let p0 = 0;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  let p4 = 0;
  let p5 = 0;
  let p6 = 0;
  let p7 = 0;
  for (let bin = 0, place = 0; bin < count; bin++) {
    for (const to = end[bin]; place <= to; place++) {
      const at = base + entityAt[place] * abreast;
      const y = regimeAt[rAt + place];
      p0 += weights[at] * y;
      p1 += weights[at + 1] * y;
      p2 += weights[at + 2] * y;
      p3 += weights[at + 3] * y;
      p4 += weights[at + 4] * y;
      p5 += weights[at + 5] * y;
      p6 += weights[at + 6] * y;
      p7 += weights[at + 7] * y;
    }
    walked[out] = p0;
    walked[out + 1] = p1;
    walked[out + 2] = p2;
    walked[out + 3] = p3;
    walked[out + 4] = p4;
    walked[out + 5] = p5;
    walked[out + 6] = p6;
    walked[out + 7] = p7;
    out += wide;
  }
}

/**
 * The same as `walkDonors` when a panel is too large to read donors' residuals here and there: each bin's sums are taken
 * entity by entity, rows within an entity in order, and the running sums are sums of bins.
 */
export function walkDonorsByEntity(group: Group, block: number): void {
  const { stage, donors, scores: e, regimeOf, binOf, starts, walked, bins } = group;
  const { entities } = stage;
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
        const r = regimeOf[row];
        const out = binOf[row] * 2 * abreast + half;
        const y0 = r * e[d0 + row];
        const y1 = r * e[d1 + row];
        const y2 = r * e[d2 + row];
        const y3 = r * e[d3 + row];
        walked[out] += y0;
        walked[out + 1] += y1;
        walked[out + 2] += y2;
        walked[out + 3] += y3;
        walked[out + 8] += abs(y0);
        walked[out + 9] += abs(y1);
        walked[out + 10] += abs(y2);
        walked[out + 11] += abs(y3);
      }
    }
  }
  for (let bin = 1, at = 2 * abreast; bin < bins.count; bin++, at += 2 * abreast) {
    for (let lane = 0; lane < abreast; lane++) walked[at + lane] += walked[at - 2 * abreast + lane];
  }
}
