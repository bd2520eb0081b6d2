import {
  makeSpec,
  type Panel,
  type Report,
  registry,
  runLocally,
  summarizePanel,
  type ThresholdResult,
  threshold,
} from '@spillway/core';
import { changed, type Data, expectNear, panelOf, simulate } from '../harness/threshold-panels.js';

/*
 * What a reader sees: every convention, warning and dropped row of a result stands in the report; and requests that once failed.
 */

const request = { formula: 'y ~ x1 + x2 | unit', thresholdVariable: 'q', regimeRegressors: ['r'], trim: 0.1 };

function run(panel: Panel, params: object): { result: ThresholdResult; report: Report } {
  const spec = makeSpec(
    registry,
    { analysis: 'threshold', dataset: 'simulated', params: { ...request, ...params }, seed: 5 },
    'test',
  );
  const { result, report } = runLocally(registry, spec, { panel });
  const read = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  return { result: read(result), report: read(report) };
}

const someRows = ({ entities, periods }: Data, missing: number) =>
  Array.from({ length: entities * periods }, (_, i) => i).filter((i) => i % missing !== 3);

test.each([
  ['by default', 0, {}],
  ['without replications', 0, { bootstrap: { replications: 0 } }],
  ['unbalanced, several thresholds, united intervals', 7, { thresholdCount: 2, slopeUnion: 0.8, covariance: ['cluster', 'hc1'] }],
  ['an early stop, other weights', 0, { bootstrap: { replications: 999, earlyStop: true, weights: 'webb' } }],
  ['period effects', 0, { formula: 'y ~ x1 + x2 | unit + year' }],
  ['as Hansen’s program', 0, { program: 'hansen', grid: 50, thresholdCount: 2 }],
  ['as xthreg', 0, { program: 'xthreg', grid: 50, given: [0.1] }],
])('%s: the report says every convention once and every warning', (_, missing, params) => {
  const data = simulate({ seed: 3, entities: 14, periods: 9, ties: 1000 });
  const { result, report } = run(panelOf(data, missing === 0 ? undefined : someRows(data, missing)), {
    bootstrap: { replications: 99 },
    ...params,
  });
  const notes = report.tables.flatMap((table) => table.notes);
  for (const line of result.conventions) expect(notes.filter((note) => note === line)).toHaveLength(1);
  expect(result.warnings.length).toBeGreaterThan(0);
  for (const line of result.warnings) expect(report.verdict).toContain(line);
});

test('rows that a lag costs are said to be left out', () => {
  const data = simulate({ seed: 3, entities: 14, periods: 9, ties: 1000 });
  const { result, report } = run(panelOf(data), { thresholdVariable: 'L.q', bootstrap: { replications: 0 } });
  expect(result.sample.dropped).toMatchObject([{ rows: 14 }]);
  const [{ reason }] = result.sample.dropped;
  expect(report.tables.flatMap(({ notes }) => notes)).toContain(`14 rows left out: ${reason}.`);
});

test('intervals are united over the sets of several thresholds where one set reaches another threshold', () => {
  // Without a threshold in the data sets are wide, and each of them holds the other thresholds.
  for (let seed = 0; seed < 12; seed++) {
    const data = simulate({ seed, entities: 14, periods: 9, ties: 20 });
    const noise = { ...data, columns: new Map([...data.columns, ['y', data.columns.get('s')!]]) };
    const { result } = run(panelOf(noise), { thresholdCount: 3, trim: 0.05, slopeUnion: 0.95, bootstrap: { replications: 0 } });
    for (const { estimate, union } of result.coefficients) {
      expect(union!.lower).toBeLessThan(estimate);
      expect(union!.upper).toBeGreaterThan(estimate);
    }
  }
});

test('regime regressors that are large beside their variation: as good as any others of the same span', () => {
  const data = simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 });
  const round = (value: number) => Math.round(value * 2 ** 20) / 2 ** 20; // so that the difference is exact
  const large = changed(data, { r: (value) => 1e6 + round(value), s: (value) => 1e6 + round(value) });
  const [r, s] = ['r', 's'].map((name) => large.columns.get(name)!);
  const panel = panelOf({ ...large, columns: new Map([...large.columns, ['gap', s.map((value, i) => value - r[i])]]) });
  const of = (regimeRegressors: string[]) =>
    run(panel, { regimeRegressors, thresholdCount: 2, bootstrap: { replications: 99 } }).result;
  const wanted = of(['r', 'gap']);
  const got = of(['r', 's']);
  expect(wanted.tests[0].f).toBeGreaterThan(1);
  for (const [t, { f, bootstraps }] of got.tests.entries()) {
    expectNear(f, wanted.tests[t].f, 1e-6);
    expect(bootstraps.map(({ exceeding }) => exceeding)).toEqual(wanted.tests[t].bootstraps.map(({ exceeding }) => exceeding));
  }
  expect(got.thresholds.map(({ estimate }) => estimate)).toEqual(wanted.thresholds.map(({ estimate }) => estimate));
});

test('where no candidate is identified there is an error, not F = 0', () => {
  const data = simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 });
  const own = changed(data, { r: (value) => 1e8 + value, q: (_, i) => Math.floor(i / data.periods) });
  expect(() => run(panelOf(own), { bootstrap: { replications: 0 } })).toThrow(
    /at no candidate for threshold 1 do the slopes of r below and above have variation of their own/,
  );
});

test.each([
  [
    'an empty regime',
    { program: 'xthreg', grid: 50, thresholdCount: 2, given: [0.1, 0.1] },
    /r in regime 2 is zero in every row/,
  ],
  ['a constant threshold variable', { thresholdVariable: 'one' }, /more than 2 distinct values, got 1$/],
])('%s is said to be that', (_, params, words) => {
  const data = changed(simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 }), {});
  const panel = panelOf({ ...data, columns: new Map([...data.columns, ['one', data.q.map(() => 1)]]) });
  expect(() => run(panel, params)).toThrow(words);
});

test('fewer entities than a regime needs are refused at the door', () => {
  const data = simulate({ seed: 9, entities: 2, periods: 30, ties: 1000 });
  const problems = threshold.check(threshold.params.parse(request), { panel: summarizePanel(panelOf(data)) });
  expect(problems).toMatchObject([{ code: 'too_few_entities', message: expect.stringMatching(/at least 3 entities .* has 2$/) }]);
});

test('a table of many runs: regime slopes first, intervals by t(G − 1), every bootstrap, also without one', () => {
  const data = simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 });
  const { result } = run(panelOf(data), { bootstrap: { replications: 99 } });
  const rows = threshold.estimates!(result);
  expect(rows.map(({ name }) => name)).toEqual([
    ...['r in regime 1', 'r in regime 2', 'threshold 1', 'F of threshold 1, residual blocks', 'F of threshold 1, wild by entity'],
    ...['x1', 'x2'],
  ]);
  const [{ estimate, standardError, lower, upper }, , located] = rows;
  expectNear((upper - estimate) / standardError, 2.1603686564627913); // t(13) at 97.5 %
  expectNear((estimate - lower) / standardError, 2.1603686564627913);
  expect(located).toMatchObject({ estimate: result.thresholds[0].estimate, lower: result.thresholds[0].intervals[0].lower });
  const [, , , blocks, wild] = rows;
  expect([blocks.pValue, wild.pValue]).toEqual(result.tests[0].bootstraps.map(({ pValue }) => pValue));
  const untested = threshold.estimates!(run(panelOf(data), { bootstrap: { replications: 0 } }).result);
  expect(untested[3]).toMatchObject({ name: 'F of threshold 1', estimate: result.tests[0].f, pValue: Number.NaN });
});

test('entities with one row are counted in a warning', () => {
  const data = simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 });
  const rows = Array.from({ length: 14 * 9 }, (_, i) => i).filter((i) => i >= 18 || i % 9 === 4);
  expect(run(panelOf(data, rows), { bootstrap: { replications: 0 } }).result.warnings.join(' ')).toMatch(
    /2 of 14 entities have one row/,
  );
});

test('a dropped last period is refused beside period effects in words of the request', () => {
  const panel = summarizePanel(panelOf(simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 })));
  const problems = (params: object) =>
    threshold.check(threshold.params.parse({ ...request, formula: 'y ~ x1 | unit + year', ...params }), { panel });
  const message = expect.stringMatching(/^dropping each entity’s last period goes with .* lastPeriod "kept"$/);
  expect(problems({ lastPeriod: 'dropped' })).toMatchObject([{ pointer: '/lastPeriod', message }]);
  expect(problems({ program: 'hansen' })[0].message).toMatch(/, as hansen does, goes/);
  expect(() => threshold.params.parse({ ...request, bootstrap: { replications: 9.5 } })).toThrow(
    /a whole number from 0 on, or a list/,
  );
});

test('a thinned picture has every candidate of a small confidence set', () => {
  const data = simulate({ seed: 2, entities: 60, periods: 25, ties: 1e9 });
  const { result } = run(panelOf(data), { levels: [0.95, 0.99], trim: 0.05, bootstrap: { replications: 0 } });
  const [{ values, ratios, thinned }] = result.profiles;
  expect(thinned).toBe(true);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  for (const [j, cutoff] of [7.352, 10.591].entries()) {
    const { candidates } = result.thresholds[0].intervals[j];
    expect(candidates).toBeGreaterThan(3);
    expect(ratios.filter((ratio) => ratio <= cutoff)).toHaveLength(candidates);
  }
});

test('a check with period effects that would cost more than the test is not done, and said not to be', () => {
  const long = simulate({ seed: 9, entities: 6, periods: 61, ties: 1e9 });
  const { result } = run(panelOf(long), { bootstrap: { replications: 19 } });
  expect(result.timeEffectsCheck).toBeNull();
  expect(result.warnings).toContainEqual(
    expect.stringMatching(/^The first threshold is not tested with period effects as well \(with 61/),
  );

  const summary = summarizePanel(panelOf(simulate({ seed: 9, entities: 14, periods: 9, ties: 1000 })));
  const cost = (rows: number, timeEffectsCheck: boolean) => {
    const panel = { ...summary, rows, time: { ...summary.time, count: 30 } };
    const { params } = makeSpec(
      registry,
      { analysis: 'threshold', dataset: '', params: { ...request, timeEffectsCheck } },
      'test',
    );
    return threshold.cost(params as Parameters<typeof threshold.cost>[0], { panel }).cpuSeconds;
  };
  expect(cost(500_000, true)).toBeGreaterThan(cost(500_000, false));
  expect(cost(600_000, true)).toBe(cost(600_000, false)); // 600,000 × 30 numbers of dummies are not made unasked
});
