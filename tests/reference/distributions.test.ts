import { readFileSync } from 'node:fs';
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
} from '@spillway/core';

// values written by fixtures/distributions.R (R 4.2): probabilities in the upper tail from 0.999 to 1e-300
type Row = (number | 'Infinity')[];
const fixture = JSON.parse(readFileSync(new URL('../fixtures/distributions.json', import.meta.url), 'utf8'));

function greatestError(rows: Row[], compute: (a: number, b: number, c: number) => number): { error: number; at: number[] } {
  let worst = { error: 0, at: [] as number[] };
  for (const row of rows) {
    const numbers = row.map(Number);
    const expected = numbers.at(-1) as number;
    const error = Math.abs(compute(numbers[0], numbers[1], numbers[2]) - expected) / Math.abs(expected);
    if (!(error <= worst.error)) worst = { error, at: numbers };
  }
  return worst;
}

// p is exp of an exponent of up to 690, each rounded to 1e-16 of itself a few times on both sides: 690 × 1.1e-16 × 13
const tail = 1e-12;

test.each(Object.entries({ normalUpper, studentTUpper, chiSquaredUpper, fUpper }))(
  '%s agrees with R down to 1e-300',
  (name, compute) => {
    const worst = greatestError(fixture[name], compute);
    expect(fixture[name].length).toBeGreaterThan(20);
    expect(worst.error <= tail ? [] : worst.at).toEqual([]);
  },
);

// a lower-tail p of 0.9999 is known to 1e-16, its complement to 1e-12; quantiles of heavy tails double that
test.each(Object.entries({ normalQuantile, studentTQuantile, chiSquaredQuantile, fQuantile, betaQuantile }))(
  '%s agrees with R',
  (name, compute) => {
    const worst = greatestError(fixture[name], compute);
    expect(worst.error <= 5e-12 ? [] : worst.at).toEqual([]);
  },
);

test('clopperPearson agrees with binom.test', () => {
  for (const [k, n, level, lower, upper] of fixture.clopperPearson as number[][]) {
    const interval = clopperPearson(k, n, level);
    expect(Math.abs(interval.lower - lower)).toBeLessThanOrEqual(1e-13 * lower); // a root found to the last digits
    expect(Math.abs(interval.upper - upper)).toBeLessThanOrEqual(1e-13 * upper);
  }
});
