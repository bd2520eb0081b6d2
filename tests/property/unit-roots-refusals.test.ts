import { EstimationError, type Panel, PhiloxStream, summarizePanel, type UnitRootsResult, unitRoots } from '@spillway/core';
import { change, find, job, panelOf, walks } from '../harness/unit-root-panels.js';

describe('what is refused or said', () => {
  const rows = walks({ seed: 3, entities: 4, periods: 11 });
  const check = (panel: Panel, params: object) =>
    unitRoots
      .check(unitRoots.params.parse(params), { panel: summarizePanel(panel) })
      .map(({ pointer, code, message }) => [pointer, code, message]);

  test('columns that are not there, too many lags, nothing to test', () => {
    expect(check(panelOf(rows), { variables: ['y', 'z'] })).toEqual([
      ['/variables/1', 'unknown_column', expect.stringContaining('"z"')],
    ]);
    expect(check(panelOf(rows), { variables: ['i(firm)'] })[0].slice(0, 2)).toEqual(['/variables/0', 'several_columns']);
    expect(check(panelOf(rows), { lags: 5, tests: ['adf-fisher', 'cips'] })).toEqual([
      [
        '/lags',
        'too_few_periods',
        'a test regression with 5 lags and its terms needs an entity with at least 14 periods; in the data set none has more than 11',
      ],
    ]);
    expect(() => unitRoots.params.parse({ variables: ['y', 'y'] })).toThrow('name each variable once');
    expect(() => unitRoots.params.parse({ lags: 'bic' })).toThrow();
    expect(() => unitRoots.params.parse({ maxLags: -1 })).toThrow();
  });

  test('an unbalanced panel: refused when the test is named, said in its place in the battery', () => {
    const short = rows.filter(({ entity, year }) => entity !== 'e12' || year > 1993);
    expect(check(panelOf(short), { tests: ['adf-fisher', 'cips'] })).toEqual([
      [
        '/tests/1',
        'unbalanced',
        expect.stringContaining(
          'CIPS needs a balanced panel, every entity with the same periods; in the data set entities have 7 to 11 of 11',
        ),
      ],
    ]);
    expect(check(panelOf(short), {})).toEqual([]);
    const { series, adequacy } = job(short);
    for (const name of ['levin-lin-chu', 'cips', 'hadri', 'harris-tzavalis'])
      expect(find(series[0].tests, name)).toMatchObject({
        status: 'unavailable',
        statistic: null,
        note: expect.stringContaining('same periods'),
      });
    expect(find(series[0].tests, 'adf-fisher-chi2').status).toBe('ok');
    expect(adequacy.find(({ method }) => method === 'Hadri')!.status).toBe('cannot run');
    const { kao, kaoNote, engleGranger } = job(short, { cointegration: { formula: 'y ~ x', lags: 0 } }).cointegration!;
    expect(kao).toBeNull();
    expect(kaoNote).toContain('7 to 11 complete rows');
    expect(engleGranger!.entities.map(({ t }) => t === null)).toEqual([false, false, true, false]);
    expect(engleGranger!.tests[0].df).toBe(6);
  });

  test('tests that need terms, and a cointegrating regression that is none', () => {
    expect(check(panelOf(rows), { tests: 'hadri', deterministic: 'none' })).toEqual([
      ['/tests/0', 'no_terms', 'Hadri is for series with an intercept or a trend, asked for were none: add one to deterministic'],
    ]);
    const codes = (formula: string) => check(panelOf(rows), { cointegration: { formula } }).map(([, code]) => code);
    expect(codes('y ~ 1')).toEqual(['no_regressors']);
    expect(codes('y ~ x | year')).toEqual(['unsupported_effects']);
    expect(codes('y ~ x | firm')).toEqual([]);
    expect(codes('y ~ x + i(firm)')).toContain('several_columns');
    expect(codes('y ~ w')).toEqual(['unknown_column']);
  });

  test('11 periods: no verdict from LLC, IPS, CIPS, Hadri and Kao, in words', () => {
    const { series, verdict, warnings, cointegration } = job(rows, { lags: 0, cointegration: { formula: 'y ~ x', lags: 0 } });
    const short = series[0].tests.filter(({ status }) => status === 'too short').map(({ test }) => test);
    expect([...new Set(short)]).toEqual(['pp-fisher', 'levin-lin-chu', 'im-pesaran-shin', 'cips', 'hadri']);
    expect(cointegration!.kao!.status).toBe('too short');
    expect(verdict[0]).toContain('y (intercept): ');
    expect(verdict[0]).not.toMatch(/PP|Levin|Im–|CIPS|Hadri|Harris/);
    expect(verdict[1]).toBe('No verdict at T = 11, too short: PP–Fisher, Levin–Lin–Chu, Im–Pesaran–Shin, CIPS (Pesaran), Hadri.');
    expect(verdict[2]).toBe('No verdict at N = 4, too few: Harris–Tzavalis.');
    expect(verdict[3]).toMatch(
      /^Cointegration of y ~ x: entity by entity no cointegration is .*; Kao gives no verdict, T = 11 is too short/,
    );
    expect(warnings.join(' ')).toContain('4 entities: Choi’s Pm');
  });

  test('four periods: Harris–Tzavalis alone; three are refused', () => {
    const brief = (T: number) => walks({ seed: 9, entities: 30, periods: T });
    const { series, verdict } = job(brief(4));
    expect(series[0].tests.filter(({ status }) => status === 'ok').map(({ name }) => name)).toEqual(['harris-tzavalis']);
    expect(series[0].entities.every(({ adf, note }) => adf === null && note !== null)).toBe(true);
    expect(verdict[0]).toMatch(/^y \(intercept\): a unit root .* \(Harris–Tzavalis z p = /);
    expect(check(panelOf(brief(3)), {})[0].slice(0, 2)).toEqual(['/lags', 'too_few_periods']);
    expect(check(panelOf(brief(5)), { tests: 'adf-fisher' })[0].slice(0, 2)).toEqual(['/lags', 'too_few_periods']);
  });

  test('a constant series and an exact trend are left out by name; with nothing left the job fails with the reason', () => {
    const flat = change(rows, ({ y, entity }) => (entity === 'e11' ? 7 : y));
    const [{ entities, tests }] = job(flat, { lags: 0 }).series;
    expect(entities[1]).toMatchObject({ adf: null, note: expect.stringContaining('does not vary') });
    expect(find(tests, 'adf-fisher-chi2')).toMatchObject({
      df: 6,
      entities: 3,
      note: expect.stringContaining('1 of 4 entities left out'),
    });
    expect(find(tests, 'im-pesaran-shin')).toMatchObject({
      status: 'unavailable',
      note: expect.stringContaining('needs every entity: e11'),
    });
    const none = change(rows, () => 7);
    expect(() => job(none)).toThrow(EstimationError);
    expect(() => job(none)).toThrow('no test can be had of these data');
    const exact = change(rows, ({ year }) => 2 * year);
    expect(() => job(exact, { tests: ['adf-fisher', 'pp-fisher'] })).toThrow('fits exactly');
    expect(find(job(exact).series[0].tests, 'levin-lin-chu').status).toBe('unavailable');
  });

  test('entities that move together are said to', () => {
    const draws = new PhiloxStream(8, 1);
    let level = 0;
    const common = Array.from({ length: 16 }, () => (level += 3 * draws.normal()));
    const together = change(walks({ seed: 5, entities: 6, periods: 16 }), ({ y, year }) => y + common[year - 1990]);
    const { series, warnings } = job(together, { lags: 0 });
    expect(series[0].dependence!.pValue).toBeLessThan(1e-6);
    expect(warnings[0]).toMatch(
      /^Entities move together: Pesaran’s CD of the ADF residuals rejects independence for y \(intercept\)/,
    );
  });

  test('the example runs, the result fits its schema, and the report has the breakdown', () => {
    const params = unitRoots.params.parse({
      variables: ['y', 'x'],
      differences: true,
      cointegration: { formula: 'y ~ x', lags: 0 },
    });
    const part = unitRoots.run(params, { panel: panelOf(rows) }, null, { first: 0, count: 1 }, () => {}, 0);
    expect(unitRoots.result.parse(part)).toEqual(part);
    const { tables, figures } = unitRoots.report(part as UnitRootsResult);
    expect(figures.map(({ title }) => title)).toEqual(['ADF p-values of the entities']);
    expect(tables.map(({ title }) => title)).toEqual([
      'Too small for this?',
      'Panel unit root tests',
      ...['y', 'Δy', 'x', 'Δx'].map((name) => `Statistics of ${name} (intercept)`),
      ...['y', 'Δy', 'x', 'Δx'].map((name) => `Entity by entity: ${name} (intercept)`),
      'Tests of no cointegration: y ~ x',
      'Engle–Granger entity by entity: y ~ x',
    ]);
    expect(tables[1].rows).toHaveLength(8);
    expect(tables[6].rows.map(({ label }) => label)).toEqual(['e10', 'e11', 'e12', 'e13']);
    for (const table of tables) for (const { cells } of table.rows) expect(cells).toHaveLength(table.columns.length - 1);
  });
});
