import {
  betweenFit,
  bootstrapCovariance,
  buildPanel,
  EstimationError,
  encodePanel,
  firstDifferenceFit,
  type Grouping,
  InputError,
  type LinearFit,
  makeSpec,
  modelFrame,
  type Panel,
  type PanelSample,
  PhiloxStream,
  panelHash,
  parseFormula,
  pooledFit,
  randomEffectsFit,
  randomEffectsResampler,
  registry,
  restrictedFit,
  runLocally,
  sampleOfFrame,
  transformedResampler,
  weightedMean,
  withConstant,
  withinFit,
  withinResampler,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  readonly missing: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 7, max: 14 }),
  periods: fc.integer({ min: 4, max: 7 }),
  missing: fc.constantFrom(0, 0.15),
});

function panelOf({ seed, entities, periods, missing }: Shape): Panel {
  const draws = new PhiloxStream(seed, 5);
  const rows: number[][] = [];
  for (let e = 0; e < entities; e++) {
    const effect = 2 * draws.normal();
    for (let t = 0; t < periods; t++) {
      const [x1, x2, u, drop] = [draws.normal() + 0.5 * effect, draws.normal(), draws.normal(), draws.uniform()];
      const w = 1 + draws.below(4);
      if (drop >= missing || t < 2) rows.push([e, 2000 + t, x1 - 0.7 * x2 + effect + 0.3 * t + u, x1, x2, w]);
    }
  }
  const columnOf = (j: number) => rows.map((row) => row[j]);
  return buildPanel({
    entity: { name: 'firm', values: columnOf(0) },
    time: { name: 'year', values: columnOf(1) },
    columns: ['y', 'x1', 'x2', 'w'].map((name, j) => ({ name, values: columnOf(j + 2) })),
  });
}

function sampleOf(panel: Panel): PanelSample {
  const { outcome, regressors } = parseFormula('y ~ x1 + x2');
  return sampleOfFrame(panel, modelFrame(panel, { outcome, regressors })).sample;
}

/** The rows of the entities drawn, each copy an entity of its own. */
function rowsDrawn(sample: PanelSample, drawn: Uint32Array): PanelSample {
  const at = Array.from(drawn, (e, copy) =>
    Array.from(sample.entity.codes.keys()).flatMap((i) => (sample.entity.codes[i] === e ? [[i, copy]] : [])),
  ).flat();
  const pick = (x: Float64Array) => Float64Array.from(at, ([i]) => x[i]);
  return {
    rows: at.length,
    entity: { codes: Uint32Array.from(at, ([, copy]) => copy), levels: drawn.length },
    time: { codes: Uint32Array.from(at, ([i]) => sample.time.codes[i]), levels: sample.time.levels },
    calendar: pick(sample.calendar),
    outcome: pick(sample.outcome),
    regressors: sample.regressors.map(pick),
    ...(sample.weights ? { weights: pick(sample.weights) } : {}),
  };
}

function expectAllClose(got: ArrayLike<number> | null, wanted: ArrayLike<number>, relative: number): void {
  expect(got).not.toBeNull();
  for (let j = 0; j < wanted.length; j++)
    expect(Math.abs(got![j] - wanted[j])).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(wanted[j])));
}

// biome-ignore lint/suspicious/noExplicitAny: results are JSON
type Json = any;
const parsed = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes));
const specOf = (panel: Panel, params: object, seed = 7) =>
  makeSpec(registry, { analysis: 'panel-regression', dataset: panelHash(encodePanel(panel)), params, seed }, 'test');
const run = (panel: Panel, params: object, options: Parameters<typeof runLocally>[3] = {}) =>
  parsed(runLocally(registry, specOf(panel, params), { panel }, options).result);

test('a draw is the model on the rows of the entities drawn: every estimator, with its constant', () => {
  fc.assert(
    fc.property(shapes, fc.nat({ max: 2 ** 31 }), fc.boolean(), (shape, seed, weighted) => {
      const panel = panelOf(shape);
      const plain = sampleOf(panel);
      const w = Float64Array.from(plain.outcome, (_, i) => 1 + (i % 4));
      const sample = weighted ? { ...plain, weights: w } : plain;
      const constant = (fit: LinearFit, of: PanelSample) =>
        withConstant(
          fit,
          weightedMean(of.outcome, of.weights),
          of.regressors.map((x) => weightedMean(x, of.weights)),
        );
      const effectsOf = (of: PanelSample, two: boolean): Grouping[] => (two ? [of.entity, of.time] : [of.entity]);
      const within = (two: boolean) => (of: PanelSample) => constant(withinFit(of, effectsOf(of, two)), of);
      const models: [(of: PanelSample) => LinearFit, (fit: LinearFit) => ReturnType<typeof transformedResampler>][] = [
        [pooledFit, transformedResampler],
        [betweenFit, transformedResampler],
        [firstDifferenceFit, transformedResampler],
        [within(false), (fit) => withinResampler(sample, effectsOf(sample, false), fit)],
        [within(true), (fit) => withinResampler(sample, effectsOf(sample, true), fit)],
        [
          (of) => randomEffectsFit(of, 'swamy-arora', 'harmonic-mean'),
          (fit) => randomEffectsResampler(sample, fit as ReturnType<typeof randomEffectsFit>, 'swamy-arora', 'harmonic-mean'),
        ],
      ];
      for (const [model, resampler] of models) {
        const random = new PhiloxStream(seed, 0);
        const drawn = new Uint32Array(sample.entity.levels);
        random.indices(drawn.length, drawn);
        random.seek(0);
        let wanted: LinearFit;
        try {
          wanted = model(rowsDrawn(sample, drawn));
        } catch (error) {
          if (error instanceof EstimationError) continue; // too few different entities were drawn
          throw error;
        }
        if (wanted.kept.length < 2) continue;
        // 1e-6: normal equations of some dozen rows with a weak draw now and then
        expectAllClose(resampler(model(sample)).draw(random), wanted.coefficients, 1e-6);
      }
    }),
    { numRuns: 25 },
  );
});

test('restricted models by cross-products are the full fits, with weights too', () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), fc.constantFrom(1, 1e-6, 1e8), (shape, weighted, unit) => {
      const plain = sampleOf(panelOf(shape));
      const [x1, x2] = plain.regressors;
      const sample = {
        ...plain,
        regressors: [x1.map((x) => 2000 + x), x2.map((x) => x * unit)],
        ...(weighted ? { weights: Float64Array.from(plain.outcome, (_, i) => 1 + (i % 3)) } : {}),
      };
      for (const factor of [undefined, sample.entity, sample.time]) {
        const full = factor === undefined ? pooledFit(sample) : withinFit(sample, [factor]);
        const { ssr, residualDf } = restrictedFit(sample, factor === undefined ? [] : [factor]);
        expect(residualDf).toBe(full.residualDf);
        expect(Math.abs(ssr / full.ssr - 1)).toBeLessThan(1e-11);
      }
      // columns that normal equations cannot tell apart go the long way: the collinear one has no coefficient
      const close = { ...sample, regressors: [x1, x1.map((x) => 3 * x), x2] };
      expect(restrictedFit(close, [close.entity]).residualDf).toBe(withinFit(close, [close.entity]).residualDf);
    }),
    { numRuns: 25 },
  );
});

const panel = panelOf({ seed: 4, entities: 40, periods: 6, missing: 0.1 });
const asked = {
  formula: 'y ~ x1 + x2 | firm + year',
  estimators: ['within', 'pooled', 'random-effects'],
  covariance: ['bootstrap', 'cluster'],
};

test('draws: the same bytes however the job is cut, other seeds other draws', () => {
  const ones = (shards: readonly { first: number; count: number }[]) => {
    const units = shards.reduce((sum, { count }) => sum + count, 0);
    return Array.from({ length: units }, (_, first) => ({ first, count: 1 }));
  };
  const params = { ...asked, covariance: [{ kind: 'bootstrap', replications: 39 }, 'cluster'] };
  const whole = run(panel, params);
  expect(run(panel, params, { recut: ones, order: (shards) => [...shards].reverse() })).toEqual(whole);
  const other = parsed(runLocally(registry, specOf(panel, params, 8), { panel }).result);
  expect(other.columns[0].fitted.coefficients).not.toEqual(whole.columns[0].fitted.coefficients);
});

test('first or beside others the bootstrap gives the same errors, near the clustered ones; B and G are told', () => {
  const first = run(panel, asked);
  const second = run(panel, { ...asked, covariance: ['cluster', 'bootstrap'] });
  for (const [c, { fitted }] of first.columns.entries()) {
    const [bootstrap, cluster] = fitted.covariances;
    expect(bootstrap).toMatchObject({ kind: 'bootstrap', clusters: [40], bootstrap: { replications: 999, unidentified: 0 } });
    expect(cluster.bootstrap).toBeNull();
    expect(bootstrap.slopesTest.df2).toBe(39);
    const beside = second.columns[c].fitted;
    expect(beside.covariances[1].slopesTest).toEqual(bootstrap.slopesTest);
    for (const [j, of] of fitted.coefficients.entries()) {
      const { covariance: _, ...alternative } = beside.coefficients[j].alternatives[0];
      const { standardError, statistic, df, pValue, lower, upper } = of;
      expect(alternative).toEqual({ standardError, statistic, df, pValue, lower, upper });
      expect(df).toBe(39);
      expect(lower).toBeLessThan(of.estimate);
      expect(upper).toBeGreaterThan(of.estimate);
      // the clustered error of a fixed-effects constant takes the entities' means as given, the bootstrap draws them too
      if (c === 0 && of.term === '(constant)') expect(standardError).toBeGreaterThan(of.alternatives[0].standardError);
      // both estimate one thing; 40 clusters and 999 draws differ by some per cent. Random effects draw θ anew too
      else if (c < 2) expect(Math.abs(standardError / of.alternatives[0].standardError - 1)).toBeLessThan(0.25);
    }
  }
});

test('bounds are order statistics number (B + 1)α/2; draws without an answer are passed over', () => {
  const draws = new Float64Array(2 * 101).fill(Number.NaN);
  const random = new PhiloxStream(3, 0);
  const order = new Uint32Array(99);
  for (let b = 0; b < 99; b++) order[b] = b;
  random.shuffle(order);
  for (const [b, value] of order.entries()) draws.set([value + 1, 2 * (value + 1)], 2 * (b + (b > 50 ? 2 : 0)));
  const { matrix, percentiles, draws: count } = bootstrapCovariance(draws, 2, 0.9);
  expect(count).toBe(99);
  expect(percentiles).toEqual([
    { lower: expect.closeTo(5, 10), upper: expect.closeTo(95, 10) },
    { lower: expect.closeTo(10, 10), upper: expect.closeTo(190, 10) },
  ]);
  expect(matrix.get(0, 0)).toBeCloseTo((99 * 100) / 12, 9); // of 1 … 99, divided by 98
  expect(matrix.get(0, 1)).toBeCloseTo((2 * 99 * 100) / 12, 9);
});

test('one entity cannot be drawn from; the note names one rule for columns that differ in k', () => {
  const one = panelOf({ seed: 1, entities: 1, periods: 12, missing: 0 });
  expect(() => run(one, { formula: 'y ~ x1', covariance: 'bootstrap' })).toThrow(/draws from 2 or more, got 1/);
  const steps = run(panel, { formula: 'y ~ x1 + x2 + w | firm', steps: 'one-by-one' });
  const [, main] = registry.get('panel-regression')!.report(steps).tables;
  expect(main.notes.join(' ')).toContain('clustered by firm: G/(G−1) · (n−1)/(n−k), k = 2–4.');
});

test('what cannot be bootstrapped is said', () => {
  expect(() => run(panel, { ...asked, covariance: ['bootstrap', 'bootstrap'] })).toThrow(InputError);
  expect(() => run(panel, { ...asked, covariance: { kind: 'bootstrap', replications: 5 } })).toThrow(InputError);
  const definition = registry.get('panel-regression')!;
  const params = definition.params.parse({ ...asked, covariance: { kind: 'bootstrap', replications: 9_999 } });
  const { rows, entity, time } = panel;
  const info = {
    panel: {
      rows,
      entity: { name: entity.name, count: entity.labels.length },
      time: { name: time.name, count: time.labels.length },
      columns: panel.columns.map(({ name }) => ({ name, kind: 'number', distinct: 9 })),
    },
    limits: { replications: 999 },
  } as unknown as Parameters<typeof definition.check>[1];
  expect(definition.check(params, info)).toMatchObject([
    { code: 'too_many_replications', pointer: '/covariance/0/replications' },
  ]);
  expect(() => bootstrapCovariance(new Float64Array(4).fill(Number.NaN), 2, 0.95)).toThrow(/0 of 2 draws/);
});

test('“too small for this?” stands first: G, T and N against what each estimator and error needs', () => {
  const small = panelOf({ seed: 9, entities: 8, periods: 5, missing: 0 });
  const params = {
    formula: 'y ~ x1 + x2 | firm',
    estimators: ['within', 'between', 'random-effects'],
    covariance: ['cluster', 'hc1', 'bootstrap'],
  };
  const result = run(small, params);
  expect(result.adequacy).toEqual([
    { method: 'clustered by firm', needs: expect.stringContaining('G ≥ 30'), has: 'G = 8', status: 'too small' },
    { method: 'bootstrap of entities', needs: expect.stringContaining('G ≥ 30'), has: 'G = 8', status: 'too small' },
    { method: 'between', needs: 'N > 3 to run; N ≥ 15, one row an entity', has: 'N = 8', status: 'too small' },
    { method: 'random effects', needs: expect.stringContaining('N > k + 1 = 3'), has: 'N = 8', status: 'too small' },
  ]);
  expect(result.warnings.join(' ')).toMatch(/HC1 errors after fixed effects are inconsistent.*Stock & Watson/);
  expect(registry.get('panel-regression')!.report(result).tables[0].title).toBe('Too small for this?');
  const dk = run(small, { formula: 'y ~ x1 | firm', covariance: 'driscoll-kraay' });
  expect(dk.adequacy).toMatchObject([{ method: 'Driscoll–Kraay', has: 'T = 5', status: 'too small' }]);
  const large = run(panelOf({ seed: 9, entities: 45, periods: 4, missing: 0 }), params);
  expect(large.adequacy.map(({ status }: Json) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
});
