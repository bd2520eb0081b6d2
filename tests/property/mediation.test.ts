import {
  buildPanel,
  leastSquares,
  type MediationResult,
  makeSpec,
  mediation,
  type Panel,
  PhiloxStream,
  registry,
  runLocally,
  sha256,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 8, max: 12 }),
  periods: fc.integer({ min: 3, max: 6 }),
});
const runs = { numRuns: 12 };

interface Columns {
  readonly [name: string]: readonly number[];
}

/** x → m1 → m2 → y with entity and period effects, and controls z1, z2. */
function columnsOf({ seed, entities, periods }: Shape): Columns {
  const draws = new PhiloxStream(seed, 31);
  const rows = Array.from({ length: entities * periods }, (_, i) => i);
  const effect = Array.from({ length: entities }, () => draws.normal());
  const year = Array.from({ length: periods }, () => draws.normal());
  const of = (i: number) => effect[Math.floor(i / periods)] + year[i % periods];
  const normals = () => rows.map(() => draws.normal());
  const [z1, z2, w] = [normals(), normals(), normals()];
  const x = rows.map((i) => 0.4 * z1[i] + of(i) + draws.normal());
  const m1 = rows.map((i) => 0.6 * x[i] + 0.3 * z2[i] + of(i) + draws.normal());
  const m2 = rows.map((i) => 0.3 * x[i] + 0.5 * m1[i] - 0.2 * z1[i] + draws.normal());
  const y = rows.map((i) => 0.2 * x[i] + 0.4 * m1[i] + 0.5 * m2[i] + 0.3 * w[i] * x[i] + z1[i] + of(i) + draws.normal());
  return { y, x, m1, m2, z1, z2, w };
}

/** Rows of a panel; entities named by `label`. */
function panelOf(
  { entities, periods }: Shape,
  columns: Columns,
  label = (e: number) => `f${100 + e}`,
  keep: readonly number[] = [],
): Panel {
  const all = Array.from({ length: entities * periods }, (_, i) => i);
  const rows = keep.length > 0 ? keep : all;
  return buildPanel({
    entity: { name: 'firm', values: rows.map((i) => label(Math.floor(i / periods))) },
    time: { name: 'year', values: rows.map((i) => String(2000 + (i % periods))) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(rows, (i) => values[i]) })),
  });
}

const specOf = (params: Readonly<Record<string, unknown>>) =>
  makeSpec(registry, { analysis: 'mediation', dataset: 'property', params, seed: 5 }, 'test');

function job(panel: Panel, params: Readonly<Record<string, unknown>>): MediationResult {
  return JSON.parse(new TextDecoder().decode(runLocally(registry, specOf(params), { panel }).result));
}

const quiet = { bootstrap: { replications: 0 }, monteCarlo: { draws: 0 } };
const effects = ['', ' | firm', ' | year', ' | firm + year'];
const effectArb = fc.constantFrom(...effects);

const close = (got: number, wanted: number, relative = 1e-8, size = Math.abs(wanted)) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * size + 1e-13);

const effectOf = ({ mediation: of }: MediationResult, role: string) => of!.effects.find((effect) => effect.role === role)!;

/** The path coefficients of units of a job, by rows. */
function refits(panel: Panel, params: Readonly<Record<string, unknown>>, first: number, count: number): Float64Array {
  const parsed = mediation.params.parse(params);
  const { context } = mediation.plan(parsed, { panel }, 5);
  return mediation.run(parsed, { panel }, context, { first, count }, () => {}, 5);
}

/** Path coefficients of a result, in the order of the refits. */
function pathsOf({ treatment, mediators, mediation: of }: MediationResult): number[] {
  const cell = (equation: NonNullable<typeof of>['total'], term: string) =>
    equation.coefficients.find((row) => row.term === term)!.estimate;
  const { mediators: own, outcome, kind } = of!;
  return [
    ...own.flatMap((equation, j) => [
      cell(equation, treatment),
      ...(kind === 'serial' ? mediators.slice(0, j).map((name) => cell(equation, name)) : []),
    ]),
    cell(outcome, treatment),
    ...mediators.map((name) => cell(outcome, name)),
  ];
}

describe('c = c′ + Σ indirect', () => {
  const kinds = fc.constantFrom(
    { mediators: ['m1'] },
    { mediators: ['m1', 'm2'] },
    { mediators: ['m1', 'm2'], kind: 'serial' },
    { mediators: ['m2', 'm1', 'w'], kind: 'serial' },
  );

  test('holds for any effects, any number of mediators, in the estimates and in every draw’s mean', () => {
    fc.assert(
      fc.property(shapes, effectArb, kinds, (shape, absorbed, kind) => {
        const result = job(panelOf(shape, columnsOf(shape)), {
          formula: `y ~ x + z1 + z2${absorbed}`,
          ...kind,
          bootstrap: { replications: 49 },
          monteCarlo: { draws: 0 },
        });
        const { identity, effects: all } = result.mediation!;
        const sum = (of: (effect: (typeof all)[number]) => number) =>
          all.filter(({ role }) => role === 'direct' || role === 'indirect').reduce((total, effect) => total + of(effect), 0);
        const size = all.reduce((total, { estimate }) => total + Math.abs(estimate), 0);
        expect(identity.holds).toBe(true);
        close(
          identity.total,
          sum(({ estimate }) => estimate),
          1e-10,
          size,
        );
        close(identity.gap, 0, 1e-10, size);
        close(
          effectOf(result, 'total').bootstrap!.mean,
          sum(({ bootstrap }) => bootstrap!.mean),
          1e-9,
          size,
        );
      }),
      runs,
    );
  });

  test('it does not hold with other controls of the mediator, and then there is no share and a word', () => {
    const shape = { seed: 4, entities: 10, periods: 6 };
    const result = job(panelOf(shape, columnsOf(shape)), {
      formula: 'y ~ x + z1 | firm',
      mediators: ['m1'],
      mediatorControls: ['z2'],
      ...quiet,
    });
    const { identity, share, sensitivity } = result.mediation!;
    expect(identity.holds).toBe(false);
    expect(Math.abs(identity.gap)).toBeGreaterThan(1e-3);
    expect([share.value, sensitivity]).toEqual([null, null]);
    expect(result.warnings.join(' ')).toMatch(/total minus direct is not the indirect effect/);
    const same = job(panelOf(shape, columnsOf(shape)), {
      formula: 'y ~ x + z1 + z2 | firm',
      mediators: ['m1'],
      mediatorControls: ['z2', 'z1'],
      ...quiet,
    });
    expect(same.mediation!.identity.holds).toBe(true);
    expect(same.mediatorControls).toBeNull();
  });

  test('every equation is on the rows that are complete for all: a hole in the mediator is one in the total effect', () => {
    const shape = { seed: 4, entities: 10, periods: 6 };
    const columns = columnsOf(shape);
    const holed = { ...columns, m1: columns.m1.map((value, i) => (i % 7 === 0 ? Number.NaN : value)) };
    const { sample, mediation: of } = job(panelOf(shape, holed), { formula: 'y ~ x | firm', mediators: ['m1'], ...quiet });
    expect(sample.rows).toBe(60 - 9);
    expect(sample.dropped).toEqual([{ reason: 'm1 missing in the data', rows: 9 }]);
    const rows = columns.y.flatMap((_, i) => (i % 7 === 0 ? [] : [i]));
    const alone = job(panelOf(shape, columns, undefined, rows), { formula: 'y ~ x | firm', mediators: ['m1'], ...quiet });
    expect(of!.total).toEqual(alone.mediation!.total);
  });
});

describe('what cannot matter does not', () => {
  test('units of y, x and m: paths scale, statistics and ρ stay, intervals scale', () => {
    fc.assert(
      fc.property(
        shapes,
        effectArb,
        fc.tuple(...[1, 2, 3].map(() => fc.constantFrom(-8, 0.01, 3, 1e4))),
        (shape, absorbed, [s, t, u]) => {
          const columns = columnsOf(shape);
          const scaled = {
            ...columns,
            y: columns.y.map((value) => s * value),
            x: columns.x.map((value) => t * value),
            m1: columns.m1.map((value) => u * value),
          };
          const params = {
            formula: `y ~ x + z1${absorbed}`,
            mediators: ['m1'],
            covariance: ['cluster', 'classical'],
            bootstrap: { replications: 59 },
            monteCarlo: { draws: 0 },
          };
          const [own, other] = [columns, scaled].map((of) => job(panelOf(shape, of), params));
          for (const [e, effect] of own.mediation!.effects.entries()) {
            const changed = other.mediation!.effects[e];
            close(changed.estimate, (effect.estimate * s) / t, 1e-8);
            for (const [k, row] of effect.tests.entries())
              close(Math.abs(changed.tests[k].statistic), Math.abs(row.statistic), 1e-7);
            const ends = ({ lower, upper }: { lower: number; upper: number }) => (s / t > 0 ? [lower, upper] : [upper, lower]);
            const size = (Math.abs(effect.bootstrap!.standardError) * Math.abs(s)) / Math.abs(t) + Math.abs(changed.estimate);
            for (const name of ['percentile', 'bca'] as const) {
              const [before, after] = [effect.bootstrap![name], changed.bootstrap![name]];
              expect(before === null).toBe(after === null);
              if (before === null || after === null) continue;
              const [lower, upper] = ends(before);
              close(after.lower, (lower * s) / t, 1e-6, size);
              close(after.upper, (upper * s) / t, 1e-6, size);
            }
            close(changed.bootstrap!.pValue, effect.bootstrap!.pValue);
          }
          const rho = (of: MediationResult) => of.mediation!.sensitivity!.correlationAtZero;
          close(Math.abs(rho(other)), Math.abs(rho(own)));
        },
      ),
      runs,
    );
  });

  test('order of rows: the same bytes; names of entities: the same numbers', () => {
    fc.assert(
      fc.property(shapes, effectArb, (shape, absorbed) => {
        const columns = columnsOf(shape);
        const params = { formula: `y ~ x + z1${absorbed}`, mediators: ['m1', 'm2'], bootstrap: { replications: 29 } };
        const n = shape.entities * shape.periods;
        const bytes = (panel: Panel) => sha256(runLocally(registry, specOf(params), { panel }).result);
        const backwards = panelOf(
          shape,
          columns,
          undefined,
          Array.from({ length: n }, (_, i) => n - 1 - i),
        );
        expect(bytes(backwards)).toBe(bytes(panelOf(shape, columns)));
        expect(bytes(panelOf(shape, columns, (e) => `g${500 + e}`))).toBe(bytes(panelOf(shape, columns)));
        // in another order of entities draws are of others, estimates the same
        const turned = job(
          panelOf(shape, columns, (e) => `f${900 - e}`),
          { ...params, ...quiet },
        );
        const own = job(panelOf(shape, columns), { ...params, ...quiet });
        for (const [e, effect] of own.mediation!.effects.entries()) {
          close(turned.mediation!.effects[e].estimate, effect.estimate, 1e-9);
          for (const [k, row] of effect.tests.entries())
            close(turned.mediation!.effects[e].tests[k].standardError, row.standardError, 1e-8);
        }
      }),
      { numRuns: 6 },
    );
  });

  test('the cut of the work: any shards give the same bytes', () => {
    fc.assert(
      fc.property(shapes, effectArb, fc.integer({ min: 1, max: 40 }), (shape, absorbed, size) => {
        const panel = panelOf(shape, columnsOf(shape));
        const params = mediation.params.parse({
          formula: `y ~ x + z1${absorbed}`,
          mediators: ['m1', 'm2'],
          kind: 'serial',
          bootstrap: { replications: 49 },
        });
        const { context, shards } = mediation.plan(params, { panel }, 5);
        const total = shards.reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(49 + shape.entities);
        const result = (cut: number) => {
          const parts: Float64Array[] = [];
          for (let first = 0; first < total; first += cut)
            parts.push(mediation.run(params, { panel }, context, { first, count: Math.min(cut, total - first) }, () => {}, 5));
          return JSON.stringify(mediation.combine(params, { panel }, context, parts, 5));
        };
        expect(result(size)).toBe(result(total));
      }),
      { numRuns: 6 },
    );
  });
});

describe('refits', () => {
  /** A panel of entities taken as often as counted, copies as entities of their own. */
  function copies(shape: Shape, columns: Columns, keep: readonly number[], counts: ArrayLike<number>): Panel {
    const { entities, periods } = shape;
    const rows: number[] = [];
    const names: string[] = [];
    for (let e = 0; e < entities; e++)
      for (let copy = 0; copy < counts[e]; copy++)
        for (const i of keep.filter((row) => Math.floor(row / periods) === e)) {
          rows.push(i);
          names.push(`f${100 + e}_${copy}`);
        }
    return buildPanel({
      entity: { name: 'firm', values: names },
      time: { name: 'year', values: rows.map((i) => String(2000 + (i % periods))) },
      columns: Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(rows, (i) => values[i]) })),
    });
  }

  test.each(['parallel', 'serial'])(
    '%s: a draw is the analysis of the entities drawn, a leave-out that of the others; balanced or not',
    (kind) => {
      fc.assert(
        fc.property(shapes, effectArb, fc.boolean(), fc.nat({ max: 18 }), (shape, absorbed, unbalanced, b) => {
          const columns = columnsOf(shape);
          const { entities, periods } = shape;
          const keep = Array.from({ length: entities * periods }, (_, i) => i).filter((i) => !unbalanced || i % 5 !== 1);
          const panel = panelOf(shape, columns, undefined, keep);
          const params = {
            formula: `y ~ x + z1${absorbed}`,
            mediators: ['m1', 'm2'],
            kind,
            bootstrap: { replications: 19 },
            singletons: 'keep',
          };
          const random = new PhiloxStream(5, 0);
          random.seek(b);
          const drawn = new Uint32Array(entities);
          random.indices(entities, drawn);
          const counts = new Uint32Array(entities);
          for (const e of drawn) counts[e]++;
          fc.pre(counts.filter((count) => count > 0).length > 4);
          const without = Uint32Array.from({ length: entities }, (_, e) => (e === b % entities ? 0 : 1));
          for (const [unit, times] of [
            [b, counts],
            [19 + (b % entities), without],
          ] as const) {
            const got = refits(panel, params, unit, 1);
            const again = pathsOf(job(copies(shape, columns, keep, times), { ...params, ...quiet }));
            for (const [j, value] of again.entries()) close(got[j], value, 1e-7, Math.abs(value) + 0.1);
          }
        }),
        runs,
      );
    },
  );

  test('intervals are order statistics of the draws of the effect', () => {
    const shape = { seed: 9, entities: 12, periods: 5 };
    const panel = panelOf(shape, columnsOf(shape));
    const params = { formula: 'y ~ x + z1 | firm', mediators: ['m1'], bootstrap: { replications: 199 } };
    const draws = refits(panel, params, 0, 199);
    const products = Float64Array.from({ length: 199 }, (_, b) => draws[3 * b] * draws[3 * b + 2]).sort();
    const { bootstrap } = effectOf(job(panel, params), 'indirect');
    close(bootstrap!.percentile.lower, products[4]);
    close(bootstrap!.percentile.upper, products[194]);
    const below = products.filter((value) => value <= 0).length;
    close(bootstrap!.pValue, Math.min(1, (2 * (1 + Math.min(below, 199 - below))) / 200));
  });
});

describe('covariance of the paths', () => {
  test('parallel, classical: the total’s delta error has cov(a₁, a₂) = s₁₂ (X’X)⁻¹', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const columns = columnsOf(shape);
        const result = job(panelOf(shape, columns), {
          formula: 'y ~ x',
          mediators: ['m1', 'm2'],
          covariance: 'classical',
          ...quiet,
        });
        const of = (name: string) => Float64Array.from(columns[name]);
        const n = columns.y.length;
        const one = new Float64Array(n).fill(1);
        const [first, second] = ['m1', 'm2'].map((name) => leastSquares([one, of('x')], of(name)));
        const full = leastSquares([one, of('x'), of('m1'), of('m2')], of('y'));
        const s12 = first.residuals.reduce((sum, value, i) => sum + value * second.residuals[i], 0) / (n - 2);
        const [a1, a2] = [first.coefficients[1], second.coefficients[1]];
        const [b1, b2] = [full.coefficients[2], full.coefficients[3]];
        const xx = first.inverseGram.get(1, 1);
        const V = full.inverseGram.clone().mul(full.ssr / (n - 4));
        const variance =
          (b1 * b1 * first.ssr + b2 * b2 * second.ssr) * (xx / (n - 2)) +
          2 * b1 * b2 * s12 * xx +
          a1 * a1 * V.get(2, 2) +
          a2 * a2 * V.get(3, 3) +
          2 * a1 * a2 * V.get(2, 3);
        const [{ standardError }] = effectOf(result, 'total-indirect').tests;
        close(standardError, Math.sqrt(variance), 1e-8);
      }),
      runs,
    );
  });

  test('of one route Sobel’s is the delta method, and a Monte Carlo error agrees with Aroian’s, which is exact', () => {
    const shape = { seed: 11, entities: 12, periods: 6 };
    const result = job(panelOf(shape, columnsOf(shape)), {
      formula: 'y ~ x + z1 | firm',
      mediators: ['m1', 'm2'],
      kind: 'serial',
      covariance: 'classical',
      bootstrap: { replications: 0 },
      monteCarlo: { draws: 200_000 },
    });
    for (const { tests, monteCarlo } of result.mediation!.effects.filter(({ role }) => role === 'indirect')) {
      const aroian = tests.find(({ method }) => method === 'aroian')!;
      // 200,000 draws of a skewed product: about 1/√(2B) × 2
      expect(Math.abs(monteCarlo!.standardError / aroian.standardError - 1)).toBeLessThan(0.01);
    }
  });

  test('with clustered errors t has G − 1 degrees of freedom, in slopes and in Sobel’s ratio', () => {
    const shape = { seed: 11, entities: 12, periods: 6 };
    const result = job(panelOf(shape, columnsOf(shape)), {
      formula: 'y ~ x + z1 | firm',
      mediators: ['m1'],
      covariance: ['cluster', 'classical', 'hc3', 'cluster-jackknife'],
      ...quiet,
    });
    const { tests } = effectOf(result, 'indirect');
    const df = (covariance: number) => tests.find((row) => row.covariance === covariance)!.df;
    expect([df(0), df(1), df(2), df(3)]).toEqual([11, null, null, 11]);
    expect(effectOf(result, 'total').tests.map((row) => row.df)).toEqual([11, 72 - 12 - 2, 72 - 12 - 2, 11]);
  });
});

describe('equations', () => {
  test('are those of panel-regression, to the last digits, with every covariance', () => {
    fc.assert(
      fc.property(shapes, effectArb, (shape, absorbed) => {
        const panel = panelOf(shape, columnsOf(shape));
        const covariance = ['cluster', 'classical', 'hc1', 'driscoll-kraay'];
        const result = job(panel, {
          formula: `y ~ x + z1${absorbed}`,
          mediators: ['m1', 'm2'],
          kind: 'serial',
          covariance,
          ...quiet,
        });
        const { total, mediators, mechanism, outcome } = result.mediation!;
        const compare = (equation: typeof total, formula: string) => {
          const spec = makeSpec(
            registry,
            { analysis: 'panel-regression', dataset: 'property', params: { formula: `${formula}${absorbed}`, covariance } },
            'test',
          );
          const [{ fitted }] = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result)).columns;
          expect(equation.coefficients.map(({ term }) => term).sort()).toEqual(
            fitted.coefficients.map(({ term }: { term: string }) => term).sort(),
          );
          for (const row of fitted.coefficients) {
            const got = equation.coefficients.find(({ term }) => term === row.term)!;
            close(got.estimate, row.estimate, 1e-9, Math.abs(row.estimate) + row.standardError);
            close(got.standardError, row.standardError, 1e-8);
            for (const [c, other] of row.alternatives.entries())
              close(got.alternatives[c].standardError, other.standardError, 1e-8);
          }
          close(equation.rSquared.model, fitted.fit.rSquared.model);
        };
        compare(total, 'y ~ x + z1');
        compare(mechanism[1], 'm2 ~ x + z1');
        compare(mediators[1], 'm2 ~ x + m1 + z1');
        compare(outcome, 'y ~ x + m1 + m2 + z1');
      }),
      { numRuns: 8 },
    );
  });

  test('a collinear control loses its coefficient in every equation, and the paths keep theirs', () => {
    const shape = { seed: 2, entities: 10, periods: 6 };
    const columns = columnsOf(shape);
    const more = { ...columns, z3: columns.z1.map((value) => 2 * value) };
    const result = job(panelOf(shape, more), { formula: 'y ~ x + z1 + z3 | firm', mediators: ['m1'], ...quiet });
    expect(result.mediation!.total.collinear).toEqual(['z3']);
    expect(result.warnings.join(' ')).toMatch(/Without a coefficient.*z3/);
    const plain = job(panelOf(shape, columns), { formula: 'y ~ x + z1 | firm', mediators: ['m1'], ...quiet });
    close(effectOf(result, 'indirect').estimate, effectOf(plain, 'indirect').estimate, 1e-9);
  });
});
