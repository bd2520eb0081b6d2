import {
  buildPanel,
  EstimationError,
  InputError,
  type IvResult,
  makeSpec,
  type Panel,
  PhiloxStream,
  registry,
  runLocally,
  summarizePanel,
  tfCriticalValue,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 8, max: 14 }),
  periods: fc.integer({ min: 5, max: 8 }),
});

function panelOf({ seed, entities, periods }: Shape, copies: (w: number) => number = () => 1): Panel {
  const draws = new PhiloxStream(seed, 4);
  const rows: (readonly number[])[] = [];
  for (let e = 0; e < entities; e++) {
    const effect = draws.normal();
    for (let t = 0; t < periods; t++) {
      const [z1, z2, x, u, v] = Array.from({ length: 5 }, () => draws.normal());
      const w = 1 + draws.below(3);
      const d = z1 + 0.4 * z2 + 0.3 * x + v + 0.5 * u + effect;
      for (let c = 0; c < copies(w); c++) rows.push([e, 10 * t + c, d + 0.5 * x + u + effect, d, x, z1, z2, w]);
    }
  }
  const of = (j: number) => rows.map((row) => row[j]);
  return buildPanel({
    entity: { name: 'firm', values: of(0) },
    time: { name: 'year', values: of(1) },
    columns: ['y', 'd', 'x', 'z1', 'z2', 'w'].map((name, j) => ({ name, values: of(j + 2) })),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: results of several analyses are JSON
type Json = any;

function run(analysis: string, panel: Panel, params: object): Json {
  const spec = makeSpec(registry, { analysis, dataset: 'x', params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}
const iv = (panel: Panel, params: object): IvResult => run('iv', panel, params);

function expectSameCoefficients(got: readonly Json[], wanted: readonly Json[], relative = 1e-8): void {
  expect(got).toHaveLength(wanted.length);
  for (const { term, estimate, standardError } of wanted) {
    const own = got.find((one) => one.term === term);
    for (const [a, b] of [
      [own.estimate, estimate],
      [own.standardError, standardError],
    ])
      expect(Math.abs(a - b)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(b)));
  }
}

describe('weights', () => {
  test('with regressors as their own instruments: weighted least squares of panel-regression, every kind of error', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom('', ' | firm', ' | firm + year'), (shape, effects) => {
        const panel = panelOf(shape);
        for (const [covariance, kind] of [
          ['classical', 'classical'],
          ['robust', 'hc1'],
          ['cluster', 'cluster'],
        ]) {
          const own = iv(panel, { formula: `y ~ x${effects} | d ~ I(3*d + x)`, covariance, weights: 'w' });
          const plain = run('panel-regression', panel, {
            formula: `y ~ d + x${effects}`,
            covariance: kind,
            weights: { variable: 'w' },
          }).columns[0].fitted;
          const slopes = (all: readonly Json[]) => all.filter(({ term }) => effects === '' || term !== '(constant)');
          expectSameCoefficients(slopes(own.estimates[0].coefficients), slopes(plain.coefficients));
          if (effects !== ' | firm + year') expect(own.estimates[0].r2).toBeCloseTo(plain.fit.rSquared.model, 9);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('whole weights are repeated rows: estimates, J and large-sample clustered errors', () => {
    const shape = { seed: 6, entities: 20, periods: 6 };
    const params = { formula: 'y ~ x | firm | d ~ z1 + z2', estimators: ['2sls', 'liml', 'gmm'], smallSample: false };
    const weighted = iv(panelOf(shape), { ...params, weights: 'w' });
    const repeated = iv(
      panelOf(shape, (w) => w),
      params,
    );
    for (const [k, { coefficients, overidentification }] of repeated.estimates.entries()) {
      expectSameCoefficients(weighted.estimates[k].coefficients, coefficients, 1e-7);
      expect(weighted.estimates[k].overidentification[0].statistic).toBeCloseTo(overidentification[0].statistic, 6);
    }
  });

  test('weights that are none are refused', () => {
    const panel = panelOf({ seed: 1, entities: 8, periods: 5 });
    expect(() => iv(panel, { formula: 'y ~ x | d ~ z1', weights: 'I(w - 1)' })).toThrow(/numbers above 0/);
    const definition = registry.get('iv')!;
    const params = definition.params.parse({ formula: 'y ~ x | d ~ z1', weights: 'ww' });
    expect(definition.check(params, { panel: summarizePanel(panel) })).toMatchObject([
      { pointer: '/weights', code: 'unknown_column' },
    ]);
  });
});

describe('two-way clusters', () => {
  test('with regressors as their own instruments: those of panel-regression with one factor for all terms', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const panel = panelOf(shape);
        const own = iv(panel, { formula: 'y ~ x | d ~ I(3*d + x)', cluster: ['firm', 'year'] });
        const plain = run('panel-regression', panel, {
          formula: 'y ~ d + x',
          covariance: { kind: 'cluster', by: ['firm', 'year'], smallSample: 'fixest' },
        }).columns[0].fitted;
        const G = Math.min(shape.entities, shape.periods);
        expect(own.sample.clusters).toEqual({ name: 'firm and year', count: G });
        for (const { term, estimate, standardError } of plain.coefficients) {
          const one = own.estimates[0].coefficients.find((other) => other.term === term)!;
          expect(one.estimate).toBeCloseTo(estimate, 8);
          if (standardError === null) expect(one.standardError).toBeNull();
          else expect(one.standardError).toBeCloseTo(standardError, 8);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('clusters by one column twice over are those of the column; too few are refused by name', () => {
    const shape = { seed: 5, entities: 14, periods: 7 };
    const panel = panelOf(shape);
    const twin: Panel = {
      ...panel,
      columns: [
        ...panel.columns,
        { kind: 'number', name: 'twin', values: Float64Array.from(panel.entity.codes, (code) => 100 - code) },
        { kind: 'number', name: 'all', values: new Float64Array(panel.rows).fill(1) },
      ],
    };
    const params = { formula: 'y ~ x | firm | d ~ z1 + z2' };
    const one = iv(twin, params);
    const both = iv(twin, { ...params, cluster: ['firm', 'twin'] });
    expectSameCoefficients(both.estimates[0].coefficients, one.estimates[0].coefficients);
    expect(both.identification.kleibergenPaapF).toBeCloseTo(one.identification.kleibergenPaapF!, 6);
    expect(both.estimates[0].overidentification[0].statistic).toBeCloseTo(one.estimates[0].overidentification[0].statistic!, 6);
    try {
      iv(twin, { ...params, cluster: ['firm', 'all'] });
    } catch (error) {
      expect(error).toBeInstanceOf(EstimationError);
      expect((error as EstimationError).message).toMatch(/at least 2 clusters, all has 1/);
    }
    expect(() => iv(panel, { ...params, cluster: ['firm', 'firm'] })).toThrow(InputError);
    expect(() => iv(panel, { ...params, cluster: ['firm', 'year', 'w'] })).toThrow(InputError);
  });
});

describe('Fuller', () => {
  test('κ is LIML’s less α/(n − L − effects), and the estimate lies on the way from LIML to least squares', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(1, 4), (shape, fuller) => {
        const panel = panelOf(shape);
        const { estimates, sample } = iv(panel, {
          formula: 'y ~ x | firm | d ~ z1 + z2',
          estimators: ['liml', 'fuller'],
          fuller,
          covariance: 'classical',
        });
        const [liml, corrected] = estimates;
        expect(liml.kappa - corrected.kappa).toBeCloseTo(fuller / (sample.rows - 3 - sample.absorbed), 12);
        const ols = run('panel-regression', panel, { formula: 'y ~ d + x | firm' }).columns[0].fitted.coefficients[1].estimate;
        const [a, b] = [liml.coefficients[0].estimate, corrected.coefficients[0].estimate];
        expect(Math.sign(b - a)).toBe(Math.sign(ols - b));
      }),
      { numRuns: 15 },
    );
  });
});

describe('tF', () => {
  const rejection = (f0: number): number => {
    // |ρ| = 1: AR = z, F = (f₀ + z)², |t| = |z (f₀ + z)/f₀|
    const step = 1e-3;
    let share = 0;
    for (let z = -8; z < 8; z += step) {
      const f = f0 + z;
      if (Math.abs((z * f) / f0) > tfCriticalValue(f * f)) share += (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * step;
    }
    return share;
  };

  test('what the table is for: at |ρ| = 1 at most 5 % of true nulls are rejected, whatever the strength', () => {
    for (const f0 of [0.3, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 9, 10, 12, 20]) {
      const share = rejection(f0);
      expect(share).toBeLessThan(0.0503); // two decimals of the critical values, and the step
      expect(share).toBeGreaterThan(0.047); // 1.96 is reached a little before its place: 1.9600 to two decimals
    }
  });

  test('the places that the paper names: 104.7 for 1.96, 3.43 at 10; none below 4', () => {
    expect(tfCriticalValue(4)).toBe(18.66);
    expect(tfCriticalValue(6.25)).toBeCloseTo(4.92, 10);
    expect(Math.abs(tfCriticalValue(10) - 3.43)).toBeLessThan(0.01); // between places of the table
    expect(tfCriticalValue(104.7)).toBeCloseTo(1.965, 2);
    expect(tfCriticalValue(Number.POSITIVE_INFINITY)).toBe(1.96);
    expect(tfCriticalValue(3.9)).toBe(Number.POSITIVE_INFINITY);
    expect(tfCriticalValue(Number.NaN)).toBe(Number.POSITIVE_INFINITY);
  });

  test('in the analysis: one instrument only, its interval holds the estimate, and the verdict says it', () => {
    const panel = panelOf({ seed: 3, entities: 20, periods: 8 });
    const result = iv(panel, { formula: 'y ~ x | firm | d ~ z1' });
    const { tF, firstStages, estimates } = result;
    const [{ estimate, standardError }] = estimates[0].coefficients;
    expect(tF!.f).toBe(firstStages[0].f.statistic);
    expect(tF!.criticalValue).toBe(tfCriticalValue(tF!.f));
    expect(tF!.upper - estimate).toBeCloseTo(tF!.criticalValue * standardError, 10);
    expect(tF!.adjustedError / standardError).toBeCloseTo(tF!.criticalValue / 1.96, 10);
    expect(result.verdict.join(' ')).toMatch(/tF, 5 %/);
    expect(iv(panel, { formula: 'y ~ x | firm | d ~ z1 + z2' }).tF).toBeNull();
    const weak = iv(panel, { formula: 'y ~ z1 + z2 | firm | d ~ x' });
    if (weak.tF!.f! < 4) expect(weak.tF).toMatchObject({ criticalValue: null, lower: null, upper: null });
  });
});

test('several endogenous regressors: the Anderson–Rubin test is joint, and there is no set', () => {
  const panel = panelOf({ seed: 9, entities: 20, periods: 8 });
  const { andersonRubin, verdict } = iv(panel, { formula: 'y ~ 1 | firm | d + x ~ z1 + z2 + L.x' });
  expect(andersonRubin.set).toBeNull();
  expect(andersonRubin.f.df1).toBe(3);
  expect(verdict[0]).toMatch(/Anderson–Rubin test that all are zero/);
});

test('“too small for this?” in iv: few clusters, few rows an instrument, clusters no more than moments', () => {
  const panel = panelOf({ seed: 2, entities: 8, periods: 5 });
  const few = iv(panel, { formula: 'y ~ x | firm | d ~ z1 + z2 + L.z1 + L.z2', estimators: ['2sls', 'liml'] });
  expect(few.adequacy.map(({ has, status }) => [has, status])).toEqual([
    ['24 for 4', 'too small'],
    ['G = 8', 'too small'],
    ['G = 8', 'ok'],
    ['G = 8', 'too small'],
  ]);
  const many = iv(panelOf({ seed: 2, entities: 60, periods: 6 }), { formula: 'y ~ x | firm | d ~ z1 + z2' });
  expect(many.adequacy.every(({ status }) => status === 'ok')).toBe(true);
});
