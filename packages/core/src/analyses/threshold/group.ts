import { type Bins, makeBins } from './bins.js';
import { type DonorClasses, oneClass } from './donors.js';
import { addProducts, pairProducts } from './projections.js';
import type { BootstrapMethod, ReplicatorOptions } from './replicate.js';
import type { PreparedStage } from './stage.js';
import { abreast, signVariation } from './walks.js';
import { largestWeight } from './weights.js';

const { sqrt } = Math;

/** Uᵀe for every pair of entity and donor is kept when it is no larger than this (16 MB). */
const mostTableEntries = 2 ** 21;

/** The table costs as much as one replication an entity: it pays from a few times as many on. */
const tablePaysFrom = 4;

/** Replications under way, and the room they need. Lane = replication within the group. */
export interface Group {
  readonly method: BootstrapMethod;
  readonly lanes: number;
  readonly residuals: Float64Array;
  /** what regressors as they are multiply: the residuals, but for a transform that is no projection */
  readonly scores: Float64Array;
  /** residual-blocks: which entities may stand in for one another */
  readonly classes: DonorClasses;
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

export function makeGroup(stage: PreparedStage, options: ReplicatorOptions, lanes: number): Group {
  const { residuals, method, expected, scores = residuals, weights = 'rademacher' } = options;
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
  const products = blocks || dimension > 1 ? new Float64Array(0) : regimeAt.map((r, place) => r * scores[order[place]]);
  return {
    method,
    lanes,
    residuals,
    scores,
    classes: options.classes ?? oneClass(entities),
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
    variation: blocks ? new Float64Array(bins.count * abreast) : signVariation(bins, products, largestWeight[weights]),
    atEnd: new Float64Array(bins.count),
    // A sum of n products is off by at most n·2⁻⁵³·Σ|r e| ≤ n·2⁻⁵³·‖r‖·‖e‖, and so is C b, for ‖C‖ ≤ ‖r‖ and ‖b‖ ≤ ‖e‖.
    slack: 2 * (rows + width + 2) * 2 ** -53 * sqrt(norm),
  };
}
