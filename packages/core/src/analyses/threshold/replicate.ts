import { PhiloxStream } from '../../random/stream.js';
import type { Progress } from '../analysis.js';
import { type Bins, makeBins } from './bins.js';
import { fallOf } from './search.js';
import type { PreparedStage } from './stage.js';

/** How an outcome under the null is drawn from residuals. Stored in results: never rename. */
export type BootstrapMethod = 'residual-blocks' | 'wild-entity';

/** Draws replications of a stage's test statistic. */
export interface Replicator {
  /**
   * F* of replications first … first + count − 1, a function of (seed, stream, replication) alone.
   * @param progress  called between small groups of replications with their number
   */
  run(first: number, count: number, progress: Progress): Float64Array;
}

export interface ReplicatorOptions {
  /** within-transformed, length rows */
  readonly residuals: Float64Array;
  readonly method: BootstrapMethod;
  readonly seed: number;
  readonly stream: number;
  /** what S₁ is divided by in F = (S₀ − S₁) / (S₁ / denominator) */
  readonly denominator: number;
  /** about how many replications will be asked for: whether tables pay. The numbers do not depend on it */
  readonly expected: number;
}

// Bound once: a global looked up in a loop of 10⁸ turns costs where globals are intercepted, as under test runners.
const { abs, sqrt } = Math;

/** Replications that share one walk over the rows: their sums stay in registers. */
const abreast = 4;

/** Uᵀe for every pair of entity and donor is kept when it is no larger than this (16 MB). */
const mostTableEntries = 2 ** 21;

/** The table costs as much as one replication an entity: it pays from a few times as many on. */
const tablePaysFrom = 4;

/**
 * The bootstrap of one stage: y* = e*, S₀* and the least S₁* over all candidates, F*.
 *
 * F does not change when anything in the span of U is added to the outcome, so y* needs no fitted part: e* is enough. A
 * replication is one running sum of r·e* in threshold order, Uᵀe*, and the maximum over candidates, which `bins.ts` finds
 * without looking at most of them. The order of every sum is fixed (rows in threshold order; Uᵀe* by entity, rows within
 * an entity first), so the bits depend neither on how many replications run abreast nor on pruning.
 *
 * residual-blocks: every entity gets the whole residual vector of an entity drawn with replacement (Hansen 1999, §4);
 * entities need the same number of rows. wild-entity: every entity keeps its residuals, times one Rademacher draw.
 */
export function makeReplicator(stage: PreparedStage, options: ReplicatorOptions): Replicator {
  const { entities } = stage;
  const lanes = Math.min(2048, Math.max(2 * abreast, abreast * Math.floor(2 ** 18 / entities)));
  const group = makeGroup(stage, options, lanes);
  const stream = new PhiloxStream(options.seed, options.stream);
  const pick = options.method === 'residual-blocks' ? drawBlocks : drawSigns;
  const falls = stage.dimension === 1 ? prunedFalls : plainFalls;

  return {
    run(first, count, progress) {
      const result = new Float64Array(count);
      for (let done = 0; done < count; done += lanes) {
        const used = Math.min(lanes, count - done);
        pick(stage, stream, first + done, used, group);
        for (let lane = 0; lane < used; lane += abreast) {
          const now = Math.min(abreast, used - lane);
          falls(stage, group, lane, now);
          for (let i = lane; i < lane + now; i++) {
            const ssr = group.ssrNull[i] - group.fall[i];
            result[done + i] = group.fall[i] / (ssr / options.denominator);
          }
          progress(now);
        }
      }
      return result;
    },
  };
}

/** Replications under way, and the room they need. Lane = replication within the group. */
interface Group {
  readonly method: BootstrapMethod;
  readonly lanes: number;
  readonly residuals: Float64Array;
  /** e'e of each entity, and Σ over entities */
  readonly squares: Float64Array;
  readonly total: number;
  /** residual-blocks: Uᵀe of entity i with the residuals of donor d at (i · entities + d) · stride, or null when too large */
  readonly pairs: Float64Array | null;
  /** wild-entity: Uᵀe of entity i at i · stride */
  readonly own: Float64Array;
  /** wild-entity: r · e of each place */
  readonly products: Float64Array;
  /** residual-blocks: the donor of entity i in a lane, at i · lanes + lane, and the donor's first row */
  readonly drawn: Uint32Array;
  readonly donors: Uint32Array;
  /** wild-entity: weight of entity i in a lane, at i · lanes + lane */
  readonly weights: Float64Array;
  readonly drawnIndices: Uint32Array;
  readonly drawnWeights: Float64Array;
  /** Uᵀe* of each lane, stride entries each */
  readonly b: Float64Array;
  readonly ssrNull: Float64Array;
  readonly fall: Float64Array;
  readonly bins: Bins;
  /** zᵀe* at each bin's end and Σ|r e*| over the bin, `abreast` lanes side by side */
  readonly prefix: Float64Array;
  readonly variation: Float64Array;
  /** d at each bin's end, one lane */
  readonly atEnd: Float64Array;
  /** what rounding can add to |d|, as a share of ‖e*‖ */
  readonly slack: number;
}

function makeGroup(stage: PreparedStage, { residuals, method, expected }: ReplicatorOptions, lanes: number): Group {
  const { rows, entities, starts, stride, width, order, regimeAt, dimension } = stage;
  const blocks = method === 'residual-blocks';
  const bins = makeBins(stage);
  const squares = new Float64Array(entities);
  for (let i = 0; i < entities; i++) for (let row = starts[i]; row < starts[i + 1]; row++) squares[i] += residuals[row] ** 2;
  let norm = 0; // of r
  for (let place = 0; place < regimeAt.length; place++) norm += regimeAt[place] ** 2;

  const own = new Float64Array(blocks ? 0 : entities * stride);
  if (!blocks) for (let i = 0; i < entities; i++) addProducts(stage, residuals, i, starts[i], own, i * stride);
  const pays = expected >= tablePaysFrom * entities && entities * entities * stride <= mostTableEntries;
  const pairs = blocks && pays ? pairProducts(stage, residuals) : null;
  const products = blocks || dimension > 1 ? new Float64Array(0) : regimeAt.map((r, place) => r * residuals[order[place]]);
  return {
    method,
    lanes,
    residuals,
    squares,
    total: squares.reduce((sum, square) => sum + square, 0),
    pairs,
    own,
    products,
    drawn: new Uint32Array(blocks ? entities * lanes : 0),
    donors: new Uint32Array(blocks ? entities * lanes : 0),
    weights: new Float64Array(blocks ? 0 : entities * lanes),
    drawnIndices: new Uint32Array(entities),
    drawnWeights: new Float64Array(entities),
    b: new Float64Array(lanes * stride),
    ssrNull: new Float64Array(lanes),
    fall: new Float64Array(lanes),
    bins,
    prefix: new Float64Array(bins.count * abreast),
    variation: blocks ? new Float64Array(bins.count * abreast) : signVariation(bins, products),
    atEnd: new Float64Array(bins.count),
    // A sum of n products is off by at most n·2⁻⁵³·Σ|r e| ≤ n·2⁻⁵³·‖r‖·‖e‖, and so is C b, for ‖C‖ ≤ ‖r‖ and ‖b‖ ≤ ‖e‖.
    slack: 2 * (rows + width + 2) * 2 ** -53 * sqrt(norm),
  };
}

/** out[at + j] += Σ_t U_j(row t of entity i) · e(from + t): rows within the entity first, in order. */
function addProducts(
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
function pairProducts({ rows, entities, starts, basis, stride, width }: PreparedStage, e: Float64Array): Float64Array {
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

/** Σ|r e| over each bin: a sign does not change it, so it is the same in every lane and replication. */
function signVariation({ count, end }: Bins, products: Float64Array): Float64Array {
  const variation = new Float64Array(count * abreast);
  if (products.length === 0) return variation;
  for (let bin = 0, place = 0; bin < count; bin++) {
    let sum = 0;
    for (; place <= end[bin]; place++) sum += abs(products[place]);
    variation.fill(sum, bin * abreast, (bin + 1) * abreast);
  }
  return variation;
}

/** Draws a donor for each entity; fills `donors`, `b` and `ssrNull`. */
function drawBlocks(stage: PreparedStage, stream: PhiloxStream, first: number, used: number, group: Group): void {
  const { entities, starts, stride } = stage;
  const { lanes, donors, drawn, drawnIndices, squares, ssrNull, pairs } = group;
  group.b.fill(0);
  for (let lane = 0; lane < used; lane++) {
    stream.seek(first + lane);
    stream.indices(entities, drawnIndices);
    let sum = 0;
    for (let i = 0; i < entities; i++) {
      const donor = drawnIndices[i];
      sum += squares[donor];
      donors[i * lanes + lane] = starts[donor];
      drawn[i * lanes + lane] = donor;
    }
    ssrNull[lane] = sum;
  }
  if (pairs) lookUpBlocks(stage, group, pairs, used);
  else projectBlocks(stage, group, used);
  takeOutSpan(group, stride, used);
}

/** b += Uᵀe* of each lane from the table; one entity's part of it serves all lanes while it is in the cache. */
function lookUpBlocks({ entities, stride }: PreparedStage, { lanes, drawn, b }: Group, pairs: Float64Array, used: number): void {
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
function projectBlocks({ rows, entities, starts, basis, stride, width }: PreparedStage, group: Group, used: number): void {
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

/** Draws a sign for each entity; fills `weights`, `b` and `ssrNull`. */
function drawSigns({ entities, stride }: PreparedStage, stream: PhiloxStream, first: number, used: number, group: Group): void {
  const { lanes, weights, drawnWeights, squares, own, ssrNull, b } = group;
  for (let lane = 0; lane < used; lane++) {
    stream.seek(first + lane);
    stream.signs(drawnWeights);
    let sum = 0;
    for (let i = 0; i < entities; i++) {
      const weight = drawnWeights[i];
      weights[i * lanes + lane] = weight;
      sum += weight * weight * squares[i];
    }
    ssrNull[lane] = sum;
    for (let j = 0; j < stride; j += 2) {
      let x = 0;
      let y = 0;
      for (let i = 0, at = j; i < entities; i++, at += stride) {
        x += drawnWeights[i] * own[at];
        y += drawnWeights[i] * own[at + 1];
      }
      b[lane * stride + j] = x;
      b[lane * stride + j + 1] = y;
    }
  }
  takeOutSpan(group, stride, used);
}

/** S₀* = e*ᵀe* − ‖Uᵀe*‖². */
function takeOutSpan({ b, ssrNull }: Group, stride: number, used: number): void {
  for (let lane = 0; lane < used; lane++) {
    for (let j = 0; j < stride; j++) ssrNull[lane] -= b[lane * stride + j] ** 2;
  }
}

/** One regime regressor: the running sums of four lanes in one walk over the rows, then the bins that can hold the maximum. */
function prunedFalls(stage: PreparedStage, group: Group, lane: number, now: number): void {
  if (group.method === 'residual-blocks') walkBlocks(stage, group, lane);
  else walkSigns(stage, group, lane);
  for (let i = 0; i < now; i++) group.fall[lane + i] = largestFall(stage, group, lane + i, i);
}

/** `prefix` and `variation` at the ends of bins. Lanes past `used` hold what they held; nobody reads their sums. */
function walkBlocks({ entityAt, offsetAt, regimeAt }: PreparedStage, group: Group, lane: number): void {
  const { lanes, donors, residuals: e, prefix, variation, bins } = group;
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
function walkSigns({ entityAt }: PreparedStage, group: Group, lane: number): void {
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
  const { method, bins, b, prefix, lanes, donors, weights, products, residuals } = group;
  const blocks = method === 'residual-blocks';
  const from = lane * stride;
  let running = prefix[(bin - 1) * abreast + side];
  let candidate = bins.last[bin - 1] + 1;
  for (let place = bins.end[bin - 1] + 1; candidate < bins.last[bin]; place++) {
    const at = entityAt[place] * lanes + lane;
    running += blocks ? regimeAt[place] * residuals[donors[at] + offsetAt[place]] : weights[at] * products[place];
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
function plainFalls(stage: PreparedStage, group: Group, lane: number, now: number): void {
  const { ends, entityAt, offsetAt, regimeAt, stride, dimension: k, starts } = stage;
  const { method, lanes, donors, weights, residuals, b, fall } = group;
  const blocks = method === 'residual-blocks';
  const running = new Float64Array(k);
  for (let i = lane; i < lane + now; i++) {
    running.fill(0);
    let best = 0;
    for (let place = 0, candidate = 0; candidate < ends.length; place++) {
      const entity = entityAt[place];
      const at = entity * lanes + i;
      const e = blocks ? residuals[donors[at] + offsetAt[place]] : weights[at] * residuals[starts[entity] + offsetAt[place]];
      for (let l = 0; l < k; l++) running[l] += regimeAt[place * k + l] * e;
      if (ends[candidate] !== place) continue;
      best = Math.max(best, fallOf(stage, candidate, running, b, i * stride));
      candidate++;
    }
    fall[i] = best;
  }
}
