const digits = 6;
const bits = 11;
const buckets = 2 ** bits;

/**
 * Rows in ascending order of a variable; equal values keep the order of the rows. Radix sort of the 64 bits of each value, eleven at a
 * time from the lowest: the time is linear in the rows.
 *
 * @param values  finite
 */
export function ascendingOrder(values: Float64Array): Uint32Array {
  const n = values.length;
  const [low, high] = sortableBits(values);
  const counts = new Uint32Array(digits * buckets);
  for (let row = 0; row < n; row++) for (let d = 0; d < digits; d++) counts[d * buckets + digit(low[row], high[row], d)]++;

  let order = new Uint32Array(n);
  for (let row = 0; row < n; row++) order[row] = row;
  let next = new Uint32Array(n);
  for (let d = 0; d < digits; d++) {
    const count = counts.subarray(d * buckets, (d + 1) * buckets);
    if (count.includes(n)) continue; // all alike
    let at = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const here = count[bucket];
      count[bucket] = at;
      at += here;
    }
    for (const row of order) next[count[digit(low[row], high[row], d)]++] = row;
    [order, next] = [next, order];
  }
  return order;
}

/** Lower and upper halves of integers in the order of the values: the sign bit turned, and all bits of a negative number. */
function sortableBits(values: Float64Array): [Uint32Array, Uint32Array] {
  const view = new DataView(new ArrayBuffer(8));
  const low = new Uint32Array(values.length);
  const high = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    view.setFloat64(0, values[row] + 0); // −0 becomes 0, its equal
    const h = view.getUint32(0);
    const l = view.getUint32(4);
    const negative = h >>> 31 === 1;
    high[row] = negative ? ~h : h ^ 0x80000000;
    low[row] = negative ? ~l : l;
  }
  return [low, high];
}

/** Bits 11·d … 11·d + 10 of a 64-bit integer; digit 2 lies in both halves. */
function digit(low: number, high: number, d: number): number {
  if (d < 2) return (low >>> (bits * d)) & (buckets - 1);
  if (d === 2) return ((low >>> 22) | (high << 10)) & (buckets - 1);
  return (high >>> (bits * d - 32)) & (buckets - 1);
}
