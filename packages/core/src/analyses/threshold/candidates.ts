import { ascendingOrder } from './ascending-order.js';
import type { RegimeRule } from './programs.js';

export interface CandidateRule {
  /** rows that each regime needs */
  readonly rows: number;
  /** distinct entities that each regime needs */
  readonly entities: number;
}

/** What a regime needs whatever the trim: rows past the number of slopes, and entities. */
export const leastRowsPastSlopes = 5;
export const leastEntities = 3;

/** At least max(trim · rows, slopes + 5) rows and 3 entities in each regime. */
export function candidateRule(trim: number, rows: number, slopes: number): CandidateRule {
  // trim·rows is a product of decimals: 0.07 · 100 is 7.000000000000001, and means 7
  return {
    rows: Math.max(Math.ceil(trim * rows - 1e-9), slopes + leastRowsPastSlopes),
    entities: leastEntities,
  };
}

/** The threshold variable in ascending order, and its distinct values. */
export interface Ordered {
  readonly order: Uint32Array;
  /** q by row */
  readonly q: Float64Array;
  readonly distinct: Float64Array;
}

export function orderedBy(q: Float64Array): Ordered {
  const order = ascendingOrder(q);
  const distinct = new Float64Array(order.length);
  let count = 0;
  for (let place = 0; place < order.length; place++) {
    const value = q[order[place]];
    if (count === 0 || value !== distinct[count - 1]) distinct[count++] = value;
  }
  return { order, q, distinct: distinct.slice(0, count) };
}

/** Candidate thresholds: their values, ascending, and for each the place in the order of the last row of the lower regime. */
export interface Candidates {
  readonly values: Float64Array;
  readonly ends: Uint32Array;
}

/**
 * Every distinct value v of the threshold variable such that the regimes that v makes of the one it splits each have enough
 * rows and entities.
 *
 * @param entity  entity of each row
 * @param fixed   thresholds already in the model, ascending
 * @param grid    of these values only those at quantiles 1/grid, 2/grid, … of the distinct values; null is all
 */
export function candidatesByRows(
  { order, q, distinct }: Ordered,
  entity: Uint32Array,
  fixed: readonly number[],
  rule: CandidateRule,
  grid: number | null,
): Candidates {
  const wanted = grid === null ? null : new Set(gridValues(distinct, grid, 1));
  const ends = new Uint32Array(order.length);
  let count = 0;
  let from = 0;
  for (const upper of [...fixed, Number.POSITIVE_INFINITY]) {
    let to = from;
    while (to < order.length && q[order[to]] <= upper) to++;
    const regime = order.subarray(from, to);
    // the lower regime ends at a place from `first` on, the upper begins at one up to `last`
    const first = Math.max(rule.rows, placesUntil(regime, entity, rule.entities)) - 1;
    const last = regime.length - Math.max(rule.rows, placesUntil(regime.toReversed(), entity, rule.entities));
    for (let place = first; place < last; place++) {
      const value = q[regime[place]];
      if (value !== q[regime[place + 1]] && (wanted === null || wanted.has(value))) ends[count++] = from + place;
    }
    from = to;
  }
  const values = new Float64Array(count);
  for (let c = 0; c < count; c++) values[c] = q[order[ends[c]]];
  return { ends: ends.slice(0, count), values };
}

/** D[⌊j·m/G⌋], counted from 1, of m distinct values, j = first, first + 1, … ≤ G − first. */
function gridValues(distinct: Float64Array, grid: number, first: number): number[] {
  const m = distinct.length;
  const places: number[] = [];
  // j·m is exact and the share of the trim is a decimal: 0.07·100 is 7.000000000000001, and means 7
  for (let j = first; j <= grid - first + 1e-9; j++) {
    const place = Math.floor((j * m) / grid + 1e-9);
    if (place >= 1) places.push(place);
  }
  return places.map((place) => distinct[place - 1]);
}

/**
 * The grid of the author's program and its ports: G quantiles of the distinct values within the first stage's trim; a further
 * threshold keeps G·trim places of the grid from each threshold already there, whatever rows lie between.
 *
 * @param firstTrim  trim of the first stage, which the grid is built with
 * @param trim       trim of this stage
 */
export function candidatesByPlaces(
  { order, q, distinct }: Ordered,
  { grid, firstTrim, trim, fixed, rule, also }: PlaceRule,
): Candidates {
  const values = [...new Set(gridValues(distinct, grid, grid * firstTrim))];
  const room = grid * trim;
  const free = values.filter((_, i) =>
    fixed.every((threshold) => {
      const under = values.filter((value) => value < threshold).length;
      return i + 1 <= under - room + 1e-9 || i + 1 > under + room + 1e-9;
    }),
  );
  const found = [...new Set([...free, ...also])]
    .sort((a, b) => a - b)
    .map((value) => ({ value, end: lastPlace(order, q, value, rule) }))
    .filter(({ end }) => end >= 0 && end < order.length - 1);
  return { values: Float64Array.from(found, ({ value }) => value), ends: Uint32Array.from(found, ({ end }) => end) };
}

export interface PlaceRule {
  readonly grid: number;
  readonly firstTrim: number;
  readonly trim: number;
  readonly fixed: readonly number[];
  readonly rule: RegimeRule;
  /** values that are candidates besides the grid's */
  readonly also: readonly number[];
}

/** The place of the last row in the lower regime, −1 when there is none. */
function lastPlace(order: Uint32Array, q: Float64Array, value: number, rule: RegimeRule): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const lower = rule === 'at-most' ? q[order[middle]] <= value : q[order[middle]] < value;
    if (lower) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many rows from the first it takes to meet so many entities; infinitely many when there are fewer. */
function placesUntil(rows: Uint32Array, entity: Uint32Array, entities: number): number {
  const met = new Set<number>();
  for (let place = 0; place < rows.length; place++) {
    met.add(entity[rows[place]]);
    if (met.size === entities) return place + 1;
  }
  return Number.POSITIVE_INFINITY;
}
