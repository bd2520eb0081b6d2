import { lanesF64, lanesU32 } from './lanes';

/** Philox4x32-10, four blocks at a time: words of counters 0, 1, … of a replication. `blocks` is a multiple of four. */
export function philox(out: usize, blocks: u32, replication: u32, stream: u32, key0: u32, key1: u32): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  const w0 = i32x4.splat(0x9e3779b9);
  const w1 = i32x4.splat(0xbb67ae85);
  for (let block: u32 = 0; block < blocks; block += 4) {
    let x0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
    let x1 = i32x4.splat(0);
    let x2 = i32x4.splat(replication);
    let x3 = i32x4.splat(stream);
    let k0 = i32x4.splat(key0);
    let k1 = i32x4.splat(key1);
    for (let round = 0; round < 10; round++) {
      const a = i64x2.extmul_low_i32x4_u(x0, m0);
      const b = i64x2.extmul_high_i32x4_u(x0, m0);
      const c = i64x2.extmul_low_i32x4_u(x2, m1);
      const d = i64x2.extmul_high_i32x4_u(x2, m1);
      x0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), x1), k0);
      x1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
      x2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), x3), k1);
      x3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
      k0 = i32x4.add(k0, w0);
      k1 = i32x4.add(k1, w1);
    }
    // word j of block i comes after word j − 1 of the same block
    const p = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
    const q = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
    const r = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
    const s = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(p, r, 0, 2));
    v128.store(out, v128.shuffle<i64>(p, r, 1, 3), 16);
    v128.store(out, v128.shuffle<i64>(q, s, 0, 2), 32);
    v128.store(out, v128.shuffle<i64>(q, s, 1, 3), 48);
    out += 64;
  }
}

/** The donor that a word draws from a pool. */
function donorOf(word: usize, scale: f64, pool: usize): u32 {
  return load<u32>(pool + ((<usize>(<u32>(<f64>load<u32>(word) * scale))) << 2));
}

/**
 * Donors of four lanes, and e*'e* of each. The words of a lane begin `size` bytes after those of the lane before: four sums side by
 * side do not wait for each other. `drawn` may be 0.
 */
export function drawDonors(
  entities: u32,
  words: usize,
  size: usize,
  pool: usize,
  poolStart: usize,
  poolScale: usize,
  starts: usize,
  squares: usize,
  drawn: usize,
  donors: usize,
  ssr: usize,
): void {
  let s0: f64 = 0;
  let s1: f64 = 0;
  let s2: f64 = 0;
  let s3: f64 = 0;
  for (let i: u32 = 0; i < entities; i++) {
    const scale = load<f64>(poolScale);
    const from = pool + ((<usize>load<u32>(poolStart)) << 2);
    const d0 = donorOf(words, scale, from);
    const d1 = donorOf(words + size, scale, from);
    const d2 = donorOf(words + 2 * size, scale, from);
    const d3 = donorOf(words + 3 * size, scale, from);
    s0 += load<f64>(squares + ((<usize>d0) << 3));
    s1 += load<f64>(squares + ((<usize>d1) << 3));
    s2 += load<f64>(squares + ((<usize>d2) << 3));
    s3 += load<f64>(squares + ((<usize>d3) << 3));
    store<u32>(donors, load<u32>(starts + ((<usize>d0) << 2)) << 3);
    store<u32>(donors, load<u32>(starts + ((<usize>d1) << 2)) << 3, 4);
    store<u32>(donors, load<u32>(starts + ((<usize>d2) << 2)) << 3, 8);
    store<u32>(donors, load<u32>(starts + ((<usize>d3) << 2)) << 3, 12);
    donors += lanesU32;
    if (drawn) {
      store<u32>(drawn, d0);
      store<u32>(drawn, d1, 4);
      store<u32>(drawn, d2, 8);
      store<u32>(drawn, d3, 12);
      drawn += lanesU32;
    }
    words += 4;
    poolStart += 4;
    poolScale += 8;
  }
  store<f64>(ssr, s0);
  store<f64>(ssr, s1, 8);
  store<f64>(ssr, s2, 16);
  store<f64>(ssr, s3, 24);
}

/** Rademacher weights, one bit each, lowest first. @returns e*'e* */
export function drawSigns(entities: u32, words: usize, squares: usize, weights: usize): f64 {
  let sum: f64 = 0;
  let bits: u32 = 0;
  for (let i: u32 = 0; i < entities; i++) {
    if ((i & 31) === 0) {
      bits = load<u32>(words);
      words += 4;
    }
    store<f64>(weights, <f64>(<i32>((bits & 1) << 1) - 1));
    bits >>= 1;
    sum += load<f64>(squares);
    squares += 8;
    weights += lanesF64;
  }
  return sum;
}
