import { measure } from './falls.js';
import { abreast, type Group } from './group.js';

const { sqrt } = Math;

/**
 * Several regime regressors: the largest fall of the sum of squares in each lane of a block, exact at every bin's end, then
 * inside the bins whose bound (`bins.ts`) beats the best so far.
 */
export function fallsOfSeveral(group: Group, block: number, used: number): void {
  measure(group, block);
  for (let half = 0; half < used; half += 4) {
    differencesAtEnds(group, block, half);
    for (let lane = half; lane < Math.min(used, half + 4); lane++) {
      fallsAtEnds(group, block, lane);
      fallsInside(group, block, lane);
    }
  }
}

/** d at the end of every bin, four lanes in one pass. */
function differencesAtEnds({ stage, bins, b, walked, atEnd, sumsAtEnd }: Group, block: number, half: number): void {
  const { stride, dimension: k } = stage;
  const from = block * stride * abreast + half;
  for (let bin = 0, s = 0, p = half, to = half; bin < bins.count; bin++, p += abreast) {
    for (let l = 0; l < k; l++, p += abreast, to += abreast) {
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
      atEnd[to] = walked[p] - c0;
      atEnd[to + 1] = walked[p + 1] - c1;
      atEnd[to + 2] = walked[p + 2] - c2;
      atEnd[to + 3] = walked[p + 3] - c3;
    }
  }
}

/** The best fall at an end, and what a fall is at most inside each bin, of one lane. P is L⁻¹ of the end where that is identified. */
function fallsAtEnds(group: Group, block: number, lane: number): void {
  const { stage, bins, walked, atEnd, bound, norm, rounding, fall, metric, reach, spread, scale, whitenerAtEnd } = group;
  const k = stage.dimension;
  const triangle = (k * (k + 1)) / 2;
  let best = 0;
  for (let bin = 0, P = 0, at = lane; bin < bins.count; bin++, P += triangle, at += k * abreast) {
    const here = squareOf(metric, P, k, atEnd, at, abreast);
    if (whitenerAtEnd[P] !== 0 && here > best) best = here;
    if (bin === 0) continue;
    const before = squareOf(metric, P, k, atEnd, at - k * abreast, abreast);
    const variation = walked[(bin * (k + 1) + k) * abreast + lane];
    const most = 0.5 * (sqrt(before) + sqrt(here) + variation) + spread[bin] * norm[lane] + reach[bin] * rounding[lane];
    bound[bin * abreast + lane] = most * most * scale[bin];
  }
  fall[block * abreast + lane] = best;
}

/** The candidates within bins of one lane, where they can beat the best so far. */
function fallsInside(group: Group, block: number, lane: number): void {
  const { bins, bound, fall } = group;
  let best = fall[block * abreast + lane];
  for (let bin = 1, at = abreast + lane; bin < bins.count; bin++, at += abreast)
    if (bound[at] >= best) best = bestInBin(group, block, lane, bin, best);
  fall[block * abreast + lane] = best;
}

function bestInBin(group: Group, block: number, lane: number, bin: number, best: number): number {
  const { stage, method, walked, atEnd, donors, weights, scores, ends, end, last, entityAt, offsetAt, regimeAt } = group;
  const { metric, reach, spread, scale, norm, rounding, running, middle, apart } = group;
  const { dimension: k, entities } = stage;
  const blocks = method === 'residual-blocks';
  const base = block * entities * abreast + lane;
  const places = stage.order.length;
  const P = (bin * k * (k + 1)) / 2;
  for (let l = 0; l < k; l++) {
    const before = walked[((bin - 1) * (k + 1) + l) * abreast + lane];
    const here = walked[(bin * (k + 1) + l) * abreast + lane];
    const projected = before - atEnd[((bin - 1) * k + l) * abreast + lane] + (here - atEnd[(bin * k + l) * abreast + lane]);
    running[l] = before;
    middle[l] = 0.5 * projected;
  }
  const around = spread[bin] * norm[lane] + reach[bin] * rounding[lane];
  let least = leastSquare(best, scale[bin], around);
  let candidate = last[bin - 1] + 1;
  const stop = last[bin];
  for (let place = end[bin - 1] + 1; candidate < stop; place++) {
    const at = base + entityAt[place] * abreast;
    const factor = blocks ? scores[donors[at] + offsetAt[place]] : weights[at];
    for (let l = 0; l < k; l++) running[l] += regimeAt[l * places + place] * factor;
    if (ends[candidate] !== place) continue;
    for (let l = 0; l < k; l++) apart[l] = running[l] - middle[l];
    if (squareOf(metric, P, k, apart, 0, 1) >= least) {
      const found = fallAt(group, block, lane, candidate);
      if (found > best) {
        best = found;
        least = leastSquare(best, scale[bin], around);
      }
    }
    candidate++;
  }
  return best;
}

/** What |P (zᵀe* − C̄b)|² is at least where the fall beats the best. */
function leastSquare(best: number, scale: number, around: number): number {
  const least = sqrt(best / scale) - around;
  return least > 0 ? least * least : 0;
}

/** |L⁻¹ (zᵀe* − C b)|² of one candidate and lane. */
function fallAt({ stage, b, running, apart, sums, whiteners }: Group, block: number, lane: number, candidate: number): number {
  const { stride, dimension: k } = stage;
  for (let l = 0, c = candidate * k * stride; l < k; l++) {
    let projected = 0;
    for (let j = 0, at = block * stride * abreast + lane; j < stride; j++, c++, at += abreast) projected += sums[c] * b[at];
    apart[l] = running[l] - projected;
  }
  return squareOf(whiteners, (candidate * k * (k + 1)) / 2, k, apart, 0, 1);
}

/** |P d|², P the lower triangle from `p`, d the k entries from `at`, `step` apart. */
function squareOf(triangles: Float64Array, p: number, k: number, d: Float64Array, at: number, step: number): number {
  if (k === 2) {
    const first = triangles[p] * d[at];
    const second = triangles[p + 1] * d[at] + triangles[p + 2] * d[at + step];
    return first * first + second * second;
  }
  let sum = 0;
  for (let m = 0, entry = p; m < k; m++) {
    let value = 0;
    for (let l = 0, entryOf = at; l <= m; l++, entry++, entryOf += step) value += triangles[entry] * d[entryOf];
    sum += value * value;
  }
  return sum;
}
