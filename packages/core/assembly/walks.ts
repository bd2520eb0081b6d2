import { addTo, lanesF64, lanesU32, storeAt } from './lanes';

/** One regime regressor: zᵀe* at the ends of bins and Σ|r e*| over them, in threshold order. */
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

/** zₗᵀe* for weighted residuals: `regimeAt` is r·e, the variation is there already, and `wide` bytes lie from bin to bin. */
export function walkWeights(
  bins: u32,
  wide: usize,
  end: usize,
  entityAt: usize,
  regimeAt: usize,
  weights: usize,
  walked: usize,
): void {
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
    walked += wide;
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
