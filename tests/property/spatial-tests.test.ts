import { readFileSync } from 'node:fs';
import {
  buildPanel,
  deviations,
  gearyC,
  gearyStatistic,
  type Inputs,
  makeRegistry,
  makeSpec,
  moranI,
  moranStatistic,
  normaliseWeights,
  type Panel,
  panelFromCsv,
  type RunLocallyOptions,
  runLocally,
  type SpatialTestsResult,
  spatialTests,
  summarizePanel,
  summarizeWeights,
  type Weights,
  weightsFromFile,
  weightsFromLinks,
  weightsMoments,
  weightsOptions,
} from '@spillway/core';
import fc from 'fast-check';

/** Not among the analyses that are offered until weights can be handed to a job. */
const registry = makeRegistry([spatialTests]);

const data = (name: string) => readFileSync(new URL(`../../data/${name}`, import.meta.url));
const produc = panelFromCsv(data('produc.csv'), { entity: 'state', time: 'year' });
const states = weightsFromFile(data('usa48_queen_edges.csv'), weightsOptions.parse({ kind: 'edge-list' }));

function run(params: object, inputs: Inputs, options: RunLocallyOptions = {}) {
  const spec = makeSpec(registry, { analysis: 'spatial-tests', dataset: 'test', seed: 7, params }, 'test');
  const { result, report } = runLocally(registry, spec, inputs, options);
  const text = new TextDecoder().decode(result);
  return { text, result: JSON.parse(text) as SpatialTestsResult, report: JSON.parse(new TextDecoder().decode(report)) };
}
const withStates = { panel: produc, weights: new Map([['W', states]]) };

function expectClose(got: number, wanted: number, tolerance = 1e-10): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)));
}

const crossSection = (columns: Readonly<Record<string, ArrayLike<number>>>): Panel => {
  const [first] = Object.values(columns);
  return buildPanel({
    entity: { name: 'unit', values: Array.from(first, (_, i) => i + 1) },
    time: { name: 'period', values: Array.from(first, () => 1) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values: Array.from(values) })),
  });
};

/** Every order of 0 … n − 1. */
function* orders(n: number): Generator<number[]> {
  if (n === 0) yield [];
  else for (const order of orders(n - 1)) for (let at = 0; at < n; at++) yield [...order.slice(0, at), n - 1, ...order.slice(at)];
}

const patterns = fc.integer({ min: 4, max: 6 }).chain((n) =>
  fc.record({
    x: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }).filter((x) => new Set(x).size > 1),
    weights: fc
      .uniqueArray(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.integer({ min: 1, max: 9 })), {
        selector: ([i, j]) => i * n + j,
        minLength: n,
      })
      .map((all) => all.filter(([i, j]) => i !== j))
      .filter((links) => links.length > 0)
      .map((links) =>
        weightsFromLinks({
          labels: Array.from({ length: n }, (_, k) => String(k + 1)),
          from: links.map(([i]) => i),
          to: links.map(([, j]) => j),
          values: links.map(([, , w]) => w),
          kind: 'edge-list',
        }),
      ),
  }),
);

test('mean and variance under randomisation are those over every permutation: any W, islands and all', () => {
  fc.assert(
    fc.property(patterns, ({ x, weights }) => {
      const moments = weightsMoments(weights);
      const [moran, geary]: number[][] = [[], []];
      for (const order of orders(x.length)) {
        const parts = deviations(Float64Array.from(order, (i) => x[i]));
        moran.push(moranStatistic(weights, parts, moments.s0));
        geary.push(gearyStatistic(weights, parts, moments.s0));
      }
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));
      for (const [draws, got] of [
        [moran, moranI(weights, Float64Array.from(x), moments)],
        [geary, gearyC(weights, Float64Array.from(x), moments)],
      ] as const) {
        expectClose(got.expectation, mean(draws), 1e-9);
        expectClose(got.varianceRandomisation, variance(draws), 1e-9);
      }
    }),
    { numRuns: 30 },
  );
});

test('however the job is cut, in whatever order, the bytes are the same', () => {
  const params = { variables: ['unemp'], permutations: 99, local: { periods: 'all' } };
  const whole = run(params, withStates).text;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.boolean(), (size, reversed) => {
      const split = run(params, withStates, {
        recut: () =>
          Array.from({ length: Math.ceil(99 / size) }, (_, k) => ({ first: k * size, count: Math.min(size, 99 - k * size) })),
        order: (shards) => (reversed ? [...shards].reverse() : shards),
      });
      expect(split.text).toBe(whole);
    }),
    { numRuns: 4 },
  );
});

test('local Moran agrees with spdep, its p-values with draws in R to their Monte Carlo error', () => {
  const fixture = JSON.parse(readFileSync(new URL('../fixtures/local-moran.json', import.meta.url), 'utf8')) as {
    x: number[];
    neighbours: (number[] | number)[];
    statistic: number[];
    twoSided: number[];
  };
  const neighbours = fixture.neighbours.map((list) => (Array.isArray(list) ? list : [list]));
  const links = neighbours.flatMap((list, i) => list.map((j) => `${i + 1},${j}`));
  const weights = weightsFromFile(
    new TextEncoder().encode(`i,j\n${links.join('\n')}\n${fixture.x.map((_, i) => `${i + 1},`).join('\n')}\n`),
    weightsOptions.parse({ kind: 'edge-list', islands: 'keep' }),
  );
  const draws = 9_999;
  const inputs = { panel: crossSection({ sids: fixture.x }), weights: new Map([['W', weights]]) };
  const { global, local } = run({ variables: ['sids'], permutations: draws }, inputs).result;
  let mean = 0;
  for (const [i, { statistic, pValue, class: name }] of local[0].units.entries()) {
    expectClose(statistic, fixture.statistic[i], 1e-12);
    mean += statistic / fixture.x.length;
    if (neighbours[i].length === 0) {
      expect([pValue, name]).toEqual([null, 'isolated']);
      continue;
    }
    const p = fixture.twoSided[i];
    const error = 2 * Math.sqrt(((p / 2) * (1 - p / 2)) / draws);
    expect(Math.abs(pValue! - p)).toBeLessThanOrEqual(6 * Math.SQRT2 * error + 4 / draws);
  }
  // rows sum to one but those of islands: Σ I_i / n = I · S₀/n
  expectClose(mean, (global[0].moran.statistic * weightsMoments(weights).s0) / fixture.x.length, 1e-12);
});

test('LM tests do not see the units of y and x, nor the names of the regions', () => {
  const lagrange = (panel: Panel, weights: Weights, formula: string) =>
    run({ formula, permutations: 0 }, { panel, weights: new Map([['W', weights]]) }).result.regression!.lagrange;
  const plain = lagrange(produc, states, 'log(gsp) ~ log(pcap) + unemp | state + year');
  const scaled = lagrange(produc, states, 'I(3 - 1000 * log(gsp)) ~ log(pcap) + I(unemp / 7 + 2) | state + year');
  const backwards = (label: string) => [...label].reverse().join('');
  const renamed = {
    panel: panelFromCsv(
      new TextEncoder().encode(
        new TextDecoder().decode(data('produc.csv')).replace(/^([A-Z_]+),/gm, (_, label: string) => `${backwards(label)},`),
      ),
      { entity: 'state', time: 'year' },
    ),
    weights: weightsFromFile(
      new TextEncoder().encode(new TextDecoder().decode(data('usa48_queen_edges.csv')).replace(/[A-Z_]{2,}/g, backwards)),
      weightsOptions.parse({ kind: 'edge-list' }),
    ),
  };
  expect(renamed.panel.entity.labels).not.toEqual(produc.entity.labels);
  const other = lagrange(renamed.panel, renamed.weights, 'log(gsp) ~ log(pcap) + unemp | state + year');
  for (const name of ['error', 'lag', 'robustError', 'robustLag', 'wx', 'durbin'] as const) {
    expectClose(scaled[name]!.statistic, plain[name]!.statistic, 1e-7);
    expectClose(other[name]!.statistic, plain[name]!.statistic, 1e-7);
  }
});

test('the two-way LM tests are those of the regression on all dummies', () => {
  const within = run({ formula: 'log(gsp) ~ log(pcap) + unemp | state + year', permutations: 0 }, withStates).result.regression!;
  const dummies = run({ formula: 'log(gsp) ~ log(pcap) + unemp + i(state) + i(year)', permutations: 0 }, withStates).result
    .regression!;
  for (const name of ['error', 'lag', 'robustError', 'robustLag', 'sarma'] as const) {
    expectClose(within.lagrange[name].statistic, dummies.lagrange[name].statistic, 1e-7);
  }
});

test('a unit without a value is cut out of W, and the others keep rows that sum to one', () => {
  const ring = weightsFromFile(
    new TextEncoder().encode('a,b\n1,2\n2,3\n3,4\n4,5\n5,6\n6,1\n'),
    weightsOptions.parse({ kind: 'edge-list', direction: 'mirror' }),
  );
  const { global } = run(
    { variables: ['x'], permutations: 0 },
    { panel: crossSection({ x: [1, 5, 2, Number.NaN, 8, 3] }), weights: new Map([['W', ring]]) },
  ).result;
  const chain = normaliseWeights(
    weightsFromLinks({
      labels: ['5', '6', '1', '2', '3'],
      from: [0, 1, 1, 2, 2, 3, 3, 4],
      to: [1, 0, 2, 1, 3, 2, 4, 3],
      values: new Float64Array(8).fill(1),
      kind: 'edge-list',
    }),
    'row',
  );
  const wanted = moranI(chain, Float64Array.of(1, 5, 2, 8, 3), weightsMoments(chain));
  expect([global[0].units, global[0].links]).toEqual([5, 8]);
  expectClose(global[0].moran.statistic, wanted.statistic, 1e-14);
});

test('the report: I by period in one table, scatter and clusters as figures, a ladder in words', () => {
  const { report, result } = run(
    { variables: ['unemp'], formula: 'log(gsp) ~ log(pcap) | state', permutations: 99, places: ['pcap', 'pc'] },
    withStates,
  );
  expect(report.tables.map(({ title }: { title: string }) => title)).toEqual([
    'Spatial weights W',
    'Moran’s I and Geary’s C of unemp',
    'Moran’s I and Geary’s C of residuals of log(gsp)',
    'Spatial dependence after log(gsp) ~ log(pcap) | state',
    'Local Moran of unemp, 1986',
    'Local Moran of residuals of log(gsp), 1986',
  ]);
  expect(report.tables[1].rows).toHaveLength(17);
  expect(report.figures.map(({ title }: { title: string }) => title)).toContain('Clusters of unemp, 1986');
  expect(result.verdict.some((line) => line.startsWith('LM tests'))).toBe(true);
  expect(registry.get('spatial-tests')!.result.safeParse(JSON.parse(JSON.stringify(result))).success).toBe(true);
});

describe('refusals at the door', () => {
  const info = { panel: summarizePanel(produc), weights: new Map([['geo', summarizeWeights(states)]]) };
  const two = { ...info, weights: new Map([...info.weights, ['eco', summarizeWeights(states)]]) };
  const check = (params: object, given: typeof info | { panel: typeof info.panel }) => {
    const analysis = registry.get('spatial-tests')!;
    return analysis.check(analysis.params.parse(params), given).map(({ code, pointer }) => [code, pointer]);
  };

  test.each([
    [[['weights_needed', '/weights']], { variables: ['unemp'] }, { panel: info.panel }],
    [[], { variables: ['unemp'] }, info],
    [[['ambiguous_weights', '/weights']], { variables: ['unemp'] }, two],
    [[['unknown_weights', '/weights']], { variables: ['unemp'], weights: 'W' }, two],
    [[['unknown_column', '/variables/0']], { variables: ['unemploy'] }, info],
    [[['endogenous_regressors', '/formula']], { formula: 'gsp ~ 1 | state | pc ~ pcap' }, info],
    [[['unknown_weights', '/formula']], { formula: 'gsp ~ W(pc, ego)' }, info],
  ])('%j', (problems, params, given) => {
    expect(check(params, given)).toEqual(problems);
  });

  test('neither variables nor a formula', () => {
    expect(() => makeSpec(registry, { analysis: 'spatial-tests', dataset: 'x', params: {} }, 'test')).toThrow('name variables');
  });

  test('weights of other units end the job with both sides named', () => {
    const other = weightsFromFile(data('china_contiguity_edges.csv'), weightsOptions.parse({ kind: 'edge-list' }));
    expect(() => run({ variables: ['unemp'] }, { panel: produc, weights: new Map([['W', other]]) })).toThrow(
      /48 of the data.*31 of the weights/,
    );
  });
});
