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

/** Everything but words: what two roads to the same numbers must share. */
function expectSameNumbers(got: Json, wanted: Json, places = 8): void {
  for (const g of [0, 1])
    for (const { term, estimate, standardError } of wanted.groups[g].coefficients) {
      const own = got.groups[g].coefficients.find((one: Json) => one.term.replace('D.', '') === term.replace('D.', ''));
      expect(own.estimate).toBeCloseTo(estimate, places);
      expect(own.standardError).toBeCloseTo(standardError, places);
    }
  for (const [j, { difference, clogg, sur, interactions, permutation }] of wanted.differences.entries()) {
    const own = got.differences[j];
    expect(own.difference).toBeCloseTo(difference, places);
    expect(own.clogg.statistic).toBeCloseTo(clogg.statistic, 6);
    expect(own.sur.statistic).toBeCloseTo(sur.statistic, 6);
    for (const [c, one] of interactions.entries()) expect(own.interactions[c].statistic).toBeCloseTo(one.statistic, 6);
    expect(own.permutation.studentised).toEqual(permutation.studentised);
    expect(own.permutation.raw.sd).toBeCloseTo(permutation.raw.sd, 6);
  }
  expect(got.sur.wald.statistic).toBeCloseTo(wanted.sur.wald.statistic, 5);
  expect(got.permutation.wald.exceeding).toBe(wanted.permutation.wald.exceeding);
  expect(got.permutation.wald.statistic).toBeCloseTo(wanted.permutation.wald.statistic, 5);
}

describe('any linear model', () => {
  test('first differences are pooled regressions of differences', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const panel = panelOf(shape);
        const differenced = run(panel, { formula: 'y ~ x + z', estimator: 'first-difference' });
        const pooled = run(panel, { formula: 'D.y ~ D.x + D.z' });
        expectSameNumbers(differenced, pooled);
        expect(differenced.chow.statistic).toBeCloseTo(pooled.chow.statistic, 6);
        expect(differenced.chowPooled).toBeNull();
      }),
      { numRuns: 6 },
    );
  });

  test('between is pooled regression of entity means', () => {
    const shape = { seed: 31, entities: 12, periods: 5, steeper: 2 };
    const panel = panelOf(shape);
    const firms = Array.from({ length: shape.entities }, (_, e) => e);
    const valuesOf = (name: string) => {
      const column = panel.columns.find((one) => one.name === name)!;
      return column.kind === 'number' ? column.values : new Float64Array(0);
    };
    const means = (name: string) =>
      firms.map((e) => {
        const own = valuesOf(name).slice(panel.entity.starts[e], panel.entity.starts[e + 1]);
        return own.reduce((sum, value) => sum + value, 0) / own.length;
      });
    const collapsed = buildPanel({
      entity: { name: 'firm', values: firms },
      time: { name: 'year', values: firms.map(() => 2000) },
      columns: [
        ...['y', 'x', 'z'].map((name) => ({ name, values: means(name) })),
        { name: 'g', values: firms.map((e) => (e % 2 === 1 ? 'b' : 'a')) },
      ],
    });
    const between = run(panel, { formula: 'y ~ x + z', estimator: 'between' });
    const pooled = run(collapsed, { formula: 'y ~ x + z' });
    expectSameNumbers(between, pooled);
    expect(between.chow.statistic).toBeCloseTo(pooled.chow.statistic, 6);
  });

  test('two-stage least squares with the regressors as their own instruments is least squares, permutations included', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom('', ' | firm', ' | firm + year'), (shape, effects) => {
        const panel = panelOf(shape);
        const covariance = ['cluster', 'classical', 'hc1'];
        const own = run(panel, { formula: `y ~ z${effects} | x ~ I(2*x + z)`, covariance });
        const plain = run(panel, { formula: `y ~ x + z${effects}`, covariance });
        expect(own.estimator).toBe('2sls');
        expectSameNumbers(own, plain);
        expect(own.chow.statistic).toBeCloseTo(plain.chow.statistic, 6); // the Wald form is the form by sums of squares
        expect([own.chow.df1, own.chow.df2]).toEqual([plain.chow.df1, plain.chow.df2]);
      }),
      { numRuns: 8 },
    );
  });

  test('overidentified: slopes and errors of each group are those of the analysis iv on its rows', () => {
    const panel = panelOf({ seed: 12, entities: 10, periods: 7, steeper: 1 });
    const formula = 'y ~ z | firm | x ~ L.x + L.z';
    const { groups, differences, permutation } = run(panel, { formula });
    for (const [g, label] of ['a', 'b'].entries()) {
      const rows = Array.from({ length: panel.rows }, (_, i) => i).filter(
        (i) => (panel.entity.codes[i] % 2 === 1 ? 'b' : 'a') === label,
      );
      const part = buildPanel({
        entity: { name: 'firm', values: rows.map((i) => panel.entity.codes[i]) },
        time: { name: 'year', values: rows.map((i) => panel.time.values[panel.time.codes[i]]) },
        columns: ['y', 'x', 'z'].map((name) => {
          const column = panel.columns.find((one) => one.name === name)!;
          return { name, values: column.kind === 'number' ? rows.map((i) => column.values[i]) : [] };
        }),
      });
      const params = { formula };
      const spec = makeSpec(registry, { analysis: 'iv', dataset: 'x', params, seed: 5 }, 'test');
      const alone = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel: part }).result));
      for (const { term, estimate, standardError } of alone.estimates[0].coefficients) {
        const got = groups[g].coefficients.find((one: Json) => one.term === term);
        expect(got.estimate).toBeCloseTo(estimate, 8);
        expect(got.standardError).toBeCloseTo(standardError, 8);
      }
    }
    expect(permutation.replications).toBe(252);
    // its own labeling is among them: the difference of the separate fits is the observed one
    for (const { permutation: one } of differences) expect(one.raw.atLeast).toBeGreaterThanOrEqual(1);
  });

  test('random effects: each group its own θ, as grouped runs of panel-regression; the other way round changes signs only', () => {
    const panel = panelOf({ seed: 8, entities: 10, periods: 6, steeper: 2 });
    const asked = { formula: 'y ~ x + z', estimator: 'random-effects' };
    const result = run(panel, asked);
    const params = { formula: 'y ~ x + z', estimators: 'random-effects', groups: 'g' };
    const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'x', params, seed: 5 }, 'test');
    const table = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
    for (const [g, label] of ['a', 'b'].entries()) {
      const { fitted } = table.columns.find(({ group }: Json) => group === label);
      for (const { term, estimate, standardError } of fitted.coefficients) {
        const own = result.groups[g].coefficients.find((one: Json) => one.term === term);
        expect(own.estimate).toBeCloseTo(estimate, 9);
        expect(own.standardError).toBeCloseTo(standardError, 9);
      }
    }
    const swapped = run(panel, { ...asked, levels: ['b', 'a'] });
    for (const [j, { difference, sur, permutation }] of result.differences.entries()) {
      expect(swapped.differences[j].difference).toBeCloseTo(-difference, 9);
      expect(swapped.differences[j].sur.pValue).toBeCloseTo(sur.pValue, 9);
      expect(swapped.differences[j].permutation.studentised).toEqual(permutation.studentised);
    }
    expect(result.permutation.exact).toBe(true);
  });

  test('drawn labelings of refitted models: the same bytes however the job is cut', () => {
    const large = { seed: 2, entities: 24, periods: 4, steeper: 1 };
    const ones: RunLocallyOptions['recut'] = (shards) => {
      const units = shards.reduce((sum, { count }) => sum + count, 0);
      return Array.from({ length: units }, (_, first) => ({ first, count: 1 }));
    };
    for (const model of [{ estimator: 'random-effects', formula: 'y ~ x + z' }, { formula: 'y ~ z | firm | x ~ L.x + L.z' }]) {
      const changes = { ...model, permutation: { replications: 30 } };
      const whole = run(panelOf(large), changes);
      expect(whole.permutation.exact).toBe(false);
      expect(run(panelOf(large), changes, { recut: ones, order: (shards) => [...shards].reverse() })).toEqual(whole);
    }
  });

  test('what does not go together is refused by name', () => {
    const panel = panelOf({ seed: 1, entities: 8, periods: 6, steeper: 1 });
    const door = (changes: Readonly<Record<string, unknown>>) => {
      const analysis = registry.get('group-difference')!;
      const params = analysis.params.parse({ formula: 'y ~ x + z', group: 'g', ...changes });
      return analysis.check(params, { panel: summarizePanel(panel) }).map(({ code }) => code);
    };
    expect(door({ estimator: 'within' })).toEqual(['effects_needed']);
    expect(door({ estimator: 'random-effects', formula: 'y ~ x | firm' })).toEqual(['effects_unused']);
    expect(door({ estimator: '2sls' })).toEqual(['no_endogenous']);
    expect(door({ estimator: 'pooled', formula: 'y ~ 1 | x ~ z' })).toEqual(['unsupported_instruments']);
    expect(door({ formula: 'y ~ 1 | x + z ~ L.x' })).toEqual(['too_few_instruments']);
    const failure = (changes: Readonly<Record<string, unknown>>, of = panel) => {
      try {
        run(of, changes);
      } catch (error) {
        if (error instanceof EstimationError) return [error.code, error.message];
        throw error;
      }
      return [];
    };
    const iv = { formula: 'y ~ z | firm | x ~ L.x' };
    expect(failure({ ...iv, covariance: 'hc3' })).toEqual(['covariance_unavailable', expect.stringContaining('hc3')]);
    expect(failure({ formula: 'y ~ x + z', estimator: 'random-effects' })).toEqual([]);
    const few = panelOf({ seed: 1, entities: 6, periods: 6, steeper: 1 });
    expect(failure({ formula: 'y ~ x + z', estimator: 'random-effects' }, few)).toEqual([
      'too_few_entities',
      expect.stringMatching(/^group a: Swamy–Arora .*wallace-hussain/),
    ]);
    const nerlove = { formula: 'y ~ x + z', estimator: 'random-effects', varianceComponents: { method: 'nerlove' } };
    expect(failure(nerlove, few)).toEqual([]);
    expect(failure({ formula: 'y ~ x', group: 'firm', levels: ['1', '2'] })).toEqual([
      'too_few_clusters',
      expect.stringMatching(/^group 1: clustered covariance needs G ≥ 2 clusters, got 1/),
    ]);
    const mixed = panelOf({ seed: 1, entities: 10, periods: 6, steeper: 1 }, { mixed: true });
    expect(failure({ formula: 'y ~ x + z', estimator: 'between' }, mixed)).toEqual([]);
  });
});

test('“too small for this?” stands first; with too few labelings the permutation test cannot reject, and it is said', () => {
  const few = panelOf({ seed: 4, entities: 5, periods: 8, steeper: 3 });
  const result = run(few, { formula: 'y ~ x | firm' });
  expect(result.adequacy.map(({ has, status }: Json) => `${has}: ${status}`)).toEqual([
    'G = 5: too small',
    '3 and 2: too small',
    '10: too small',
  ]);
  expect(result.warnings.join(' ')).toContain('10 labelings are all there are: the permutation test cannot give a p below 0.10');
  expect(registry.get('group-difference')!.report(result).tables[0].title).toBe('Too small for this?');
  const enough = run(panelOf({ seed: 4, entities: 8, periods: 5, steeper: 3 }), { formula: 'y ~ x | firm' });
  expect(enough.adequacy[2]).toMatchObject({ has: '70', status: 'ok' });
});
