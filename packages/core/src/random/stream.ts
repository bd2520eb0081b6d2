import { normalQuantile } from '../distributions/normal.js';
import { philox4x32 } from './philox.js';

const twoTo32 = 2 ** 32;

/** P(−(√5−1)/2) = (√5+1)/(2√5), else (√5+1)/2: mean 0, variance 1, third moment 1 (Mammen 1993). */
const mammenLow = -(Math.sqrt(5) - 1) / 2;
const mammenHigh = (Math.sqrt(5) + 1) / 2;
const mammenCut = Math.round(((Math.sqrt(5) + 1) / (2 * Math.sqrt(5))) * twoTo32);

/** ±√(1/2), ±1, ±√(3/2), each with probability 1/6 (Webb 2023). */
const webbPoints = Float64Array.of(-Math.sqrt(1.5), -1, -Math.sqrt(0.5), Math.sqrt(0.5), 1, Math.sqrt(1.5));

/**
 * Random numbers of a job, by position: the draws of replication r are a function of (seed, stream, r) alone, whoever
 * draws them and in whatever order.
 *
 * Key = (seed mod 2³², ⌊seed / 2³²⌋), counter = (index, index' , replication, stream), index' being the index's upper half
 * (0 for the first 2³⁴ words). A stream keeps independent uses of one seed apart: one for each kind of draw in an analysis.
 * A filler (`indices`, `signs`, …) gives the same numbers as its single draw called once for each place. Nothing is
 * allocated after construction.
 */
export class PhiloxStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #stream: number;
  readonly #block = new Uint32Array(4);
  #replication = 0;
  #index = 0;
  #carry = 0;
  #used = 4;
  #bits = 0;
  #bitsLeft = 0;

  /**
   * @param seed    whole number, 0 … 2⁵³ − 1
   * @param stream  whole number, 0 … 2³² − 1
   */
  constructor(seed: number, stream: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is a whole number from 0 to 2^53 − 1, got ${seed}`);
    requireWord('stream', stream);
    this.#key0 = seed % twoTo32;
    this.#key1 = Math.floor(seed / twoTo32);
    this.#stream = stream;
  }

  /** To the first draw of a replication, 0 … 2³² − 1. */
  seek(replication: number): void {
    requireWord('replication', replication);
    this.#replication = replication;
    this.#index = 0;
    this.#carry = 0;
    this.#used = 4;
    this.#bitsLeft = 0;
  }

  /** 0 … 2³² − 1, every value equally likely. */
  uint32(): number {
    if (this.#used === 4) {
      this.#fill(this.#block, 0);
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /**
   * 0 … n − 1 as ⌊u·n/2³²⌋, for n up to 2³²: one word, never a rejection, so positions do not depend on values.
   *
   * Each value's probability is within 2⁻³² of 1/n, a relative bias below n/2³² (2e-7 for n = 1000; 2e-4 for 10⁶).
   */
  below(n: number): number {
    requireRange(n);
    return (this.uint32() * (n / twoTo32)) >>> 0;
  }

  /** In (0, 1), never 0 or 1: (m + ½)/2⁵², m from 52 bits of two words. */
  uniform(): number {
    const high = this.uint32() >>> 6;
    return (high * 0x4000000 + (this.uint32() >>> 6) + 0.5) / 2 ** 52;
  }

  /** Standard normal, Φ⁻¹ of one uniform: a fixed number of words a draw, and no rejection. |z| < 8.3. */
  normal(): number {
    return normalQuantile(this.uniform());
  }

  /** −1 or 1 by one bit, lowest bit of a word first. */
  rademacher(): 1 | -1 {
    if (this.#bitsLeft === 0) {
      this.#bits = this.uint32() | 0; // as a signed number it is stored without an allocation
      this.#bitsLeft = 32;
    }
    const sign = (this.#bits & 1) === 1 ? 1 : -1;
    this.#bits >>= 1;
    this.#bitsLeft--;
    return sign;
  }

  /** Mammen's two points, −0.618 (p = 0.7236) or 1.618: mean 0, variance 1, third moment 1; p to 2⁻³². */
  mammen(): number {
    return this.uint32() < mammenCut ? mammenLow : mammenHigh;
  }

  /** Webb's six points, ±√(1/2), ±1, ±√(3/2): for the wild cluster bootstrap with few clusters. */
  webb(): number {
    return webbPoints[(this.uint32() * (6 / twoTo32)) >>> 0];
  }

  /** Fills with `uint32()`. */
  words(out: Uint32Array): void {
    let i = 0;
    while (i < out.length && this.#used < 4) out[i++] = this.#block[this.#used++];
    for (; i + 4 <= out.length; i += 4) this.#fill(out, i);
    for (; i < out.length; i++) out[i] = this.uint32();
  }

  /** Fills with `below(n)`: rows drawn with replacement. */
  indices(n: number, out: Uint32Array): void {
    requireRange(n);
    this.words(out);
    const scale = n / twoTo32;
    for (let i = 0; i < out.length; i++) out[i] *= scale;
  }

  /** Fills with `rademacher()`. */
  signs(out: Float64Array): void {
    let i = 0;
    while (i < out.length && this.#bitsLeft > 0) out[i++] = this.rademacher();
    for (; i + 32 <= out.length; i += 32) {
      const word = this.uint32() | 0;
      for (let bit = 0; bit < 32; bit++) out[i + bit] = ((word >> bit) & 1) * 2 - 1;
    }
    while (i < out.length) out[i++] = this.rademacher();
  }

  /** Fills with `mammen()`. */
  mammens(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.mammen();
  }

  /** Fills with `webb()`. */
  webbs(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.webb();
  }

  /** Fills with `uniform()`. */
  uniforms(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.uniform();
  }

  /** Fills with `normal()`. */
  normals(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }

  /** Shuffles in place, every order equally likely up to the bias of `below` (Fisher–Yates, from the end). */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const moved = values[i];
      values[i] = values[j];
      values[j] = moved;
    }
  }

  #fill(out: Uint32Array, at: number): void {
    philox4x32(this.#index, this.#carry, this.#replication, this.#stream, this.#key0, this.#key1, out, at);
    this.#index++;
    if (this.#index === twoTo32) {
      this.#index = 0;
      this.#carry++;
    }
  }
}

function requireWord(what: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < twoTo32)) {
    throw new RangeError(`a ${what} is a whole number from 0 to 2^32 − 1, got ${value}`);
  }
}

function requireRange(n: number): void {
  if (!(n >= 1 && n <= twoTo32)) throw new RangeError(`a draw below n needs n from 1 to 2^32, got ${n}`);
}
