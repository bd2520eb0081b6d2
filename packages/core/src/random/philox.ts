// Bound once: a global looked up sixty times a block costs where globals are intercepted, as under test runners.
const { imul } = Math;

/**
 * One block of Philox4x32-10: four 32-bit words in, four out, a bijection for each key.
 *
 * A counter-based generator: a word is a function of its position, so any worker may draw any replication in any order.
 *
 *   (c0, c1, c2, c3) ← (hi(M1·c2) ⊕ c1 ⊕ k0, lo(M1·c2), hi(M0·c0) ⊕ c3 ⊕ k1, lo(M0·c0)), ten times;
 *   after each round k0 += 0x9E3779B9, k1 += 0xBB67AE85.
 *
 * The high word of a product comes from 16-bit halves in 32-bit integer arithmetic (no BigInt, nothing rounded).
 *
 * @param out  receives the four words, at `at`
 * @see Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", §4.3; tested on the known-answer
 *   vectors of their Random123 library
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
  at = 0,
): void {
  let x0 = c0 | 0;
  let x1 = c1 | 0;
  let x2 = c2 | 0;
  let x3 = c3 | 0;
  let key0 = k0 | 0;
  let key1 = k1 | 0;
  for (let round = 0; round < 10; round++) {
    // M0 = 0xD2511F53, M1 = 0xCD9E8D57; hi(a·b) with a = aₕ2¹⁶ + aₗ: no intermediate sum passes 2³² − 1
    const a = x0 & 0xffff;
    const b = x0 >>> 16;
    const u = (imul(0xd251, a) + (imul(0x1f53, a) >>> 16)) | 0;
    const w = (imul(0x1f53, b) + (u & 0xffff)) | 0;
    const hi0 = (imul(0xd251, b) + (u >>> 16) + (w >>> 16)) | 0;
    const lo0 = imul(0xd2511f53, x0);

    const c = x2 & 0xffff;
    const d = x2 >>> 16;
    const s = (imul(0xcd9e, c) + (imul(0x8d57, c) >>> 16)) | 0;
    const t = (imul(0x8d57, d) + (s & 0xffff)) | 0;
    const hi1 = (imul(0xcd9e, d) + (s >>> 16) + (t >>> 16)) | 0;
    const lo1 = imul(0xcd9e8d57, x2);

    x0 = hi1 ^ x1 ^ key0;
    x1 = lo1;
    x2 = hi0 ^ x3 ^ key1;
    x3 = lo0;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
  out[at + 2] = x2;
  out[at + 3] = x3;
}
