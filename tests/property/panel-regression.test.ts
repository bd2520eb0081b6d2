import {
  absorb,
  buildPanel,
  EstimationError,
  effectsRank,
  encodePanel,
  entityBootstrap,
  findSingletons,
  fitCovariance,
  type Grouping,
  InputError,
  leastSquares,
  makeSpec,
  type Panel,
  type PanelSample,
  PhiloxStream,
  panelHash,
  pooledFit,
  registry,
  runLocally,
  starsOf,
  summarizePanel,
  twoSidedP,
  withinFit,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  /** share of rows left out */
  readonly missing: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 6, max: 14 }),
  periods: fc.integer({ min: 4, max: 8 }),
  missing: fc.constantFrom(0, 0.15),
});

interface Data {
  readonly entity: number[];
  readonly time: number[];
  readonly columns: Record<string, number[]>;
}

function simulate({ seed, entities, periods, missing }: Shape): Data {
  const draws = new PhiloxStream(seed, 5);
  const data: Data = { entity: [], time: [], columns: { y: [], x1: [], x2: [], w: [], sector: [] } };
  for (let e = 0; e < entities; e++) {
    const effect = 2 * draws.normal();
    for (let t = 0; t < periods; t++) {
      const [x1, x2, u, drop] = [draws.normal() + 0.5 * effect, draws.normal(), draws.normal(), draws.uniform()];
      const weight = 1 + draws.below(4);
      if (drop < missing) continue;
      data.entity.push(e + 10);
      data.time.push(2000 + t);
      data.columns.y.push(x1 - 0.7 * x2 + effect + 0.3 * t + u);
      data.columns.x1.push(x1);
      data.columns.x2.push(x2);
      data.columns.w.push(weight);
      data.columns.sector.push(e % 3);
    }
  }
  return data;
}

function panelOf({ entity, time, columns }: Data, order?: readonly number[]): Panel {
  const at = order ?? entity.map((_, i) => i);
  return buildPanel({
    entity: { name: 'firm', values: at.map((i) => entity[i]) },
    time: { name: 'year', values: at.map((i) => time[i]) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values: at.map((i) => values[i]) })),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: results are JSON
type Json = any;

function run(panel: Panel, params: Readonly<Record<string, unknown>>, analysis = 'panel-regression'): Json {
  const spec = makeSpec(registry, { analysis, dataset: panelHash(encodePanel(panel)), params, seed: 7 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

const column = (panel: Panel, params: Readonly<Record<string, unknown>>): Json => run(panel, params).columns[0].fitted;

function groupingOf(values: readonly number[]): Grouping {
  const labels = [...new Set(values)].sort((a, b) => a - b);
  return { codes: Uint32Array.from(values, (value) => labels.indexOf(value)), levels: labels.length };
}

const dummiesOf = ({ codes, levels }: Grouping) =>
  Array.from({ length: levels }, (_, level) => Float64Array.from(codes, (code) => (code === level ? 1 : 0)));

function sampleOf({ entity, time, columns }: Data): PanelSample {
  return {
    rows: entity.length,
    entity: groupingOf(entity),
    time: groupingOf(time),
    calendar: Float64Array.from(time),
    outcome: Float64Array.from(columns.y),
    regressors: [Float64Array.from(columns.x1), Float64Array.from(columns.x2)],
  };
}

function expectAllClose(got: ArrayLike<number>, wanted: ArrayLike<number>, relative = 1e-8): void {
  expect(got.length).toBe(wanted.length);
  for (let j = 0; j < wanted.length; j++)
    expect(Math.abs(got[j] - wanted[j])).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(wanted[j])));
}

const slopes = ({ coefficients }: Json) =>
  coefficients.filter(({ term }: Json) => term !== '(constant)').map(({ estimate }: Json) => estimate);
const errors = ({ coefficients }: Json) =>
  coefficients.filter(({ term }: Json) => term !== '(constant)').map(({ standardError }: Json) => standardError);

test('absorbed effects, with weights and any number of them, are the dummies', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 3 }), fc.boolean(), (shape, count, weighted) => {
      const data = simulate(shape);
      const sample = sampleOf(data);
      const factors = [sample.entity, sample.time, groupingOf(data.columns.w)].slice(0, count);
      const weights = weighted ? Float64Array.from(data.columns.w, (w) => w + 0.5) : undefined;
      const { apply, absorbed, redundant, exact } = absorb(factors, weights);
      const root = (x: Float64Array) => (weights ? x.map((value, i) => value * Math.sqrt(weights[i])) : x);
      const dummies = factors.flatMap(dummiesOf);
      const fit = leastSquares(dummies.map(root), root(sample.outcome));
      expectAllClose(root(apply(sample.outcome)), fit.residuals, 1e-9);
      expect(absorbed).toBe(fit.rank);
      expect(redundant).toBe(dummies.length - fit.rank);
      expect(exact).toBe(true);
      expectAllClose(apply(dummies[0]), new Float64Array(sample.rows), 1e-9);
    }),
    { numRuns: 40 },
  );
});

test('fixed effects, classical and HC3 errors are those of the regression with dummies', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const data = simulate(shape);
      const sample = sampleOf(data);
      const effects = [sample.entity, sample.time];
      const within = withinFit(sample, effects);
      const [, ...others] = dummiesOf(sample.time);
      const full = pooledFit({ ...sample, regressors: [...sample.regressors, ...dummiesOf(sample.entity).slice(1), ...others] });
      expectAllClose(within.coefficients, full.coefficients.slice(1, 3), 1e-8);
      expect(within.residualDf).toBe(full.residualDf);
      for (const kind of ['classical', 'hc1', 'hc2', 'hc3'] as const) {
        const [a, b] = [fitCovariance(within, effects, { kind }).matrix, fitCovariance(full, [], { kind }).matrix];
        for (let j = 0; j < 2; j++) expectAllClose([Math.sqrt(a.get(j, j))], [Math.sqrt(b.get(j + 1, j + 1))], 1e-8);
      }
    }),
    { numRuns: 30 },
  );
});

test('the cluster jackknife is the spread of fits without each cluster, also where effects move', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const sample = sampleOf(simulate(shape));
      const effects = [sample.entity, sample.time];
      const fit = withinFit(sample, effects);
      const { matrix } = fitCovariance(fit, effects, { kind: 'cluster-jackknife', clusters: [sample.entity] });
      const G = sample.entity.levels;
      let variance = 0;
      for (let g = 0; g < G; g++) {
        const rows = Array.from(sample.entity.codes.keys()).filter((i) => sample.entity.codes[i] !== g);
        const pick = (x: Float64Array) => Float64Array.from(rows, (i) => x[i]);
        const codes = (of: Grouping) => groupingOf(rows.map((i) => of.codes[i]));
        const left: PanelSample = {
          rows: rows.length,
          entity: codes(sample.entity),
          time: codes(sample.time),
          calendar: pick(sample.calendar),
          outcome: pick(sample.outcome),
          regressors: sample.regressors.map(pick),
        };
        variance += (withinFit(left, [left.entity, left.time]).coefficients[0] - fit.coefficients[0]) ** 2;
      }
      expectAllClose([matrix.get(0, 0)], [((G - 1) / G) * variance], 1e-8);
    }),
    { numRuns: 15 },
  );
});

test('an entity-bootstrap refit is the regression on the rows drawn, every copy an entity of its own', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 0, max: 2 ** 31 }), (shape, seed) => {
      const sample = sampleOf(simulate(shape));
      const random = new PhiloxStream(seed, 1);
      const drawn = new Uint32Array(sample.entity.levels);
      random.indices(drawn.length, drawn);
      const rows: number[] = [];
      const copies: number[] = [];
      for (const [copy, e] of drawn.entries()) {
        sample.entity.codes.forEach((code, i) => {
          if (code !== e) return;
          rows.push(i);
          copies.push(copy);
        });
      }
      const pick = (x: Float64Array) => Float64Array.from(rows, (i) => x[i]);
      const resampled: PanelSample = {
        rows: rows.length,
        entity: groupingOf(copies),
        time: groupingOf(rows.map((i) => sample.time.codes[i])),
        calendar: pick(sample.calendar),
        outcome: pick(sample.outcome),
        regressors: sample.regressors.map(pick),
      };
      const counts = new Uint32Array(drawn.length);
      for (const e of drawn) counts[e]++;
      for (const names of [['entity'], ['entity', 'time']] as const) {
        const effects = (of: PanelSample) => names.map((name) => of[name]);
        const refit = entityBootstrap(sample, effects(sample)).refit(counts);
        expectAllClose(refit, withinFit(resampled, effects(resampled)).coefficients, 1e-7);
      }
    }),
    { numRuns: 25 },
  );
});

test('frequency weights are repeated rows: estimates, classical, HC1, clustered errors and R²', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const data = simulate(shape);
      // every copy needs a period of its own: panels have no key twice, so the entity carries the effects as a column
      const repeated: Data = { entity: [], time: [], columns: { y: [], x1: [], x2: [], firm0: [] } };
      data.entity.forEach((entity, i) => {
        for (let copy = 0; copy < data.columns.w[i]; copy++) {
          repeated.entity.push(1000 * entity + copy);
          repeated.time.push(data.time[i]);
          for (const name of ['y', 'x1', 'x2']) repeated.columns[name].push(data.columns[name][i]);
          repeated.columns.firm0.push(entity);
        }
      });
      const weighted = { ...data, columns: { ...data.columns, firm0: data.entity } };
      for (const covariance of ['classical', 'hc1', { kind: 'cluster', by: ['firm0'] }]) {
        const params = { formula: 'y ~ x1 + x2 | firm0', covariance, singletons: 'keep', effectTests: false };
        const a = column(panelOf(weighted), { ...params, weights: { variable: 'w', kind: 'frequency' } });
        const b = column(panelOf(repeated), params);
        expectAllClose(slopes(a), slopes(b));
        expectAllClose(errors(a), errors(b));
        expect(a.fit.residualDf).toBe(b.fit.residualDf);
        expectAllClose(
          [a.fit.rSquared.model, a.fit.rSquared.lsdv, a.fit.logLikelihood],
          [b.fit.rSquared.model, b.fit.rSquared.lsdv, b.fit.logLikelihood],
        );
      }
    }),
    { numRuns: 12 },
  );
});

test('units, row order, and what effects absorb leave slopes and t statistics as they are', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const data = simulate(shape);
      const params = { formula: 'y ~ x1 + x2 | firm + year', covariance: ['cluster', 'hc1'] };
      const panel = panelOf(data);
      const plain = run(panel, params);
      const shuffled = new Uint32Array(data.entity.length).map((_, i) => i);
      new PhiloxStream(shape.seed, 2).shuffle(shuffled);
      expect(run(panelOf(data, [...shuffled]), params)).toEqual(plain); // to the last bit
      const moved: Data = {
        ...data,
        columns: {
          ...data.columns,
          y: data.columns.y.map((y, i) => 1000 * (y + 3 * data.entity[i] - 0.5 * data.time[i])),
          x1: data.columns.x1.map((x) => x / 16),
        },
      };
      const [a, b] = [plain.columns[0].fitted, column(panelOf(moved), params)];
      const t = ({ coefficients }: Json) =>
        coefficients.filter(({ term }: Json) => term !== '(constant)').map(({ statistic }: Json) => statistic);
      expectAllClose(t(b), t(a), 1e-7);
      expectAllClose(slopes(b), [16_000 * slopes(a)[0], 1000 * slopes(a)[1]], 1e-7);
    }),
    { numRuns: 15 },
  );
});

test('columns are the same alone as in a table, however the job is cut', () => {
  const panel = panelOf(simulate({ seed: 4, entities: 12, periods: 6, missing: 0.1 }));
  const params = {
    formula: 'y ~ x1 + x2 | firm',
    estimators: ['pooled', 'within', 'random-effects', 'between', 'first-difference'],
    steps: 'one-by-one',
    groups: 'sector',
  };
  const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'x', params, seed: 1 }, 'test');
  const bytes = (options: Parameters<typeof runLocally>[3]) =>
    new TextDecoder().decode(runLocally(registry, spec, { panel }, options).result);
  const whole = bytes({});
  const ones = (shards: readonly { first: number; count: number }[]) => {
    const units = shards.reduce((sum, { count }) => sum + count, 0);
    return Array.from({ length: units }, (_, first) => ({ first, count: 1 }));
  };
  expect(bytes({ recut: ones, order: (shards) => [...shards].reverse() })).toBe(whole);
  const { columns } = JSON.parse(whole);
  expect(columns).toHaveLength(4 * 2 * 5);
  const alone = run(panel, { formula: 'y ~ x1 + x2 | firm', estimators: 'within' }).columns[0].fitted;
  expect(
    columns.find(({ estimator, step, group }: Json) => estimator === 'within' && step === 2 && group === null).fitted,
  ).toEqual(alone);
});

test('grouped runs are the interactions: i(sector) alone in a regression, and its joint F is reported', () => {
  const panel = panelOf(simulate({ seed: 11, entities: 12, periods: 7, missing: 0 }));
  const { columns } = run(panel, { formula: 'y ~ x1 + x2 | firm', groups: 'sector' });
  const fitted = column(panel, { formula: 'y ~ x1 + x2 + i(sector):x1 + i(sector):x2 | firm' });
  const of = (term: string) => fitted.coefficients.find((one: Json) => one.term === term).estimate;
  const inGroup = (label: string) => slopes(columns.find(({ group }: Json) => group === label).fitted);
  expectAllClose(inGroup('0'), [of('x1'), of('x2')]);
  expectAllClose(inGroup('2'), [of('x1') + of('sector::2:x1'), of('x2') + of('sector::2:x2')]);
  expect(fitted.jointTests.map(({ term, df1 }: Json) => [term, df1])).toEqual([
    ['i(sector):x1', 2],
    ['i(sector):x2', 2],
  ]);
});

test('singletons go again and again, and are counted', () => {
  // entity 0 has one row; without it period 9 has one row, that of entity 1, which then has one row left
  const entity = groupingOf([0, 1, 1, 2, 2, 3, 3]);
  const time = groupingOf([9, 9, 1, 1, 2, 1, 2]);
  const { rows, dropped } = findSingletons([entity, time], 7);
  expect(Array.from(rows)).toEqual([3, 4, 5, 6]);
  expect(dropped).toBe(3);
});

test('redundant effects are counted by connected components', () => {
  // two worlds that share no level: one redundant dummy each
  const firm = groupingOf([0, 0, 1, 1, 2, 2, 3, 3]);
  const year = groupingOf([0, 1, 0, 1, 2, 3, 2, 3]);
  expect(effectsRank([firm, year])).toEqual({ rank: 6, redundant: 2, exact: true });
  expect(effectsRank([firm, year, groupingOf([0, 0, 0, 0, 1, 1, 1, 1])])).toEqual({ rank: 6, redundant: 4, exact: true });
});

const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof EstimationError || error instanceof InputError) return error.code;
    throw error;
  }
  return 'none';
};

test('data that cannot give the number are refused by name', () => {
  const data = simulate({ seed: 3, entities: 8, periods: 5, missing: 0 });
  const keep = (wanted: (i: number) => boolean, changes: Record<string, number[]> = {}): Panel => {
    const columns = { ...data.columns, ...changes };
    const rows = data.entity.map((_, i) => i).filter(wanted);
    return panelOf({
      entity: rows.map((i) => data.entity[i]),
      time: rows.map((i) => data.time[i]),
      columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, rows.map((i) => values[i])])),
    });
  };
  const all = () => true;
  const code = (panel: Panel, params: Readonly<Record<string, unknown>>) => errorOf(() => run(panel, params));
  const within = { formula: 'y ~ x1 + x2 | firm' };
  const onePeriod = keep((i) => data.time[i] === 2000);
  const oneEntity = keep((i) => data.entity[i] === 10);

  expect(code(onePeriod, within)).toBe('only_singletons');
  expect(code(onePeriod, { ...within, singletons: 'keep' })).toBe('all_collinear');
  expect(code(onePeriod, { formula: 'y ~ x1', estimators: 'random-effects' })).toBe('too_few_periods');
  expect(code(onePeriod, { formula: 'y ~ x1', estimators: 'first-difference' })).toBe('too_few_periods');
  expect(code(onePeriod, { formula: 'y ~ x1', covariance: 'driscoll-kraay' })).toBe('too_few_periods');
  expect(code(oneEntity, within)).toBe('too_few_clusters');
  expect(code(oneEntity, { formula: 'y ~ x1', covariance: 'cluster-jackknife' })).toBe('too_few_clusters');
  expect(code(oneEntity, { formula: 'y ~ x1', estimators: 'between' })).toBe('too_few_entities');
  expect(
    code(
      keep((i) => data.entity[i] < 13),
      { formula: 'y ~ x1 + x2', estimators: 'random-effects' },
    ),
  ).toBe('too_few_entities');
  expect(code(keep(all, { x3: data.entity.map((e) => e * 2) }), { formula: 'y ~ x3 | firm' })).toBe('all_collinear');
  expect(code(keep(all, { copy: data.columns.y.map((y) => 2 * y) }), { formula: 'y ~ copy | firm' })).toBe('perfect_fit');
  expect(
    code(
      keep((i) => i < 3),
      { formula: 'y ~ x1 + x2', covariance: 'classical' },
    ),
  ).toBe('too_few_rows');
  expect(code(keep(all, { w: data.columns.w.map((w, i) => (i === 3 ? 0 : w)) }), { ...within, weights: { variable: 'w' } })).toBe(
    'bad_weights',
  );
  expect(code(keep(all), { formula: 'y ~ x1', estimators: 'random-effects', weights: { variable: 'w' } })).toBe(
    'unsupported_weights',
  );
  expect(code(keep(all), { formula: 'y ~ x1', estimators: 'between', covariance: { kind: 'cluster', by: ['year'] } })).toBe(
    'cluster_not_constant',
  );
  // lags across a gap are missing: no row has its previous period
  expect(
    code(
      keep((i) => data.time[i] % 2 === 0),
      { formula: 'y ~ L.x1 | firm' },
    ),
  ).toBe('none'); // the step is 2 then
  expect(
    code(
      keep((i) => [2000, 2002].includes(data.time[i]) || (data.entity[i] === 10 && data.time[i] === 2001)),
      { formula: 'y ~ L.x1' },
    ),
  ).toBe('too_few_rows');

  const constant = run(keep(all, { x3: data.columns.x1.map(() => 5) }), { formula: 'y ~ x1 + x3 | firm' });
  expect(constant.columns[0].fitted.collinear).toEqual(['x3']);
  const twice = run(keep(all, { firm2: data.entity.map((e) => -e) }), { formula: 'y ~ x1 | firm + firm2' });
  expect(twice.columns[0].fitted.absorbed).toEqual({ rank: 8, redundant: 8, exact: true });
});

test('one failing group does not take the table with it', () => {
  const data = simulate({ seed: 3, entities: 9, periods: 5, missing: 0 });
  const sector = data.entity.map((e) => (e === 10 ? 7 : 1)); // one entity alone
  const { columns, warnings } = run(panelOf({ ...data, columns: { ...data.columns, sector } }), {
    formula: 'y ~ x1 | firm',
    groups: 'sector',
  });
  expect(columns.map(({ failure }: Json) => failure?.code ?? null)).toEqual([null, null, 'too_few_clusters']);
  expect(warnings.some((line: string) => line.startsWith('Column (3)'))).toBe(true);
});

test('a two-way covariance with a negative variance says so and prints no number', () => {
  let seen = 0;
  for (let seed = 0; seed < 60 && seen === 0; seed++) {
    const panel = panelOf(simulate({ seed, entities: 6, periods: 4, missing: 0 }));
    const { columns, warnings } = run(panel, {
      formula: 'y ~ x1 + x2 | firm + year',
      covariance: { kind: 'cluster', by: ['firm', 'year'] },
    });
    const { coefficients, covariances } = columns[0].fitted;
    const negative = coefficients.some(({ standardError }: Json) => standardError === null);
    expect(covariances[0].indefinite).toBe(negative);
    expect(warnings.some((line: string) => line.includes('not positive semidefinite'))).toBe(negative);
    if (negative) seen++;
  }
  expect(seen).toBe(1);
});

test('the door refuses what shows without the rows', () => {
  const info = { panel: summarizePanel(panelOf(simulate({ seed: 1, entities: 6, periods: 4, missing: 0 }))) };
  const codes = (params: Readonly<Record<string, unknown>>) => {
    const analysis = registry.get('panel-regression')!;
    return analysis.check(analysis.params.parse(params), info).map(({ code, pointer }) => `${code} ${pointer}`);
  };
  expect(codes({ formula: 'y ~ x1 + x2 | firm + year' })).toEqual([]);
  expect(codes({ formula: 'y ~ x3' })).toEqual(['unknown_column /formula']);
  expect(codes({ formula: 'y ~ x1 | firm', estimators: 'pooled' })).toEqual(['effects_unused /formula']);
  expect(codes({ formula: 'y ~ x1', estimators: 'within' })).toEqual(['effects_needed /formula']);
  expect(codes({ formula: 'y ~ x1 | firm | x2 ~ w' })).toEqual(['unsupported_instruments /formula']);
  expect(codes({ formula: 'y ~ 1' })).toEqual(['no_regressors /formula']);
  expect(codes({ formula: 'y ~ x1 + y' })).toEqual(['outcome_is_regressor /formula']);
  expect(codes({ formula: 'y ~ x1', covariance: { kind: 'cluster', by: ['firmm'] } })).toEqual([
    'unknown_column /covariance/0/by/0',
  ]);
  expect(codes({ formula: 'y ~ x1 + x2 + w + sector + year', estimators: 'random-effects' })).toEqual([
    'too_few_entities /varianceComponents/method',
  ]);
  expect(codes({ formula: 'y ~ x1', steps: [['x2'], ['x1']] })).toEqual(['regressor_twice /steps/1']);
  for (const estimators of ['between', 'first-difference', 'random-effects'])
    expect(codes({ formula: 'y ~ x1', estimators, weights: { variable: 'w' } })).toEqual(['unsupported_weights /weights']);
});

test('published: EViews’ statistics of a fixed-effects table follow from its sums of squares', () => {
  // Four provinces × 11 years, three regressors: RSS and the outcome's standard deviation as printed; R², F and the pool test follow.
  const [N, T, k] = [4, 11, 3];
  const [rss, pooled, tss] = [14725362407.35931, 105294985569.5951, 43 * 165305.567 ** 2];
  const df = N * T - N - k;
  const r2 = 1 - rss / tss;
  expect(df).toBe(37);
  expect(r2).toBeCloseTo(0.987468, 6);
  expect(1 - ((1 - r2) * (N * T - 1)) / df).toBeCloseTo(0.985436, 6);
  expect(r2 / (k + N - 1) / ((1 - r2) / df)).toBeCloseTo(485.9, 1);
  expect((pooled - rss) / (N - 1) / (rss / df)).toBeCloseTo(75.857, 3);

  // and the analysis computes them by the same rules, on a panel of that shape
  const panel = panelOf(simulate({ seed: 44, entities: N, periods: T, missing: 0 }));
  const { fit, effectTests } = column(panel, { formula: 'y ~ x1 + x2 + w | firm', program: 'eviews', covariance: 'classical' });
  const total = fit.outcomeSd ** 2 * (N * T - 1);
  expectAllClose([fit.rSquared.lsdv], [1 - fit.ssr / total]);
  expectAllClose([fit.rSquared.lsdvAdjusted], [1 - fit.ssr / df / (total / (N * T - 1))]);
  expect([fit.overallTest.df1, fit.overallTest.df2]).toEqual([k + N - 1, df]);
  expectAllClose([fit.overallTest.statistic], [fit.rSquared.lsdv / (k + N - 1) / ((1 - fit.rSquared.lsdv) / df)]);
  const pool = column(panel, { formula: 'y ~ x1 + x2 + w', covariance: 'classical' }).fit.ssr;
  expectAllClose([effectTests[0].statistic], [(pool - fit.ssr) / (N - 1) / (fit.ssr / df)]);
  expect([effectTests[0].df1, effectTests[0].df2]).toEqual([N - 1, df]);
});

test('published: t statistics as printed, and the stars they carry', () => {
  const printed = [
    [4.851144, 1.074119, 4.516392],
    [-27694.28, 9875.513, -2.804338],
    [0.0168, 0.001808, 9.292],
  ];
  for (const [estimate, error, t] of printed) expect(Math.abs(estimate / error - t)).toBeLessThanOrEqual(5e-4 * Math.abs(t));

  // A table with stars at .05, .01, .001 (31 provinces × 12 years) prints *** beside t = −2.64 and 2.89: each carries two.
  const df = 31 * 12 - 31 - 12 + 1 - 6;
  for (const t of [-2.64, 2.89]) expect(starsOf(twoSidedP(t, df), [0.001, 0.01, 0.05])).toBe(2);
});
