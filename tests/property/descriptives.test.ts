import {
  buildPanel,
  InputError,
  makeSpec,
  momentsOf,
  type Panel,
  registry,
  runLocally,
  summarizePanel,
  varianceInflation,
  withinBetween,
} from '@spillway/core';
import fc from 'fast-check';

// biome-ignore lint/suspicious/noExplicitAny: results are JSON
type Json = any;

function run(analysis: string, panel: Panel, params: unknown): Json {
  const spec = makeSpec(registry, { analysis, dataset: 'x', params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

const panel = buildPanel({
  entity: { name: 'firm', values: [1, 1, 1, 2, 2, 3] },
  time: { name: 'year', values: [2000, 2001, 2002, 2000, 2002, 2001] },
  columns: [
    { name: 'x', values: [1, 2, 4, 8, 16, 32] },
    { name: 'y', values: [3, 1, null, 1, 5, 9] },
    { name: 'five', values: [5, 5, 5, 5, 5, 5] },
    { name: 'none', values: [null, null, null, null, null, Number.NaN] },
    { name: 'word', values: ['a', 'b', 'a', 'b', 'a', 'b'] },
  ],
});

const numbers = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 40 })
  .map((values) => Float64Array.from(values));
const close = (got: number, wanted: number, relative = 1e-9) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(wanted)));

test('skewness and kurtosis do not know units; moving the mean moves nothing else', () => {
  fc.assert(
    fc.property(numbers, (x) => {
      const a = momentsOf(x);
      fc.pre(a.sd > 1e-3); // a constant has neither
      const b = momentsOf(x.map((value) => -4 * value + 1024));
      close(b.sd, 4 * a.sd, 1e-6);
      close(b.skewness, -a.skewness, 1e-6);
      close(b.kurtosis, a.kurtosis, 1e-6);
      expect(a.kurtosis).toBeGreaterThanOrEqual(a.skewness ** 2 + 1 - 1e-9); // for every distribution
    }),
  );
});

test('within and between variation add up in a balanced panel', () => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 2, maxLength: 6 }), (entities) => {
      const T = Math.min(...entities.map(({ length }) => length));
      const x = Float64Array.from(entities.flatMap((values) => [...values.slice(0, T)]));
      const N = entities.length;
      const { overall, between, within } = withinBetween(x, {
        codes: Uint32Array.from(x, (_, i) => Math.floor(i / T)),
        levels: N,
      });
      const parts = T * (N - 1) * between.sd ** 2 + (N * T - 1) * within.sd ** 2;
      close(parts, (N * T - 1) * overall.sd ** 2, 1e-6);
    }),
  );
});

test('variance inflation: 1 for orthogonal columns, infinite for a combination, NaN for nothing', () => {
  const [a, b] = [Float64Array.of(1, -1, 1, -1), Float64Array.of(1, 1, -1, -1)];
  for (const factor of varianceInflation([a, b])) expect(factor).toBeCloseTo(1, 14);
  expect(Array.from(varianceInflation([a, b, a.map((value, i) => value + 2 * b[i])]))).toEqual(
    new Array(3).fill(Number.POSITIVE_INFINITY),
  );
  expect(varianceInflation([a, new Float64Array(4)])[1]).toBeNaN();
});

test('every variable on its own rows, or all on common ones; constants and empty columns are said', () => {
  const { variables, pattern, warnings } = run('describe', panel, {});
  const of = (name: string) => variables.find((one: Json) => one.name === name);
  expect(variables.map(({ name, n, missing }: Json) => [name, n, missing])).toEqual([
    ['x', 6, 0],
    ['y', 5, 1],
    ['five', 6, 0],
    ['none', 0, 6],
  ]);
  expect(of('x')).toMatchObject({ median: 6, min: 1, max: 32, sum: 63, entities: 3, periodsPerEntity: 2 });
  expect(of('five')).toMatchObject({ sd: 0, skewness: null, kurtosis: null, jarqueBera: { statistic: null, pValue: null } });
  expect(of('none').mean).toBeNull();
  expect(warnings).toHaveLength(2);
  expect(pattern).toMatchObject({ balanced: false, perEntity: { min: 1, median: 2, max: 3 }, perPeriod: [2, 2, 2] });
  expect(pattern.patterns.map(({ pattern: text, entities }: Json) => [text, entities])).toEqual([
    ['111', 1],
    ['1.1', 1],
    ['.1.', 1],
  ]);
  const common = run('describe', panel, { variables: ['x', 'y'], sample: 'common' });
  expect(common.variables.map(({ n }: Json) => n)).toEqual([5, 5]);
});

test('correlations: pairwise rows, a constant has none, and an absorbed regressor is named', () => {
  const { pairs, warnings } = run('correlate', panel, { variables: ['x', 'y', 'five'], sample: 'pairwise', effects: [] });
  const of = (a: string, b: string) => pairs.find((pair: Json) => pair.a === a && pair.b === b);
  expect([of('x', 'y').pearson.n, of('x', 'five').pearson.n, of('x', 'five').pearson.r]).toEqual([5, 6, null]);
  expect(warnings[0]).toContain('five');
  const ranks = run('correlate', panel, { variables: ['x', 'I(x^3)'], effects: [] }).pairs[0];
  expect(ranks.spearman).toMatchObject({ r: 1, pValue: 0 });
});

test('the door refuses text, unknown columns and terms of several columns', () => {
  const info = { panel: summarizePanel(panel) };
  const codes = (name: string, params: unknown) => {
    const analysis = registry.get(name)!;
    return analysis.check(analysis.params.parse(params), info).map(({ code, pointer }) => `${code} ${pointer}`);
  };
  expect(codes('describe', {})).toEqual([]);
  expect(codes('describe', { variables: ['word', 'xx', 'i(word)'] })).toEqual([
    'text_column /variables/0',
    'unknown_column /variables/1',
    'several_columns /variables/2',
  ]);
  expect(codes('correlate', { variables: ['x', 'y'], effects: ['frim'] })).toEqual(['unknown_column /effects/0']);
  expect(() => run('correlate', panel, { variables: ['x'] })).toThrow(InputError);
});
