import type { Group } from './group.js';
import { fallOf } from './search.js';
import type { PreparedStage } from './stage.js';
import { abreast, walkBlocks, walkSigns } from './walks.js';

const { abs, sqrt } = Math;

/** One regime regressor: the running sums of four lanes in one walk over the rows, then the bins that can hold the maximum. */
export function prunedFalls(stage: PreparedStage, group: Group, lane: number, now: number): void {
  if (group.method === 'residual-blocks') walkBlocks(stage, group, lane);
  else walkSigns(stage, group, lane);
  for (let i = 0; i < now; i++) group.fall[lane + i] = largestFall(stage, group, lane + i, i);
}

/** The largest fall of one lane: exact at every bin's end, then inside the bins whose bound beats the best so far. */
function largestFall(stage: PreparedStage, group: Group, lane: number, side: number): number {
  const { stride } = stage;
  const { bins, b, prefix, variation, atEnd, slack, ssrNull } = group;
  const { count, spread, scale, sumsAtEnd, whitenerAtEnd } = bins;
  const from = lane * stride;
  let square = 0;
  for (let j = 0; j < stride; j++) square += b[from + j] ** 2;
  const norm = sqrt(square);
  const rounding = slack * sqrt(square + ssrNull[lane]); // ‖e*‖² = S₀* + ‖b‖²

  let best = 0;
  for (let bin = 0; bin < count; bin++) {
    let projected = 0;
    for (let j = 0, s = bin * stride; j < stride; j += 2) {
      projected += sumsAtEnd[s + j] * b[from + j];
      projected += sumsAtEnd[s + j + 1] * b[from + j + 1];
    }
    const d = prefix[bin * abreast + side] - projected;
    const white = whitenerAtEnd[bin] * d;
    if (white * white > best) best = white * white;
    atEnd[bin] = abs(d);
  }
  for (let bin = 1; bin < count; bin++) {
    const bound = 0.5 * (atEnd[bin - 1] + atEnd[bin] + variation[bin * abreast + side]) + spread[bin] * norm + rounding;
    if (bound * bound * scale[bin] >= best) best = bestInBin(stage, group, lane, side, bin, best);
  }
  return best;
}

function bestInBin(stage: PreparedStage, group: Group, lane: number, side: number, bin: number, best: number): number {
  const { ends, entityAt, offsetAt, regimeAt, stride, sums, whiteners } = stage;
  const { method, bins, b, prefix, lanes, donors, weights, products, scores } = group;
  const blocks = method === 'residual-blocks';
  const from = lane * stride;
  let running = prefix[(bin - 1) * abreast + side];
  let candidate = bins.last[bin - 1] + 1;
  for (let place = bins.end[bin - 1] + 1; candidate < bins.last[bin]; place++) {
    const at = entityAt[place] * lanes + lane;
    running += blocks ? regimeAt[place] * scores[donors[at] + offsetAt[place]] : weights[at] * products[place];
    if (ends[candidate] !== place) continue;
    let projected = 0;
    for (let j = 0, s = candidate * stride; j < stride; j++) projected += sums[s + j] * b[from + j];
    const white = whiteners[candidate] * (running - projected);
    if (white * white > best) best = white * white;
    candidate++;
  }
  return best;
}

/** Several regime regressors: every candidate, one lane after another. */
export function plainFalls(stage: PreparedStage, group: Group, lane: number, now: number): void {
  const { ends, entityAt, offsetAt, regimeAt, stride, dimension: k, starts } = stage;
  const { method, lanes, donors, weights, scores, b, fall } = group;
  const blocks = method === 'residual-blocks';
  const running = new Float64Array(k);
  for (let i = lane; i < lane + now; i++) {
    running.fill(0);
    let best = 0;
    for (let place = 0, candidate = 0; candidate < ends.length; place++) {
      const entity = entityAt[place];
      const at = entity * lanes + i;
      const e = blocks ? scores[donors[at] + offsetAt[place]] : weights[at] * scores[starts[entity] + offsetAt[place]];
      for (let l = 0; l < k; l++) running[l] += regimeAt[place * k + l] * e;
      if (ends[candidate] !== place) continue;
      best = Math.max(best, fallOf(stage, candidate, running, b, i * stride));
      candidate++;
    }
    fall[i] = best;
  }
}
