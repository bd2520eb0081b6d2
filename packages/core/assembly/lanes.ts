/** Bytes of eight doubles, and of eight words. */
export const lanesF64: usize = 64;
export const lanesU32: usize = 32;

/** to[0 … 7] += four vectors */
export function addTo(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, f64x2.add(v128.load(to), a));
  v128.store(to, f64x2.add(v128.load(to, 16), b), 16);
  v128.store(to, f64x2.add(v128.load(to, 32), c), 32);
  v128.store(to, f64x2.add(v128.load(to, 48), d), 48);
}

/** to[0 … 7] = four vectors */
export function storeAt(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}
