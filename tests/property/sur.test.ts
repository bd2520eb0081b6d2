import {
  buildPanel,
  demeanBy,
  independenceTest,
  inverseResidualCovariance,
  leastSquares,
  makeSpec,
  type Panel,
  PhiloxStream,
  parseRestrictions,
  registry,
  runLocally,
  type SurResult,
  studentTQuantile,
  summarizePanel,
  sur,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 4, max: 7 }),
  periods: fc.integer({ min: 5, max: 8 }),
});
const runs = { numRuns: 15 };

interface Columns {
  readonly [name: string]: number[];
}

/** Three outcomes whose errors move together, three regressors. */
function columnsOf({ seed, entities, periods }: Shape): Columns {
  const draws = new PhiloxStream(seed, 31);
  const rows = Array.from({ length: entities * periods }, (_, i) => i);
  const effect = Array.from({ length: entities }, () => draws.normal());
  const normals = () => rows.map(() => draws.normal());
  const [x, z, w, u] = [normals(), normals(), normals(), normals()];
  const outcome = (slope: number, share: number) => {
    const own = normals();
    return rows.map((i) => 1 + slope * x[i] + 0.5 * z[i] + effect[Math.floor(i / periods)] + share * u[i] + own[i]);
  };
  return { y1: outcome(1, 1), y2: outcome(0.5, -0.8), y3: outcome(-1, 0.4), x, z, w };
}

function panelOf(shape: Shape, columns: Columns = columnsOf(shape)): Panel {
  const { entities, periods } = shape;
  const rows = Array.from({ length: entities * periods }, (_, i) => i);
  return buildPanel({
    entity: { name: 'firm', values: rows.map((i) => `f${Math.floor(i / periods)}`) },
    time: { name: 'year', values: rows.map((i) => String(2000 + (i % periods))) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(values) })),
  });
}

function job(panel: Panel, params: Readonly<Record<string, unknown>>, analysis = 'sur') {
  const spec = makeSpec(registry, { analysis, dataset: 'property', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}
const system = (panel: Panel, params: Readonly<Record<string, unknown>>): SurResult => job(panel, params);

function close(got: number, wanted: number, relative = 1e-8, floor = 1e-12): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(Math.abs(wanted), floor));
}

const coefficientsOf = ({ equations }: SurResult) => equations.flatMap(({ coefficients }) => coefficients);
const three = ['y1 ~ x + z', 'y2 ~ x + w', 'y3 ~ z + w'];

/** Solves a square system by elimination with pivoting, apart from the library. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const m = a.map((row, i) => [...row, b[i]]);
  for (let j = 0; j < m.length; j++) {
    const pivot = m.slice(j).reduce((best, row, i) => (Math.abs(row[j]) > Math.abs(m[best][j]) ? i + j : best), j);
    [m[j], m[pivot]] = [m[pivot], m[j]];
    for (let i = 0; i < m.length; i++) {
      if (i === j) continue;
      const factor = m[i][j] / m[j][j];
      for (let k = j; k <= m.length; k++) m[i][k] -= factor * m[j][k];
    }
  }
  return m.map((row, i) => row[m.length] / row[i]);
}

describe('the estimator', () => {
  test('is (Xᵀ(Σ⁻¹ ⊗ I)X)⁻¹Xᵀ(Σ⁻¹ ⊗ I)y, written out', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const columns = columnsOf(shape);
        const result = system(panelOf(shape), { equations: three, residualCovariance: 'n' });
        const one = columns.x.map(() => 1);
        const X = [
          [one, columns.x, columns.z],
          [one, columns.x, columns.w],
          [one, columns.z, columns.w],
        ];
        const y = [columns.y1, columns.y2, columns.y3];
        const n = one.length;
        const e = X.map(
          (of, m) =>
            leastSquares(
              of.map((c) => Float64Array.from(c)),
              Float64Array.from(y[m]),
            ).residuals,
        );
        const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);
        const sigma = e.map((a) => e.map((b) => dot(a, b) / n));
        const identity = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0)));
        const inverse = identity.map((unit) => solve(sigma, unit)); // symmetric
        const stacked = X.flatMap((of, m) => of.map((column) => ({ m, column })));
        const normal = stacked.map((a) => stacked.map((b) => inverse[a.m][b.m] * dot(a.column, b.column)));
        const right = stacked.map((a) => y.reduce((sum, outcome, l) => sum + inverse[a.m][l] * dot(a.column, outcome), 0));
        const beta = solve(normal, right);
        for (const [j, { estimate, standardError }] of coefficientsOf(result).entries()) {
          close(estimate, beta[j], 1e-7, 1e-3);
          const unit = beta.map((_, l) => (l === j ? 1 : 0));
          close(standardError ** 2, solve(normal, unit)[j], 1e-7);
        }
      }),
      runs,
    );
  });

  test.each(['geomean', 'max', 'theil'])(
    'with the same regressors it is OLS to the last digits, errors too (%s)',
    (residualCovariance) => {
      fc.assert(
        fc.property(shapes, fc.constantFrom('', ' | firm', ' | firm + year'), (shape, effects) => {
          const equations = ['y1', 'y2', 'y3'].map((y) => `${y} ~ x + z${effects}`);
          const result = system(panelOf(shape), { equations, residualCovariance });
          expect(result.sameRegressors).toBe(true);
          expect(result.verdict.join(' ')).toContain('SUR IS OLS equation by equation');
          for (const { estimate, standardError, ols } of coefficientsOf(result)) {
            expect(Math.abs(estimate - ols.estimate)).toBeLessThan(1e-10 * ols.standardError);
            close(standardError, ols.standardError, 1e-9);
          }
        }),
        runs,
      );
    },
  );

  test('an equation whose regressors all others have is OLS, the others are not', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { equations, sameRegressors, verdict } = system(panelOf(shape), {
          equations: ['y1 ~ x', 'y2 ~ x + z', 'y3 ~ x + z + w'],
        });
        expect(equations.map(({ contained }) => contained)).toEqual([true, false, false]);
        expect(sameRegressors).toBe(false);
        expect(equations[0].olsDistance).toBeLessThan(1e-9);
        expect(equations[2].olsDistance).toBeGreaterThan(1e-6);
        expect(verdict.join(' ')).toContain('In y1, whose regressors all the others have, SUR is OLS');
      }),
      runs,
    );
  });

  test('iterated with the divisor n no other coefficients are likelier; order of equations changes nothing', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const panel = panelOf(shape);
        const params = { residualCovariance: 'n', iterate: true };
        const best = system(panel, { equations: three, ...params });
        const turned = system(panel, { equations: [three[2], three[0], three[1]], ...params });
        close(turned.system.logLikelihood, best.system.logLikelihood, 1e-10);
        close(turned.equations[1].coefficients[1].estimate, best.equations[0].coefficients[1].estimate, 1e-5, 1e-2);
        const twoStep = system(panel, { equations: three, residualCovariance: 'n' });
        expect(best.system.logLikelihood).toBeGreaterThanOrEqual(twoStep.system.logLikelihood);
        expect(best.residuals.covariance[0][1]).toBeCloseTo(best.residuals.weighting[0][1], 6);
      }),
      runs,
    );
  });

  test('absorbed effects are dummies in every equation', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom('geomean', 'n', 'theil'), (shape, residualCovariance) => {
        const panel = panelOf(shape);
        const params = { residualCovariance, cluster: 'firm' };
        const absorbed = system(panel, { equations: three.map((text) => `${text} | firm + year`), tests: ['x'], ...params });
        const dummies = system(panel, { equations: three.map((text) => `${text} + i(firm) + i(year)`), tests: ['x'], ...params });
        for (const [e, { coefficients, residualDf }] of absorbed.equations.entries()) {
          expect(dummies.equations[e].residualDf).toBe(residualDf);
          for (const of of coefficients) {
            const other = dummies.equations[e].coefficients.find(({ term }) => term === of.term)!;
            close(other.estimate, of.estimate, 1e-7, 1e-3);
            close(other.standardError, of.standardError, 1e-7);
            close(other.clustered!.standardError, of.clustered!.standardError, 1e-6);
          }
        }
        close(dummies.tests[0].chi2!.statistic, absorbed.tests[0].chi2!.statistic, 1e-6);
        expect(dummies.tests[0].f!.df2).toBe(absorbed.tests[0].f!.df2);
        close(dummies.system.logLikelihood, absorbed.system.logLikelihood, 1e-8);
        const rows = columnsOf(shape).y1.length;
        expect(absorbed.independence.scale).toBe(rows - shape.entities - shape.periods + 2);
        const [first, second] = [absorbed, dummies].map(({ independence: { ols, scale } }) => ols.statistic / scale);
        close(first, second, 1e-7);
      }),
      runs,
    );
  });

  test('units of an outcome scale its equation; clustered errors of equal regressors are those of OLS', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(1e-5, 1e4), (shape, unit) => {
        const columns = columnsOf(shape);
        const equations = three.map((text) => `${text} | firm`);
        const one = system(panelOf(shape), { equations });
        const other = system(panelOf(shape, { ...columns, y2: columns.y2.map((value) => value * unit) }), { equations });
        for (const [e, { coefficients }] of one.equations.entries()) {
          for (const [j, of] of coefficients.entries()) {
            const scaled = other.equations[e].coefficients[j];
            close(scaled.statistic, of.statistic, 1e-7, 1e-3);
            close(scaled.clustered!.statistic, of.clustered!.statistic, 1e-6, 1e-3);
            close(scaled.estimate, of.estimate * (e === 1 ? unit : 1), 1e-7, 1e-3);
          }
        }
        const same = system(panelOf(shape), { equations: ['y1 ~ x + z | firm', 'y2 ~ x + z | firm'] });
        const alone = job(
          panelOf(shape),
          { formula: 'y1 ~ x + z | firm', covariance: { kind: 'cluster', smallSample: 'none' } },
          'panel-regression',
        ).columns[0].fitted.coefficients;
        const G = shape.entities;
        for (const { term, clustered } of same.equations[0].coefficients) {
          const cr0 = alone.find((row: { term: string }) => row.term === term).standardError;
          close(clustered!.standardError, cr0 * Math.sqrt(G / (G - 1)), 1e-8);
        }
      }),
      runs,
    );
  });

  test('equations by firm are those of the reshaped data; a missing match is left out and counted', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 4 }), (shape, hole) => {
        const { entities, periods } = shape;
        const columns = columnsOf(shape);
        const y = columns.y1.map((value, i) => (i === periods + hole ? Number.NaN : value));
        const result = system(panelOf(shape, { ...columns, y }), { formula: 'y ~ x', by: 'firm', levels: ['f1', 'f0'] });
        const keep = Array.from({ length: periods }, (_, t) => t).filter((t) => t !== hole);
        const take = (name: string, firm: number) => keep.map((t) => columns[name][firm * periods + t]);
        const wide = { ya: take('y1', 1), xa: take('x', 1), yb: take('y1', 0), xb: take('x', 0) };
        const flat = panelOf({ ...shape, entities: 1, periods: keep.length }, wide);
        const other = system(flat, { equations: ['ya ~ xa', 'yb ~ xb'], cluster: null });
        expect(result.system.rows).toBe(keep.length);
        expect(result.sample.dropped.map(({ rows }) => rows)).toEqual([1, 1]);
        expect(result.warnings.join(' ')).toContain('1 rows were left out');
        for (const [j, { estimate, standardError }] of coefficientsOf(other).entries()) {
          close(coefficientsOf(result)[j].estimate, estimate, 1e-9, 1e-3);
          close(coefficientsOf(result)[j].standardError, standardError, 1e-9);
        }
        expect(entities).toBeGreaterThan(1);
      }),
      runs,
    );
  });

  test('Breusch–Pagan of two equations is n r²; two unrelated ones are left to OLS in words', () => {
    const shape = { seed: 8, entities: 6, periods: 8 };
    const result = system(panelOf(shape), { equations: ['y1 ~ x', 'y2 ~ z'] });
    close(result.independence.ols.statistic, 48 * result.residuals.correlation[0][1] ** 2);
    expect(result.independence.ols.df).toBe(1);
    expect(sur.estimates!(result).map(({ name }) => name)).toEqual(['[y1]x', '[y2]z']);
    const unrelated = system(panelOf(shape), { equations: ['x ~ z', 'w ~ y3'], cluster: null });
    expect(unrelated.adequacy).toMatchObject([{ method: 'FGLS', has: '48 for 2', status: 'ok' }]);
    expect(result.adequacy[1]).toMatchObject({ method: 'clustered by firm', has: 'G = 6', status: 'too small' });
    expect(unrelated.verdict[0]).toContain('not rejected at 5 %, and SUR has little to gain');
  });
});

test('Breusch–Pagan after entity effects: rows less effects keep 5 %, all rows do not (30 × 7, 3,000 draws)', () => {
  const [N, T, draws] = [30, 7, 3_000];
  const random = new PhiloxStream(17, 0);
  const codes = Uint32Array.from({ length: N * T }, (_, i) => Math.floor(i / T));
  const within = () =>
    demeanBy(
      codes,
      N,
      Float64Array.from(codes, () => random.normal()),
    );
  let [less, all] = [0, 0];
  for (let d = 0; d < draws; d++) {
    const residuals = [within(), within()];
    if (independenceTest(residuals, N * T - N + 1).p < 0.05) less++;
    if (independenceTest(residuals, N * T).p < 0.05) all++;
  }
  const error = Math.sqrt((0.05 * 0.95) / draws);
  expect(Math.abs(less / draws - 0.05)).toBeLessThan(3 * error);
  expect(all / draws - 0.05).toBeGreaterThan(3 * error);
});

describe('tests across equations', () => {
  const shape = { seed: 3, entities: 6, periods: 8 };
  const test1 = (tests: unknown, more = {}) => system(panelOf(shape), { equations: three, tests, ...more }).tests;

  test('one restriction is the square of a t; a name alone is a chain; the way it is written does not matter', () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: -5, max: 5, noNaN: true }), (of, scale) => {
        const panel = panelOf(of);
        const factor = Math.abs(scale) < 0.01 ? 1 : Number(Math.abs(scale).toPrecision(6));
        const { tests, equations } = system(panel, {
          equations: three,
          tests: [
            '[y1]x = 0',
            'x',
            '[y1]x = [y2]x',
            `${factor} * [y2]x - ${factor} * [y1]x = 0`,
            '[y1]z = [y3]z; [y2]w = [y3]w',
            '[y2]w - [y3]w = 0; [y2]w + [y1]z = [y3]w + [y3]z',
            '[y1]x + 1 = 1 + 0.5',
          ],
        });
        const x = equations[0].coefficients[1];
        close(tests[0].chi2!.statistic, x.statistic ** 2, 1e-7);
        close(tests[6].chi2!.statistic, ((x.estimate - 0.5) / x.standardError) ** 2, 1e-6);
        close(tests[1].f!.statistic, tests[2].f!.statistic, 1e-10);
        close(tests[3].f!.statistic, tests[2].f!.statistic, 1e-7);
        close(tests[5].f!.statistic, tests[4].f!.statistic, 1e-7);
        expect(tests.map(({ restrictions }) => restrictions)).toEqual([1, 1, 1, 1, 2, 2, 1]);
      }),
      runs,
    );
  });

  test('left out: each shared slope, and all', () => {
    const tests = test1(undefined);
    expect(tests.map(({ name }) => name)).toEqual([
      'x: equal in all equations',
      'z: equal in all equations',
      'w: equal in all equations',
      'all shared slopes equal',
    ]);
    expect(tests[3].restrictions).toBe(3);
  });

  test('restrictions that follow from others lose their own test only; so does a clustered one with too few clusters', () => {
    const [redundant, good] = test1(['[y1]x = [y2]x; 2 * [y1]x = 2 * [y2]x', '[y1]x = [y2]x'], { cluster: null });
    expect(redundant).toMatchObject({
      chi2: null,
      failure: { code: 'redundant_restrictions', message: expect.stringContaining('restriction 2 of 2') },
    });
    expect(good.failure).toBeNull();
    const few = system(panelOf({ ...shape, entities: 4 }), {
      equations: three,
      tests: ['[y1]x = 0; [y1]z = 0; [y2]x = 0; [y2]w = 0'],
    }).tests[0];
    expect(few.chi2).not.toBeNull();
    expect(few.clustered).toBeNull();
  });

  const vocabulary = {
    equations: ['a', 'b c'],
    terms: (equation: string) => (equation === 'a' ? ['x', 'x:z', 'log(x)', '(constant)'] : ['x', 'x2', 'I(x - 1)']),
  };
  test('names are read as far as they go', () => {
    const read = (text: string) => parseRestrictions(text, vocabulary);
    expect(read('[a] x:z = [b c]x2 = -[b c]I(x - 1) * 1'.replace(' * 1', ''))).toHaveLength(2);
    expect(read('[a]x:z = 1')[0].terms[0].of.term).toBe('x:z');
    expect(read('[a]x = 1e-2')[0].value).toBe(0.01);
    expect(read('[b c]I(x - 1)-[a]log(x)= .5')[0]).toEqual({
      terms: [
        { weight: 1, of: { equation: 'b c', term: 'I(x - 1)' } },
        { weight: -1, of: { equation: 'a', term: 'log(x)' } },
      ],
      value: 0.5,
    });
    expect(read('[a](constant) = 0')[0].terms[0].of.term).toBe('(constant)');
    expect(read('x')).toHaveLength(1);
  });

  test.each([
    ['[c]x = 0', 'there is no equation "c"', '   ^'],
    ['[a]y = 0', 'equation "a" has no such coefficient; it has x, x:z', '     ^'],
    ['[a]x', 'an equality is needed', '      ^'],
    ['[a]x = ', 'written [equation]name', '         ^'],
    ['[a]x = 2 [b c]x', 'expected + - = ;', '           ^'],
    ['[a x = 0', 'not closed', '  ^'],
    ['1 = 2', 'an equality of numbers', '  ^'],
    ['[a]xx = 0', 'no such coefficient', '     ^'],
    ['[a]x = 0;', 'written [equation]name', '           ^'],
  ])('%s', (text, words, caret) => {
    let message = '';
    try {
      parseRestrictions(text, vocabulary, '/tests/0');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(words);
    expect(message.split('\n').at(-1)).toBe(caret);
  });
});

describe('refusals', () => {
  const shape = { seed: 2, entities: 6, periods: 7 };
  const columns = columnsOf(shape);
  const twice = columns.y1.map((value) => 3 * value);
  const rest = columns.y1.map((value, i) => 10 - value - columns.y2[i]);
  const exact = columns.x.map((value, i) => 2 * value - columns.z[i]);
  const fixed = columns.x.map((_, i) => Math.floor(i / 7));
  const panel = panelOf(shape, { ...columns, twice, rest, exact, fixed });
  const check = (params: Readonly<Record<string, unknown>>) =>
    sur.check(sur.params.parse(params), { panel: summarizePanel(panel) });
  const equations = ['y1 ~ x', 'y2 ~ z'];

  test.each([
    ['neither form', {}, 'one_form', '/equations', 'give either equations'],
    ['both forms', { equations, formula: 'y1 ~ x' }, 'one_form', '/equations', 'give either'],
    ['by with equations', { equations, by: 'firm' }, 'one_form', '/by', 'goes with formula'],
    [
      'the same equation twice',
      { equations: ['y1 ~ x + z', 'y1 ~ z + x'] },
      'equation_twice',
      '/equations/1',
      'equation 2 is equation y1 again',
    ],
    [
      'a name twice',
      {
        equations: [
          { name: 'a', formula: 'y1 ~ x' },
          { name: 'a', formula: 'y2 ~ x' },
        ],
      },
      'name_twice',
      '/equations/1/formula',
      'called a',
    ],
    [
      'brackets in a name',
      { equations: [{ name: 'a]', formula: 'y1 ~ x' }, 'y2 ~ x'] },
      'bad_name',
      '/equations/0/formula',
      'bracket',
    ],
    ['other effects', { equations: ['y1 ~ x | firm', 'y2 ~ x'] }, 'effects_differ', '/equations/1', 'y1 has firm, y2 has none'],
    [
      'instruments',
      { equations: ['y1 ~ z | x ~ w', 'y2 ~ x'] },
      'unsupported_instruments',
      '/equations/0',
      'use the analysis iv',
    ],
    ['no regressor', { equations: ['y1 ~ 1 | firm', 'y2 ~ x | firm'] }, 'no_regressors', '/equations/0', 'needs a regressor'],
    ['the outcome on itself', { equations: ['y1 ~ y1 + x', 'y2 ~ x'] }, 'outcome_on_itself', '/equations/0', 'y1'],
    ['an unknown column', { equations: ['y1 ~ xx', 'y2 ~ x'] }, 'unknown_column', '/equations/0', 'did you mean "x"'],
    ['an unknown cluster', { equations, cluster: 'frim' }, 'unknown_column', '/cluster', 'did you mean "firm"'],
    ['formula without by', { formula: 'y1 ~ x' }, 'by_needed', '/by', 'by "firm" (one an entity)'],
    ['by a column that is no index', { formula: 'y1 ~ x', by: 'z' }, 'not_an_index', '/by', 'z is neither'],
    ['effects with by', { formula: 'y1 ~ x | year', by: 'firm' }, 'effects_with_by', '/formula', 'leave | year out'],
    [
      'a level twice',
      { formula: 'y1 ~ x', by: 'firm', levels: ['f1', 'f1'] },
      'equation_twice',
      '/levels/1',
      'two equal equations',
    ],
    ['clusters with by', { formula: 'y1 ~ x', by: 'firm', cluster: 'year' }, 'cluster_with_by', '/cluster', 'leave cluster out'],
    ['a test of an unknown equation', { equations, tests: ['[y1]x = [y4]x'] }, 'test_error', '/tests/0', 'no equation "y4"'],
    [
      'a test of an unknown coefficient',
      { equations, tests: [{ name: 't', test: '[y1]z = 0' }] },
      'test_error',
      '/tests/0/test',
      'it has (constant), x',
    ],
  ])('%s', (_, params, code, pointer, words) => {
    const problem = check(params).find((candidate) => candidate.code === code);
    expect(problem).toMatchObject({ code, pointer });
    expect(problem?.message).toContain(words);
  });

  test('sound requests pass the door', () => {
    expect(check({ equations, tests: ['[y1]x = [y2]z'] })).toEqual([]);
    expect(check({ formula: 'y1 ~ x', by: 'entity', tests: ['x', '[f1]x = [f2]x'] })).toEqual([]);
    expect(check({ formula: 'y1 ~ x', by: 'time' })).toEqual([]);
    expect(check({ equations: ['y1 ~ x', 'y1 ~ z'] })).toEqual([]);
    expect(sur.params.safeParse({ equations: ['y1 ~ x'] }).success).toBe(false);
  });

  const failure = (params: Readonly<Record<string, unknown>>): { code: string; message: string } => {
    try {
      job(panel, params);
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error('it ran');
  };

  test('residuals that are combinations of others: other units, shares that add up, more equations than rows', () => {
    expect(failure({ equations: ['y1 ~ x', 'twice ~ x'] })).toMatchObject({
      code: 'singular_residual_covariance',
      message: expect.stringContaining('the residuals of twice are a combination of those of y1'),
    });
    expect(failure({ equations: ['y1 ~ x | firm', 'y2 ~ x | firm', 'rest ~ x | firm'] })).toMatchObject({
      code: 'singular_residual_covariance',
      message: expect.stringContaining('the residuals of rest are a combination of those of y1, y2'),
    });
    expect(() => job(panelOf({ seed: 2, entities: 8, periods: 5 }), { formula: 'y1 ~ x', by: 'firm' })).toThrow(
      expect.objectContaining({ code: 'singular_residual_covariance' }),
    );
  });

  test('a perfect fit, an outcome without variation, too few rows, an unknown level, a collinear coefficient in a test', () => {
    expect(failure({ equations: ['exact ~ x + z', 'y1 ~ x'] })).toMatchObject({
      code: 'perfect_fit',
      message: expect.stringContaining('equation exact'),
    });
    expect(failure({ equations: ['fixed ~ x | firm', 'y1 ~ x | firm'] })).toMatchObject({
      code: 'constant_outcome',
      message: expect.stringContaining('fixed does not vary within the effects'),
    });
    expect(failure({ equations: ['y1 ~ fixed | firm', 'y2 ~ x | firm'] })).toMatchObject({ code: 'all_collinear' });
    expect(failure({ equations: ['y1 ~ x | firm + z', 'y2 ~ w | firm + z'] }).code).toMatch(/only_singletons|too_few_rows/);
    expect(failure({ formula: 'y1 ~ x', by: 'firm', levels: ['f0', 'f9'] })).toMatchObject({
      code: 'unknown_level',
      message: expect.stringContaining('firm = f9'),
    });
    expect(failure({ equations: ['y1 ~ x + fixed | firm', 'y2 ~ x | firm'], tests: ['[y1]fixed = 0'] }).message).toContain(
      'has no such coefficient',
    );
    const collinear = system(panel, { equations: ['y1 ~ x + fixed | firm', 'y2 ~ x | firm'] });
    expect(collinear.equations[0].collinear).toEqual(['fixed']);
    expect(collinear.warnings.join(' ')).toContain('without a coefficient: fixed');
  });

  test('an iteration that is cut short is refused with its count', () => {
    expect(failure({ equations: three, iterate: true, maxIterations: 2 })).toMatchObject({
      code: 'no_convergence',
      message: expect.stringContaining('after 2 steps'),
    });
  });

  test('z for stata, t for the others; three figures of a probability agree with the quantile', () => {
    const [stata, own] = ['stata', 'spillway'].map((program) => system(panel, { equations, program }));
    expect(stata.residuals.divisor).toBe('n');
    const within = system(panel, { equations: equations.map((text) => `${text} | firm`), program: 'stata' });
    expect(within.independence.scale).toBe(42);
    expect(own.residuals.divisor).toBe('geomean');
    const [{ lower, estimate, standardError, df }] = own.equations[0].coefficients;
    close(lower, estimate + studentTQuantile(0.025, 40) * standardError);
    expect(df).toBe(40);
    expect(stata.equations[0].coefficients[0].df).toBeNull();
    expect(() => inverseResidualCovariance(own.residuals.covariance as never, ['a'])).toThrow();
  });
});
