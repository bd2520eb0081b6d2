import { addTo, lanesF64, lanesU32, storeAt } from './lanes';

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
