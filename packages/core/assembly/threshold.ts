/**
 * The threshold bootstrap's steps in AssemblyScript, twins of those in src/analyses/threshold (draws, projections, walks, falls):
 * the same operations in the same order, each lane a replication of its own, so the same bits. No fused multiply-add and no
 * relaxed SIMD. `Group` there says how the arrays lie; parameters named after arrays are their addresses. `donors` and
 * `offsetAt` are in bytes.
 */

/** Bytes of eight doubles, and of eight words. */
const lanesF64: usize = 64;
const lanesU32: usize = 32;

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

/**
 * Uᵀe of every entity with the residuals of every donor, two columns and four donors at a time. `basisOfRow` is U row by row. What
 * stands for donors of another number of rows is never looked up.
 */
export function pairProducts(entities: u32, stride: u32, starts: usize, basisOfRow: usize, residuals: usize, pairs: usize): void {
  const size = (<usize>stride) << 3;
  for (let i: u32 = 0; i < entities; i++) {
    const first = load<u32>(starts + ((<usize>i) << 2));
    const periods = load<u32>(starts + ((<usize>i) << 2), 4) - first;
    const u = basisOfRow + <usize>first * size;
    for (let donor: u32 = 0; donor < entities; donor += 4) {
      const most = entities - 1;
      const e0 = residuals + ((<usize>load<u32>(starts + ((<usize>donor) << 2))) << 3);
      const e1 = residuals + ((<usize>load<u32>(starts + ((<usize>min(donor + 1, most)) << 2))) << 3);
      const e2 = residuals + ((<usize>load<u32>(starts + ((<usize>min(donor + 2, most)) << 2))) << 3);
      const e3 = residuals + ((<usize>load<u32>(starts + ((<usize>min(donor + 3, most)) << 2))) << 3);
      for (let j: usize = 0; j < size; j += 16) {
        let s0 = f64x2.splat(0);
        let s1 = f64x2.splat(0);
        let s2 = f64x2.splat(0);
        let s3 = f64x2.splat(0);
        let at = u + j;
        const to = (<usize>periods) << 3;
        for (let t: usize = 0; t < to; t += 8) {
          const x = v128.load(at);
          s0 = f64x2.add(s0, f64x2.mul(x, v128.load_splat<f64>(e0 + t)));
          s1 = f64x2.add(s1, f64x2.mul(x, v128.load_splat<f64>(e1 + t)));
          s2 = f64x2.add(s2, f64x2.mul(x, v128.load_splat<f64>(e2 + t)));
          s3 = f64x2.add(s3, f64x2.mul(x, v128.load_splat<f64>(e3 + t)));
          at += size;
        }
        v128.store(pairs + j, s0);
        if (donor + 1 < entities) v128.store(pairs + size + j, s1);
        if (donor + 2 < entities) v128.store(pairs + 2 * size + j, s2);
        if (donor + 3 < entities) v128.store(pairs + 3 * size + j, s3);
      }
      pairs += size * <usize>min(4, entities - donor);
    }
  }
}

/** Uᵀe* of so many blocks of lanes from the table of pairs. */
export function lookUp(blocks: u32, entities: u32, stride: u32, drawn: usize, pairs: usize, bOfLane: usize, b: usize): void {
  const size = (<usize>stride) << 3;
  memory.fill(bOfLane, 0, <usize>blocks * 8 * size);
  for (let i: u32 = 0; i < entities; i++) {
    let to = bOfLane;
    let from = drawn;
    for (let block: u32 = 0; block < blocks; block++) {
      for (const end = from + lanesU32; from < end; from += 4) {
        let pair = pairs + <usize>load<u32>(from) * size;
        for (const past = to + size; to < past; to += 16, pair += 16) v128.store(to, f64x2.add(v128.load(to), v128.load(pair)));
      }
      from += <usize>(entities - 1) * lanesU32;
    }
    pairs += <usize>entities * size;
    drawn += lanesU32;
  }
  for (let lane: u32 = 0; lane < blocks << 3; lane++) {
    let to = b + <usize>(lane >> 3) * <usize>stride * lanesF64 + ((<usize>(lane & 7)) << 3);
    for (let j: u32 = 0; j < stride; j++, to += lanesF64, bOfLane += 8) store<f64>(to, load<f64>(bOfLane));
  }
}

/** e* of one entity in eight lanes, row after row. */
function gather(donors: usize, residuals: usize, periods: u32, gathered: usize): void {
  let d0 = residuals + <usize>load<u32>(donors);
  let d1 = residuals + <usize>load<u32>(donors, 4);
  let d2 = residuals + <usize>load<u32>(donors, 8);
  let d3 = residuals + <usize>load<u32>(donors, 12);
  let d4 = residuals + <usize>load<u32>(donors, 16);
  let d5 = residuals + <usize>load<u32>(donors, 20);
  let d6 = residuals + <usize>load<u32>(donors, 24);
  let d7 = residuals + <usize>load<u32>(donors, 28);
  for (let t: u32 = 0; t < periods; t++) {
    v128.store(gathered, v128.load_lane<f64>(d1, v128.load64_zero(d0), 1));
    v128.store(gathered, v128.load_lane<f64>(d3, v128.load64_zero(d2), 1), 16);
    v128.store(gathered, v128.load_lane<f64>(d5, v128.load64_zero(d4), 1), 32);
    v128.store(gathered, v128.load_lane<f64>(d7, v128.load64_zero(d6), 1), 48);
    d0 += 8;
    d1 += 8;
    d2 += 8;
    d3 += 8;
    d4 += 8;
    d5 += 8;
    d6 += 8;
    d7 += 8;
    gathered += lanesF64;
  }
}

/** to[0 … 7] += four vectors */
function addTo(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, f64x2.add(v128.load(to), a));
  v128.store(to, f64x2.add(v128.load(to, 16), b), 16);
  v128.store(to, f64x2.add(v128.load(to, 32), c), 32);
  v128.store(to, f64x2.add(v128.load(to, 48), d), 48);
}

/** Uᵀe* of a block of lanes, entity by entity. */
export function project(
  entities: u32,
  rows: u32,
  width: u32,
  stride: u32,
  starts: usize,
  basis: usize,
  residuals: usize,
  donors: usize,
  gathered: usize,
  b: usize,
): void {
  memory.fill(b, 0, <usize>stride * lanesF64);
  for (let i: u32 = 0; i < entities; i++) {
    const first = load<u32>(starts);
    const periods = load<u32>(starts, 4) - first;
    gather(donors, residuals, periods, gathered);
    let u = basis + ((<usize>first) << 3);
    let to = b;
    for (let j: u32 = 0; j < width; j += 2) {
      // an odd last column is computed twice and its copy left out
      const v = j + 1 < width ? u + ((<usize>rows) << 3) : u;
      let a0 = f64x2.splat(0);
      let a1 = f64x2.splat(0);
      let a2 = f64x2.splat(0);
      let a3 = f64x2.splat(0);
      let c0 = f64x2.splat(0);
      let c1 = f64x2.splat(0);
      let c2 = f64x2.splat(0);
      let c3 = f64x2.splat(0);
      let at = gathered;
      const end = (<usize>periods) << 3;
      for (let t: usize = 0; t < end; t += 8) {
        const x = v128.load_splat<f64>(u + t);
        const y = v128.load_splat<f64>(v + t);
        const e0 = v128.load(at);
        const e1 = v128.load(at, 16);
        const e2 = v128.load(at, 32);
        const e3 = v128.load(at, 48);
        a0 = f64x2.add(a0, f64x2.mul(x, e0));
        a1 = f64x2.add(a1, f64x2.mul(x, e1));
        a2 = f64x2.add(a2, f64x2.mul(x, e2));
        a3 = f64x2.add(a3, f64x2.mul(x, e3));
        c0 = f64x2.add(c0, f64x2.mul(y, e0));
        c1 = f64x2.add(c1, f64x2.mul(y, e1));
        c2 = f64x2.add(c2, f64x2.mul(y, e2));
        c3 = f64x2.add(c3, f64x2.mul(y, e3));
        at += lanesF64;
      }
      addTo(to, a0, a1, a2, a3);
      if (v !== u) addTo(to + lanesF64, c0, c1, c2, c3);
      u = v + ((<usize>rows) << 3);
      to += 2 * lanesF64;
    }
    starts += 4;
    donors += lanesU32;
  }
}

/** Uᵀe* of a block of lanes, e* being weighted residuals. */
export function projectWeights(entities: u32, stride: u32, weights: usize, own: usize, b: usize): void {
  const size = (<usize>stride) << 3;
  for (let j: u32 = 0; j < stride; j += 2) {
    let a0 = f64x2.splat(0);
    let a1 = f64x2.splat(0);
    let a2 = f64x2.splat(0);
    let a3 = f64x2.splat(0);
    let c0 = f64x2.splat(0);
    let c1 = f64x2.splat(0);
    let c2 = f64x2.splat(0);
    let c3 = f64x2.splat(0);
    let at = weights;
    let from = own + ((<usize>j) << 3);
    for (let i: u32 = 0; i < entities; i++) {
      const x = v128.load_splat<f64>(from);
      const y = v128.load_splat<f64>(from, 8);
      const e0 = v128.load(at);
      const e1 = v128.load(at, 16);
      const e2 = v128.load(at, 32);
      const e3 = v128.load(at, 48);
      a0 = f64x2.add(a0, f64x2.mul(e0, x));
      a1 = f64x2.add(a1, f64x2.mul(e1, x));
      a2 = f64x2.add(a2, f64x2.mul(e2, x));
      a3 = f64x2.add(a3, f64x2.mul(e3, x));
      c0 = f64x2.add(c0, f64x2.mul(e0, y));
      c1 = f64x2.add(c1, f64x2.mul(e1, y));
      c2 = f64x2.add(c2, f64x2.mul(e2, y));
      c3 = f64x2.add(c3, f64x2.mul(e3, y));
      at += lanesF64;
      from += size;
    }
    storeAt(b, a0, a1, a2, a3);
    storeAt(b + lanesF64, c0, c1, c2, c3);
    b += 2 * lanesF64;
  }
}

function storeAt(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/** zᵀe* at the ends of bins and Σ|r e*| over them, in threshold order. */
export function walkDonors(
  bins: u32,
  end: usize,
  entityAt: usize,
  offsetAt: usize,
  regimeAt: usize,
  donors: usize,
  residuals: usize,
  walked: usize,
): void {
  let p0 = f64x2.splat(0);
  let p1 = f64x2.splat(0);
  let p2 = f64x2.splat(0);
  let p3 = f64x2.splat(0);
  let place: u32 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    let v0 = f64x2.splat(0);
    let v1 = f64x2.splat(0);
    let v2 = f64x2.splat(0);
    let v3 = f64x2.splat(0);
    for (const to = load<u32>(end); place <= to; place++) {
      const d = donors + ((<usize>load<u32>(entityAt)) << 5);
      const e = residuals + <usize>load<u32>(offsetAt);
      const r = v128.load_splat<f64>(regimeAt);
      entityAt += 4;
      offsetAt += 4;
      regimeAt += 8;
      let y0 = v128.load_lane<f64>(e + <usize>load<u32>(d, 4), v128.load64_zero(e + <usize>load<u32>(d)), 1);
      let y1 = v128.load_lane<f64>(e + <usize>load<u32>(d, 12), v128.load64_zero(e + <usize>load<u32>(d, 8)), 1);
      let y2 = v128.load_lane<f64>(e + <usize>load<u32>(d, 20), v128.load64_zero(e + <usize>load<u32>(d, 16)), 1);
      let y3 = v128.load_lane<f64>(e + <usize>load<u32>(d, 28), v128.load64_zero(e + <usize>load<u32>(d, 24)), 1);
      y0 = f64x2.mul(r, y0);
      y1 = f64x2.mul(r, y1);
      y2 = f64x2.mul(r, y2);
      y3 = f64x2.mul(r, y3);
      p0 = f64x2.add(p0, y0);
      p1 = f64x2.add(p1, y1);
      p2 = f64x2.add(p2, y2);
      p3 = f64x2.add(p3, y3);
      v0 = f64x2.add(v0, f64x2.abs(y0));
      v1 = f64x2.add(v1, f64x2.abs(y1));
      v2 = f64x2.add(v2, f64x2.abs(y2));
      v3 = f64x2.add(v3, f64x2.abs(y3));
    }
    end += 4;
    storeAt(walked, p0, p1, p2, p3);
    storeAt(walked + lanesF64, v0, v1, v2, v3);
    walked += 2 * lanesF64;
  }
}

/** The same for weighted residuals: `regimeAt` is r·e, and the variation is there already. */
export function walkWeights(bins: u32, end: usize, entityAt: usize, regimeAt: usize, weights: usize, walked: usize): void {
  let p0 = f64x2.splat(0);
  let p1 = f64x2.splat(0);
  let p2 = f64x2.splat(0);
  let p3 = f64x2.splat(0);
  let place: u32 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    for (const to = load<u32>(end); place <= to; place++) {
      const w = weights + ((<usize>load<u32>(entityAt)) << 6);
      const y = v128.load_splat<f64>(regimeAt);
      entityAt += 4;
      regimeAt += 8;
      p0 = f64x2.add(p0, f64x2.mul(v128.load(w), y));
      p1 = f64x2.add(p1, f64x2.mul(v128.load(w, 16), y));
      p2 = f64x2.add(p2, f64x2.mul(v128.load(w, 32), y));
      p3 = f64x2.add(p3, f64x2.mul(v128.load(w, 48), y));
    }
    end += 4;
    storeAt(walked, p0, p1, p2, p3);
    walked += 2 * lanesF64;
  }
}

/** The same as `walkDonors`, a bin's sums taken entity by entity. */
export function walkDonorsByEntity(
  entities: u32,
  bins: u32,
  starts: usize,
  binOf: usize,
  regimeOf: usize,
  donors: usize,
  residuals: usize,
  walked: usize,
): void {
  memory.fill(walked, 0, <usize>(bins + 1) * 2 * lanesF64);
  for (let i: u32 = 0; i < entities; i++) {
    let d0 = residuals + <usize>load<u32>(donors);
    let d1 = residuals + <usize>load<u32>(donors, 4);
    let d2 = residuals + <usize>load<u32>(donors, 8);
    let d3 = residuals + <usize>load<u32>(donors, 12);
    let d4 = residuals + <usize>load<u32>(donors, 16);
    let d5 = residuals + <usize>load<u32>(donors, 20);
    let d6 = residuals + <usize>load<u32>(donors, 24);
    let d7 = residuals + <usize>load<u32>(donors, 28);
    const to = load<u32>(starts, 4);
    for (let row = load<u32>(starts); row < to; row++) {
      const at = walked + ((<usize>load<u32>(binOf)) << 7);
      const r = v128.load_splat<f64>(regimeOf);
      let y0 = v128.load_lane<f64>(d1, v128.load64_zero(d0), 1);
      let y1 = v128.load_lane<f64>(d3, v128.load64_zero(d2), 1);
      let y2 = v128.load_lane<f64>(d5, v128.load64_zero(d4), 1);
      let y3 = v128.load_lane<f64>(d7, v128.load64_zero(d6), 1);
      y0 = f64x2.mul(r, y0);
      y1 = f64x2.mul(r, y1);
      y2 = f64x2.mul(r, y2);
      y3 = f64x2.mul(r, y3);
      addTo(at, y0, y1, y2, y3);
      addTo(at + lanesF64, f64x2.abs(y0), f64x2.abs(y1), f64x2.abs(y2), f64x2.abs(y3));
      d0 += 8;
      d1 += 8;
      d2 += 8;
      d3 += 8;
      d4 += 8;
      d5 += 8;
      d6 += 8;
      d7 += 8;
      binOf += 4;
      regimeOf += 8;
    }
    starts += 4;
    donors += lanesU32;
  }
  for (let bin: u32 = 1; bin < bins; bin++) {
    const before = walked;
    walked += 2 * lanesF64;
    addTo(walked, v128.load(before), v128.load(before, 16), v128.load(before, 32), v128.load(before, 48));
  }
}

/** d at the end of every bin and the best fall among them, in eight lanes. */
export function fallsAtEnds(
  bins: u32,
  stride: u32,
  sumsAtEnd: usize,
  whitenerAtEnd: usize,
  b: usize,
  walked: usize,
  atEnd: usize,
  fall: usize,
): void {
  let best0 = f64x2.splat(0);
  let best1 = f64x2.splat(0);
  let best2 = f64x2.splat(0);
  let best3 = f64x2.splat(0);
  for (let bin: u32 = 0; bin < bins; bin++) {
    let c0 = f64x2.splat(0);
    let c1 = f64x2.splat(0);
    let c2 = f64x2.splat(0);
    let c3 = f64x2.splat(0);
    let at = b;
    for (const end = sumsAtEnd + ((<usize>stride) << 3); sumsAtEnd < end; sumsAtEnd += 8, at += lanesF64) {
      const s = v128.load_splat<f64>(sumsAtEnd);
      c0 = f64x2.add(c0, f64x2.mul(s, v128.load(at)));
      c1 = f64x2.add(c1, f64x2.mul(s, v128.load(at, 16)));
      c2 = f64x2.add(c2, f64x2.mul(s, v128.load(at, 32)));
      c3 = f64x2.add(c3, f64x2.mul(s, v128.load(at, 48)));
    }
    const w = v128.load_splat<f64>(whitenerAtEnd);
    whitenerAtEnd += 8;
    c0 = f64x2.sub(v128.load(walked), c0);
    c1 = f64x2.sub(v128.load(walked, 16), c1);
    c2 = f64x2.sub(v128.load(walked, 32), c2);
    c3 = f64x2.sub(v128.load(walked, 48), c3);
    walked += 2 * lanesF64;
    storeAt(atEnd, f64x2.abs(c0), f64x2.abs(c1), f64x2.abs(c2), f64x2.abs(c3));
    atEnd += lanesF64;
    c0 = f64x2.mul(w, c0);
    c1 = f64x2.mul(w, c1);
    c2 = f64x2.mul(w, c2);
    c3 = f64x2.mul(w, c3);
    best0 = f64x2.pmax(best0, f64x2.mul(c0, c0));
    best1 = f64x2.pmax(best1, f64x2.mul(c1, c1));
    best2 = f64x2.pmax(best2, f64x2.mul(c2, c2));
    best3 = f64x2.pmax(best3, f64x2.mul(c3, c3));
  }
  storeAt(fall, best0, best1, best2, best3);
}

function reaches(at: usize, walked: usize, norm: usize, rounding: usize, fall: usize, spread: v128, scale: v128): v128 {
  const apart = f64x2.add(f64x2.add(v128.load(at), v128.load(at, lanesF64)), v128.load(walked));
  const bound = f64x2.add(f64x2.add(f64x2.mul(f64x2.splat(0.5), apart), f64x2.mul(spread, v128.load(norm))), v128.load(rounding));
  return f64x2.ge(f64x2.mul(f64x2.mul(bound, bound), scale), v128.load(fall));
}

/** The candidates within bins, in the lanes where the bin's bound reaches the best fall so far. `residuals` is 0 for weights. */
export function fallsInside(
  bins: u32,
  stride: u32,
  spread: usize,
  scale: usize,
  norm: usize,
  rounding: usize,
  walked: usize,
  atEnd: usize,
  fall: usize,
  last: usize,
  end: usize,
  ends: usize,
  entityAt: usize,
  offsetAt: usize,
  regimeAt: usize,
  drawn: usize,
  residuals: usize,
  sums: usize,
  whiteners: usize,
  b: usize,
): void {
  let at = atEnd;
  let before = walked;
  for (let bin: u32 = 1; bin < bins; bin++) {
    const s = v128.load_splat<f64>(spread + ((<usize>bin) << 3));
    const q = v128.load_splat<f64>(scale + ((<usize>bin) << 3));
    const variation = before + 3 * lanesF64;
    const r0 = reaches(at, variation, norm, rounding, fall, s, q);
    const r1 = reaches(at + 16, variation + 16, norm + 16, rounding + 16, fall + 16, s, q);
    const r2 = reaches(at + 32, variation + 32, norm + 32, rounding + 32, fall + 32, s, q);
    const r3 = reaches(at + 48, variation + 48, norm + 48, rounding + 48, fall + 48, s, q);
    if (v128.any_true(v128.or(v128.or(r0, r1), v128.or(r2, r3)))) {
      let lanes = i64x2.bitmask(r0) | (i64x2.bitmask(r1) << 2) | (i64x2.bitmask(r2) << 4) | (i64x2.bitmask(r3) << 6);
      const from = load<u32>(last + ((<usize>(bin - 1)) << 2)) + 1;
      const to = load<u32>(last + ((<usize>bin) << 2));
      const place = load<u32>(end + ((<usize>(bin - 1)) << 2)) + 1;
      for (; lanes; lanes &= lanes - 1) {
        const lane = <usize>ctz(lanes);
        let best = load<f64>(fall + (lane << 3));
        let running = load<f64>(before + (lane << 3));
        let candidate = from;
        for (let p = <usize>place; candidate < to; p++) {
          const e = load<u32>(entityAt + (p << 2));
          const r = load<f64>(regimeAt + (p << 3));
          if (residuals) {
            const donor = load<u32>(drawn + ((<usize>e) << 5) + (lane << 2));
            running += r * load<f64>(residuals + <usize>(donor + load<u32>(offsetAt + (p << 2))));
          } else {
            running += load<f64>(drawn + ((<usize>e) << 6) + (lane << 3)) * r;
          }
          if (load<u32>(ends + ((<usize>candidate) << 2)) !== <u32>p) continue;
          let projected: f64 = 0;
          const row = sums + ((<usize>candidate * <usize>stride) << 3);
          for (let j: usize = 0; j < <usize>stride; j++) {
            projected += load<f64>(row + (j << 3)) * load<f64>(b + (j << 6) + (lane << 3));
          }
          const white = load<f64>(whiteners + ((<usize>candidate) << 3)) * (running - projected);
          if (white * white > best) best = white * white;
          candidate++;
        }
        store<f64>(fall + (lane << 3), best);
      }
    }
    at += lanesF64;
    before += 2 * lanesF64;
  }
}
