/** Rows in ascending order of a variable; equal values keep the order of the rows. */
export function ascendingOrder(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
}

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

/**
 * Candidate thresholds: every distinct value v of the threshold variable such that the regimes that v makes of the one it
 * splits each have enough rows and entities.
 *
 * @param order   rows in ascending order of q
 * @param q       threshold variable, by row
 * @param entity  entity of each row
 * @param fixed   thresholds already in the model, ascending
 * @returns for each candidate the place in `order` of the last row with q ≤ v, ascending
 */
export function candidateEnds(
  order: Uint32Array,
  q: Float64Array,
  entity: Uint32Array,
  fixed: readonly number[],
  rule: CandidateRule,
): Uint32Array {
  const ends: number[] = [];
  let from = 0;
  for (const upper of [...fixed, Number.POSITIVE_INFINITY]) {
    let to = from;
    while (to < order.length && q[order[to]] <= upper) to++;
    const regime = order.subarray(from, to);
    const below = distinctSoFar(regime, entity);
    const above = distinctSoFar(regime.toReversed(), entity).reverse();
    for (let place = 0; place + 1 < regime.length; place++) {
      if (q[regime[place]] === q[regime[place + 1]]) continue;
      const enoughRows = place + 1 >= rule.rows && regime.length - place - 1 >= rule.rows;
      if (enoughRows && below[place] >= rule.entities && above[place + 1] >= rule.entities) ends.push(from + place);
    }
    from = to;
  }
  return Uint32Array.from(ends);
}

/** Number of distinct entities among the first 1, 2, … rows. */
function distinctSoFar(rows: Uint32Array, entity: Uint32Array): Uint32Array {
  const seen = new Set<number>();
  return rows.map((row) => seen.add(entity[row]).size);
}

export function countDistinct(order: Uint32Array, q: Float64Array): number {
  let distinct = 0;
  for (let place = 0; place < order.length; place++) if (place === 0 || q[order[place]] !== q[order[place - 1]]) distinct++;
  return distinct;
}
