import {
  adfRegression,
  buildPanel,
  defaultMostLags,
  dickeyFullerP,
  EstimationError,
  engleGrangerP,
  fewestRows,
  fisherTests,
  leastSquares,
  makeSpec,
  mostEngleGrangerRegressors,
  normalQuantile,
  type Panel,
  PhiloxStream,
  type RootsTest,
  registry,
  runLocally,
  selectLags,
  summarizePanel,
  type UnitRootsResult,
  unitRoots,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 2, max: 7 }),
  periods: fc.integer({ min: 12, max: 20 }),
});
const runs = { numRuns: 25 };

interface Row {
  readonly entity: string;
  readonly year: number;
  readonly y: number;
  readonly x: number;
}

/** Random walks y and x, one row for each entity and year. */
function walks({ seed, entities, periods }: Shape): Row[] {
  const draws = new PhiloxStream(seed, 4);
  return Array.from({ length: entities }, (_, e) => {
    let [y, x] = [draws.normal(), draws.normal()];
    return Array.from({ length: periods }, (__, t) => {
      y += draws.normal();
      x += draws.normal();
      return { entity: `e${10 + e}`, year: 1990 + t, y, x };
    });
  }).flat();
}

function panelOf(rows: readonly Row[]): Panel {
  return buildPanel({
    entity: { name: 'firm', values: rows.map(({ entity }) => entity) },
    time: { name: 'year', values: rows.map(({ year }) => String(year)) },
    columns: [
      { name: 'y', values: Float64Array.from(rows, ({ y }) => y) },
      { name: 'x', values: Float64Array.from(rows, ({ x }) => x) },
    ],
  });
}

function bytes(panel: Panel, params: Readonly<Record<string, unknown>>): string {
  const spec = makeSpec(registry, { analysis: 'unit-roots', dataset: 'x', params }, 'test');
  return new TextDecoder().decode(runLocally(registry, spec, { panel }).result);
}
const job = (rows: readonly Row[], params: Readonly<Record<string, unknown>> = {}): UnitRootsResult =>
  JSON.parse(bytes(panelOf(rows), { variables: ['y'], ...params }));

const close = (got: number, wanted: number, relative = 1e-7) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1e-3, Math.abs(wanted)));
const find = (tests: readonly RootsTest[], name: string) => tests.find((entry) => entry.name === name)!;

/** Statistics of two results are the same but for rounding. */
function same(a: UnitRootsResult, b: UnitRootsResult): void {
  for (const [k, { tests, entities }] of a.series.entries()) {
    expect(b.series[k].tests.map(({ name }) => name)).toEqual(tests.map(({ name }) => name));
    for (const [j, { statistic, status }] of tests.entries()) {
      expect(b.series[k].tests[j].status).toBe(status);
      if (statistic !== null) close(b.series[k].tests[j].statistic, statistic, 1e-6);
    }
    for (const [i, { adf }] of entities.entries()) {
      expect([b.series[k].entities[i].adf!.lags, b.series[k].entities[i].adf!.rows]).toEqual([adf!.lags, adf!.rows]);
      close(b.series[k].entities[i].adf!.t, adf!.t, 1e-6);
    }
  }
}

const change = (rows: readonly Row[], y: (row: Row, k: number) => number): Row[] =>
  rows.map((row, k) => ({ ...row, y: y(row, k) }));
const scale = fc.double({ min: 0.1, max: 50, noNaN: true });
const shift = fc.double({ min: -40, max: 40, noNaN: true });

describe('what leaves every statistic as it is', () => {
  test('another unit; with an intercept another origin of each entity; with a trend another trend of each', () => {
    fc.assert(
      fc.property(shapes, scale, shift, shift, (shape, a, b, c) => {
        const rows = walks(shape);
        const own = (entity: string) => Number(entity.slice(1)) / 10;
        const all = { lags: 1 };
        same(
          job(rows, { ...all, deterministic: 'none' }),
          job(
            change(rows, ({ y }) => a * y),
            { ...all, deterministic: 'none' },
          ),
        );
        const moved = change(rows, ({ y, entity }) => a * y + b * own(entity));
        same(job(rows, all), job(moved, all));
        const tilted = change(moved, ({ y, entity, year }) => y + c * own(entity) * (year - 1990));
        // CIPS takes means over entities: each entity's own trend is in them as one trend
        same(job(rows, { ...all, deterministic: 'trend' }), job(tilted, { ...all, deterministic: 'trend' }));
      }),
      runs,
    );
  });

  test('the sign of the series, and which entity is which', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const rows = walks(shape);
        same(job(rows), job(change(rows, ({ y }) => -y)));
        const renamed = rows.map((row) => ({ ...row, entity: `n${99 - Number(row.entity.slice(1))}` }));
        const [a, b] = [job(rows), job(renamed)];
        for (const [j, { statistic }] of a.series[0].tests.entries())
          if (statistic !== null) close(b.series[0].tests[j].statistic, statistic);
        close(b.series[0].dependence!.statistic, a.series[0].dependence!.statistic);
      }),
      runs,
    );
  });

  test('the order of rows, to the last bit; years that are five apart', () => {
    fc.assert(
      fc.property(shapes, fc.nat({ max: 1e6 }), (shape, seed) => {
        const rows = walks(shape);
        const draws = new PhiloxStream(seed, 5);
        const shuffled = rows
          .map((row) => ({ row, at: draws.uniform() }))
          .sort((a, b) => a.at - b.at)
          .map(({ row }) => row);
        expect(bytes(panelOf(shuffled), { variables: ['y', 'x'] })).toBe(bytes(panelOf(rows), { variables: ['y', 'x'] }));
        same(
          job(rows, { deterministic: 'trend' }),
          job(
            rows.map((row) => ({ ...row, year: 5 * row.year })),
            { deterministic: 'trend' },
          ),
        );
      }),
      runs,
    );
  });

  test('Kao and Engle–Granger: units, and origins of entities', () => {
    fc.assert(
      fc.property(shapes, scale, shift, (shape, a, b) => {
        const rows = walks(shape);
        const ask = { tests: 'adf-fisher', cointegration: { formula: 'y ~ x' } };
        const moved = rows.map((row) => ({ ...row, y: a * row.y + b * Number(row.entity.slice(1)), x: row.x / a - b }));
        const [one, other] = [job(rows, ask).cointegration!, job(moved, ask).cointegration!];
        for (const [k, { statistic }] of one.kao!.tests.entries()) close(other.kao!.tests[k].statistic, statistic, 1e-5);
        close(other.kao!.variance, a * a * one.kao!.variance, 1e-5);
        for (const [i, { t, rows: n }] of one.engleGranger!.entities.entries()) {
          close(other.engleGranger!.entities[i].t, t, 1e-5);
          expect(n).toBe(shape.periods - 2);
        }
      }),
      runs,
    );
  });
});

describe('identities', () => {
  test('Fisher statistics are those of the printed p', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom('none', 'intercept', 'trend'), (shape, deterministic) => {
        const [{ entities, tests }] = job(walks(shape), { deterministic }).series;
        for (const [test, of] of [['adf-fisher', 'adf'] as const, ['pp-fisher', 'phillipsPerron'] as const]) {
          const p = entities.map((entity) => entity[of]!.pValue);
          const got = fisherTests(p);
          const chi2 = find(tests, `${test}-chi2`);
          close(chi2.statistic, -2 * p.reduce((sum, value) => sum + Math.log(value), 0), 1e-12);
          expect(chi2.df).toBe(2 * p.length);
          close(
            find(tests, `${test}-z`).statistic,
            p.reduce((sum, value) => sum + normalQuantile(value), 0) / Math.sqrt(p.length),
            1e-12,
          );
          close(find(tests, `${test}-logit`).pValue, got.logit.pValue, 1e-12);
          close(find(tests, `${test}-pm`).statistic, (chi2.statistic - 2 * p.length) / (2 * Math.sqrt(p.length)), 1e-12);
          close(
            chi2.asymptotic!.statistic,
            fisherTests(entities.map((entity) => entity[of]!.pAsymptotic)).chiSquared.statistic,
            1e-12,
          );
        }
      }),
      runs,
    );
  });

  test('p of one entity is its Fisher p: χ²(2) of −2 ln p', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1, noNaN: true }), (p) => {
        const { chiSquared, inverseNormal } = fisherTests([p]);
        close(chiSquared.pValue, p, 1e-9);
        if (p < 1) close(inverseNormal.pValue, p, 1e-9);
      }),
    );
  });

  test('first differences are the variable D.y', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const rows = walks(shape);
        const [, differenced] = job(rows, { differences: true }).series;
        const [direct] = job(rows, { variables: ['D.y'] }).series;
        expect(differenced.tests).toEqual(direct.tests);
        expect(differenced.entities).toEqual(direct.entities);
      }),
      runs,
    );
  });

  test('a gap costs its own row and those that reach back over it; the t is that of the rows left', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 100 }), (shape, lags, pick) => {
        const rows = walks(shape);
        const T = shape.periods;
        const gone = lags + 2 + (pick % (T - 2 * lags - 5));
        const left = rows.filter(({ entity, year }) => entity !== 'e10' || year !== 1990 + gone);
        const [{ entities, sample, tests }] = job(left, { lags }).series;
        expect(sample).toMatchObject({ gaps: 1, balanced: false });
        expect(entities.slice(0, 2).map(({ adf }) => adf!.rows)).toEqual([T - 1 - lags - (lags + 2), T - 1 - lags]);
        const y = Float64Array.from(rows.slice(0, T), (row) => row.y);
        const used = Array.from({ length: T }, (_, t) => t).filter((t) => t > lags && (t < gone || t > gone + lags + 1));
        const back = (j: number) => Float64Array.from(used, (t) => y[t - j] - y[t - j - 1]);
        const columns = [new Float64Array(used.length).fill(1), Float64Array.from(used, (t) => y[t - 1])];
        const fit = leastSquares([...columns, ...Array.from({ length: lags }, (_, j) => back(j + 1))], back(0));
        const se = Math.sqrt((fit.ssr / (used.length - fit.rank)) * fit.inverseGram.get(1, 1));
        close(entities[0].adf!.t, fit.coefficients[1] / se);
        expect(entities[0].phillipsPerron).toBeNull();
        expect(entities[0].note).toContain('Phillips–Perron needs every period');
        expect(find(tests, 'pp-fisher-chi2').entities).toBe(shape.entities - 1);
        expect(find(tests, 'cips')).toMatchObject({ status: 'unavailable' });
      }),
      runs,
    );
  });

  test('a dearer criterion never takes more lags', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const y = Float64Array.from(walks(shape).slice(0, shape.periods), (row) => row.y);
        const [aic, hq, sic] = (['aic', 'hq', 'sic'] as const).map((rule) => selectLags(y, 'intercept', 2, rule));
        if (shape.periods >= 19) expect(hq).toBeLessThanOrEqual(aic); // 2 ln ln n > 2 from n = 16 on
        expect(sic).toBeLessThanOrEqual(hq);
        expect(selectLags(y, 'intercept', 0, 'aic')).toBe(0);
      }),
      runs,
    );
  });

  test('in short series fewer lags are tried, so that each has a p-value: 7 periods, a trend, AIC', () => {
    for (const [T, kind, most] of [
      [7, 'intercept', 1],
      [7, 'trend', 0],
      [11, 'trend', 2],
      [20, 'intercept', 4],
      [100, 'trend', 12],
    ] as const)
      expect(defaultMostLags(T, kind, fewestRows[kind])).toBe(most);
    const rows = walks({ seed: 11, entities: 6, periods: 8 });
    const { series } = job(rows, { lags: 'aic', deterministic: 'trend', differences: true });
    for (const { entities } of series) for (const { adf } of entities) expect(adf!.pValue).toBeGreaterThan(0);
  });

  test('the t is degrees-of-freedom corrected least squares', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const y = Float64Array.from(walks(shape).slice(0, shape.periods), (row) => row.y);
        const { t, ssr, df, rows, coefficient, standardError, residuals } = adfRegression(y, 'trend', 1);
        expect(df).toBe(rows - 4);
        close(t, coefficient / standardError, 1e-12);
        close(
          ssr,
          residuals.reduce((sum, value) => sum + value * value, 0),
          1e-9,
        );
      }),
      runs,
    );
  });
});

describe('p-values', () => {
  const kinds = fc.constantFrom('none' as const, 'intercept' as const, 'trend' as const);
  const sizes = fc.oneof(fc.integer({ min: 6, max: 60 }), fc.constant(500), fc.constant(Number.POSITIVE_INFINITY));

  test('rise with t, within 0 and 1, without a jump', () => {
    fc.assert(
      fc.property(
        kinds,
        sizes,
        fc.double({ min: -9, max: 6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (kind, n, t, step) => {
          const [low, high] = [dickeyFullerP(t, kind, n), dickeyFullerP(t + step, kind, n)];
          expect(low).toBeGreaterThan(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(high).toBeGreaterThanOrEqual(low);
          expect(dickeyFullerP(t + 1e-7, kind, n) - low).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('change little from one n to the next, and less to the limit', () => {
    for (const kind of ['none', 'intercept', 'trend'] as const) {
      for (const t of [-4, -3, -2, -1, 0, 1]) {
        for (let n = fewestRows[kind] + 3; n < 200; n++)
          expect(Math.abs(dickeyFullerP(t, kind, n) - dickeyFullerP(t, kind, n + 1))).toBeLessThan(0.15 / n);
        expect(Math.abs(dickeyFullerP(t, kind, 2000) - dickeyFullerP(t, kind, Number.POSITIVE_INFINITY))).toBeLessThan(5e-4);
      }
    }
  });

  test('critical values of Fuller’s (1976) tables 8.5.2 and of MacKinnon (2010)', () => {
    // 5 % points: −1.95, −2.86, −3.41 in the limit; −3.00 (n = 25), −3.60 with a trend
    for (const [kind, n, critical] of [
      ['none', Number.POSITIVE_INFINITY, -1.941],
      ['intercept', Number.POSITIVE_INFINITY, -2.8615],
      ['trend', Number.POSITIVE_INFINITY, -3.4105],
      ['intercept', 100, -2.86154 - 2.8903 / 100 - 4.234 / 1e4 - 40.04 / 1e6],
      ['intercept', 25, -2.86154 - 2.8903 / 25 - 4.234 / 625 - 40.04 / 15625],
      ['trend', 50, -3.41049 - 4.3904 / 50 - 9.036 / 2500 - 45.374 / 125000],
    ] as const)
      expect(Math.abs(dickeyFullerP(critical, kind, n) - 0.05)).toBeLessThan(4e-4);
  });

  test('of residuals: 5 % points of MacKinnon (2010), table 2, with a constant', () => {
    for (const [regressors, limit, first, second, third] of [
      [1, -3.33613, -6.1101, -6.823, 0],
      [2, -3.74066, -8.5631, -10.852, 27.982],
      [3, -4.096, -11.2349, -11.175, 0],
    ]) {
      for (const n of [Number.POSITIVE_INFINITY, 100, 50, 25]) {
        const critical = limit + first / n + second / n ** 2 + third / n ** 3;
        expect(Math.abs(engleGrangerP(critical, 'intercept', regressors, n) - 0.05)).toBeLessThan(2e-4);
        // a raw series would be rejected: residuals are as stationary as least squares makes them
        expect(dickeyFullerP(critical, 'intercept', n)).toBeLessThan(0.05);
      }
    }
    expect(mostEngleGrangerRegressors).toBe(3);
  });
});

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
