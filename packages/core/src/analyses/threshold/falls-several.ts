import { measure } from './falls.js';
import { abreast, type Group } from './group.js';
import { fallOf, whitened } from './search.js';

const { sqrt } = Math;

/**
 * Several regime regressors: the largest fall of the sum of squares in each lane of a block, exact at every bin's end, then
 * inside the bins whose bound (`bins.ts`) beats the best so far.
 */
export function fallsOfSeveral(group: Group, block: number, used: number): void {
  measure(group, block);
  for (let lane = 0; lane < used; lane++) group.fall[block * abreast + lane] = largestFall(group, block, lane);
}

function largestFall(group: Group, block: number, lane: number): number {
  const { stage, bins, walked, norm, rounding } = group;
  const { dimension: k, stride } = stage;
  const { count, metric, reach, spread, scale, sumsAtEnd, whitenerAtEnd } = bins;
  const b = Float64Array.from({ length: stride }, (_, j) => group.b[(block * stride + j) * abreast + lane]);
  const step = (count + 1) * 2 * abreast; // from one regressor's walk to the next

  const d = new Float64Array(count * k);
  let best = 0;
  for (let bin = 0; bin < count; bin++) {
    for (let l = 0; l < k; l++) {
      let projected = 0;
      for (let j = 0, s = (bin * k + l) * stride; j < stride; j++) projected += sumsAtEnd[s + j] * b[j];
      d[bin * k + l] = walked[l * step + bin * 2 * abreast + lane] - projected;
    }
    const fall = whitened(whitenerAtEnd, bin, k, d, bin * k);
    if (fall > best) best = fall;
  }
  for (let bin = 1; bin < count; bin++) {
    let variation = 0;
    let slack = 0;
    for (let l = 0; l < k; l++) {
      variation += reach[bin * k + l] * walked[l * step + bin * 2 * abreast + abreast + lane];
      slack += reach[bin * k + l] * rounding[lane];
    }
    const apart = sqrt(whitened(metric, bin, k, d, (bin - 1) * k)) + sqrt(whitened(metric, bin, k, d, bin * k));
    const bound = 0.5 * (apart + variation) + spread[bin] * norm[lane] + slack;
    if (bound * bound * scale[bin] >= best) best = bestInBin(group, block, lane, bin, b, best);
  }
  return best;
}

function bestInBin(group: Group, block: number, lane: number, bin: number, b: Float64Array, best: number): number {
  const { stage, method, walked, donors, weights, scores, regimeAt, unit, bins } = group;
  const { dimension: k, entities, entityAt, offsetAt, ends, order } = stage;
  const { count, last, end } = bins;
  const blocks = method === 'residual-blocks';
  const base = block * entities * abreast + lane;
  const places = order.length;
  const running = new Float64Array(k);
  const d = new Float64Array(k);
  for (let l = 0; l < k; l++) running[l] = walked[l * (count + 1) * 2 * abreast + (bin - 1) * 2 * abreast + lane];
  let candidate = last[bin - 1] + 1;
  for (let place = end[bin - 1] + 1; candidate < last[bin]; place++) {
    const at = base + entityAt[place] * abreast;
    const factor = blocks ? scores[donors[at] / unit + offsetAt[place]] : weights[at];
    for (let l = 0; l < k; l++) running[l] += regimeAt[l * places + place] * factor;
    if (ends[candidate] !== place) continue;
    const fall = fallOf(stage, candidate, running, b, d);
    if (fall > best) best = fall;
    candidate++;
  }
  return best;
}
