import {
  betaQuantile,
  chiSquaredQuantile,
  chiSquaredUpper,
  clopperPearson,
  fQuantile,
  fUpper,
  normalQuantile,
  normalUpper,
  studentTQuantile,
  studentTUpper,
  twoSidedP,
} from '@spillway/core';
import fc from 'fast-check';

const p = fc.double({ min: 1e-12, max: 0.5, noNaN: true });
const df = fc.oneof(fc.double({ min: 0.7, max: 60, noNaN: true }), fc.integer({ min: 1, max: 100_000 }));

/** Within 1e-10 of the probability, which moves by the density times the rounding of the quantile; 1 − p is rounded at 1e-16 a few times. */
function expectProbability(got: number, expected: number) {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-10 * expected + 1e-15);
}

test('the tail beyond a quantile is the probability asked for', () => {
  fc.assert(
    fc.property(p, df, df, (tail, d1, d2) => {
      expectProbability(normalUpper(-normalQuantile(tail)), tail);
      expectProbability(studentTUpper(-studentTQuantile(tail, d1), d1), tail);
      expectProbability(1 - chiSquaredUpper(chiSquaredQuantile(tail, d1), d1), tail);
      expectProbability(chiSquaredUpper(chiSquaredQuantile(1 - tail, d1), d1), 1 - (1 - tail));
      expectProbability(fUpper(fQuantile(1 - tail, d1, d2), d1, d2), 1 - (1 - tail));
    }),
    { numRuns: 300 },
  );
});

test('t² is F(1, df), χ²/df is F(df, ∞), t(∞) is normal, F turned over is F', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 30, noNaN: true }), df, df, (x, d1, d2) => {
      const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-11 * Math.abs(b) + 1e-300);
      close(twoSidedP(x, d1), fUpper(x * x, 1, d1));
      close(fUpper(x, d1, Number.POSITIVE_INFINITY), chiSquaredUpper(x * d1, d1));
      close(studentTUpper(x, Number.POSITIVE_INFINITY), normalUpper(x));
      expect(Math.abs(fUpper(x, d1, d2) + fUpper(1 / x, d2, d1) - 1)).toBeLessThanOrEqual(1e-11);
    }),
  );
});

test('edges', () => {
  const inf = Number.POSITIVE_INFINITY;
  const nan = Number.NaN;
  expect([normalUpper(0), normalUpper(inf), normalUpper(-inf), normalUpper(nan)]).toEqual([0.5, 0, 1, nan]);
  for (const d of [0.5, 1, 7, inf]) {
    expect([studentTUpper(0, d), studentTUpper(inf, d), studentTUpper(-inf, d), studentTUpper(nan, d)]).toEqual([0.5, 0, 1, nan]);
    expect([twoSidedP(0, d), twoSidedP(-inf, d), twoSidedP(nan, d)]).toEqual([1, 0, nan]);
    expect(studentTUpper(-2, d)).toBeCloseTo(1 - studentTUpper(2, d), 15);
    expect([studentTQuantile(0, d), studentTQuantile(0.5, d), studentTQuantile(1, d)]).toEqual([-inf, 0, inf]);
  }
  expect([studentTUpper(1, 0), studentTUpper(1, -3), studentTUpper(1, nan), studentTQuantile(0.1, 0)]).toEqual([
    nan,
    nan,
    nan,
    nan,
  ]);
  expect([fUpper(0, 2, 3), fUpper(-1, 2, 3), fUpper(inf, 2, 3), fUpper(nan, 2, 3), fUpper(1, 0, 3)]).toEqual([1, 1, 0, nan, nan]);
  expect([chiSquaredUpper(0, 2), chiSquaredUpper(-1, 2), chiSquaredUpper(inf, 900), chiSquaredUpper(1, inf)]).toEqual([
    1,
    1,
    0,
    nan,
  ]);
  expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1), normalQuantile(1.1)]).toEqual([-inf, 0, inf, nan]);
  expect([chiSquaredQuantile(0, 3), chiSquaredQuantile(1, 3), fQuantile(0, 2, 3), fQuantile(1, 2, 3)]).toEqual([0, inf, 0, inf]);
  expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3), betaQuantile(-1, 2, 3)]).toEqual([0, 1, nan]);
  expect(studentTUpper(1e200, 1)).toBeCloseTo(1e-200 / Math.PI, 210); // Cauchy, where x² overflows
});

test('an exact interval covers k/n, its ends are exact at k = 0 and k = n, and it turns over with k', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.round(share * n);
      const { lower, upper } = clopperPearson(k, n, 0.95);
      expect(lower <= k / n && k / n <= upper).toBe(true);
      const turned = clopperPearson(n - k, n, 0.95);
      expect(Math.abs(turned.lower - (1 - upper))).toBeLessThanOrEqual(1e-12);
    }),
  );
  expect(clopperPearson(0, 40, 0.95).lower).toBe(0);
  expect(clopperPearson(40, 40, 0.95).upper).toBe(1);
  expect(clopperPearson(0, 40, 0.95).upper).toBeCloseTo(1 - 0.025 ** (1 / 40), 14);
  expect(() => clopperPearson(3, 2, 0.95)).toThrow(RangeError);
});
