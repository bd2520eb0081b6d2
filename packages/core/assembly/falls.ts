import { lanesF64, storeAt } from './lanes';

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
