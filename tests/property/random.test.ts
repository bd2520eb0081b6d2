import { PhiloxStream, philox4x32 } from '@spillway/core';
import fc from 'fast-check';

// kat_vectors of Random123 1.14 (Salmon et al. 2011), philox 4x32, 10 rounds
test.each([
  [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('known answer %#', ([c0, c1, c2, c3, k0, k1], expected) => {
  const out = new Uint32Array(4);
  philox4x32(c0, c1, c2, c3, k0, k1, out);
  expect([...out].map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected);
});

const mask = 0xffffffffn;
function philoxByBigInt(counter: bigint[], key: bigint[]): number[] {
  let [x0, x1, x2, x3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * x0;
    const p1 = 0xcd9e8d57n * x2;
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & mask, (p0 >> 32n) ^ x3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [x0, x1, x2, x3].map(Number);
}

const word = fc.integer({ min: 0, max: 0xffffffff });
const seeds = fc.maxSafeNat();

test('equals the definition in whole numbers', () => {
  fc.assert(
    fc.property(fc.tuple(word, word, word, word, word, word), (words) => {
      const out = new Uint32Array(4);
      philox4x32(...words, out);
      const big = words.map(BigInt);
      expect([...out]).toEqual(philoxByBigInt(big.slice(0, 4), big.slice(4)));
    }),
  );
});

test('key and counter are laid out as documented', () => {
  fc.assert(
    fc.property(seeds, word, word, (seed, stream, replication) => {
      const draws = new PhiloxStream(seed, stream);
      draws.seek(replication);
      const key = [BigInt(seed) & mask, BigInt(seed) >> 32n];
      const blocks = [0n, 1n].flatMap((index) => philoxByBigInt([index, 0n, BigInt(replication), BigInt(stream)], key));
      expect(blocks.map(() => draws.uint32())).toEqual(blocks);
    }),
  );
});

/** Some of everything, so that words and bits are left over in the middle. */
function mixture(draws: PhiloxStream): number[] {
  const indices = new Uint32Array(7);
  const signs = new Float64Array(45);
  draws.indices(1000, indices);
  const first = [draws.rademacher(), draws.normal(), draws.below(10)];
  draws.signs(signs);
  return [...indices, ...first, ...signs, draws.mammen(), draws.webb(), draws.uniform()];
}

test('a replication is the same whatever was drawn before it, in any order', () => {
  fc.assert(
    fc.property(seeds, fc.uniqueArray(word, { minLength: 2, maxLength: 6 }), (seed, replications) => {
      const draws = new PhiloxStream(seed, 3);
      const drawn = (r: number) => {
        draws.seek(r);
        return mixture(draws);
      };
      const forwards = replications.map(drawn);
      const backwards = [...replications].reverse().map(drawn).reverse();
      expect(backwards).toEqual(forwards);
      expect(forwards[0]).not.toEqual(forwards[1]);
    }),
  );
});

test('a filler gives what its single draw gives, one after another', () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 100 }), fc.nat({ max: 5 }), fc.nat({ max: 40 }), (seed, length, before, bits) => {
      const many = new PhiloxStream(seed, 0);
      const single = new PhiloxStream(seed, 0);
      for (const draws of [many, single]) {
        for (let i = 0; i < before; i++) draws.uint32();
        for (let i = 0; i < bits; i++) draws.rademacher();
      }
      const whole = new Uint32Array(length);
      const real = new Float64Array(length);
      many.indices(97, whole);
      expect([...whole]).toEqual([...whole].map(() => single.below(97)));
      many.signs(real);
      expect([...real]).toEqual([...real].map(() => single.rademacher()));
      many.words(whole);
      expect([...whole]).toEqual([...whole].map(() => single.uint32()));
      many.mammens(real);
      expect([...real]).toEqual([...real].map(() => single.mammen()));
      many.webbs(real);
      expect([...real]).toEqual([...real].map(() => single.webb()));
      many.normals(real);
      expect([...real]).toEqual([...real].map(() => single.normal()));
    }),
  );
});

test('draws lie where they should', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, n) => {
      const draws = new PhiloxStream(seed, 1);
      for (let i = 0; i < 50; i++) {
        const drawn = draws.below(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
        const u = draws.uniform();
        expect(u > 0 && u < 1).toBe(true);
      }
    }),
  );
  expect(() => new PhiloxStream(-1, 0)).toThrow(RangeError);
  expect(() => new PhiloxStream(2 ** 53, 0)).toThrow(RangeError);
  expect(() => new PhiloxStream(1, 0).seek(2 ** 32)).toThrow(RangeError);
  expect(() => new PhiloxStream(1, 0).below(0)).toThrow(RangeError);
});

// A fixed seed, so these never fail by chance; 4.5 standard errors of a mean over 50,000 draws
test('moments of the weights', () => {
  const n = 50_000;
  const draws = new PhiloxStream(20_260_101, 0);
  const values = new Float64Array(n);
  const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n;
  const near = (power: number, expected: number) => {
    const spread = Math.sqrt(Math.max(moment(2 * power) - expected * expected, 0) / n);
    expect(Math.abs(moment(power) - expected)).toBeLessThanOrEqual(4.5 * spread + 1e-12);
  };
  const weights: [string, (out: Float64Array) => void, number[]][] = [
    ['Rademacher', (out) => draws.signs(out), [0, 1, 0, 1]],
    ['Mammen', (out) => draws.mammens(out), [0, 1, 1, 2]],
    ['Webb', (out) => draws.webbs(out), [0, 1, 0, 7 / 6]],
    ['normal', (out) => draws.normals(out), [0, 1, 0, 3]],
    ['uniform', (out) => draws.uniforms(out), [1 / 2, 1 / 3, 1 / 4, 1 / 5]],
  ];
  for (const [, fill, moments] of weights) {
    fill(values);
    moments.forEach((expected, i) => {
      near(i + 1, expected);
    });
  }
});

test('a shuffle keeps the values and moves each to each place as often', () => {
  const draws = new PhiloxStream(7, 0);
  const places = new Uint32Array(25);
  let kept = 0;
  for (let r = 0; r < 20_000; r++) {
    draws.seek(r);
    const values = Uint32Array.of(0, 1, 2, 3, 4);
    draws.shuffle(values);
    kept += new Set(values).size;
    values.forEach((value, place) => {
      places[value * 5 + place]++;
    });
  }
  expect(kept).toBe(5 * 20_000);
  // χ² with 16 df; its 1e-5 point is 52
  expect(places.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0)).toBeLessThan(52);
});
