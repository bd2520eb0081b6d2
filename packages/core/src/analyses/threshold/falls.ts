import { abreast, type Group } from './group.js';

const { abs, sqrt } = Math;

/**
 * One regime regressor: the largest fall of the sum of squares in each lane of a block, exact at every bin's end, then inside
 * the bins whose bound (`bins.ts`) beats the best so far.
 */
export function falls(group: Group, block: number, used: number): void {
  measure(group, block);
  for (let half = 0; half < used; half += 4) {
    fallsAtEnds(group, block, half);
    for (let lane = half; lane < Math.min(used, half + 4); lane++) fallsInside(group, block, lane);
  }
}

/** ‖b‖ and what rounding can add to |d| in each lane: ‖e*‖² = S₀* + ‖b‖². */
export function measure({ stage: { stride }, b, ssrNull, norm, rounding, slack }: Group, block: number): void {
  for (let lane = 0; lane < abreast; lane++) {
    let square = 0;
    for (let j = 0; j < stride; j++) square += b[(block * stride + j) * abreast + lane] ** 2;
    norm[lane] = sqrt(square);
    rounding[lane] = slack * sqrt(square + ssrNull[block * abreast + lane]);
  }
}

/** d at the end of every bin, four lanes in one pass, and the best fall among them. */
function fallsAtEnds(group: Group, block: number, half: number): void {
  const { stage, bins, b, walked, atEnd, fall, sumsAtEnd, whitenerAtEnd } = group;
  const { stride } = stage;
  const count = bins.count;
  const from = block * stride * abreast + half;
  let best0 = 0;
  let best1 = 0;
  let best2 = 0;
  let best3 = 0;
  for (let bin = 0, s = 0; bin < count; bin++) {
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let j = 0, at = from; j < stride; j++, s++, at += abreast) {
      const sum = sumsAtEnd[s];
      c0 += sum * b[at];
      c1 += sum * b[at + 1];
      c2 += sum * b[at + 2];
      c3 += sum * b[at + 3];
    }
    const w = whitenerAtEnd[bin];
    const p = bin * 2 * abreast + half;
    const d0 = walked[p] - c0;
    const d1 = walked[p + 1] - c1;
    const d2 = walked[p + 2] - c2;
    const d3 = walked[p + 3] - c3;
    const to = bin * abreast + half;
    atEnd[to] = abs(d0);
    atEnd[to + 1] = abs(d1);
    atEnd[to + 2] = abs(d2);
    atEnd[to + 3] = abs(d3);
    const f0 = w * d0 * (w * d0);
    const f1 = w * d1 * (w * d1);
    const f2 = w * d2 * (w * d2);
    const f3 = w * d3 * (w * d3);
    if (f0 > best0) best0 = f0;
    if (f1 > best1) best1 = f1;
    if (f2 > best2) best2 = f2;
    if (f3 > best3) best3 = f3;
  }
  fall[block * abreast + half] = best0;
  fall[block * abreast + half + 1] = best1;
  fall[block * abreast + half + 2] = best2;
  fall[block * abreast + half + 3] = best3;
}

/** The candidates within bins of one lane, where they can beat the best at an end. */
function fallsInside(group: Group, block: number, lane: number): void {
  const { bins, walked, atEnd, norm, rounding, spread, scale, fall } = group;
  const count = bins.count;
  const size = norm[lane];
  const slack = rounding[lane];
  let best = fall[block * abreast + lane];
  let before = atEnd[lane];
  for (let bin = 1, at = abreast + lane; bin < count; bin++, at += abreast) {
    const here = atEnd[at];
    const bound = 0.5 * (before + here + walked[bin * 2 * abreast + abreast + lane]) + spread[bin] * size + slack;
    if (bound * bound * scale[bin] >= best) best = bestInBin(group, block, lane, bin, best);
    before = here;
  }
  fall[block * abreast + lane] = best;
}

function bestInBin(group: Group, block: number, lane: number, bin: number, best: number): number {
  const { stage, method, b, walked, donors, weights, scores, ends, end, last, sums, whiteners, entityAt, offsetAt, regimeAt } =
    group;
  const { entities, stride } = stage;
  const blocks = method === 'residual-blocks';
  const from = block * stride * abreast + lane;
  const base = block * entities * abreast + lane;
  const stop = last[bin];
  let running = walked[(bin - 1) * 2 * abreast + lane];
  let candidate = last[bin - 1] + 1;
  for (let place = end[bin - 1] + 1; candidate < stop; place++) {
    const at = base + entityAt[place] * abreast;
    running += blocks ? regimeAt[place] * scores[donors[at] + offsetAt[place]] : weights[at] * regimeAt[place];
    if (ends[candidate] !== place) continue;
    let projected = 0;
    for (let j = 0, s = candidate * stride; j < stride; j++) projected += sums[s + j] * b[from + j * abreast];
    const white = whiteners[candidate] * (running - projected);
    if (white * white > best) best = white * white;
    candidate++;
  }
  return best;
}
