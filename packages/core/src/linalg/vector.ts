/**
 * Inner product Σ_{i≥from} a_i b_i.
 *
 * Four running sums, always added in the same order: the same bits everywhere, a quarter of the rounding of one running sum,
 * and about three times its speed, for an addition need not wait for the one before.
 */
export function dot(a: Float64Array, b: Float64Array, from = 0): number {
  const n = a.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = from;
  for (; i + 3 < n; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) s0 += a[i] * b[i];
  return s0 + s1 + (s2 + s3);
}

/** y ← y + c x from row `from` on. */
export function addScaled(y: Float64Array, c: number, x: Float64Array, from = 0): void {
  for (let i = from; i < y.length; i++) y[i] += c * x[i];
}

/** y ← y + c x, then the inner product Σ_{i≥from} y_i b_i as `dot` sums it: the same bits as one after the other, in one pass. */
export function addScaledAndDot(y: Float64Array, c: number, x: Float64Array, b: Float64Array, from: number): number {
  const n = y.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = from;
  for (; i + 3 < n; i += 4) {
    const y0 = y[i] + c * x[i];
    const y1 = y[i + 1] + c * x[i + 1];
    const y2 = y[i + 2] + c * x[i + 2];
    const y3 = y[i + 3] + c * x[i + 3];
    y[i] = y0;
    y[i + 1] = y1;
    y[i + 2] = y2;
    y[i + 3] = y3;
    s0 += y0 * b[i];
    s1 += y1 * b[i + 1];
    s2 += y2 * b[i + 2];
    s3 += y3 * b[i + 3];
  }
  for (; i < n; i++) {
    y[i] += c * x[i];
    s0 += y[i] * b[i];
  }
  return s0 + s1 + (s2 + s3);
}

/** Σ x_i, one running sum. A loop: `reduce` makes an object of each number on the way. */
export function sumOf(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum;
}

/** Greatest |x_i|; NaN if any x_i is NaN, 0 for an empty column. */
export function maxAbs(x: Float64Array): number {
  let max = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Math.abs(x[i]);
    if (a <= max) continue;
    if (Number.isNaN(a)) return a;
    max = a;
  }
  return max;
}

/**
 * The power of two that brings a column's largest entry near 1 (1 for a column of zeros): multiplying by it rounds nothing,
 * and sums of squares of the scaled column neither overflow nor vanish.
 */
export function powerOfTwoScale(largest: number): number {
  if (largest === 0) return 1;
  const exponent = Math.floor(Math.log2(largest));
  return 2 ** -Math.max(-1022, Math.min(1022, exponent));
}

/** x at the given rows, in their order. A loop: `Float64Array.from` with a function takes ten times as long. */
export function gather(x: Float64Array, rows: Uint32Array): Float64Array {
  const result = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) result[i] = x[rows[i]];
  return result;
}

/** 0 … n − 1. */
export function ascending(n: number): Uint32Array {
  const rows = new Uint32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  return rows;
}
