import {
  leastSquares,
  makeSpec,
  type Panel,
  PhiloxStream,
  type RunLocallyOptions,
  registry,
  runLocally,
  summarizePanel,
  threshold,
} from '@spillway/core';
import fc from 'fast-check';
import { changed, type Data, expectNear, panelOf, shapes, simulate, withDummies } from '../harness/threshold-panels.js';

const request = {
  formula: 'y ~ x1 + x2 | unit',
  thresholdVariable: 'q',
  regimeRegressors: ['r'],
  trim: 0.1,
  levels: [0.9, 0.95],
  covariance: ['classical'],
  bootstrap: { replications: 60 },
  timeEffectsCheck: false,
};

function bytesOf(panel: Panel, changes: object = {}, options?: RunLocallyOptions): Uint8Array {
  const spec = makeSpec(
    registry,
    { analysis: 'threshold', dataset: 'simulated', params: { ...request, ...changes }, seed: 11 },
    'test',
  );
  return runLocally(registry, spec, { panel }, options).result;
}

const read = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const estimate = (data: Data, changes: object = {}) =>
  read(bytesOf(panelOf(data), { bootstrap: { replications: 0 }, ...changes }));

/** Least squares at every candidate, one at a time. */
function bruteForce(data: Data, y: Float64Array, regime: readonly string[], trim: number) {
  const { entities, periods, q, columns } = data;
  const rows = entities * periods;
  const common = [columns.get('x1')!, columns.get('x2')!];
  const r = regime.map((name) => columns.get(name)!);
  const ssrNull = leastSquares(withDummies(data, [...common, ...r]), y).ssr;
  const least = Math.max(Math.ceil(trim * rows - 1e-9), common.length + r.length + 5);
  const fits = [...new Set(q)]
    .sort((a, b) => a - b)
    .filter((value) => {
      const below = [...q.keys()].filter((i) => q[i] <= value);
      const above = [...q.keys()].filter((i) => q[i] > value);
      const units = (side: number[]) => new Set(side.map((i) => Math.floor(i / periods))).size;
      return [below, above].every((side) => side.length >= least && units(side) >= 3);
    })
    .map((value) => {
      const split = r.flatMap((column) => [
        column.map((v, i) => (q[i] <= value ? v : 0)),
        column.map((v, i) => (q[i] > value ? v : 0)),
      ]);
      return { value, ...leastSquares(withDummies(data, [...common, ...split]), y) };
    });
  const best = fits.reduce((least, fit) => (fit.ssr < least.ssr ? fit : least));
  const denominator = rows - entities;
  return { ssrNull, fits, best, denominator, f: (ssrNull - best.ssr) / (best.ssr / denominator) };
}

for (const regime of [['r'], ['r', 's']]) {
  test(`least squares with dummies at every candidate agrees, regime regressors ${regime.join(', ')}`, () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const data = simulate(shape);
        const brute = bruteForce(data, data.columns.get('y')!, regime, 0.1);
        const result = estimate(data, { regimeRegressors: regime });
        expect(result.thresholds[0].estimate).toBe(brute.best.value);
        expectNear(result.tests[0].f, brute.f);
        expectNear(result.fit.ssr, brute.best.ssr);
        expect(result.profiles[0].values).toEqual(brute.fits.map(({ value }) => value));
        for (const [c, { ssr }] of brute.fits.entries()) {
          const ratio = (ssr - brute.best.ssr) / (brute.best.ssr / brute.denominator);
          expect(Math.abs(result.profiles[0].ratios[c] - ratio)).toBeLessThanOrEqual(1e-9 * (1 + ratio));
        }
        const slopes = [...brute.best.coefficients].slice(data.entities);
        for (const [j, { estimate: slope, standardError }] of result.coefficients.entries()) {
          expectNear(slope, slopes[j]);
          const df = brute.best.residuals.length - brute.best.rank;
          const at = data.entities + j;
          expectNear(standardError, Math.sqrt((brute.best.ssr / df) * brute.best.inverseGram.get(at, at)));
        }
      }),
      { numRuns: 25 },
    );
  });
}

/** F* of replications, as `run` gives them: the methods in turn. */
function drawsOf(data: Data, params: object, replications: number): Float64Array {
  const inputs = { panel: panelOf(data) };
  const parsed = threshold.params.parse({ ...request, ...params });
  const { context } = threshold.plan(parsed, inputs, 11);
  return threshold.run(parsed, inputs, context, { first: 0, count: replications }, () => {}, 11).f;
}

for (const method of ['residual-blocks', 'wild-entity'] as const) {
  for (const regime of [['r'], ['r', 's']]) {
    for (const residuals of ['restricted', 'unrestricted'] as const) {
      test(`F* is the F of a drawn outcome: ${method}, ${residuals} residuals, ${regime.join(', ')}`, () => {
        fc.assert(
          fc.property(shapes, (shape) => {
            const data = simulate(shape);
            const { entities, periods } = data;
            const y = data.columns.get('y')!;
            const common = ['x1', 'x2', ...(residuals === 'restricted' ? regime : [])].map((name) => data.columns.get(name)!);
            const { best } = bruteForce(data, y, regime, 0.1);
            const e = residuals === 'restricted' ? leastSquares(withDummies(data, common), y).residuals : best.residuals;
            const bootstrap = { replications: 3, methods: [method], residuals };
            const draws = drawsOf(data, { regimeRegressors: regime, bootstrap }, 3);
            const stream = new PhiloxStream(11, method === 'residual-blocks' ? 0 : 1);
            for (let b = 0; b < 3; b++) {
              stream.seek(b);
              const donors = Uint32Array.from({ length: entities }, (_, i) => i);
              const signs = new Float64Array(entities).fill(1);
              if (method === 'residual-blocks') stream.indices(entities, donors);
              else stream.signs(signs);
              // A fitted part changes nothing: any will do.
              const drawn = e.map((_, i) => {
                const unit = Math.floor(i / periods);
                return 7 + data.columns.get('x1')![i] + signs[unit] * e[donors[unit] * periods + (i % periods)];
              });
              expectNear(draws[b], bruteForce(data, drawn, regime, 0.1).f, 1e-8);
            }
          }),
          { numRuns: 6 },
        );
      });
    }
  }
}

test('neither the cut into shards nor their order changes a bit', () => {
  const cuts = fc.record({ shape: shapes, size: fc.integer({ min: 1, max: 50 }), shuffle: fc.nat() });
  fc.assert(
    fc.property(cuts, ({ shape, size, shuffle }) => {
      const panel = panelOf(simulate(shape));
      const whole = bytesOf(panel);
      const recut = (shards: readonly { first: number; count: number }[]) => {
        const units = shards.reduce((sum, { count }) => sum + count, 0);
        return Array.from({ length: Math.ceil(units / size) }, (_, k) => ({
          first: k * size,
          count: Math.min(size, units - k * size),
        }));
      };
      const order = (numbers: readonly number[]) => {
        const places = Uint32Array.from(numbers);
        new PhiloxStream(shuffle, 0).shuffle(places);
        return [...places];
      };
      expect(Array.from(bytesOf(panel, {}, { recut, order }))).toEqual(Array.from(whole));
    }),
    { numRuns: 15 },
  );
});

test('how many replications run in one call does not change a bit', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const data = simulate(shape);
      const many = drawsOf(data, { bootstrap: { replications: 40 } }, 80);
      const few = drawsOf(data, { bootstrap: { replications: 40 } }, 7);
      expect(Array.from(few)).toEqual(Array.from(many.slice(0, 7)));
    }),
    { numRuns: 10 },
  );
});

test('the order of rows does not change a bit', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, shuffle) => {
      const data = simulate(shape);
      const order = Uint32Array.from({ length: data.entities * data.periods }, (_, i) => i);
      new PhiloxStream(shuffle, 0).shuffle(order);
      expect(Array.from(bytesOf(panelOf(data, [...order])))).toEqual(Array.from(bytesOf(panelOf(data))));
    }),
    { numRuns: 10 },
  );
});

/** Thresholds and their sets to the last bit, and what comes of sums in another order to rounding. */
function expectSameSets(got: ReturnType<typeof read>, wanted: ReturnType<typeof read>): void {
  for (const [t, { robust, ...exact }] of got.thresholds.entries()) {
    const { robust: other, ...rest } = wanted.thresholds[t];
    expect(exact).toEqual(rest);
    expectNear(robust.etaSquared, other.etaSquared, 1e-6);
  }
}

function expectSameEstimates(got: ReturnType<typeof read>, wanted: ReturnType<typeof read>): void {
  expectSameSets(got, wanted);
  expect(got.regimes).toEqual(wanted.regimes);
  expectNear(got.tests[0].f, wanted.tests[0].f);
  for (const [j, { estimate: slope, standardError }] of got.coefficients.entries()) {
    expectNear(slope, wanted.coefficients[j].estimate);
    expectNear(standardError, wanted.coefficients[j].standardError);
  }
}

test('names of entities do not matter', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, shuffle) => {
      const data = simulate(shape);
      const names = Uint32Array.from({ length: data.entities }, (_, i) => i);
      new PhiloxStream(shuffle, 0).shuffle(names);
      expectSameEstimates(estimate({ ...data, names: [...names].map((i) => `z${i + 10}`) }), estimate(data));
    }),
    { numRuns: 15 },
  );
});

test('constants added to the outcome and to regressors with one slope change nothing', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: -1000, max: 1000 }), (shape, c) => {
      const data = simulate(shape);
      const moved = changed(data, { y: (y) => y + c, x1: (x) => x - 2 * c, x2: (x) => x + c / 3 });
      expectSameEstimates(estimate(moved), estimate(data));
    }),
    { numRuns: 15 },
  );
});

test('a rescaled outcome rescales the slopes; F, threshold and p stay', () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 0.01, max: 1000, noNaN: true }), (shape, c) => {
      const data = simulate(shape);
      const [scaled, plain] = [changed(data, { y: (y) => -c * y }), data].map((d) => read(bytesOf(panelOf(d))));
      expectSameSets(scaled, plain);
      expectNear(scaled.tests[0].f, plain.tests[0].f);
      for (const [m, { pValue }] of scaled.tests[0].bootstraps.entries())
        expect(pValue).toBe(plain.tests[0].bootstraps[m].pValue);
      for (const [j, { estimate: slope }] of scaled.coefficients.entries())
        expectNear(slope, -c * plain.coefficients[j].estimate);
    }),
    { numRuns: 10 },
  );
});

test('an increasing affine change of the threshold variable moves the threshold alone', () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer({ min: -50, max: 50 }), (shape, a, b) => {
      const data = simulate(shape);
      const moved = estimate(changed(data, { q: (q) => a * q + b }));
      const plain = estimate(data);
      expectNear(moved.thresholds[0].estimate, a * plain.thresholds[0].estimate + b, 1e-12);
      expect(moved.regimes).toEqual(plain.regimes);
      expect(moved.tests[0].f).toBe(plain.tests[0].f);
    }),
    { numRuns: 15 },
  );
});

test('p counts ties: with all entities alike but for their sign, no draw is beaten', () => {
  // Draws with all signs equal repeat the data up to rounding: F* = F, and k counts them.
  const data = simulate({ seed: 5, entities: 6, periods: 8, ties: 20 });
  const replications = 999;
  const result = read(bytesOf(panelOf(data), { bootstrap: { replications, methods: ['wild-entity'] } }));
  const stream = new PhiloxStream(11, 1);
  const signs = new Float64Array(6);
  let alike = 0;
  for (let b = 0; b < replications; b++) {
    stream.seek(b);
    stream.signs(signs);
    if (Math.abs(signs.reduce((sum, sign) => sum + sign, 0)) === 6) alike++;
  }
  expect(alike).toBeGreaterThan(10);
  expect(result.tests[0].bootstraps[0].exceeding).toBeGreaterThanOrEqual(alike);
});

test('the partial answer after all shards is the answer', () => {
  const panel = panelOf(simulate({ seed: 9, entities: 10, periods: 6, ties: 1000 }));
  const params = threshold.params.parse(request);
  const inputs = { panel };
  const { context } = threshold.plan(params, inputs, 3);
  const part = (first: number, count: number) => threshold.run(params, inputs, context, { first, count }, () => {}, 3);
  const parts = [part(0, 50), part(50, 70)];
  const result = threshold.combine(params, inputs, context, parts, 3);
  const partial = threshold.partial!(params, context, parts) as { tests: typeof result.tests };
  for (const [m, { pValue, pValueInterval, replications }] of partial.tests[0].bootstraps.entries()) {
    expect({ pValue, pValueInterval, replications }).toEqual({
      pValue: result.tests[0].bootstraps[m].pValue,
      pValueInterval: result.tests[0].bootstraps[m].pValueInterval,
      replications: 60,
    });
  }
  expect(threshold.result.safeParse(result).success).toBe(true);
  expect(threshold.partial!(params, context, [])).toMatchObject({ tests: [{ bootstraps: [] }] });
});

test('progress counts every unit, and an interruption passes through', () => {
  const panel = panelOf(simulate({ seed: 9, entities: 10, periods: 6, ties: 1000 }));
  const params = threshold.params.parse(request);
  const { context } = threshold.plan(params, { panel }, 3);
  let units = 0;
  threshold.run(
    params,
    { panel },
    context,
    { first: 3, count: 77 },
    (done) => {
      units += done;
    },
    3,
  );
  expect(units).toBe(77);
  const stop = () => {
    throw new Error('stop');
  };
  expect(() => threshold.run(params, { panel }, context, { first: 3, count: 77 }, stop, 3)).toThrow('stop');
});

test('the door: what a request can get wrong, with pointers', () => {
  const panel = panelOf(changed(simulate({ seed: 1, entities: 8, periods: 6, ties: 1000 }), { s: (s) => (s > 0 ? 1 : 0) }));
  const info = { panel: summarizePanel(panel) };
  const problems = (changes: object) =>
    threshold.check(threshold.params.parse({ ...request, ...changes }), info).map(({ code, pointer }) => [code, pointer]);
  expect(problems({})).toEqual([]);
  const asked = { analysis: 'threshold', dataset: 'd', params: { ...request, formula: 'y ~ x1 + | unit' } };
  expect(() => makeSpec(registry, asked, 'test')).toThrow(
    expect.objectContaining({ problems: [expect.objectContaining({ code: 'formula_error', pointer: '/params/formula' })] }),
  );
  expect(problems({ formula: 'y ~ x9 | unit' })).toEqual([['unknown_column', '/formula']]);
  expect(problems({ formula: 'y ~ x1' })).toEqual([['unsupported_effects', '/formula']]);
  expect(problems({ formula: 'y ~ x1 | unit + time' })).toEqual([]);
  expect(problems({ formula: 'y ~ x1 | time' })).toEqual([['unsupported_effects', '/formula']]);
  expect(problems({ formula: 'y ~ x1 | unit + s' })).toEqual([['unsupported_effects', '/formula']]);
  expect(problems({ formula: 'y ~ x1 | unit + year', program: 'hansen' })).toEqual([['program_needs_balance', '/program']]);
  expect(problems({ trim: [0.1, 0.1] })).toEqual([['not_one_a_stage', '/trim']]);
  expect(problems({ bootstrap: { replications: [9, 9, 9] }, thresholdCount: 2 })).toEqual([
    ['not_one_a_stage', '/bootstrap/replications'],
  ]);
  expect(problems({ given: [0.1, 0.2] })).toEqual([['not_one_a_stage', '/given']]);
  expect(problems({ formula: 'y ~ x1 | unit | x2 ~ s' })).toEqual([['unsupported_instruments', '/formula']]);
  expect(problems({ thresholdVariable: 'L.s' })).toEqual([['too_few_threshold_values', '/thresholdVariable']]);
  expect(problems({ thresholdVariable: 'qq' })).toEqual([['unknown_column', '/thresholdVariable']]);
  expect(problems({ thresholdVariable: 'i(q)' })).toEqual([['several_columns', '/thresholdVariable']]);
  expect(problems({ regimeRegressors: ['r', 'x2'] })).toEqual([['regressor_twice', '/regimeRegressors/1']]);
  expect(problems({ trim: 0.499 })).toEqual([]);
  expect(
    problems({
      formula:
        'y ~ x1 + x2 + L.x1 + L.x2 + L2.x1 + L2.x2 + L3.x1 + L3.x2 + L4.x1 + L4.x2 + D.r + D2.r + s + D.s + D2.s + D3.s + D3.r + L.s + L.r | unit',
    }),
  ).toEqual([['trim_too_large', '/trim']]);
  expect(problems({ bootstrap: { replications: 1_000_001 } })).toEqual([['too_many_replications', '/bootstrap/replications']]);
  const [refusal] = threshold.check(threshold.params.parse({ ...request, bootstrap: { replications: 2_000_000 } }), info);
  expect(refusal.message).toMatch(/2 methods × 2,000,000 replications × 48 rows/);
  const [unknown] = threshold.check(threshold.params.parse({ ...request, regimeRegressors: ['X1'] }), info);
  expect(unknown.message).toMatch(/did you mean "x1"/);
});

test('the door: the programs take balanced panels alone', () => {
  const data = simulate({ seed: 4, entities: 9, periods: 7, ties: 1000 });
  const rows = Array.from({ length: 63 }, (_, i) => i).filter((i) => i % 11 !== 5);
  const info = { panel: summarizePanel(panelOf(data, rows)) };
  const codes = (changes: object) =>
    threshold.check(threshold.params.parse({ ...request, ...changes }), info).map(({ code }) => code);
  expect(codes({})).toEqual([]);
  expect(codes({ program: 'xthreg' })).toEqual(['program_needs_balance']);
});

function failure(data: Data, column: string, value: (row: number) => number, changes: object = {}): string {
  try {
    bytesOf(panelOf(changed(data, { [column]: (_, row) => value(row) })), changes);
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('what only the rows show is an estimation error with its code', () => {
  const data = simulate({ seed: 2, entities: 8, periods: 6, ties: 1000 });
  const unit = (row: number) => Math.floor(row / 6);
  const x1 = (row: number) => data.columns.get('x1')![row];
  const r = (row: number) => data.columns.get('r')![row];
  expect(failure(data, 'y', unit)).toBe('constant_outcome');
  expect(failure(data, 'x2', (row) => 2 * x1(row))).toBe('collinear_regressors');
  expect(failure(data, 'x2', unit)).toBe('collinear_regressors');
  expect(failure(data, 'y', (row) => 3 * x1(row) + unit(row))).toBe('perfect_fit');
  // L3.q sees the first three periods only, where q has two values.
  const early = (row: number) => (row % 6 < 3 ? row % 2 : row);
  expect(failure(data, 'q', early, { thresholdVariable: 'L3.q' })).toBe('too_few_threshold_values');
  expect(failure(data, 'q', (row) => Math.max(0, row - 44))).toBe('no_candidates');
  expect(failure(data, 'r', r, { regimeRegressors: ['log(r)'], bootstrap: { methods: ['residual-blocks'] } })).toBe(
    'unbalanced_sample',
  );
  expect(failure(data, 'r', r, { regimeRegressors: ['L9.r'] })).toBe('no_complete_rows');
});

test('a grid searches so many quantiles of the distinct values, and the best of them is the estimate', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 10, max: 60 }), (shape, grid) => {
      const data = simulate({ ...shape, ties: 1000 });
      const all = estimate(data);
      const distinct = [...new Set(data.q)].sort((a, b) => a - b);
      const places = Array.from({ length: grid }, (_, j) => Math.floor(((j + 1) * distinct.length) / grid + 1e-9));
      const onGrid = new Set(places.filter((place) => place >= 1).map((place) => distinct[place - 1]));
      const { values, ratios } = all.profiles[0] as { values: number[]; ratios: number[] };
      const wanted = values.flatMap((value, c) => (onGrid.has(value) ? [{ value, ratio: ratios[c] }] : []));
      fc.pre(wanted.length > 0);
      const best = wanted.reduce((least, one) => (one.ratio < least.ratio ? one : least));
      const result = estimate(data, { grid });
      expect(result.profiles[0].values).toEqual(wanted.map(({ value }) => value));
      expect(result.thresholds[0].estimate).toBe(best.value);
      expectNear(result.fit.ssr, all.fit.ssr * (1 + best.ratio / all.fit.denominator), 1e-9);
    }),
    { numRuns: 15 },
  );
});
