import { lanesF64, storeAt } from './lanes';

/** |P d|² in two lanes, P a lower triangle by rows and d k vectors, eight lanes apart. */
function squareOf(P: usize, k: u32, d: usize): v128 {
  if (k === 2) {
    const x = v128.load(d);
    const first = f64x2.mul(v128.load_splat<f64>(P), x);
    const second = f64x2.add(
      f64x2.mul(v128.load_splat<f64>(P, 8), x),
      f64x2.mul(v128.load_splat<f64>(P, 16), v128.load(d, lanesF64)),
    );
    return f64x2.add(f64x2.mul(first, first), f64x2.mul(second, second));
  }
  let sum = f64x2.splat(0);
  for (let m: u32 = 1; m <= k; m++) {
    let value = f64x2.splat(0);
    let at = d;
    for (const past = P + ((<usize>m) << 3); P < past; P += 8, at += lanesF64)
      value = f64x2.add(value, f64x2.mul(v128.load_splat<f64>(P), v128.load(at)));
    sum = f64x2.add(sum, f64x2.mul(value, value));
  }
  return sum;
}

/** |P d|², P a lower triangle by rows and d k numbers. */
function squareOfOne(P: usize, k: u32, d: usize): f64 {
  let sum: f64 = 0;
  for (let m: u32 = 1; m <= k; m++) {
    let value: f64 = 0;
    let at = d;
    for (const past = P + ((<usize>m) << 3); P < past; P += 8, at += 8) value += load<f64>(P) * load<f64>(at);
    sum += value * value;
  }
  return sum;
}

/** Several regime regressors: d at the end of every bin, the best fall among them, and what falls inside bins are at most. */
export function fallsOfSeveralAtEnds(
  bins: u32,
  k: u32,
  stride: u32,
  sumsAtEnd: usize,
  whitenerAtEnd: usize,
  metric: usize,
  spread: usize,
  scale: usize,
  reach: usize,
  norm: usize,
  rounding: usize,
  b: usize,
  walked: usize,
  atEnd: usize,
  bound: usize,
  fall: usize,
): void {
  const triangle = (<usize>(k * (k + 1))) << 2;
  const wide = <usize>k * lanesF64;
  memory.fill(fall, 0, lanesF64);
  for (let bin: u32 = 0; bin < bins; bin++) {
    for (let l: u32 = 0; l < k; l++) {
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
      storeAt(
        atEnd,
        f64x2.sub(v128.load(walked), c0),
        f64x2.sub(v128.load(walked, 16), c1),
        f64x2.sub(v128.load(walked, 32), c2),
        f64x2.sub(v128.load(walked, 48), c3),
      );
      walked += lanesF64;
      atEnd += lanesF64;
    }
    const identified = load<f64>(whitenerAtEnd) !== 0;
    const half = f64x2.splat(0.5);
    const s = v128.load_splat<f64>(spread);
    const q = v128.load_splat<f64>(scale);
    const x = v128.load_splat<f64>(reach);
    for (let lanes: usize = 0; lanes < lanesF64; lanes += 16) {
      const here = squareOf(metric, k, atEnd - wide + lanes);
      if (identified) v128.store(fall + lanes, f64x2.pmax(v128.load(fall + lanes), here));
      if (bin === 0) continue;
      const before = squareOf(metric, k, atEnd - 2 * wide + lanes);
      const apart = f64x2.add(f64x2.add(f64x2.sqrt(before), f64x2.sqrt(here)), v128.load(walked + lanes));
      const around = f64x2.add(f64x2.mul(half, apart), f64x2.mul(s, v128.load(norm + lanes)));
      const most = f64x2.add(around, f64x2.mul(x, v128.load(rounding + lanes)));
      v128.store(bound + lanes, f64x2.mul(f64x2.mul(most, most), q));
    }
    walked += lanesF64;
    bound += lanesF64;
    whitenerAtEnd += triangle;
    metric += triangle;
    spread += 8;
    scale += 8;
    reach += 8;
  }
}

/** What |P (zᵀe* − C̄b)|² is at least where the fall beats the best. */
function leastSquare(best: f64, scale: f64, around: f64): f64 {
  const least = sqrt(best / scale) - around;
  return least > 0 ? least * least : 0;
}

/** e* of a row in one lane: `drawn` is donors, or weights where `residuals` is 0. */
function drawnAt(place: usize, lane: usize, entityAt: usize, offsetAt: usize, drawn: usize, residuals: usize): f64 {
  const e = <usize>load<u32>(entityAt + (place << 2));
  if (!residuals) return load<f64>(drawn + (e << 6) + lane);
  return load<f64>(residuals + <usize>(load<u32>(drawn + (e << 5) + (lane >> 1)) + load<u32>(offsetAt + (place << 2))));
}

/** zᵀe* of one lane at the end before a bin, and C̄b: `walked` and `atEnd` are those of that end in that lane. */
function enterBin(k: u32, walked: usize, atEnd: usize, running: usize, middle: usize): void {
  for (let l: u32 = 0; l < k; l++) {
    const before = load<f64>(walked);
    const here = load<f64>(walked + <usize>(k + 1) * lanesF64);
    const projected = before - load<f64>(atEnd) + (here - load<f64>(atEnd + <usize>k * lanesF64));
    store<f64>(running, before);
    store<f64>(middle, 0.5 * projected);
    walked += lanesF64;
    atEnd += lanesF64;
    running += 8;
    middle += 8;
  }
}

/** |L⁻¹ (zᵀe* − C b)|² of one candidate and lane: `sums`, `whitener` and `b` are those of the candidate and lane. */
function fallAt(k: u32, stride: u32, sums: usize, whitener: usize, b: usize, running: usize, apart: usize): f64 {
  for (let l: u32 = 0; l < k; l++) {
    let projected: f64 = 0;
    let at = b;
    for (const end = sums + ((<usize>stride) << 3); sums < end; sums += 8, at += lanesF64)
      projected += load<f64>(sums) * load<f64>(at);
    store<f64>(apart + ((<usize>l) << 3), load<f64>(running + ((<usize>l) << 3)) - projected);
  }
  return squareOfOne(whitener, k, apart);
}

/**
 * The candidates within bins, in the lanes where the bin's bound reaches the best fall so far. `residuals` is 0 for weights. With two
 * regime regressors their sums stay in registers.
 */
export function fallsOfSeveralInside(
  bins: u32,
  k: u32,
  stride: u32,
  places: u32,
  metric: usize,
  spread: usize,
  scale: usize,
  reach: usize,
  norm: usize,
  rounding: usize,
  walked: usize,
  atEnd: usize,
  bound: usize,
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
  running: usize,
  middle: usize,
  apart: usize,
): void {
  const two = k === 2;
  const size = (<usize>k) << 3;
  const triangle = (<usize>(k * (k + 1))) << 2;
  const column = (<usize>places) << 3;
  for (let bin: u32 = 1; bin < bins; bin++) {
    const P = metric + <usize>bin * triangle;
    bound += lanesF64;
    const r0 = f64x2.ge(v128.load(bound), v128.load(fall));
    const r1 = f64x2.ge(v128.load(bound, 16), v128.load(fall, 16));
    const r2 = f64x2.ge(v128.load(bound, 32), v128.load(fall, 32));
    const r3 = f64x2.ge(v128.load(bound, 48), v128.load(fall, 48));
    if (v128.any_true(v128.or(v128.or(r0, r1), v128.or(r2, r3)))) {
      let lanes = i64x2.bitmask(r0) | (i64x2.bitmask(r1) << 2) | (i64x2.bitmask(r2) << 4) | (i64x2.bitmask(r3) << 6);
      const q = load<f64>(scale + ((<usize>bin) << 3));
      const s = load<f64>(spread + ((<usize>bin) << 3));
      const x = load<f64>(reach + ((<usize>bin) << 3));
      const from = load<u32>(last + ((<usize>(bin - 1)) << 2)) + 1;
      const to = load<u32>(last + ((<usize>bin) << 2));
      const place = load<u32>(end + ((<usize>(bin - 1)) << 2)) + 1;
      for (; lanes; lanes &= lanes - 1) {
        const lane = (<usize>ctz(lanes)) << 3;
        enterBin(k, walked + lane, atEnd + lane, running, middle);
        let z0 = load<f64>(running);
        let z1 = load<f64>(running, 8);
        const around = s * load<f64>(norm + lane) + x * load<f64>(rounding + lane);
        let best = load<f64>(fall + lane);
        let least = leastSquare(best, q, around);
        let candidate = from;
        for (let p = <usize>place; candidate < to; p++) {
          const y = drawnAt(p, lane, entityAt, offsetAt, drawn, residuals);
          let r = regimeAt + (p << 3);
          if (two) {
            z0 += load<f64>(r) * y;
            z1 += load<f64>(r + column) * y;
          } else {
            for (let l: usize = 0; l < size; l += 8, r += column)
              store<f64>(running + l, load<f64>(running + l) + load<f64>(r) * y);
          }
          if (load<u32>(ends + ((<usize>candidate) << 2)) !== <u32>p) continue;
          let square: f64;
          if (two) {
            const d = z0 - load<f64>(middle);
            const first = load<f64>(P) * d;
            const second = load<f64>(P, 8) * d + load<f64>(P, 16) * (z1 - load<f64>(middle, 8));
            square = first * first + second * second;
          } else {
            for (let l: usize = 0; l < size; l += 8) store<f64>(apart + l, load<f64>(running + l) - load<f64>(middle + l));
            square = squareOfOne(P, k, apart);
          }
          if (square >= least) {
            if (two) {
              store<f64>(running, z0);
              store<f64>(running, z1, 8);
            }
            const c = sums + <usize>candidate * size * <usize>stride;
            const found = fallAt(k, stride, c, whiteners + <usize>candidate * triangle, b + lane, running, apart);
            if (found > best) {
              best = found;
              least = leastSquare(best, q, around);
            }
          }
          candidate++;
        }
        store<f64>(fall + lane, best);
      }
    }
    walked += <usize>(k + 1) * lanesF64;
    atEnd += <usize>k * lanesF64;
  }
}
