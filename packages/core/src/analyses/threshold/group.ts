import { dot } from '../../linalg/vector.js';
import { type Bins, makeBins } from './bins.js';
import { classesOfRows, type DonorClasses } from './donors.js';
import { type Arrays, allocate } from './memory.js';
import { addProducts } from './products.js';
import type { BootstrapMethod, ReplicatorOptions } from './replicate.js';
import { type PreparedStage, strideOf } from './stage.js';
import type { WildWeights } from './weights.js';

const { abs, ceil, max, min, sqrt } = Math;

/** Replications that share one walk over the rows. Their numbers lie side by side: lane = replication within the block. */
export const abreast = 8;

/** Uᵀe for every pair of entity and donor is kept when it is no larger than this (16 MB). */
const mostTableEntries = 2 ** 21;

/** The table costs as much as one replication an entity: it pays from a few times as many on. */
const tablePaysFrom = 4;

/** Is Uᵀe* of residual blocks looked up? */
export function hasPairTable(entities: number, width: number, expected: number): boolean {
  return expected >= tablePaysFrom * entities && entities * entities * strideOf(width) <= mostTableEntries;
}

/** Replications drawn together when they share reads of the table. */
const lanesOfTable = 1024;

/** From so many rows on residuals no longer stay near the processor, and donors' residuals are read entity by entity. */
export const manyRows = 2 ** 16;

/** The greatest |w| of each distribution of weights. */
const mostWeights: Readonly<Record<WildWeights, number>> = { rademacher: 1, mammen: (1 + sqrt(5)) / 2, webb: sqrt(1.5) };

type Floats =
  | 'residuals'
  | 'scores'
  | 'squares'
  | 'basis'
  | 'basisOfRow'
  | 'pairs'
  | 'own'
  | 'regimeAt'
  | 'regimeOf'
  | 'lengthAt'
  | 'lengthOf'
  | 'poolScale'
  | 'weights'
  | 'b'
  | 'bOfLane'
  | 'ssrNull'
  | 'fall'
  | 'sums'
  | 'whiteners'
  | 'spread'
  | 'scale'
  | 'metric'
  | 'reach'
  | 'sumsAtEnd'
  | 'whitenerAtEnd'
  | 'walked'
  | 'atEnd'
  | 'bound'
  | 'norm'
  | 'rounding'
  | 'gathered'
  | 'running'
  | 'middle'
  | 'apart';

type Words =
  | 'starts'
  | 'entityAt'
  | 'offsetAt'
  | 'binOf'
  | 'ends'
  | 'last'
  | 'end'
  | 'poolStart'
  | 'pool'
  | 'drawn'
  | 'donors'
  | 'words';

/**
 * Replications under way and what they are made from, all arrays in one memory. With n entities, a block of 8 lanes:
 *
 * - `residuals` e, and `scores` what regressors as they are multiply: the same array but for a transform that is no projection
 * - `squares` e'e of each entity; `basis` U by column, `basisOfRow` by row; `regimeAt` the regime regressors by column, place by place;
 *   under the wild bootstrap it is r times the score. `regimeOf` is r by row. `lengthAt`, `lengthOf`: |P r| of several (`bins.ts`)
 * - `pairs` Uᵀe of entity i with the residuals of donor d at (i·n + d)·stride; `own` Uᵀe of entity i at i·stride
 * - `pool`, `poolStart`, `poolScale`: the donors of entity i are pool[poolStart[i] + ⌊u·poolScale[i]⌋], u one random word
 * - `words` random words, of one lane after another; `drawn`, `donors`, `weights` at (block·n + i)·8 + lane: the donor; `unit` times its first row; the weight
 * - `b` Uᵀe* at (block·stride + j)·8 + lane, and while it is summed from the table, lane by lane, `bOfLane`
 * - `walked` at bin·(k + 1)·8: zₗᵀe* at the bin's end of one regressor after another, then Σ|P r||e*| over the bin, 8 lanes each
 * - `atEnd` at bin·k·8: |d| at each bin's end, of several d itself; `bound` what a fall in the bin is at most, of several
 * - `norm` ‖b‖ and `rounding` of each lane; `gathered` e* of 8 lanes, of one entity or of one bin; `running`, `middle`, `apart` k numbers
 *   of one lane inside a bin
 */
export interface Group extends Arrays<Floats, Words> {
  readonly stage: PreparedStage;
  readonly method: BootstrapMethod;
  readonly weighting: WildWeights;
  readonly seed: number;
  readonly stream: number;
  readonly bins: Bins;
  /** replications drawn at a time, a multiple of 8 */
  readonly lanes: number;
  /** Uᵀe* is looked up in `pairs` */
  readonly table: boolean;
  /** sums of a bin are taken entity by entity */
  readonly byEntity: boolean;
  /** `donors` and `offsetAt` count in units of 1/unit rows: 8 where they are addresses of doubles */
  readonly unit: number;
  /** the greatest |weight| that can be drawn */
  readonly mostWeight: number;
  /** what rounding can add to |d|, as a share of ‖e*‖ */
  readonly slack: number;
}

export function makeGroup(
  stage: PreparedStage,
  options: ReplicatorOptions,
  { unit, buffer }: { readonly unit: number; readonly buffer: (bytes: number) => ArrayBuffer },
): Group {
  const { residuals, method, expected, seed, stream, weighting = 'rademacher', largeFrom = manyRows } = options;
  const { rows, entities: n, starts, stride, width, order, dimension: k, regime, regimeAt, sums, whiteners, ends } = stage;
  const blocks = method === 'residual-blocks';
  const byEntity = blocks && rows >= largeFrom;
  const table = blocks && hasPairTable(n, width, expected);
  const lanes = table ? min(lanesOfTable, abreast * ceil(expected / abreast)) : abreast;
  const bins = makeBins(stage, byEntity);
  const places = order.length;
  const arrays = allocate<Floats, Words>(
    {
      residuals: rows,
      scores: options.scores ? rows : 0,
      squares: n,
      basis: blocks && !table ? rows * width : 0,
      basisOfRow: table ? rows * stride : 0,
      pairs: table ? n * n * stride : 0,
      own: blocks ? 0 : n * stride,
      regimeAt: k * places,
      regimeOf: byEntity ? k * rows : 0,
      lengthAt: blocks && !byEntity && k > 1 ? places : 0,
      lengthOf: byEntity && k > 1 ? rows : 0,
      poolScale: blocks ? n : 0,
      weights: blocks ? 0 : lanes * n,
      b: lanes * stride,
      bOfLane: table ? lanes * stride : 0,
      ssrNull: lanes,
      fall: lanes,
      sums: sums.length,
      whiteners: whiteners.length,
      spread: bins.count,
      scale: bins.count,
      metric: bins.metric.length,
      reach: bins.reach.length,
      sumsAtEnd: bins.sumsAtEnd.length,
      whitenerAtEnd: bins.whitenerAtEnd.length,
      walked: (k + 1) * (bins.count + 1) * abreast,
      atEnd: k * bins.count * abreast,
      bound: k === 1 ? 0 : bins.count * abreast,
      norm: abreast,
      rounding: abreast,
      gathered: (k === 1 || byEntity ? longest(starts) : max(longest(starts), longest(bins.end), bins.end[0] + 1)) * abreast,
      running: k,
      middle: k,
      apart: k,
    },
    {
      starts: n + 1,
      entityAt: places,
      offsetAt: places,
      binOf: byEntity ? rows : 0,
      ends: ends.length,
      last: bins.count,
      end: bins.count,
      poolStart: blocks ? n : 0,
      pool: blocks ? n : 0,
      drawn: table ? lanes * n : 0,
      donors: blocks ? lanes * n : 0,
      words: abreast * 16 * ceil(n / 16),
    },
    buffer,
  );

  arrays.residuals.set(residuals);
  const scores = options.scores ? arrays.scores : arrays.residuals;
  if (options.scores) scores.set(options.scores);
  const { squares, offsetAt, regimeAt: byColumn } = arrays;
  for (let i = 0; i < n; i++) for (let row = starts[i]; row < starts[i + 1]; row++) squares[i] += residuals[row] ** 2;
  for (let place = 0; place < places; place++) {
    offsetAt[place] = stage.offsetAt[place] * unit;
    const e = blocks ? 1 : scores[order[place]];
    for (let l = 0; l < k; l++) byColumn[l * places + place] = regimeAt[place * k + l] * e;
  }
  arrays.entityAt.set(stage.entityAt);
  arrays.starts.set(starts);
  arrays.sums.set(sums);
  arrays.whiteners.set(whiteners);
  arrays.ends.set(ends);
  arrays.last.set(bins.last);
  arrays.end.set(bins.end);
  arrays.spread.set(bins.spread);
  arrays.scale.set(bins.scale);
  arrays.metric.set(bins.metric);
  arrays.reach.set(bins.reach);
  if (arrays.lengthAt.length > 0) arrays.lengthAt.set(bins.lengthAt);
  arrays.sumsAtEnd.set(bins.sumsAtEnd);
  arrays.whitenerAtEnd.set(bins.whitenerAtEnd);
  if (arrays.basis.length > 0) arrays.basis.set(stage.basis);
  if (table)
    for (let j = 0; j < width; j++)
      for (let row = 0; row < rows; row++) arrays.basisOfRow[row * stride + j] = stage.basis[j * rows + row];
  if (byEntity) {
    arrays.regimeOf.set(regime);
    arrays.binOf.fill(bins.count); // rows past the last candidate
    for (let bin = 0, place = 0; bin < bins.count; bin++)
      for (; place <= bins.end[bin]; place++) arrays.binOf[order[place]] = bin;
    if (k > 1) for (let place = 0; place < places; place++) arrays.lengthOf[order[place]] = bins.lengthAt[place];
  }
  if (blocks) fillPools(arrays, options.classes ?? classesOfRows(starts.subarray(1).map((next, i) => next - starts[i])));
  const group: Group = {
    ...arrays,
    scores,
    stage,
    method,
    weighting,
    seed,
    stream,
    bins,
    lanes,
    table,
    byEntity,
    unit,
    mostWeight: blocks ? 1 : mostWeights[weighting],
    // A sum of n products is off by at most n·2⁻⁵³·Σ|r e| ≤ n·2⁻⁵³·‖r‖·‖e‖, and so is C b, for ‖C‖ ≤ ‖r‖ and ‖b‖ ≤ ‖e‖.
    // Where scores differ from residuals it is ‖s‖ that bounds the sum. Of several regressors, P d and L⁻¹P⁻¹ (solved for row by
    // row) are off by about k·2⁻⁵³·Σ|P_l||d_l|, which is less by far.
    slack: 2 * (rows + width + 2) * 2 ** -53 * sqrt(dot(regimeAt, regimeAt)) * longestScore(options, starts),
  };
  if (!blocks) {
    for (let i = 0; i < n; i++) addProducts(stage, residuals, i, group.own, i * stride);
    fillVariation(group);
  }
  return group;
}

/** The greatest ‖s_i‖ / ‖e_i‖ over entities i, at least 1; 1 where scores are residuals. */
function longestScore({ residuals, scores }: ReplicatorOptions, starts: Uint32Array): number {
  let longest = 1;
  for (let i = 0; scores && i < starts.length - 1; i++) {
    let [s, e] = [0, 0];
    for (let row = starts[i]; row < starts[i + 1]; row++) {
      s += scores[row] * scores[row];
      e += residuals[row] * residuals[row];
    }
    if (s > 0) longest = Math.max(longest, sqrt(s / e));
  }
  return longest;
}

/** Donors of an entity: those of its class, in order; the whole panel when it is balanced. */
function fillPools({ pool, poolStart, poolScale }: Arrays<Floats, Words>, { members, from, size }: DonorClasses): void {
  pool.set(members);
  poolStart.set(from);
  for (let i = 0; i < size.length; i++) poolScale[i] = size[i] / 2 ** 32;
}

/** max|w| Σ|P r||e| over each bin: at least Σ|P r||w e|, the same in every lane, and equal to it for signs. */
function fillVariation({ stage, bins: { count, end, lengthAt }, scores, walked, mostWeight }: Group): void {
  const { order, dimension: k } = stage;
  for (let bin = 0, place = 0; bin < count; bin++) {
    let sum = 0;
    for (; place <= end[bin]; place++) sum += lengthAt[place] * abs(scores[order[place]]);
    const at = (bin * (k + 1) + k) * abreast;
    walked.fill(mostWeight * sum, at, at + abreast);
  }
}

/** The greatest step from one place to the next. */
const longest = (places: Uint32Array) => places.reduce((most, place, i) => (i === 0 ? 0 : max(most, place - places[i - 1])), 0);
