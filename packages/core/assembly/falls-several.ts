import { lanesF64, storeAt } from './lanes';

/** |P d|² in two lanes, P a lower triangle by rows and d k vectors, eight lanes apart. */
function squareOf(P: usize, k: u32, d: usize): v128 {
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

/** The candidates within bins, in the lanes where the bin's bound reaches the best fall so far. `residuals` is 0 for weights. */
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
  const size = (<usize>k) << 3;
  const triangle = (<usize>(k * (k + 1))) << 2;
  const column = (<usize>places) << 3;
  for (let bin: u32 = 1; bin < bins; bin++) {
    bound += lanesF64;
    const r0 = f64x2.ge(v128.load(bound), v128.load(fall));
    const r1 = f64x2.ge(v128.load(bound, 16), v128.load(fall, 16));
    const r2 = f64x2.ge(v128.load(bound, 32), v128.load(fall, 32));
    const r3 = f64x2.ge(v128.load(bound, 48), v128.load(fall, 48));
    if (!v128.any_true(v128.or(v128.or(r0, r1), v128.or(r2, r3)))) continue;
    const P = metric + <usize>bin * triangle;
    const q = load<f64>(scale + ((<usize>bin) << 3));
    const s = load<f64>(spread + ((<usize>bin) << 3));
    const x = load<f64>(reach + ((<usize>bin) << 3));
    const from = load<u32>(last + ((<usize>(bin - 1)) << 2)) + 1;
    const to = load<u32>(last + ((<usize>bin) << 2));
    const place = load<u32>(end + ((<usize>(bin - 1)) << 2)) + 1;
    let lanes = i64x2.bitmask(r0) | (i64x2.bitmask(r1) << 2) | (i64x2.bitmask(r2) << 4) | (i64x2.bitmask(r3) << 6);
    for (; lanes; lanes &= lanes - 1) {
      const lane = (<usize>ctz(lanes)) << 3;
      let walkedTo = walked + <usize>(bin - 1) * <usize>(k + 1) * lanesF64 + lane;
      let d = atEnd + <usize>(bin - 1) * <usize>k * lanesF64 + lane;
      for (let l: usize = 0; l < size; l += 8, walkedTo += lanesF64, d += lanesF64) {
        const before = load<f64>(walkedTo);
        const here = load<f64>(walkedTo + <usize>(k + 1) * lanesF64);
        const projected = before - load<f64>(d) + (here - load<f64>(d + <usize>k * lanesF64));
        store<f64>(running + l, before);
        store<f64>(middle + l, 0.5 * projected);
      }
      const around = s * load<f64>(norm + lane) + x * load<f64>(rounding + lane);
      let best = load<f64>(fall + lane);
      let least = leastSquare(best, q, around);
      let candidate = from;
      for (let p = <usize>place; candidate < to; p++) {
        const e = load<u32>(entityAt + (p << 2));
        let factor: f64 = 0;
        if (residuals) {
          const donor = load<u32>(drawn + ((<usize>e) << 5) + (lane >> 1));
          factor = load<f64>(residuals + <usize>(donor + load<u32>(offsetAt + (p << 2))));
        } else {
          factor = load<f64>(drawn + ((<usize>e) << 6) + lane);
        }
        let r = regimeAt + (p << 3);
        for (let l: usize = 0; l < size; l += 8, r += column)
          store<f64>(running + l, load<f64>(running + l) + load<f64>(r) * factor);
        if (load<u32>(ends + ((<usize>candidate) << 2)) !== <u32>p) continue;
        for (let l: usize = 0; l < size; l += 8) store<f64>(apart + l, load<f64>(running + l) - load<f64>(middle + l));
        if (squareOfOne(P, k, apart) >= least) {
          let row = sums + <usize>candidate * size * <usize>stride;
          for (let l: usize = 0; l < size; l += 8) {
            let projected: f64 = 0;
            let at = b + lane;
            for (const past = row + ((<usize>stride) << 3); row < past; row += 8, at += lanesF64)
              projected += load<f64>(row) * load<f64>(at);
            store<f64>(apart + l, load<f64>(running + l) - projected);
          }
          const found = squareOfOne(whiteners + <usize>candidate * triangle, k, apart);
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
}
