/** Each half of a value in three digits: 11, 11 and 10 bits. */
const shifts = [0, 11, 22] as const;
const buckets = 2 ** 11;

/**
 * Rows in ascending order of a variable; equal values keep the order of the rows. Radix sort of the 64 bits of each value, from the
 * lowest: the time is linear in the rows.
 *
 * @param values  finite
 */
export function ascendingOrder(values: Float64Array): Uint32Array {
  const n = values.length;
  let order = new Uint32Array(n);
  for (let row = 0; row < n; row++) order[row] = row;
  let next = new Uint32Array(n);
  const places = new Uint32Array(buckets);
  for (const half of sortableBits(values)) {
    for (const shift of shifts) {
      places.fill(0);
      for (let row = 0; row < n; row++) places[(half[row] >>> shift) & (buckets - 1)]++;
      if (places.includes(n)) continue; // all alike
      for (let bucket = 0, at = 0; bucket < buckets; bucket++) {
        const here = places[bucket];
        places[bucket] = at;
        at += here;
      }
      for (let place = 0; place < n; place++) {
        const row = order[place];
        next[places[(half[row] >>> shift) & (buckets - 1)]++] = row;
      }
      [order, next] = [next, order];
    }
  }
  return order;
}

/** Lower and upper halves of integers in the order of the values: the sign bit turned, and all bits of a negative number. */
function sortableBits(values: Float64Array): [Uint32Array, Uint32Array] {
  const n = values.length;
  const low = new Uint32Array(n);
  const high = new Uint32Array(n);
  const one = new Float64Array(1);
  const halves = new Uint32Array(one.buffer);
  for (let row = 0; row < n; row++) {
    one[0] = values[row] + 0; // −0 becomes 0, its equal
    const negative = halves[1] >>> 31 === 1;
    high[row] = negative ? ~halves[1] : halves[1] ^ 0x80000000;
    low[row] = negative ? ~halves[0] : halves[0];
  }
  return [low, high];
}
