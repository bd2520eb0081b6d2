import { formatDuration, formatPartial, progressBar, progressLine } from '@spillway/render';
import fc from 'fast-check';

test('a bar has its width, whatever the fraction', () => {
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 0, max: 120 }), (share, width) => [...progressBar(share, width)].length === width),
  );
});

test('a bar only grows', () => {
  const cells = (share: number) => [...progressBar(share, 20)].map((c) => '░▏▎▍▌▋▊▉█'.indexOf(c)).reduce((a, b) => a + b, 0);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      return cells(Math.min(a, b)) <= cells(Math.max(a, b));
    }),
  );
  expect(progressBar(0, 4)).toBe('░░░░');
  expect(progressBar(0.5, 4)).toBe('██░░');
  expect(progressBar(1, 4)).toBe('████');
});

test('a line is no wider than the terminal, for any JSON of an analysis', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.nat(),
      fc.nat(),
      fc.option(fc.double({ min: 0 })),
      fc.integer({ min: 1, max: 200 }),
      (partial, done, total, perSecond, width) => {
        const line = progressLine({ done, total, unit: 'replications', perSecond, etaSeconds: perSecond, partial }, width);
        return [...line].length <= Math.max(width, 8) && !/\p{Cc}/u.test(line);
      },
    ),
  );
});

test('what is known so far reads as words', () => {
  const partial = [
    { method: 'residual-blocks', pValue: 0.00211, pValueInterval: { level: 0.99, lower: 0.0017, upper: 0.0026 } },
    { method: 'wild-entity', pValue: 0.00001, replications: 41200 },
  ];
  expect(formatPartial(partial)).toBe('residual-blocks p 0.0021 [0.00170, 0.00260]; wild-entity p <0.0001');
  expect(formatPartial({ thresholdCount: 1, f: 262.3, bootstraps: partial })).toBe(formatPartial(partial));
  expect(formatPartial({ lambda: 0.25, step: 3, note: 'rising' })).toBe('lambda 0.2500 step 3 rising');
  const line = progressLine(
    { done: 41200, total: 99999, unit: 'replications', perSecond: 12300.4, etaSeconds: 4.78, partial: null },
    90,
  );
  expect(line).toBe('█████████░░░░░░░░░░░░░  41 % 5 s left · 41,200/99,999 replications · 12,300/s');
});

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59.5, '1 min'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
  [7200, '2 h'],
])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
