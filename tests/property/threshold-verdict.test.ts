import { type Panel, registry, type ThresholdResult, threshold } from '@spillway/core';
import { alike, analyse, type Design, simulateDesign, tied, trending } from '../harness/threshold-designs.js';

/*
 * What a result says in words, and what it leaves unsaid, on panels where the right words are known.
 */

const request = { bootstrap: { replications: 199 } };
const run = (design: Design, seed: number, params: object = {}) =>
  analyse(simulateDesign(seed, design), seed, { ...request, ...params });

/** The first simulation with a property: what is said of it is then tested. */
function first(design: Design, params: object, has: (result: ThresholdResult) => boolean): ThresholdResult {
  for (let seed = 0; seed < 60; seed++) {
    const result = run(design, seed, params);
    if (has(result)) return result;
  }
  throw new Error('no simulation has it');
}

const reportOf = (result: ThresholdResult) => threshold.report(result);
const tableOf = (result: ThresholdResult, title: string) =>
  reportOf(result).tables.find((table) => table.title.startsWith(title))!;
const rejects = ({ tests }: ThresholdResult, method: string, t = 0) =>
  tests[t].bootstraps.find((bootstrap) => bootstrap.method === method)!.pValue <= 0.05;

test('both bootstraps run by default, and when they disagree the verdict says so', () => {
  const result = first(tied, {}, (one) => rejects(one, 'residual-blocks') && !rejects(one, 'wild-entity'));
  expect(result.tests[0].decision).toBe('disputed');
  expect(result.tests[0].verdict).toMatch(
    /The bootstraps disagree at 5 %: residual blocks rejects the null of no threshold, wild by entity does not\. Residual blocks reject too often/,
  );
  expect(result.tests[0].verdict).toMatch(/is not established/);
  expect(reportOf(result).verdict[0]).toBe(result.tests[0].verdict);
});

test('when the wild bootstrap alone rejects, the size of residual blocks is no argument', () => {
  const design = { ...alike, gap: 0.3 };
  const result = first(design, {}, (one) => !rejects(one, 'residual-blocks') && rejects(one, 'wild-entity'));
  expect(result.tests[0].decision).toBe('disputed');
  expect(result.tests[0].verdict).toMatch(
    /wild by entity rejects the null of no threshold, residual blocks does not\. Wild by entity allows/,
  );
  expect(result.tests[0].verdict).toMatch(/is not established\.$/);
  expect(result.tests[0].verdict).not.toMatch(/too often/);
});

test('when they agree it does not', () => {
  const result = run({ ...alike, gap: 2 }, 1);
  expect(result.tests[0]).toMatchObject({ decision: 'supported' });
  expect(result.tests[0].verdict).toMatch(/A threshold effect is supported at 5 %/);
  expect(result.tests[0].verdict).not.toMatch(/disagree/);
});

test('after a test that supports no threshold the next counts as not tested', () => {
  const two = { thresholdCount: 2 };
  const result = first(alike, two, (one) => one.tests[0].decision === 'not-supported');
  expect(result.tests[0].verdict).toMatch(
    /No threshold effect at 5 %: the threshold and the slopes by regime below are then without/,
  );
  expect(result.tests[1].decision).toBe('not-tested');
  expect(result.tests[1].verdict).toMatch(
    /Not tested: one threshold has no support, and this test takes one threshold for granted/,
  );
  expect(reportOf(result).verdict[2]).toMatch(/The tests support no threshold.*Read the model without a threshold/);
});

test('a third test after an insignificant second is not tested, whatever its own p', () => {
  const three = { thresholdCount: 3 };
  const result = first({ ...alike, gap: 2 }, three, (one) => one.tests[1].decision === 'not-supported');
  expect(result.tests.map(({ decision }) => decision)).toEqual(['supported', 'not-supported', 'not-tested']);
  expect(result.tests[2].verdict).toMatch(/Not tested: two thresholds have no support/);
  expect(reportOf(result).verdict[3]).toMatch(/support one threshold; .* with three\. Ask for thresholdCount 1/);
});

test('without replications nothing is called supported', () => {
  const result = run({ ...alike, gap: 2 }, 1, { bootstrap: { replications: 0 } });
  expect(result.tests[0]).toMatchObject({ decision: 'not-tested', bootstraps: [] });
  expect(result.tests[0].verdict).toMatch(/no test, for no replications were asked for/);
  expect(reportOf(result).tables.map(({ title }) => title)).not.toContain('Threshold tests (bootstrap)');
});

test('period effects that change the verdict come first among the warnings', () => {
  const checked = { timeEffectsCheck: true };
  const result = first(trending, checked, ({ tests }) => tests[0].decision === 'supported');
  expect(result.timeEffectsCheck).toMatchObject({ agrees: false, decision: 'not-supported' });
  expect(result.warnings[0]).toMatch(
    /^Period effects change the verdict on the first threshold: supported without them, not supported with/,
  );
  expect(tableOf(result, 'Threshold tests').notes.join(' ')).toMatch(/With period effects .* the verdict is another/);
  const same = run({ ...alike, gap: 2 }, 1, checked);
  expect(same.timeEffectsCheck).toMatchObject({ agrees: true, decision: 'supported' });
  expect(same.warnings.join(' ')).not.toMatch(/Period effects change/);
});

test('where a regressor leaves no model with period effects, it is said that there was no check', () => {
  const asked = { timeEffectsCheck: true, formula: 'y ~ x + i(year) | unit' };
  const { timeEffectsCheck, warnings } = run(alike, 1, asked);
  expect(timeEffectsCheck).toBeNull();
  expect(warnings.join(' ')).toMatch(
    /is not tested with period effects as well \(every regressor needs variation of its own: year::2001/,
  );
  expect(run(alike, 1, { ...asked, timeEffectsCheck: false }).warnings.join(' ')).not.toMatch(/period effects as well/);
});

test('a test after one without replications says that there was none', () => {
  const { tests } = run(alike, 1, { thresholdCount: 2, bootstrap: { replications: [0, 99] } });
  expect(tests[1].decision).toBe('not-tested');
  expect(tests[1].verdict).toMatch(
    /Not tested: one threshold has not been tested, and this test takes one threshold for granted/,
  );
});

test.each([1, 18])('with %d replications nothing can be rejected, and nothing is said to have been tested', (replications) => {
  const result = run({ ...alike, gap: 2 }, 1, { thresholdCount: 2, bootstrap: { replications } });
  const { tests } = result;
  expect(reportOf(result).verdict.join(' ')).not.toMatch(/support/);
  expect(tests.map(({ decision }) => decision)).toEqual(['not-tested', 'not-tested']);
  expect(tests[0].verdict).toMatch(/No test at 5 %: .* with fewer than 19 replications\.$/);
  expect(run({ ...alike, gap: 2 }, 1, { bootstrap: { replications: 19 } }).tests[0].decision).toBe('supported');
});

test('an early stop leaves critical values out of the table, and says why', () => {
  const stopped = run({ ...alike, gap: 2 }, 1, { bootstrap: { replications: 9_999, earlyStop: true } });
  const tests = tableOf(stopped, 'Threshold tests');
  const at = (label: string) => tests.columns.findIndex((column) => column.label === label) - 1;
  for (const level of ['10 %', '5 %', '1 %']) expect(tests.rows[0].cells[at(level)]).toBeNull();
  expect(tests.notes.join(' ')).toMatch(/Early stop at 100, 200, 400.*no critical values then/);
  const whole = tableOf(run({ ...alike, gap: 2 }, 1), 'Threshold tests');
  expect(whole.rows[0].cells[at('5 %')]).toMatchObject({ format: 'fixed' });
  expect(whole.notes.join(' ')).not.toMatch(/early stop/i);
});

/** c(α) of the LR set: −2 ln(1 − √level). */
const cutoff = (level: number) => -2 * Math.log(1 - Math.sqrt(level));

test('cut-offs are 5.94, 7.35 and 10.59, and sets are the candidates at or under them', () => {
  const levels = [0.9, 0.95, 0.99];
  expect(levels.map((level) => Number(cutoff(level).toFixed(2)))).toEqual([5.94, 7.35, 10.59]);
  const { thresholds, profiles } = run({ ...alike, gap: 0.6 }, 3, { levels, bootstrap: { replications: 0 } });
  const { values, ratios } = profiles[0];
  const expectSets = (intervals: ThresholdResult['thresholds'][number]['intervals'], divisor: number) => {
    for (const { level, lower, upper, candidates, contiguous } of intervals) {
      const inside = values.filter((_, c) => ratios[c] / divisor <= cutoff(level));
      expect({ lower, upper, candidates }).toEqual({ lower: inside[0], upper: inside.at(-1), candidates: inside.length });
      expect(contiguous).toBe(values.indexOf(inside.at(-1)!) - values.indexOf(inside[0]) + 1 === inside.length);
    }
  };
  expectSets(thresholds[0].intervals, 1);
  expectSets(thresholds[0].robust!.intervals, thresholds[0].robust!.etaSquared);
});

test('η̂² is about 1 when errors are alike, and below it where their variance is least at the threshold', () => {
  const etaOf = (design: Design) => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const eta = seeds.map((seed) => run(design, seed, { bootstrap: { replications: 0 } }).thresholds[0].robust!.etaSquared);
    return eta.reduce((sum, value) => sum + value, 0) / eta.length;
  };
  expect(etaOf({ ...alike, gap: 2 })).toBeGreaterThan(0.9);
  expect(etaOf({ ...alike, gap: 2 })).toBeLessThan(1.1);
  expect(etaOf({ ...tied, mean: 0, gap: 8 })).toBeLessThan(0.6);
});

test('united intervals are those of every threshold in the set, one model at a time', () => {
  const panel = simulateDesign(5, { ...alike, gap: 0.6 });
  const asked = (more: object) => analyse(panel, 5, { covariance: 'classical', bootstrap: { replications: 0 }, ...more });
  const { profiles, coefficients, fit } = asked({ slopeUnion: 0.8 });
  const inSet = profiles[0].values.filter((_, c) => profiles[0].ratios[c] <= cutoff(0.8));
  expect(inSet.length).toBeGreaterThan(1);
  const models = inSet.map((value) => asked({ given: [value] }));
  for (const model of models) expect(model.fit.residualDf).toBe(fit.residualDf);
  const t = 1.9669; // 97.5 % of t with 338 degrees of freedom
  expect(fit.residualDf).toBe(338);
  for (const [j, { union }] of coefficients.entries()) {
    const bounds = (side: number) => models.map(({ coefficients: of }) => of[j].estimate + side * t * of[j].standardError);
    expect(union!.lower).toBeCloseTo(Math.min(...bounds(-1)), 4);
    expect(union!.upper).toBeCloseTo(Math.max(...bounds(1)), 4);
  }
});

test('slopes are called conditional on the threshold, and no field or line is a test of their equality', () => {
  const result = run({ ...alike, gap: 2 }, 1);
  expect(result.conventions.join(' ')).toMatch(/conditional on the estimated threshold; no test of equal slopes is given/);
  const names = JSON.stringify([Object.keys(result), Object.keys(result.fit), Object.keys(result.coefficients[0])]);
  expect(names).not.toMatch(/wald|equal/i);
  expect(JSON.stringify(reportOf(result).tables)).not.toMatch(/wald/i);
});

test('tables in the layout of xthreg, an LR plot a threshold, a distribution a test and method, regimes by period', () => {
  const result = run({ ...alike, gap: 2 }, 1, { thresholdCount: 2, levels: [0.95] });
  const { tables, figures } = reportOf(result);
  expect(tables.map(({ title }) => title)).toEqual([
    'Too small for this?',
    'Threshold estimates, q',
    'Threshold tests (bootstrap)',
    'Slopes, outcome y',
    'Regimes',
    'Entities in each regime by period',
  ]);
  const labels = (t: number) => tables[t].columns.map(({ label }) => label);
  expect(labels(1).slice(0, 5)).toEqual(['Model', 'Threshold', 'Level', 'Lower', 'Upper']);
  expect(labels(2)).toEqual(['Test', 'RSS', 'MSE', 'F', 'p', '99 % interval of p', '10 %', '5 %', '1 %', 'Replications']);
  const [single] = tables[2].rows;
  const { f, ssr, bootstraps } = result.tests[0];
  const critical = bootstraps[0].criticalValues!;
  expect(single.cells.map((cell) => (typeof cell === 'object' ? cell?.value : cell))).toEqual([
    ssr,
    ssr / result.fit.denominator,
    f,
    bootstraps[0].pValue,
    expect.stringMatching(/^\[/),
    critical['0.10'],
    critical['0.05'],
    critical['0.01'],
    199,
  ]);
  expect(tables[5].rows).toHaveLength(12);
  for (const { cells } of tables[5].rows) {
    const entities = cells.map((cell) => Number((cell as { value: number }).value));
    expect(entities.reduce((sum, value) => sum + value, 0)).toBe(31);
  }

  expect(figures).toHaveLength(2 + 4);
  for (const [t, { spec }] of figures.slice(0, 2).entries()) {
    const [curve, line] = (spec as { layer: { data: { values: Record<string, number>[] } }[] }).layer;
    const least = curve.data.values.find(({ ratio }) => ratio === 0)!;
    expect(least.value).toBe(result.thresholds[t].estimate);
    expect(line.data.values).toEqual([{ cutoff: cutoff(0.95), label: '95 %' }]);
    expect(JSON.stringify(spec)).toContain(`datum.ratio <= ${cutoff(0.95)}`);
  }
  const [bars, marks] = (figures[2].spec as { layer: { data: { values: Record<string, unknown>[] } }[] }).layer;
  expect(bars.data.values.reduce((sum, { replications }) => sum + Number(replications), 0)).toBeLessThanOrEqual(199);
  expect(marks.data.values.map(({ value }) => value)).toEqual([f, critical['0.10'], critical['0.05'], critical['0.01']]);
});

const warned = (panel: Panel, params: object) => analyse(panel, 1, { ...request, ...params }).warnings.join('\n');

test.each<[string, object, RegExp, RegExp | null]>([
  ['a threshold variable of the same period', {}, /q is of the same period as the outcome/, null],
  ['made from the outcome', { thresholdVariable: 'I(y + q)' }, /made from y, as the outcome is: it is then endogenous/, null],
  ['lagged', { thresholdVariable: 'L.q' }, /small panels/, /same period|endogenous/],
  [
    'an earlier outcome as threshold variable',
    { thresholdVariable: 'L.y' },
    /L.y is made from earlier values of y/,
    /same period/,
  ],
  ['an earlier outcome among the regressors', { formula: 'y ~ x + L.y | unit' }, /L.y holds earlier outcomes/, null],
  ['no earlier outcome', { formula: 'y ~ x + L.r | unit', regimeRegressors: ['L.x'] }, /small panels/, /earlier outcomes/],
  [
    'replications that make no level exact',
    { bootstrap: { replications: 150 } },
    /150 replications: α\(B \+ 1\) is not whole/,
    null,
  ],
  ['999 replications', { bootstrap: { replications: 999 } }, /small panels/, /not whole/],
])('warnings: %s', (_, params, wanted, unwanted) => {
  const words = warned(simulateDesign(1, alike), params);
  expect(words).toMatch(wanted);
  if (unwanted !== null) expect(words).not.toMatch(unwanted);
});

test('a set that holds every candidate does not locate the threshold, and one with gaps encloses rejected values', () => {
  const none = first(alike, { levels: [0.999999], bootstrap: { replications: 0 } }, () => true);
  expect(none.warnings.join(' ')).toMatch(/set of the threshold holds every candidate: the data do not locate it/);
  const broken = first(
    { ...alike, gap: 0.4 },
    { bootstrap: { replications: 0 } },
    ({ thresholds }) => !thresholds[0].intervals[0].contiguous,
  );
  expect(broken.warnings.join(' ')).toMatch(/is not contiguous: its bounds enclose rejected values/);
  expect(registry.get('threshold')?.version).toBe(1);
});

test('where only the set of LR/η̂² holds every candidate, that is said', () => {
  const loud: Design = { ...alike, sigma: (own) => (Math.abs(own) < 0.5 ? 4 : 0.2), gap: 1 }; // near the threshold, q = own + noise
  const found = first(loud, { bootstrap: { replications: 0 } }, ({ thresholds: [{ intervals, robust }], fit }) => {
    return robust!.intervals[0].candidates === fit.candidates && intervals[0].candidates < fit.candidates;
  });
  expect(found.warnings.join(' ')).toMatch(
    /Once error variances may change .* the 95 % set of the threshold holds every candidate/,
  );
});

test.each([
  ['restricted', 'the model without the threshold tested'],
  ['unrestricted', 'the model with the threshold tested'],
])('a result says which residuals were drawn: %s', (residuals, words) => {
  const result = run(alike, 1, { bootstrap: { replications: 99, residuals } });
  expect(result.conventions.join(' ')).toContain(`Bootstrap from residuals of ${words}`);
  for (const bootstrap of result.tests[0].bootstraps) expect(bootstrap.residuals).toBe(residuals);
});

test('a report opens with what the data are too small for', () => {
  const rowsOf = (result: ThresholdResult) =>
    tableOf(result, 'Too small for this?').rows.map(({ label, cells }) => [label, ...cells.slice(1)]);
  const result = run({ ...alike, gap: 2 }, 1);
  expect(rowsOf(result)).toEqual([
    ['residual blocks', 'N = 31, 31', 'ok'],
    ['wild by entity', 'N = 31', 'ok'],
    ['LR confidence set', '372', 'too small'],
    ['regimes, entities held fixed', String(result.switching), 'ok'],
    ['clustered errors', 'G = 31', 'ok'],
  ]);
  const untested = run(alike, 1, { bootstrap: { replications: 0 }, covariance: 'hc1' });
  expect(rowsOf(untested).map(([label]) => label)).toEqual(['LR confidence set', 'regimes, entities held fixed']);
});
