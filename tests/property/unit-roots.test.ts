import {
  adfRegression,
  defaultMostLags,
  dickeyFullerP,
  engleGrangerP,
  fewestRows,
  fisherTests,
  leastSquares,
  mostEngleGrangerRegressors,
  normalQuantile,
  PhiloxStream,
  selectLags,
  type UnitRootsResult,
} from '@spillway/core';
import fc from 'fast-check';
import { bytes, change, close, find, job, panelOf, runs, shapes, walks } from '../harness/unit-root-panels.js';

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
