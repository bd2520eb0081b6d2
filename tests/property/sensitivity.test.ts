import {
  adjustedCriticalT,
  adjustFor,
  benchmarkBound,
  buildPanel,
  estimateContour,
  eValue,
  extremeRobustnessValue,
  impactThreshold,
  leastSquares,
  makeSpec,
  type OsterMoments,
  osterBeta,
  osterDelta,
  type Panel,
  PhiloxStream,
  partialR2,
  realRootsOfCubic,
  registry,
  replacement,
  robustnessValue,
  runLocally,
  type SensitivityResult,
  sensitivity,
  statisticContour,
  studentTQuantile,
  summarizePanel,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 5, max: 9 }),
  periods: fc.integer({ min: 4, max: 7 }),
});
const runs = { numRuns: 15 };
const shares = fc.double({ min: 0.001, max: 0.95, noNaN: true });

interface Columns {
  readonly [name: string]: number[];
}

/** y on d, x, w, with u that is left out; g and h are groups of text-free codes. */
function columnsOf({ seed, entities, periods }: Shape): Columns {
  const draws = new PhiloxStream(seed, 21);
  const rows = Array.from({ length: entities * periods }, (_, i) => i);
  const effect = Array.from({ length: entities }, () => draws.normal());
  const normals = () => rows.map(() => draws.normal());
  const [x, w, u] = [normals(), normals(), normals()];
  const d = rows.map((i) => 0.5 * x[i] - 0.3 * w[i] + 0.6 * u[i] + effect[Math.floor(i / periods)] + draws.normal());
  const y = rows.map((i) => 0.7 * d[i] + x[i] + 0.5 * u[i] + effect[Math.floor(i / periods)] + draws.normal());
  return { y, d, x, w, u };
}

function panelOf(shape: Shape, columns: Columns = columnsOf(shape)): Panel {
  const { entities, periods } = shape;
  return buildPanel({
    entity: { name: 'firm', values: Array.from({ length: entities * periods }, (_, i) => `f${Math.floor(i / periods)}`) },
    time: { name: 'year', values: Array.from({ length: entities * periods }, (_, i) => String(2000 + (i % periods))) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(values) })),
  });
}

function job(panel: Panel, params: Readonly<Record<string, unknown>>, analysis = 'sensitivity'): SensitivityResult {
  const spec = makeSpec(registry, { analysis, dataset: 'property', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

function close(got: number, wanted: number, relative = 1e-8): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(Math.abs(wanted), 1e-12));
}

const estimates = fc.record({
  t: fc.double({ min: 0.05, max: 40, noNaN: true }),
  df: fc.integer({ min: 3, max: 2_000 }),
  q: fc.double({ min: 0.1, max: 2, noNaN: true }),
  alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
});

describe('omitted-variable bias', () => {
  test.each([['y ~ d + x + w'], ['y ~ d + x + w | firm'], ['y ~ d + x + w | firm + year']])(
    'with the true strengths of a confounder, %s gives estimate, error and t of the regression that has it',
    (formula) => {
      fc.assert(
        fc.property(shapes, (shape) => {
          const panel = panelOf(shape);
          const without = job(panel, { formula });
          const having = job(panel, { formula: formula.replace('x + w', 'x + w + u'), benchmarks: ['u'] });
          const [{ treatment, outcome }] = having.benchmarks;
          const towards = Math.abs(having.treatment.estimate) < Math.abs(without.treatment.estimate);
          const crosses = having.treatment.estimate * without.treatment.estimate < 0;
          const adjusted = adjustFor(without.treatment, { treatment, outcome }, { q: 1, reduce: towards || crosses });
          close(adjusted.estimate, having.treatment.estimate, 1e-7);
          close(adjusted.standardError, having.treatment.standardError);
        }),
        runs,
      );
    },
  );

  test('RV moves the estimate by q exactly; RV_α is where t† reaches |t|; XRV that of an outcome wholly explained', () => {
    fc.assert(
      fc.property(estimates, ({ t, df, q, alpha }) => {
        const of = { estimate: t, standardError: 1, df };
        const r = robustnessValue(t, df, q);
        close(adjustFor(of, { treatment: r, outcome: r }).estimate / t, 1 - q, 1e-6 * (1 + 1 / Math.abs(1 - q)));
        const all = extremeRobustnessValue(t, df, q);
        close(t - adjustFor(of, { treatment: all, outcome: 1 }).estimate, q * t, 1e-6);
        close(extremeRobustnessValue(t, df), partialR2(t, df), 1e-12);
        const ra = robustnessValue(t, df, 1, alpha);
        if (ra > 0) close(adjustedCriticalT({ treatment: ra, outcome: ra }, df, alpha), t, 1e-6);
      }),
    );
  });

  test('no confounder below RV_α takes significance away, whatever its mixture', () => {
    fc.assert(
      fc.property(estimates, fc.double({ min: 0, max: 1 }), fc.double({ min: 0, max: 1 }), ({ t, df, alpha }, a, b) => {
        const ra = robustnessValue(t, df, 1, alpha);
        if (!(ra > 0) || Number.isNaN(a + b)) return;
        const confounding = { treatment: a * ra * (1 - 1e-9), outcome: b * ra * (1 - 1e-9) };
        const { statistic } = adjustFor({ estimate: t, standardError: 1, df }, confounding);
        expect(statistic).toBeGreaterThanOrEqual(-studentTQuantile(alpha / 2, df - 1) * (1 - 1e-7));
      }),
    );
  });

  test('a bound with k = 1 on a strength of r is the strength of the benchmark itself seen without it; it grows with k', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (r, y, k) => {
          const [small, large] = [
            benchmarkBound({ treatment: r, outcome: y }, k, k),
            benchmarkBound({ treatment: r, outcome: y }, 1, 1),
          ];
          if (!small.possible || !large.possible) throw new Error('a multiple of at most 1 of at most .2 is possible');
          close(large.strength.treatment, r / (1 - r));
          expect(small.strength.treatment).toBeLessThanOrEqual(large.strength.treatment);
          expect(small.strength.outcome).toBeLessThanOrEqual(large.strength.outcome);
        },
      ),
    );
  });
});

describe('contours', () => {
  const of = fc.record({
    estimate: fc.double({ min: -5, max: 5, noNaN: true }).filter((b) => Math.abs(b) > 0.01),
    standardError: fc.double({ min: 0.05, max: 2, noNaN: true }),
    df: fc.integer({ min: 5, max: 900 }),
  });
  const concerns = fc.record({ q: fc.double({ min: 0.2, max: 1.5, noNaN: true }), reduce: fc.boolean() });

  test('every point of a line has the number of the line', () => {
    fc.assert(
      fc.property(of, concerns, shares, shares, (estimate, concern, a, b) => {
        const at = adjustFor(estimate, { treatment: a, outcome: b }, concern);
        const limit = 0.97;
        for (const { x, y } of estimateContour(estimate, at.estimate, limit, concern).points)
          close(
            adjustFor(estimate, { treatment: x, outcome: Math.min(1, y) }, concern).estimate,
            at.estimate,
            1e-6 * (1 + Math.abs(estimate.estimate / at.estimate)),
          );
        const lines = statisticContour(estimate, at.statistic, limit, concern);
        for (const { x, y } of lines.flatMap(({ points }) => points)) {
          if (y > 1 - 1e-9) continue;
          const { statistic } = adjustFor(estimate, { treatment: x, outcome: y }, concern);
          expect(Math.abs(statistic - at.statistic)).toBeLessThan(
            (1e-5 * (1 + Math.abs(at.statistic) + Math.abs(estimate.estimate / estimate.standardError))) / Math.sqrt(1 - y),
          );
        }
        // and the line passes by the point it was asked for
        const near = lines.flatMap(({ points }) => points).some(({ x }) => Math.abs(x - a) < 0.2);
        expect(near).toBe(true);
      }),
    );
  });

  test('no confounder of the benchmarks: the figures stand, three of them', () => {
    const { figures } = sensitivity.report(
      sensitivity.combine(
        sensitivity.params.parse({ formula: 'y ~ d' }),
        { panel: panelOf({ seed: 1, entities: 6, periods: 5 }) },
        null,
        [job(panelOf({ seed: 1, entities: 6, periods: 5 }), { formula: 'y ~ d' })],
        1,
      ),
    );
    expect(figures.map(({ title }) => title)).toEqual(['Adjusted estimate of d', 'Adjusted t of d', 'Extreme scenarios']);
  });
});

describe('the job', () => {
  test('absorbed effects are dummies', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const panel = panelOf(shape);
        const request = { benchmarks: ['x', { name: 'both', terms: ['x', 'w'] }], covariance: 'hc1' };
        const absorbed = job(panel, { formula: 'y ~ d + x + w | firm + year', ...request });
        const dummies = job(panel, { formula: 'y ~ d + x + w + i(firm) + i(year)', ...request });
        expect(absorbed.treatment.df).toBe(dummies.treatment.df);
        for (const [i, row] of absorbed.bounds.entries()) {
          const other = dummies.bounds[i];
          if (row.failure !== null) expect(other.failure?.code).toBe(row.failure.code);
          else {
            close(row.treatmentShare, other.treatmentShare, 1e-6);
            close(row.outcomeShare, other.outcomeShare, 1e-6);
            close(row.estimate, other.estimate, 1e-5);
          }
        }
        close(absorbed.errors[0].standardError, dummies.errors[0].standardError);
        const within = absorbed.oster.find(({ r2 }) => r2 === 'within')!;
        const withDummies = job(panel, {
          formula: 'y ~ d + x + w + i(firm) + i(year)',
          oster: { unrelated: ['i(firm)', 'i(year)'] },
        }).oster;
        close(withDummies.find(({ r2 }) => r2 === 'within')!.deltaStar, within.deltaStar, 1e-5);
        close(withDummies[0].deltaStar, absorbed.oster[0].deltaStar, 1e-5);
      }),
      runs,
    );
  });

  test('units of outcome and treatment move the estimate only', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(1e-6, -3, 1e5), fc.constantFrom(1e-4, -2, 1e6), (shape, a, b) => {
        const columns = columnsOf(shape);
        const params = { formula: 'y ~ d + x + w | firm', benchmarks: ['x', 'w'] };
        const one = job(panelOf(shape), params);
        const other = job(panelOf(shape, { ...columns, y: columns.y.map((v) => a * v), d: columns.d.map((v) => b * v) }), params);
        close(other.treatment.estimate, (a / b) * one.treatment.estimate);
        for (const name of ['partialR2', 'robustnessValue', 'robustnessValueAlpha', 'extremeRobustnessValue'] as const)
          close(other.statistics[name], one.statistics[name]);
        for (const [i, { outcomeShare, statistic, keepsSign }] of one.bounds.entries()) {
          if (statistic === null) continue;
          close(other.bounds[i].outcomeShare, outcomeShare, 1e-7);
          close(Math.abs(other.bounds[i].statistic), Math.abs(statistic), 1e-6);
          expect(other.bounds[i].keepsSign).toBe(keepsSign);
        }
        close(other.oster[0].deltaStar, one.oster[0].deltaStar, 1e-6);
      }),
      runs,
    );
  });

  test('a sweep has the treatment first, then each bound that has numbers', () => {
    const shape = { seed: 4, entities: 7, periods: 6 };
    const panel = panelOf(shape);
    const request = { formula: 'y ~ d + x + w | firm', benchmarks: ['w'], kd: [0.5, 1, 1e5] };
    const inputs = { panel };
    const result = sensitivity.run(sensitivity.params.parse(request), inputs, null, { first: 0, count: 1 }, () => {}, 1);
    const estimates = sensitivity.estimates!(result);
    expect(estimates.map(({ name }) => name)).toEqual(['d', 'd, 0.5x w', 'd, 1x w']);
    expect(estimates[0]).toMatchObject({ estimate: result.treatment.estimate, pValue: result.treatment.pValue, rows: 42 });
    const [, , { pValue, lower, upper }] = estimates;
    expect(pValue < 0.05).toBe(lower > 0 || upper < 0);
    const sweep = job(
      panel,
      { analysis: 'sensitivity', formulas: { outcomes: ['y'], treatments: ['d'], controls: { subsetsOf: ['x', 'w'] } } },
      'sweep',
    );
    expect(JSON.stringify(sweep)).toContain('"fitted":4');
  });

  test('dropping or keeping singletons leaves estimate, error, degrees of freedom and bounds as they are', () => {
    const shape = { seed: 5, entities: 8, periods: 6 };
    const columns = columnsOf(shape);
    const cell = columns.y.map((_, i) => (i < 2 ? i : 2 + Math.floor(i / 6)));
    const panel = panelOf(shape, { ...columns, cell });
    const params = { formula: 'y ~ d + x + w | cell', benchmarks: ['x'] };
    const [kept, dropped] = ['keep', 'drop'].map((singletons) => job(panel, { ...params, singletons }));
    expect(kept.sample.rows).toBe(dropped.sample.rows + dropped.sample.singletons);
    expect(dropped.sample.singletons).toBe(2);
    expect(kept.treatment.df).toBe(dropped.treatment.df);
    close(kept.treatment.standardError, dropped.treatment.standardError, 1e-12);
    close(kept.bounds[2].estimate, dropped.bounds[2].estimate, 1e-12);
  });

  test('three shares, one place each: the scenarios say where the line reaches the hypothesis', () => {
    const result = job(panelOf({ seed: 3, entities: 8, periods: 5 }), { formula: 'y ~ d + x | firm', q: 0.5 });
    for (const { outcomeShare, treatmentShare } of result.scenarios)
      close(
        adjustFor(result.treatment, { treatment: treatmentShare, outcome: outcomeShare }, result.request).estimate,
        result.treatment.hypothesis,
        1e-9,
      );
  });
});

describe('the other measures', () => {
  const moments: fc.Arbitrary<OsterMoments> = fc
    .record({
      b0: fc.double({ min: -3, max: 3, noNaN: true }),
      b1: fc.double({ min: -3, max: 3, noNaN: true }),
      r: fc.tuple(fc.double({ min: 0.05, max: 0.4, noNaN: true }), fc.double({ min: 0.45, max: 0.7, noNaN: true })),
      s: fc.double({ min: 0.2, max: 5, noNaN: true }),
      share: fc.double({ min: 0.2, max: 0.95, noNaN: true }),
    })
    .filter(({ b0, b1 }) => Math.abs(b0 - b1) > 0.01)
    .map(({ b0, b1, r: [shortR2, longR2], s, share }) => ({
      shortEstimate: b0,
      longEstimate: b1,
      shortR2,
      longR2,
      outcomeVariance: 2,
      treatmentVariance: s,
      residualVariance: share * s,
    }));

  test('δ* at β* gives δ back: every solution of β*(δ) is one', () => {
    fc.assert(
      fc.property(moments, fc.double({ min: 0.2, max: 3, noNaN: true }), (of, delta) => {
        const { solutions, estimate } = osterBeta(of, 0.9, delta);
        expect(solutions).toContain(estimate);
        for (const beta of solutions) {
          if (Math.abs(of.longEstimate - beta) < 1e-6) continue;
          close(osterDelta(of, 0.9, beta), delta, 1e-5);
        }
      }),
    );
  });

  test('roots of a cubic: those it was made of', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })),
        fc.constantFrom(1, -3, 1e-5, 1e6),
        fc.constantFrom(1, 1e-4, 1e5),
        ([a, b, c], lead, unit) => {
          const wanted = [...new Set([a, b, c])].sort((p, q) => p - q);
          const roots = realRootsOfCubic(
            lead,
            -lead * (a + b + c) * unit,
            lead * (a * b + a * c + b * c) * unit ** 2,
            -lead * a * b * c * unit ** 3,
          );
          const double = wanted.length < 3 ? 1e-5 : 1e-9;
          for (const root of roots) expect(wanted.some((x) => Math.abs(root - x * unit) <= double * 60 * unit)).toBe(true);
          if (wanted.length === 3) expect(roots).toHaveLength(3);
          else expect(roots.length).toBeGreaterThan(0);
        },
      ),
    );
    expect(realRootsOfCubic(1, 0, 0, 1)).toEqual([-1]);
    expect(realRootsOfCubic(0, 1, -3, 2)).toEqual([1, 2]);
    expect(realRootsOfCubic(0, 0, 2, -1)).toEqual([0.5]);
    expect(realRootsOfCubic(0, 1, 0, 1)).toEqual([]);
    expect(realRootsOfCubic(0, 0, 0, 1)).toEqual([]);
  });

  test('a confounder at the impact threshold makes the estimate just significant; RIR at its threshold is nothing', () => {
    fc.assert(
      fc.property(estimates, ({ t, df, alpha }) => {
        const { correlation, componentCorrelation, criticalCorrelation } = impactThreshold(t, df, alpha);
        const r = componentCorrelation;
        const significant = t > -studentTQuantile(alpha / 2, df);
        // partial correlation given a confounder that correlates r (and ±r) with both
        const partial = significant ? (correlation - r * r) / (1 - r * r) : (correlation + r * r) / (1 + r * r);
        if (significant) close(partial, criticalCorrelation, 1e-7);
        else expect(partial).toBeGreaterThanOrEqual(correlation);
        const { threshold } = replacement(t, 1, df, 1000, alpha);
        expect(replacement(threshold * (1 + 1e-12), 1, df, 1000, alpha).rows).toBe(0);
      }),
    );
  });

  test('E-value: a confounder that strong explains the ratio away, RR_D RR_Y/(RR_D + RR_Y − 1)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), (ratio) => {
        const { estimate } = eValue(ratio, ratio, ratio);
        close((estimate * estimate) / (2 * estimate - 1), Math.max(ratio, 1 / ratio));
        expect(eValue(ratio, 0.01, 100).limit).toBe(1);
      }),
    );
  });

  test('Oster’s moments are those of the two regressions', () => {
    const shape = { seed: 11, entities: 9, periods: 6 };
    const columns = columnsOf(shape);
    const [{ shortR2, longR2, residualVariance, treatmentVariance }] = job(panelOf(shape), { formula: 'y ~ d + x + w' }).oster;
    const of = (names: readonly string[], y: string) =>
      leastSquares(
        [columns.y.map(() => 1), ...names.map((name) => columns[name])].map((v) => Float64Array.from(v)),
        Float64Array.from(columns[y]),
      ).ssr;
    close(shortR2, 1 - of(['d'], 'y') / of([], 'y'));
    close(longR2, 1 - of(['d', 'x', 'w'], 'y') / of([], 'y'));
    close(treatmentVariance, of([], 'd') / (columns.y.length - 1));
    close(residualVariance, of(['x', 'w'], 'd') / (columns.y.length - 1));
  });
});

describe('refusals', () => {
  const shape = { seed: 2, entities: 7, periods: 5 };
  const columns = columnsOf(shape);
  const fixed = columns.y.map((_, i) => Math.floor(i / 5) ** 2);
  const sum = columns.x.map((value, i) => value - columns.w[i]);
  const panel = panelOf(shape, { ...columns, fixed, sum, exact: columns.d.map((value, i) => 2 * value + columns.x[i]) });
  const check = (params: Readonly<Record<string, unknown>>) =>
    sensitivity.check(sensitivity.params.parse(params), { panel: summarizePanel(panel) });
  const formula = 'y ~ d + x + w | firm';

  test.each([
    [
      'a benchmark that is not in the model',
      { formula, benchmarks: ['u'] },
      'not_a_control',
      '/benchmarks/0',
      'u is not in the model: a benchmark is one of the controls x, w',
    ],
    [
      'one in a group',
      { formula, benchmarks: [{ name: 'g', terms: ['x', 'ww'] }] },
      'not_a_control',
      '/benchmarks/0/terms/1',
      'did you mean "w"',
    ],
    ['the treatment as benchmark', { formula, benchmarks: ['d'] }, 'not_a_control', '/benchmarks/0', 'd is the treatment'],
    [
      'an effect as benchmark',
      { formula, benchmarks: ['firm'] },
      'not_a_control',
      '/benchmarks/0',
      'firm is absorbed as an effect',
    ],
    ['a benchmark twice', { formula, benchmarks: ['x', 'x'] }, 'benchmark_twice', '/benchmarks/1', 'called x'],
    [
      'a control twice in a group',
      { formula, benchmarks: [{ name: 'g', terms: ['x', 'x'] }] },
      'term_twice',
      '/benchmarks/0/terms/1',
      'twice',
    ],
    [
      'the treatment among the unrelated controls',
      { formula, oster: { unrelated: ['d'] } },
      'not_a_control',
      '/oster/unrelated/0',
      'd is the treatment',
    ],
    [
      'a treatment that is not in the model',
      { formula, treatment: 'u' },
      'treatment_not_in_model',
      '/treatment',
      'not among the regressors d, x, w',
    ],
    [
      'a treatment that is absorbed',
      { formula: 'y ~ x | firm + sum', treatment: 'sum' },
      'treatment_not_in_model',
      '/treatment',
      'sum is absorbed as an effect',
    ],
    [
      'a treatment that is an effect too',
      { formula: 'y ~ sum + x | firm + sum' },
      'absorbed',
      '/formula',
      'sum is an effect too',
    ],
    [
      'a treatment of several columns',
      { formula: 'y ~ i(year) + x' },
      'several_columns',
      '/formula',
      'a treatment is one coefficient',
    ],
    ['the outcome as regressor', { formula: 'y ~ d + y' }, 'outcome_on_itself', '/formula', 'y is the outcome'],
    ['no regressor', { formula: 'y ~ 1 | firm' }, 'no_regressors', '/formula', 'no treatment'],
    ['instruments', { formula: 'y ~ x | firm | d ~ w' }, 'unsupported_instruments', '/formula', 'leave the instruments out'],
    ['no constant and no effects', { formula: 'y ~ 0 + d + x' }, 'intercept_needed', '/formula', 'leave the 0 out'],
    ['ky of another length', { formula, kd: [1, 2], ky: [1] }, 'lengths_differ', '/ky', 'kd has 2, ky 1'],
    ['an unknown column', { formula: 'y ~ d + xx' }, 'unknown_column', '/formula', 'did you mean "x"'],
    [
      'an unknown cluster',
      { formula, covariance: { kind: 'cluster', by: ['frim'] } },
      'unknown_column',
      '/covariance/0/by/0',
      'did you mean "firm"',
    ],
    [
      'an unrelated control that is none',
      { formula, oster: { unrelated: ['u'] } },
      'not_a_control',
      '/oster/unrelated/0',
      'an unrelated control',
    ],
  ])('%s', (_, params, code, pointer, words) => {
    const problem = check(params).find((candidate) => candidate.code === code);
    expect(problem).toMatchObject({ code, pointer });
    expect(problem?.message).toContain(words);
  });

  test('k ≤ 0, q ≤ 0, shares above 1', () => {
    for (const params of [
      { kd: [0] },
      { kd: [-1] },
      { kd: [] },
      { q: 0 },
      { scenarios: [1.2] },
      { level: 1 },
      { oster: { rMaxFactor: 1 } },
      { eValue: { contrast: 0 } },
    ])
      expect(sensitivity.params.safeParse({ formula, ...params }).success).toBe(false);
    const { error } = sensitivity.params.safeParse({ formula, kd: [1, 0] });
    expect(error?.issues[0]).toMatchObject({ path: ['kd', 1], message: expect.stringContaining('above 0') });
    expect(check({ formula })).toEqual([]);
  });

  const failure = (params: Readonly<Record<string, unknown>>): { code: string; message: string } => {
    try {
      job(panel, params);
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error('it ran');
  };

  test('a benchmark without variation within the effects is refused when named, skipped with a word when not', () => {
    const withFixed = 'y ~ d + x + fixed | firm';
    expect(failure({ formula: withFixed, benchmarks: ['x', 'fixed'] })).toMatchObject({
      code: 'benchmark_without_variation',
      message: expect.stringContaining('fixed does not vary within the effects'),
    });
    const result = job(panel, { formula: withFixed });
    expect(result.skipped.map(({ name }) => name)).toEqual(['fixed']);
    expect(result.bounds.map(({ benchmark }) => benchmark)).toEqual(['x', 'x', 'x']);
    expect(result.warnings.join(' ')).toContain('Not a benchmark: fixed');
  });

  test('a treatment that the effects or the controls hold; a perfect fit; too few rows', () => {
    expect(failure({ formula: 'y ~ fixed + x | firm' })).toMatchObject({
      code: 'no_within_variation',
      message: expect.stringContaining('fixed does not vary within firm'),
    });
    expect(failure({ formula: 'y ~ sum + x + w' })).toMatchObject({
      code: 'treatment_collinear',
      message: expect.stringContaining('sum is a combination of the controls'),
    });
    // the treatment among the controls under another name
    expect(failure({ formula: 'y ~ d + x + I(2 * d) | firm' })).toMatchObject({ code: 'treatment_collinear' });
    expect(failure({ formula: 'exact ~ d + x' }).code).toBe('perfect_fit');
    expect(failure({ formula: 'y ~ d + x | firm + sum' }).code).toMatch(/too_few_rows|only_singletons/);
  });

  test('a regression without controls: no bounds, no Oster, and it says so', () => {
    const result = job(panel, { formula: 'y ~ d | firm' });
    expect(result.bounds).toEqual([]);
    expect(result.oster).toEqual([]);
    expect(result.altonjiElderTaber).toBeNull();
    expect(result.adequacy).toMatchObject([
      { method: 'robustness values and bounds', has: 'df = 27', status: 'ok' },
      { method: 'clustered by firm', has: 'G = 7', status: 'too small' },
    ]);
    expect(result.warnings.join(' ')).toContain('nothing to compare');
  });

  test('R_max below the R² that is reached already', () => {
    const { oster, warnings } = job(panel, { formula, oster: { rMax: 0.01 } });
    expect(oster.every(({ failure: why }) => why?.code === 'r_max_too_low')).toBe(true);
    expect(warnings.join(' ')).toContain('below the within R²');
  });
});
