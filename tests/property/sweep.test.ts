import {
  buildPanel,
  InputError,
  makeSpec,
  type Panel,
  registry,
  runLocally,
  type SweepResult,
  summarizePanel,
} from '@spillway/core';
import fc from 'fast-check';

/** A panel with gaps in time, missing values, a text column and columns that move together. */
function simulated(entities: number, periods: number, seed: number): Panel {
  let state = seed >>> 0 || 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const rows = Array.from({ length: entities * periods }, (_, i) => ({ e: Math.floor(i / periods), t: i % periods })).filter(
    () => uniform() > 0.05,
  );
  const level = Array.from({ length: entities }, () => 3 * uniform());
  const columns: Record<string, (number | null | string)[]> = { y: [], x: [], z: [], w: [], m: [], side: [] };
  for (const { e, t } of rows) {
    const [x, z, w] = [level[e] + uniform(), uniform() * 5 + 0.2 * t, uniform()];
    columns.x.push(x);
    columns.z.push(z);
    columns.w.push(w);
    columns.m.push(uniform() > 0.2 ? x * 0.5 + uniform() : null);
    columns.y.push(level[e] + 0.7 * x - 0.2 * z + 0.05 * t * t + uniform());
    columns.side.push(e % 2 === 0 ? 'east' : 'west');
  }
  return buildPanel({
    entity: { name: 'firm', values: rows.map(({ e }) => `f${e}`) },
    time: { name: 'year', values: rows.map(({ t }) => 1990 + t) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
  });
}

const read = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
function sweep(panel: Panel, params: unknown, options = {}, seed = 3): SweepResult {
  const spec = makeSpec(registry, { analysis: 'sweep', dataset: 'x', params, seed }, 'test');
  return read(runLocally(registry, spec, { panel }, options).result);
}
const check = (panel: Panel, params: unknown) =>
  registry.get('sweep')!.check(makeSpec(registry, { analysis: 'sweep', dataset: 'x', params, seed: 3 }, 'test').params, {
    panel: summarizePanel(panel),
  });

const pieces = {
  outcomes: ['y', 'log(y)'],
  treatments: ['x', 'L.x'],
  controls: { subsetsOf: ['z', 'w', 'm'] },
  effects: [[], ['firm'], ['firm', 'year']],
};

describe('items are what jobs of their own print', () => {
  const covariances = [
    ...['classical', 'hc1', 'hc3', 'cluster', 'driscoll-kraay'],
    { kind: 'cluster', by: ['firm', 'year'] },
    { kind: 'cluster', by: ['side', 'firm'], smallSample: 'fixest' },
  ];

  test('regressions of families, to ten digits, whatever the effects, the covariance and what is missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(...covariances), (seed, covariance) => {
        const panel = simulated(9, 8, seed);
        const samples = [
          { name: 'all' },
          {
            name: 'late',
            keep: [
              { column: 'year', min: 1993 },
              { column: 'side', in: ['east'] },
            ],
          },
        ];
        const result = sweep(panel, { params: { covariance }, formulas: pieces, samples });
        expect(result.counts.items).toBe(2 * 2 * 3 * 2 * 8);
        for (const sample of samples) {
          for (const effects of [[], ['firm'], ['firm', 'year']]) {
            for (const controls of [[], ['w'], ['z', 'm']]) {
              const params = { formula: { outcome: 'y', regressors: ['L.x', ...controls], effects }, covariance };
              const k = find(
                result,
                { sample: sample.name, outcome: 'y', effects: effects.join(' + ') || 'none', treatment: 'L.x' },
                controls,
              );
              // one specification as a list: never of a family
              const [alone] = [sweep(panel, { list: [params], samples: [sample], focus: 'L.x' })];
              for (const field of ['estimate', 'standardError', 'pValue', 'lower', 'upper', 'rows'] as const) {
                const [ours, theirs] = [result.items[field][k], alone.items[field][0]];
                if (theirs === null) expect(ours).toBeNull();
                else expect(Math.abs(ours! - theirs)).toBeLessThanOrEqual(1e-10 * Math.max(Math.abs(theirs), 1e-3));
              }
            }
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  test('the coefficient of panel-regression itself', () => {
    const panel = simulated(12, 9, 5);
    const params = { formula: 'y ~ x + z + w | firm + year', covariance: 'cluster' };
    const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'x', params, seed: 3 }, 'test');
    const { fitted } = read(runLocally(registry, spec, { panel }).result).columns[0];
    const [row] = fitted.coefficients.filter(({ term }: { term: string }) => term === 'x');
    const { items } = sweep(panel, { ...{ params: { covariance: 'cluster' } }, formulas: { ...pieces, controls: [['z', 'w']] } });
    const k = find(sweep(panel, { params: { covariance: 'cluster' }, formulas: { ...pieces, controls: [['z', 'w']] } }), {
      outcome: 'y',
      effects: 'firm + year',
      treatment: 'x',
    });
    expect(items.estimate[k]).toBeCloseTo(row.estimate, 11);
    expect(items.standardError[k]).toBeCloseTo(row.standardError, 11);
    expect(items.pValue[k]).toBeCloseTo(row.pValue, 11);
  });

  test('other analyses, and items so heavy that they are cut', () => {
    const panel = simulated(200, 20, 8);
    const model = { formula: 'y ~ z | firm', thresholdVariable: 'w', regimeRegressors: ['x'] };
    const heavy = { analysis: 'threshold', params: model, vary: { 'bootstrap.replications': [899_999, 999_999] } };
    const spec = makeSpec(registry, { analysis: 'sweep', dataset: 'x', params: heavy, seed: 3 }, 'test');
    const plan = registry.get('sweep')!.plan(spec.params, { panel }, 3);
    expect(plan.shards.length).toBeGreaterThan(4); // an item is many shards
    const light = sweep(panel, { ...heavy, vary: { 'bootstrap.replications': [99, 199] } });
    const params = { ...model, bootstrap: { replications: 199 } };
    const own = makeSpec(registry, { analysis: 'threshold', dataset: 'x', params, seed: 3 }, 'test');
    const { coefficients } = read(runLocally(registry, own, { panel }).result);
    const first = coefficients.find(({ regime }: { readonly regime: number | null }) => regime === 1);
    expect(light.items.term[1]).toBe('x in regime 1');
    expect([light.items.estimate[1], light.items.standardError[1]]).toEqual([first.estimate, first.standardError]);
  });
});

test('any cut, any order, the same bytes', () => {
  const panel = simulated(8, 7, 4);
  const params = { formulas: pieces, vary: { covariance: ['classical', 'cluster'] } };
  const spec = makeSpec(registry, { analysis: 'sweep', dataset: 'x', params, seed: 3 }, 'test');
  const whole = runLocally(registry, spec, { panel });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
      const recut = (shards: readonly { first: number; count: number }[]) => {
        const units = shards.reduce((sum, { count }) => sum + count, 0);
        return Array.from({ length: Math.ceil(units / size) }, (_, k) => ({
          first: k * size,
          count: Math.min(size, units - k * size),
        }));
      };
      const order = (all: readonly number[]) => [...all].reverse();
      expect(Buffer.compare(runLocally(registry, spec, { panel }, { recut, order }).result, whole.result)).toBe(0);
    }),
    { numRuns: 10 },
  );
});

test('equal items are computed once; a treatment is never its own control', () => {
  const panel = simulated(8, 7, 4);
  const formulas = {
    ...pieces,
    outcomes: ['y'],
    treatments: ['x', 'z'],
    controls: { subsetsOf: ['x', 'z', 'w'] },
    effects: [['firm']],
  };
  const { items, counts } = sweep(panel, { formulas });
  expect(counts).toMatchObject({ items: 16, distinct: 8, fitted: 16 });
  for (const [k, same] of items.equalTo.entries()) if (same !== null) expect(items.estimate[k]).toBe(items.estimate[same]);
});

test('an item that fails fails alone, and says why', () => {
  const panel = simulated(8, 7, 4);
  const { items, failures, counts } = sweep(panel, {
    formulas: { ...pieces, outcomes: ['y'], treatments: ['x', 'I(0*x)'], effects: [['firm']] },
    samples: [{ name: 'all' }, { name: 'nobody', keep: [{ column: 'year', min: 2050 }] }],
  });
  expect(counts).toMatchObject({ items: 32, fitted: 8, failed: 24 });
  expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['all_collinear', 'no_complete_rows', 'no_estimate']));
  for (const { item, message } of failures) {
    expect(items.estimate[item]).toBeNull();
    expect(message.length).toBeGreaterThan(10);
  }
});

test('a draw has as many different items as asked for, the same for the same seed, from grids past counting', () => {
  const panel = simulated(8, 7, 4);
  const many = Array.from({ length: 30 }, (_, k) => `I(w^${k + 1})`);
  const formulas = { ...pieces, controls: { subsetsOf: many } };
  const one = sweep(panel, { formulas, draw: { items: 50 } });
  const places = one.items.choices[0].map((_, k) => JSON.stringify(one.items.choices.map((column) => column[k])));
  expect([one.counts.items, new Set(places).size]).toEqual([50, 50]);
  expect(one.counts.combinations).toBe(2 * 3 * 2 * 2 ** 30);
  expect(sweep(panel, { formulas, draw: { items: 50 } })).toEqual(one);
  expect(sweep(panel, { formulas, draw: { items: 50 } }, {}, 4).items.choices).not.toEqual(one.items.choices);
});

test('lags see the rows that a sample leaves out', () => {
  const panel = simulated(8, 7, 4);
  const { items } = sweep(panel, {
    list: [{ formula: 'y ~ L.x' }],
    samples: [{ name: 'all' }, { name: 'last', keep: [{ column: 'year', in: [1996] }] }],
  });
  expect(items.rows[1]).toBeGreaterThan(3);
});

describe('what cannot be swept is refused at the door', () => {
  const panel = simulated(6, 5, 1);
  const cases: [string, unknown, string, string][] = [
    [
      'past the cap, with the count',
      { formulas: { ...pieces, controls: { subsetsOf: Array.from({ length: 16 }, (_, k) => `I(z+${k})`) } } },
      '',
      '786,432',
    ],
    [
      'nothing left',
      { formulas: { ...pieces, controls: { subsetsOf: ['z'], least: 2 } } },
      '/formulas/controls',
      'no combination',
    ],
    [
      'a param that is none',
      { params: { formula: 'y ~ x' }, vary: { covarianc: ['classical'] } },
      '/vary/covarianc/0',
      'covarianc',
    ],
    [
      'a value that does not fit',
      { params: { formula: 'y ~ x' }, vary: { covariance: ['classical', 'clustr'] } },
      '/vary/covariance/1',
      'Invalid',
    ],
    [
      'an unknown control',
      { formulas: { ...pieces, controls: { subsetsOf: ['z', 'zz'] } } },
      '/formulas/controls/subsetsOf/1',
      'no column "zz"',
    ],
    ['an unknown treatment', { formulas: { ...pieces, treatments: ['x', 'q'] } }, '/formulas/treatments/1', 'no column "q"'],
    [
      'an unknown column of a sample',
      { formulas: pieces, samples: [{ name: 'a', keep: [{ column: 'yeer', min: 1 }] }] },
      '/samples/0/keep/0/column',
      'did you mean',
    ],
    ['an analysis that there is not', { analysis: 'panel-regresion' }, '/analysis', 'did you mean'],
    ['an analysis without an estimate', { analysis: 'describe' }, '/analysis', 'no one estimate'],
    ['two formulas', { params: { formula: 'y ~ x' }, formulas: pieces }, '/formulas', 'leave one of them out'],
  ];
  test.each(cases)('%s', (_, params, pointer, words) => {
    const [first] = check(panel, params);
    expect(first).toMatchObject({ pointer, message: expect.stringContaining(words) });
  });
  test('a term that does not parse has its caret', () => {
    expect(() => check(panel, { formulas: { ...pieces, outcomes: ['log(y'] } })).toThrow(InputError);
  });
});

/** The item with these choices; of controls exactly these. */
function find({ dimensions, items }: SweepResult, wanted: Record<string, string>, controls?: readonly string[]): number {
  const places = items.choices[0].map((_, k) => k);
  const found = places.filter((k) =>
    dimensions.every(({ name, options, subset }, d) => {
      const choice = items.choices[d][k];
      if (subset)
        return controls === undefined || options.every((option, o) => controls.includes(option) === ((choice >> o) % 2 === 1));
      return wanted[name] === undefined || options[choice] === wanted[name];
    }),
  );
  expect(found).toHaveLength(1);
  return found[0];
}
