import {
  buildPanel,
  evaluateTerm,
  Families,
  gridOf,
  itemAt,
  JointCurve,
  makeSpec,
  type Panel,
  PhiloxStream,
  parseTerm,
  registry,
  runLocally,
  type SpecCurveResult,
  summarizePanel,
  sweepParams,
} from '@spillway/core';
import fc from 'fast-check';

function simulated(entities: number, periods: number, seed: number, effect: number): Panel {
  const random = new PhiloxStream(seed, 0);
  random.seek(0);
  const rows = Array.from({ length: entities * periods }, (_, i) => ({ e: Math.floor(i / periods), t: i % periods }));
  const own = Array.from({ length: entities }, () => random.normal());
  const columns: Record<string, number[]> = { y: [], x: [], z: [], w: [] };
  for (const { e, t } of rows) {
    const [x, z, w] = [own[e] + random.normal(), random.normal(), own[e] * 0.5 + random.normal()];
    columns.x.push(x);
    columns.z.push(z);
    columns.w.push(w);
    columns.y.push(own[e] + effect * x + 0.3 * z + 0.1 * t + random.normal());
  }
  return buildPanel({
    entity: { name: 'firm', values: rows.map(({ e }) => `f${e}`) },
    time: { name: 'year', values: rows.map(({ t }) => 1990 + t) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
  });
}

const formulas = {
  outcomes: ['y'],
  treatments: ['x'],
  controls: { subsetsOf: ['z', 'w'] },
  effects: [[], ['firm'], ['firm', 'year']],
};
const read = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
function curve(panel: Panel, params: object = {}, options = {}, seed = 3): SpecCurveResult {
  const spec = makeSpec(registry, { analysis: 'spec-curve', dataset: 'x', params: { formulas, ...params }, seed }, 'test');
  return read(runLocally(registry, spec, { panel }, options).result);
}

/** Estimates and t of every specification on another panel, by panel-regression one at a time. */
function oneAtATime(panel: Panel): { estimate: number; t: number }[] {
  return formulas.effects.flatMap((effects) =>
    [[], ['z'], ['w'], ['z', 'w']].map((controls) => {
      const params = {
        formula: { outcome: 'y', regressors: ['x', ...controls], effects },
        covariance: 'classical',
        effectTests: false,
      };
      const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'x', params, seed: 1 }, 'test');
      const { coefficients } = read(runLocally(registry, spec, { panel }).result).columns[0].fitted;
      const { estimate, statistic } = coefficients.find(({ term }: { term: string }) => term === 'x');
      return { estimate, t: statistic };
    }),
  );
}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
};

test('a draw of the curve is every specification fitted again on permuted paths', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const panel = simulated(8, 6, seed, 0.3);
      const sweep = sweepParams.parse({ params: { covariance: 'classical' }, formulas });
      const grid = gridOf(sweep);
      const items = Array.from({ length: grid.size }, (_, k) => itemAt(sweep, grid, k));
      const joint = new JointCurve(new Families(sweep, panel), items, 0.05);
      const draw = (stream: PhiloxStream) => {
        stream.seek(5);
        return joint.permuted(panel, stream);
      };
      const found = draw(new PhiloxStream(seed, 7));
      // the same assignment by hand: which entity's path each entity has is read off the drawn order of entity means
      const order = Uint32Array.from({ length: 8 }, (_, e) => e);
      const stream = new PhiloxStream(seed, 7);
      stream.seek(5);
      stream.shuffle(order);
      const x = evaluateTerm(parseTerm('x'), panel);
      const moved = Float64Array.from(x, (_, i) => x[order[Math.floor(i / 6)] * 6 + (i % 6)]);
      const other = {
        ...panel,
        columns: panel.columns.map((column) => (column.name === 'x' ? { ...column, values: moved } : column)),
      } as Panel;
      const again = oneAtATime(other);
      expect(found.median).toBeCloseTo(median(again.map(({ estimate }) => estimate)), 9);
      expect(draw(new PhiloxStream(seed, 7))).toEqual(found);
    }),
    { numRuns: 6 },
  );
});

test('the observed statistics are those of single regressions', () => {
  const panel = simulated(10, 6, 11, 0.3);
  const { joint } = curve(panel, { covariance: 'classical', inference: { permutations: 0, bootstrap: 0 } });
  const own = oneAtATime(panel);
  expect(joint.observed.median).toBeCloseTo(median(own.map(({ estimate }) => estimate)), 10);
  expect(joint.tests).toEqual([]);
});

test('any cut, any order, the same bytes', () => {
  const panel = simulated(8, 5, 2, 0);
  const params = { formulas, inference: { permutations: 29, bootstrap: 29 } };
  const spec = makeSpec(registry, { analysis: 'spec-curve', dataset: 'x', params, seed: 3 }, 'test');
  const whole = runLocally(registry, spec, { panel });
  const recut = () => Array.from({ length: 29 }, (_, k) => ({ first: 2 * k, count: 2 }));
  const order = (all: readonly number[]) => [...all].reverse();
  expect(Buffer.compare(runLocally(registry, spec, { panel }, { recut, order }).result, whole.result)).toBe(0);
});

test('no effect is seldom found, a strong one always', () => {
  const inference = { permutations: 99, bootstrap: 99 };
  const strong = curve(simulated(15, 6, 4, 1), { inference });
  for (const { pValue } of strong.joint.tests) expect(pValue.median).toBe(0.01);
  const nulls = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
    curve(simulated(15, 6, seed, 0), { inference, formulas: { ...formulas, effects: [['firm']] } }),
  );
  for (const method of [0, 1]) {
    // 8 tests at 5 %: 4 or more rejections have probability 0.0004
    expect(nulls.filter(({ joint }) => joint.tests[method].pValue.median < 0.05).length).toBeLessThan(4);
  }
});

test('the variance by choice adds up where choices do not interact, and the main specification is marked', () => {
  const result = curve(simulated(10, 6, 11, 0.3), {
    inference: { permutations: 0, bootstrap: 0 },
    main: { effects: 'firm', controls: 'z' },
  });
  const total = result.variance.reduce((sum, { share }) => sum + share, 0);
  expect(total).toBeGreaterThan(0.3);
  expect(total).toBeLessThanOrEqual(1 + 1e-9);
  expect(result.main).toBe(4 + 1);
});

describe('refusals', () => {
  const panel = simulated(6, 5, 1, 0);
  test('a choice that nobody makes', () => {
    expect(() => curve(panel, { main: { effects: 'none at all' } })).toThrow(/no specification makes/);
    expect(() => curve(panel, { main: { effect: 'firm' } })).toThrow(/there is no choice "effect"/);
  });
  test('too many for a curve', () => {
    const many = { ...formulas, controls: { subsetsOf: Array.from({ length: 15 }, (_, k) => `I(z+${k})`) } };
    const { params } = makeSpec(registry, { analysis: 'spec-curve', dataset: 'x', params: { formulas: many } }, 'test');
    const [problem] = registry.get('spec-curve')!.check(params, { panel: summarizePanel(panel) });
    expect(problem).toMatchObject({ code: 'too_many_items', message: expect.stringContaining('98,304') });
  });
});
