import { addTo, lanesF64, lanesU32, storeAt } from './lanes';

/** Several regime regressors: zₗᵀe* at the ends of bins and Σ|P r||e*| over them, in threshold order. */
export function walkDonorsOfSeveral(
  bins: u32,
  k: u32,
  places: u32,
  end: usize,
  entityAt: usize,
  offsetAt: usize,
  regimeAt: usize,
  lengthAt: usize,
  donors: usize,
  residuals: usize,
  gathered: usize,
  walked: usize,
): void {
  const column = (<usize>places) << 3;
  const wide = <usize>(k + 1) * lanesF64;
  memory.fill(walked, 0, wide);
  let before = walked;
  let from: u32 = 0;
  for (let bin: u32 = 0; bin < bins; bin++) {
    const to = load<u32>(end);
    end += 4;
    gatherBin(to + 1 - from, entityAt, offsetAt, donors, residuals, gathered);
    const rows = (<usize>(to + 1 - from)) << 3;
    let r = regimeAt;
    for (let l: u32 = 0; l < k; l++) {
      let p0 = v128.load(before);
      let p1 = v128.load(before, 16);
      let p2 = v128.load(before, 32);
      let p3 = v128.load(before, 48);
      let at = gathered;
      for (let row: usize = 0; row < rows; row += 8, at += lanesF64) {
        const x = v128.load_splat<f64>(r + row);
        p0 = f64x2.add(p0, f64x2.mul(x, v128.load(at)));
        p1 = f64x2.add(p1, f64x2.mul(x, v128.load(at, 16)));
        p2 = f64x2.add(p2, f64x2.mul(x, v128.load(at, 32)));
        p3 = f64x2.add(p3, f64x2.mul(x, v128.load(at, 48)));
      }
      storeAt(walked, p0, p1, p2, p3);
      walked += lanesF64;
      before += lanesF64;
      r += column;
    }
    let v0 = f64x2.splat(0);
    let v1 = f64x2.splat(0);
    let v2 = f64x2.splat(0);
    let v3 = f64x2.splat(0);
    let at = gathered;
    for (let row: usize = 0; row < rows; row += 8, at += lanesF64) {
      const x = v128.load_splat<f64>(lengthAt + row);
      v0 = f64x2.add(v0, f64x2.mul(x, f64x2.abs(v128.load(at))));
      v1 = f64x2.add(v1, f64x2.mul(x, f64x2.abs(v128.load(at, 16))));
      v2 = f64x2.add(v2, f64x2.mul(x, f64x2.abs(v128.load(at, 32))));
      v3 = f64x2.add(v3, f64x2.mul(x, f64x2.abs(v128.load(at, 48))));
    }
    storeAt(walked, v0, v1, v2, v3);
    walked += lanesF64;
    before = walked - wide;
    entityAt += rows >> 1;
    offsetAt += rows >> 1;
    regimeAt += rows;
    lengthAt += rows;
    from = to + 1;
  }
}

/** e* of neighbours in threshold order, in eight lanes. */
function gatherBin(rows: u32, entityAt: usize, offsetAt: usize, donors: usize, residuals: usize, gathered: usize): void {
  for (const past = entityAt + ((<usize>rows) << 2); entityAt < past; entityAt += 4, offsetAt += 4, gathered += lanesF64) {
    const d = donors + ((<usize>load<u32>(entityAt)) << 5);
    const e = residuals + <usize>load<u32>(offsetAt);
    storeAt(
      gathered,
      v128.load_lane<f64>(e + <usize>load<u32>(d, 4), v128.load64_zero(e + <usize>load<u32>(d)), 1),
      v128.load_lane<f64>(e + <usize>load<u32>(d, 12), v128.load64_zero(e + <usize>load<u32>(d, 8)), 1),
      v128.load_lane<f64>(e + <usize>load<u32>(d, 20), v128.load64_zero(e + <usize>load<u32>(d, 16)), 1),
      v128.load_lane<f64>(e + <usize>load<u32>(d, 28), v128.load64_zero(e + <usize>load<u32>(d, 24)), 1),
    );
  }
}

/** The same, a bin's sums taken entity by entity. */
export function walkDonorsOfSeveralByEntity(
  entities: u32,
  bins: u32,
  k: u32,
  rows: u32,
  starts: usize,
  binOf: usize,
  regimeOf: usize,
  lengthOf: usize,
  donors: usize,
  residuals: usize,
  walked: usize,
): void {
  const column = (<usize>rows) << 3;
  const wide = <usize>(k + 1) * lanesF64;
  memory.fill(walked, 0, <usize>(bins + 1) * wide);
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
      const y0 = v128.load_lane<f64>(d1, v128.load64_zero(d0), 1);
      const y1 = v128.load_lane<f64>(d3, v128.load64_zero(d2), 1);
      const y2 = v128.load_lane<f64>(d5, v128.load64_zero(d4), 1);
      const y3 = v128.load_lane<f64>(d7, v128.load64_zero(d6), 1);
      let at = walked + <usize>load<u32>(binOf) * wide;
      let r = regimeOf;
      for (let l: u32 = 0; l < k; l++) {
        const x = v128.load_splat<f64>(r);
        addTo(at, f64x2.mul(x, y0), f64x2.mul(x, y1), f64x2.mul(x, y2), f64x2.mul(x, y3));
        at += lanesF64;
        r += column;
      }
      const x = v128.load_splat<f64>(lengthOf);
      addTo(
        at,
        f64x2.mul(x, f64x2.abs(y0)),
        f64x2.mul(x, f64x2.abs(y1)),
        f64x2.mul(x, f64x2.abs(y2)),
        f64x2.mul(x, f64x2.abs(y3)),
      );
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
      lengthOf += 8;
    }
    starts += 4;
    donors += lanesU32;
  }
  for (let bin: u32 = 1; bin < bins; bin++) {
    for (let l: u32 = 0; l < k; l++) {
      const at = walked + wide;
      addTo(at, v128.load(walked), v128.load(walked, 16), v128.load(walked, 32), v128.load(walked, 48));
      walked += lanesF64;
    }
    walked += lanesF64;
  }
}
