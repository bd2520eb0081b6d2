import {
  buildPanel,
  EstimationError,
  makeSpec,
  type Panel,
  PhiloxStream,
  type RunLocallyOptions,
  registry,
  runLocally,
  summarizePanel,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  /** how much steeper x is in the second group */
  readonly steeper: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 6, max: 9 }),
  periods: fc.integer({ min: 4, max: 7 }),
  steeper: fc.constantFrom(0, 3),
});

/** Every second entity is in group b; `swap` names the groups the other way round, `relabel` gives whole entities other names. */
function panelOf({ seed, entities, periods, steeper }: Shape, { swap = false, mixed = false, scale = 1 } = {}): Panel {
  const draws = new PhiloxStream(seed, 9);
  const rows = entities * periods;
  const entity = Array.from({ length: rows }, (_, i) => Math.floor(i / periods));
  const second = (i: number) => (mixed ? i % 2 === 1 : entity[i] % 2 === 1);
  const effect = Array.from({ length: entities }, () => draws.normal());
  const x = entity.map((e) => draws.normal() + effect[e]);
  const z = entity.map(() => draws.normal());
  const y = x.map((value, i) => scale * ((second(i) ? 1 + steeper : 1) * value - z[i] + effect[entity[i]] + draws.normal()));
  return buildPanel({
    entity: { name: 'firm', values: entity },
    time: { name: 'year', values: entity.map((_, i) => 2000 + (i % periods)) },
    columns: [
      { name: 'y', values: y },
      { name: 'x', values: x },
      { name: 'z', values: z },
      { name: 'g', values: entity.map((_, i) => (second(i) !== swap ? 'b' : 'a')) },
      { name: 'sector', values: entity.map((e) => e % 3) },
    ],
  });
}

// biome-ignore lint/suspicious/noExplicitAny: results are JSON
type Json = any;

function run(
  panel: Panel,
  changes: Readonly<Record<string, unknown>> = {},
  options: RunLocallyOptions = {},
  analysis = 'group-difference',
): Json {
  const params = { formula: 'y ~ x + z | firm', group: 'g', ...changes };
  const spec = makeSpec(registry, { analysis, dataset: 'x', params, seed: 5 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }, options).result));
}

const close = (got: number, wanted: number, relative = 1e-8) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(wanted)));

test('slopes by group are grouped runs of panel-regression, and interactions without shared effects are their difference', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const panel = panelOf(shape);
      const { groups, differences, chow, interaction } = run(panel, {
        permutation: { replications: 0 },
        covariance: ['cluster', 'classical'],
      });
      const regression = { formula: 'y ~ x + z | firm', groups: 'g', covariance: ['cluster'] };
      const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'x', params: regression, seed: 5 }, 'test');
      const { columns } = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
      for (const { label, coefficients } of groups) {
        const { fitted } = columns.find(({ group }: Json) => group === label);
        for (const { term, estimate, standardError } of coefficients) {
          const other = fitted.coefficients.find((one: Json) => one.term === term);
          close(estimate, other.estimate);
          close(standardError, other.standardError);
        }
      }
      for (const { difference, interactions } of differences)
        for (const { estimate } of interactions) close(estimate, difference);
      close(interaction[1].wald.statistic, chow.statistic, 1e-7); // F by sums of squares and by Wald
    }),
    { numRuns: 12 },
  );
});

test('naming the groups the other way round changes signs only, exact p included; units change nothing', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const [a, b, c] = [run(panelOf(shape)), run(panelOf(shape, { swap: true })), run(panelOf(shape, { scale: 1024 }))];
      expect(a.permutation.exact).toBe(true);
      close(b.permutation.wald.pValue, a.permutation.wald.pValue);
      expect(c.permutation.wald.pValue).toBe(a.permutation.wald.pValue);
      a.differences.forEach((one: Json, j: number) => {
        close(b.differences[j].difference, -one.difference);
        expect(b.differences[j].permutation.studentised.pValue).toBe(one.permutation.studentised.pValue);
        expect(c.differences[j].permutation.studentised.pValue).toBe(one.permutation.studentised.pValue);
        close(b.differences[j].sur.statistic, -one.sur.statistic);
      });
    }),
    { numRuns: 12 },
  );
});

test('differences are studentised by errors clustered by entity in each group', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { groups, differences, permutation } = run(panelOf(shape), {
        formula: 'y ~ x | firm + year',
        covariance: { kind: 'cluster', smallSample: 'none' },
      });
      const variance = groups.reduce((sum: number, { entities: G, coefficients }: Json) => {
        const { standardError } = coefficients.find(({ term }: Json) => term === 'x');
        return sum + (G / (G - 1)) * standardError ** 2;
      }, 0);
      close(permutation.wald.statistic, differences[0].difference ** 2 / variance, 1e-7);
    }),
    { numRuns: 12 },
  );
});

test('exact p is a share of all labelings and counts the data’s own', () => {
  const { permutation, differences } = run(panelOf({ seed: 2, entities: 8, periods: 5, steeper: 0 }));
  expect(permutation.replications).toBe(70); // C(8, 4)
  expect(permutation.wald.exceeding).toBeGreaterThanOrEqual(1);
  expect(permutation.wald.pValue).toBe(permutation.wald.exceeding / (70 - permutation.unidentified));
  for (const { permutation: one } of differences) expect(one.studentised.exceeding).toBeGreaterThanOrEqual(1);
  const strong = run(panelOf({ seed: 2, entities: 8, periods: 5, steeper: 40 }));
  expect(strong.differences[0].permutation.studentised.pValue).toBeLessThanOrEqual(2 / 70); // itself, and its mirror image
});

test('drawn labelings: the same bytes however the job is cut, p with one added, near the exact one', () => {
  const shape = { seed: 8, entities: 9, periods: 5, steeper: 0 };
  const large = { ...shape, entities: 24 };
  const changes = { permutation: { replications: 199 } };
  const whole = run(panelOf(large), changes);
  const ones: RunLocallyOptions['recut'] = (shards) => {
    const units = shards.reduce((sum, { count }) => sum + count, 0);
    return Array.from({ length: Math.ceil(units / 7) }, (_, k) => ({ first: 7 * k, count: Math.min(7, units - 7 * k) }));
  };
  expect(run(panelOf(large), changes, { recut: ones, order: (shards) => [...shards].reverse() })).toEqual(whole);
  expect(whole.permutation.exact).toBe(false);
  for (const { permutation } of whole.differences)
    expect(permutation.studentised.pValue).toBe((1 + permutation.studentised.exceeding) / 200);
});

test('time effects are each group’s own in the permutations as in the data', () => {
  const panel = panelOf({ seed: 6, entities: 8, periods: 5, steeper: 1 });
  const { differences, permutation } = run(panel, { formula: 'y ~ x + z | firm + year', covariance: { kind: 'cluster' } });
  expect(permutation.replications).toBe(70);
  // the permutation's raw observed difference is that of the separate regressions: its own labeling is among all
  for (const { permutation: one } of differences) expect(one.raw.atLeast).toBeGreaterThanOrEqual(1);
});

test('groups within entities: everything but the permutation, and the result says why', () => {
  const { permutation, warnings, sur } = run(panelOf({ seed: 1, entities: 8, periods: 6, steeper: 1 }, { mixed: true }));
  expect(permutation).toBeNull();
  expect(warnings.some((line: string) => line.includes('changes within entities'))).toBe(true);
  expect(sur.clusters).toBe(8); // each in both groups
});

test('what cannot be compared is refused by name', () => {
  const panel = panelOf({ seed: 1, entities: 8, periods: 6, steeper: 1 });
  const code = (changes: Readonly<Record<string, unknown>>): string => {
    try {
      run(panel, changes);
    } catch (error) {
      if (error instanceof EstimationError) return error.code;
      throw error;
    }
    return 'none';
  };
  expect(code({ levels: ['a', 'c'] })).toBe('empty_group');
  expect(code({ group: 'sector' })).toBe('not_two_groups');
  expect(code({ group: 'sector', levels: ['0', '2'] })).toBe('none');
  expect(code({ formula: 'y ~ x | firm + g' })).toBe('none'); // the group's own effect is absorbed
  const door = (changes: Readonly<Record<string, unknown>>) => {
    const analysis = registry.get('group-difference')!;
    const params = analysis.params.parse({ formula: 'y ~ x + z | firm', group: 'g', ...changes });
    return analysis.check(params, { panel: summarizePanel(panel), limits: { replications: 1000 } }).map(({ code: one }) => one);
  };
  expect(door({})).toEqual([]);
  expect(door({ group: 'h' })).toEqual(['unknown_column']);
  expect(door({ group: 'sector' })).toEqual(['not_two_groups']);
  expect(door({ permutation: { replications: 2000 } })).toEqual(['too_many_replications']);
  expect(door({ formula: 'y ~ 0 + x' })).toEqual(['intercept_needed']);
});
