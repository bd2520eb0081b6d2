import type { Bins } from './bins.js';
import type { Group } from './group.js';
import type { PreparedStage } from './stage.js';

// Bound once: a global looked up in a loop of 10⁸ turns costs where globals are intercepted, as under test runners.
const { abs } = Math;

/** Replications that share one walk over the rows: their sums stay in registers. */
export const abreast = 4;

/** `prefix` and `variation` at the ends of bins. Lanes past `used` hold what they held; nobody reads their sums. */
export function walkBlocks({ entityAt, offsetAt, regimeAt }: PreparedStage, group: Group, lane: number): void {
  const { lanes, donors, scores: e, prefix, variation, bins } = group;
  const { count, end } = bins;
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
      const at = entityAt[place] * lanes + lane;
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
    const out = bin * abreast;
    prefix[out] = p0;
    prefix[out + 1] = p1;
    prefix[out + 2] = p2;
    prefix[out + 3] = p3;
    variation[out] = v0;
    variation[out + 1] = v1;
    variation[out + 2] = v2;
    variation[out + 3] = v3;
  }
}

/** The same with r·e times the entity's sign; the variation is known beforehand. */
export function walkSigns({ entityAt }: PreparedStage, group: Group, lane: number): void {
  const { lanes, weights, products, prefix, bins } = group;
  const { count, end } = bins;
  let p0 = 0;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  for (let bin = 0, place = 0; bin < count; bin++) {
    for (const to = end[bin]; place <= to; place++) {
      const at = entityAt[place] * lanes + lane;
      const y = products[place];
      p0 += weights[at] * y;
      p1 += weights[at + 1] * y;
      p2 += weights[at + 2] * y;
      p3 += weights[at + 3] * y;
    }
    const out = bin * abreast;
    prefix[out] = p0;
    prefix[out + 1] = p1;
    prefix[out + 2] = p2;
    prefix[out + 3] = p3;
  }
}

/** Σ|r e| over each bin times the largest weight: no less than Σ|r e*| in any lane and replication. */
export function signVariation({ count, end }: Bins, products: Float64Array, largest: number): Float64Array {
  const variation = new Float64Array(count * abreast);
  if (products.length === 0) return variation;
  for (let bin = 0, place = 0; bin < count; bin++) {
    let sum = 0;
    for (; place <= end[bin]; place++) sum += abs(products[place]);
    variation.fill(largest * sum, bin * abreast, (bin + 1) * abreast);
  }
  return variation;
}
