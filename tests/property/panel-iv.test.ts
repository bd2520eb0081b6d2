import {
  andersonRubinCurve,
  andersonRubinTest,
  buildPanel,
  type ErrorStructure,
  effectiveF,
  endogeneityTest,
  firstStages,
  type InstrumentedModel,
  type InstrumentSpace,
  type IvResult,
  identification,
  instrumentedCovariance,
  instrumentSpace,
  iv,
  kClass,
  leastSquares,
  limlKappa,
  makeSpec,
  noncentralChiSquaredQuantile,
  noncentralChiSquaredUpper,
  type Panel,
  PhiloxStream,
  registry,
  runLocally,
  type SampleSizes,
  sarganTest,
  stockYogo,
  summarizePanel,
  twoStepGmm,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  readonly endogenous: number;
  /** instruments more than endogenous regressors */
  readonly extra: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 12, max: 20 }),
  periods: fc.integer({ min: 4, max: 7 }),
  endogenous: fc.integer({ min: 1, max: 2 }),
  extra: fc.integer({ min: 0, max: 2 }),
});
const runs = { numRuns: 40 };

/** y = d + x + effect + u, d = 0.6 z + x + effect + v with u and v related. */
function simulate({ seed, entities, periods, endogenous, extra }: Shape) {
  const draws = new PhiloxStream(seed, 5);
  const n = entities * periods;
  const normals = () => Float64Array.from({ length: n }, () => draws.normal());
  const effects = Float64Array.from({ length: entities }, () => draws.normal());
  const effect = (i: number) => effects[Math.floor(i / periods)];
  const [x, u] = [normals(), normals()];
  const Z = Array.from({ length: endogenous + extra }, normals);
  const Y = Array.from({ length: endogenous }, (_, j) => {
    const v = normals();
    return v.map((value, i) => 0.6 * Z[j][i] + 0.2 * Z[Z.length - 1][i] + 0.3 * x[i] + effect(i) + value + 0.5 * u[i]);
  });
  const y = u.map((value, i) => Y.reduce((sum, d) => sum + d[i], 0.4 * x[i] + effect(i) + (1 + 0.5 * Math.abs(x[i])) * value));
  const one = new Float64Array(n).fill(1);
  const model: InstrumentedModel = { outcome: y, endogenous: Y, exogenous: [x, one], instruments: Z };
  const codes = Uint32Array.from({ length: n }, (_, i) => Math.floor(i / periods));
  const sizes: SampleSizes = {
    rows: n,
    instruments: 2 + Z.length,
    regressors: 2 + Y.length,
    absorbed: 0,
    absorbedAcrossClusters: 0,
  };
  const structures: readonly ErrorStructure[] = [
    { kind: 'classical' },
    { kind: 'robust' },
    { kind: 'cluster', codes, count: entities },
  ];
  return { model, sizes, structures, codes, draws, entities, periods };
}

const regressorsOf = ({ endogenous, exogenous }: InstrumentedModel) => [...endogenous, ...exogenous];

function close(got: ArrayLike<number> | number, wanted: ArrayLike<number> | number, relative = 1e-8): void {
  const [a, b] = [got, wanted].map((value) => (typeof value === 'number' ? [value] : Array.from(value)));
  expect(a).toHaveLength(b.length);
  const size = Math.max(...b.map(Math.abs), 1e-300);
  for (const [k, value] of a.entries()) expect(Math.abs(value - b[k])).toBeLessThanOrEqual(relative * size);
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const lessFit = (columns: readonly Float64Array[], y: Float64Array) => leastSquares(columns, y).residuals;
const fitted = (columns: readonly Float64Array[], y: Float64Array) => {
  const { residuals } = leastSquares(columns, y);
  return y.map((value, i) => value - residuals[i]);
};

/** Solves a small square system by elimination with pivoting, apart from the library. */
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

/** Every number of a model that does not depend on how its instruments are written. */
function statistics(model: InstrumentedModel, space: InstrumentSpace, errors: ErrorStructure, sizes: SampleSizes): number[] {
  const fit = kClass(space, model.outcome, 1);
  const liml = kClass(space, model.outcome, limlKappa(space));
  const regressors = regressorsOf(model);
  const basis = [...space.exogenousBasis, ...space.basis];
  const gmm = twoStepGmm(model.outcome, regressors, basis, fit.residuals, errors, sizes);
  const found = identification(space, errors, sizes);
  const everyone = model.endogenous.map((_, j) => j);
  return [
    ...fit.coefficients,
    ...liml.coefficients,
    ...gmm.coefficients,
    ...instrumentedCovariance(fit, errors, sizes, true).to1DArray(),
    found.craggDonald,
    found.kleibergenPaap,
    found.underidentification.statistic,
    ...firstStages(space, errors, sizes).flatMap(({ f, sandersonWindmeijer, sheaPartialR2 }) => [
      f.statistic,
      sandersonWindmeijer.statistic,
      sheaPartialR2,
    ]),
    andersonRubinTest(space, errors, sizes).f.statistic,
    endogeneityTest(space, model.outcome, regressors, everyone, errors, sizes).statistic,
  ];
}

describe('estimators', () => {
  test('exactly identified: 2SLS, LIML and GMM are the instrumental-variables formula (ZᵀX)⁻¹Zᵀy', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes, structures } = simulate({ ...shape, extra: 0 });
        const X = regressorsOf(model);
        const Z = [...model.instruments, ...model.exogenous];
        const wanted = solve(
          Z.map((z) => X.map((x) => dot(z, x))),
          Z.map((z) => dot(z, model.outcome)),
        );
        const space = instrumentSpace(model);
        const fit = kClass(space, model.outcome, 1);
        close(fit.coefficients, wanted);
        expect(limlKappa(space)).toBe(1);
        const basis = [...space.exogenousBasis, ...space.basis];
        for (const errors of structures) {
          close(twoStepGmm(model.outcome, X, basis, fit.residuals, errors, sizes).coefficients, wanted, 1e-6);
        }
      }),
      runs,
    );
  });

  test('regressors as their own instruments: ordinary least squares, with its classical covariance', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes } = simulate(shape);
        const own = { ...model, instruments: model.endogenous };
        const space = instrumentSpace(own);
        const fit = kClass(space, own.outcome, 1);
        const wanted = leastSquares(regressorsOf(own), own.outcome);
        close(fit.coefficients, wanted.coefficients);
        close(fit.residuals, wanted.residuals);
        const V = instrumentedCovariance(fit, { kind: 'classical' }, sizes, true);
        const s2 = wanted.ssr / (sizes.rows - sizes.regressors);
        close(V.to1DArray(), wanted.inverseGram.mul(s2).to1DArray());
        expect(identification(space, { kind: 'classical' }, sizes).craggDonald).toBe(Number.POSITIVE_INFINITY);
      }),
      runs,
    );
  });

  test('2SLS is least squares of y on fitted regressors; Sargan is nR² of its residuals on the instruments', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes } = simulate(shape);
        const Z = [...model.exogenous, ...model.instruments];
        const space = instrumentSpace(model);
        const fit = kClass(space, model.outcome, 1);
        const second = [...model.endogenous.map((d) => fitted(Z, d)), ...model.exogenous];
        close(fit.coefficients, leastSquares(second, model.outcome).coefficients);
        const explained = fitted(Z, fit.residuals);
        const wanted = (sizes.rows * dot(explained, explained)) / dot(fit.residuals, fit.residuals);
        const { statistic, df } = sarganTest(space, fit.residuals, sizes);
        expect(df).toBe(shape.extra);
        if (df > 0) close(statistic, wanted, 1e-7);
      }),
      runs,
    );
  });

  test('LIML: κ ≥ 1', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model } = simulate(shape);
        expect(limlKappa(instrumentSpace(model))).toBeGreaterThanOrEqual(1);
      }),
      runs,
    );
  });

  test('GMM is at the minimum of its criterion', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 2 }), fc.double({ min: -1, max: 1, noNaN: true }), (shape, which, step) => {
        const { model, sizes, structures } = simulate({ ...shape, extra: 2 });
        const errors = structures[which];
        const space = instrumentSpace(model);
        const basis = [...space.exogenousBasis, ...space.basis];
        const first = kClass(space, model.outcome, 1).residuals;
        const fit = twoStepGmm(model.outcome, regressorsOf(model), basis, first, errors, sizes);
        // the criterion at another coefficient of the first regressor: GMM of that outcome without any regressor
        const moved = fit.residuals.map((value, i) => value - step * model.endogenous[0][i]);
        const at = twoStepGmm(moved, [], basis, first, errors, sizes);
        expect(at.criterion).toBeGreaterThanOrEqual(fit.criterion * (1 - 1e-10));
      }),
      runs,
    );
  });
});

describe('what the instruments are worth', () => {
  test('nothing depends on how the instruments are rotated, scaled, or mixed with exogenous regressors', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 2 }), (shape, which) => {
        const { model, sizes, structures, draws } = simulate(shape);
        const errors = structures[which];
        const mixed = model.instruments.map((z, j) =>
          z.map(
            (value, i) =>
              1e3 * value + model.exogenous[0][i] + model.instruments.slice(0, j).reduce((sum, other) => sum + other[i], 5),
          ),
        );
        const scale = 10 ** (8 * draws.uniform() - 4);
        const other = { ...model, instruments: mixed.map((z, j) => (j === 0 ? z.map((value) => value * scale) : z)) };
        close(
          statistics(other, instrumentSpace(other), errors, sizes),
          statistics(model, instrumentSpace(model), errors, sizes),
          1e-6,
        );
      }),
      runs,
    );
  });

  test('one endogenous regressor: Cragg–Donald, Kleibergen–Paap and Sanderson–Windmeijer are the first-stage F', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes, structures } = simulate({ ...shape, endogenous: 1 });
        const space = instrumentSpace(model);
        for (const errors of structures) {
          const [{ f, sandersonWindmeijer, partialR2, sheaPartialR2 }] = firstStages(space, errors, sizes);
          const { craggDonald, kleibergenPaap } = identification(space, errors, sizes);
          close(kleibergenPaap, f.statistic);
          close(sandersonWindmeijer.statistic, f.statistic);
          close(sheaPartialR2, partialR2);
          const { statistic } = effectiveF(space, errors, sizes);
          if (errors.kind === 'classical') {
            close(craggDonald, f.statistic);
            close(statistic, f.statistic);
          }
          if (model.instruments.length === 1) close(statistic, f.statistic);
        }
        // the same F from two sums of squares
        const short = leastSquares(model.exogenous, model.endogenous[0]).ssr;
        const long = leastSquares([...model.exogenous, ...model.instruments], model.endogenous[0]).ssr;
        const df = sizes.rows - sizes.instruments;
        const [{ f }] = firstStages(space, { kind: 'classical' }, sizes);
        close(f.statistic, (short - long) / model.instruments.length / (long / df));
      }),
      runs,
    );
  });

  test('Sanderson–Windmeijer F by its definition: residuals of 2SLS of one endogenous regressor on the other', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes } = simulate({ ...shape, endogenous: 2, extra: 1 });
        const [a, b] = model.endogenous;
        const other = instrumentSpace({ ...model, outcome: a, endogenous: [b] });
        const e = kClass(other, a, 1).residuals;
        const long = lessFit([...model.exogenous, ...model.instruments], e);
        const short = lessFit(model.exogenous, e);
        const df = sizes.rows - sizes.instruments;
        const wanted = (dot(short, short) - dot(long, long)) / (model.instruments.length - 1) / (dot(long, long) / df);
        const [{ sandersonWindmeijer }] = firstStages(instrumentSpace(model), { kind: 'classical' }, sizes);
        close(sandersonWindmeijer.statistic, wanted, 1e-7);
        expect(sandersonWindmeijer.df1).toBe(2);
      }),
      runs,
    );
  });

  test('Cragg–Donald is the least eigenvalue: no combination of the endogenous regressors has a smaller F', () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: 0, max: Math.PI, noNaN: true }), (shape, angle) => {
        const { model, sizes } = simulate({ ...shape, endogenous: 2, extra: 1 });
        const space = instrumentSpace(model);
        const { craggDonald } = identification(space, { kind: 'classical' }, sizes);
        const mix = model.endogenous[0].map((value, i) => Math.cos(angle) * value + Math.sin(angle) * model.endogenous[1][i]);
        const [{ f }] = firstStages(instrumentSpace({ ...model, endogenous: [mix] }), { kind: 'classical' }, sizes);
        expect(craggDonald).toBeLessThanOrEqual(f.statistic * (1 + 1e-9));
      }),
      runs,
    );
  });

  test('endogeneity: never negative, zero when the regressor is among the instruments', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 2 }), (shape, which) => {
        const { model, sizes, structures } = simulate(shape);
        const X = regressorsOf(model);
        const tested = [model.endogenous.length - 1];
        const at = (of: InstrumentedModel) =>
          endogeneityTest(instrumentSpace(of), model.outcome, X, tested, structures[which], sizes).statistic;
        expect(at(model)).toBeGreaterThanOrEqual(0);
        expect(at({ ...model, instruments: [...model.instruments, ...model.endogenous] })).toBeLessThan(1e-6);
      }),
      runs,
    );
  });
});

describe('the Anderson–Rubin set', () => {
  test('holds exactly the coefficients that the test does not reject', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 0, max: 2 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.999),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (shape, which, level, b) => {
          const { model, sizes, structures } = simulate({ ...shape, endogenous: 1 });
          const space = instrumentSpace(model);
          const curve = andersonRubinCurve(space, structures[which], sizes)!;
          const { intervals } = curve.set(level);
          const direct = andersonRubinTest(space, structures[which], sizes, [b]).f;
          close(curve.at(b).statistic, direct.statistic, 1e-7);
          const bounds = intervals.flatMap(({ lower, upper }) => [lower, upper]).filter(Number.isFinite);
          for (const bound of bounds) expect(Math.abs(curve.at(bound).p - (1 - level))).toBeLessThan(1e-7);
          if (bounds.some((bound) => Math.abs(bound - b) < 1e-6)) return;
          expect(intervals.some(({ lower, upper }) => lower <= b && b <= upper)).toBe(direct.p >= 1 - level);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('classical errors: the roots of one quadratic (Dufour & Taamouti 2005)', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { model, sizes } = simulate({ ...shape, endogenous: 1 });
        const curve = andersonRubinCurve(instrumentSpace(model), { kind: 'classical' }, sizes)!;
        // F(b) = r(b)/q(b) · df/K₂ with r, q quadratic in b: through three points each
        const df = sizes.rows - sizes.instruments;
        const parts = (b: number) => {
          const e = model.outcome.map((value, i) => value - b * model.endogenous[0][i]);
          const short = leastSquares(model.exogenous, e).ssr;
          const long = leastSquares([...model.exogenous, ...model.instruments], e).ssr;
          return { explained: short - long, left: long };
        };
        const [minus, zero, plus] = [-1, 0, 1].map(parts);
        const [{ lower, upper } = { lower: Number.NaN, upper: Number.NaN }, ...more] = curve.set(0.95).intervals;
        if (more.length > 0 || !Number.isFinite(lower) || !Number.isFinite(upper)) return;
        const cut = curve.at(lower).statistic * (model.instruments.length / df);
        const g = [minus, zero, plus].map(({ explained, left }) => explained - cut * left);
        const [a, b, c] = [(g[0] + g[2]) / 2 - g[1], (g[2] - g[0]) / 2, g[1]];
        const root = Math.sqrt(b * b - 4 * a * c);
        close(
          [lower, upper],
          [(-b - root) / (2 * a), (-b + root) / (2 * a)].sort((p, q) => p - q),
          1e-5,
        );
      }),
      runs,
    );
  });

  test('exactly identified, it holds the estimate; irrelevant instruments leave it unbounded at 99.99 %', () => {
    const { model, sizes, draws } = simulate({ seed: 7, entities: 20, periods: 5, endogenous: 1, extra: 0 });
    const space = instrumentSpace(model);
    const [b] = kClass(space, model.outcome, 1).coefficients;
    for (const level of [0.01, 0.5]) {
      const { intervals } = andersonRubinCurve(space, { kind: 'robust' }, sizes)!.set(level);
      expect(intervals.some(({ lower, upper }) => lower <= b && b <= upper)).toBe(true);
    }
    const noise = { ...model, instruments: [model.outcome.map(() => draws.normal())] };
    const { intervals } = andersonRubinCurve(instrumentSpace(noise), { kind: 'robust' }, sizes)!.set(0.9999);
    expect(intervals[0].lower).toBe(Number.NEGATIVE_INFINITY);
    expect(intervals.at(-1)!.upper).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('tables', () => {
  test('Montiel Olea & Pflueger (2013), table 1: one instrument, bias 5, 10, 20, 30 %', () => {
    for (const [bias, value] of [
      [0.05, 37.42],
      [0.1, 23.11],
      [0.2, 15.06],
      [0.3, 12.05],
    ]) {
      expect(noncentralChiSquaredQuantile(0.95, 1, 1 / bias)).toBeCloseTo(value, 1);
    }
  });

  test('noncentral χ²: scipy.stats.ncx2 1.17.1', () => {
    close(noncentralChiSquaredUpper(30, 2.5, 20), 0.19688440592047318, 1e-12);
    close(noncentralChiSquaredUpper(5, 1, 10), 0.8228315228505542, 1e-12);
    close(noncentralChiSquaredUpper(400, 3, 300), 0.004322472548391087, 1e-9);
    close(noncentralChiSquaredUpper(0.3, 4, 0.2), 0.990737896876168, 1e-12);
    close(noncentralChiSquaredQuantile(0.95, 1, 20), 37.417561545697716, 1e-10);
    close(noncentralChiSquaredQuantile(0.95, 1.8759, 18.759), 36.74324779491029, 1e-10);
  });

  test('Stock & Yogo (2005): values as printed, null where there is no table', () => {
    expect(stockYogo('size-2sls', 1, 1)?.map(({ value }) => value)).toEqual([16.38, 8.96, 6.66, 5.53]);
    expect(stockYogo('size-2sls', 2, 3)?.[0]).toEqual({ limit: 0.1, value: 13.43 });
    expect(stockYogo('bias-2sls', 3, 5)?.map(({ value }) => value)).toEqual([9.53, 6.61, 4.99, 4.3]);
    expect(stockYogo('size-liml', 1, 30)?.at(-1)).toEqual({ limit: 0.25, value: 1.75 });
    for (const [table, p, K2] of [
      ['bias-2sls', 1, 2],
      ['bias-2sls', 2, 3],
      ['bias-2sls', 4, 9],
      ['size-2sls', 3, 5],
      ['size-2sls', 1, 31],
      ['size-liml', 2, 1],
    ] as const) {
      expect(stockYogo(table, p, K2)).toBeNull();
    }
  });
});

/** The same data as a panel, and the analysis run as a job. */
function panelOf(
  { model, entities, periods }: ReturnType<typeof simulate>,
  change: (name: string, values: Float64Array) => Float64Array = (_, v) => v,
): Panel {
  const columns = [
    ['y', model.outcome] as const,
    ['x', model.exogenous[0]] as const,
    ...model.endogenous.map((values, j) => [`d${j + 1}`, values] as const),
    ...model.instruments.map((values, j) => [`z${j + 1}`, values] as const),
  ];
  const n = entities * periods;
  return buildPanel({
    entity: { name: 'firm', values: Array.from({ length: n }, (_, i) => `f${10 + Math.floor(i / periods)}`) },
    time: { name: 'year', values: Array.from({ length: n }, (_, i) => String(2000 + (i % periods))) },
    columns: columns.map(([name, values]) => ({ name, values: change(name, values) })),
  });
}

function job(panel: Panel, params: Readonly<Record<string, unknown>>): IvResult {
  const spec = makeSpec(registry, { analysis: 'iv', dataset: 'x', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

describe('the analysis', () => {
  const formulaOf = ({ model }: ReturnType<typeof simulate>, exogenous = 'x', effects = ' | firm') => {
    const [d, z] = [model.endogenous, model.instruments].map((columns, k) =>
      columns.map((_, j) => `${'dz'[k]}${j + 1}`).join(' + '),
    );
    return `y ~ ${exogenous}${effects} | ${d} ~ ${z}`;
  };

  test('absorbed effects are dummies: coefficients, classical errors and first-stage F', () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, both) => {
        const data = simulate(shape);
        const panel = panelOf(data);
        const absorbed = job(panel, {
          formula: formulaOf(data, 'x', both ? ' | firm + year' : ' | firm'),
          covariance: 'classical',
        });
        const dummies = job(panel, {
          formula: formulaOf(data, `x + i(firm)${both ? ' + i(year)' : ''}`, ''),
          covariance: 'classical',
        });
        for (const { term, estimate, standardError } of absorbed.estimates[0].coefficients) {
          const other = dummies.estimates[0].coefficients.find((row) => row.term === term)!;
          close(estimate, other.estimate, 1e-6);
          close(standardError, other.standardError, 1e-6);
        }
        for (const [j, { f }] of absorbed.firstStages.entries()) close(f.statistic, dummies.firstStages[j].f.statistic, 1e-6);
        close(absorbed.endogeneity.wuHausman.statistic, dummies.endogeneity.wuHausman.statistic, 1e-5);
      }),
      { numRuns: 15 },
    );
  });

  test('clusters of one row are robust errors but for the factor; several estimators in one job agree with each alone', () => {
    const data = simulate({ seed: 3, entities: 20, periods: 5, endogenous: 1, extra: 1 });
    const panel = panelOf(data);
    const lone: Panel = {
      ...panel,
      columns: [...panel.columns, { kind: 'number', name: 'row', values: Float64Array.from({ length: 100 }, (_, i) => i) }],
    };
    const formula = formulaOf(data, 'x', '');
    const one = job(lone, { formula, cluster: 'row', smallSample: false });
    const robust = job(lone, { formula, covariance: 'robust', smallSample: false });
    close(
      one.estimates[0].coefficients.map(({ standardError }) => standardError),
      robust.estimates[0].coefficients.map(({ standardError }) => standardError),
      1e-12,
    );
    const all = job(panel, { formula, estimators: ['2sls', 'liml', 'gmm'] });
    for (const [k, estimators] of ['2sls', 'liml', 'gmm'].entries()) {
      expect(job(panel, { formula, estimators }).estimates[0]).toEqual(all.estimates[k]);
    }
  });

  test('units: y in thousands and d in millionths change the coefficient by 1e9 and no test', () => {
    const data = simulate({ seed: 11, entities: 15, periods: 6, endogenous: 1, extra: 1 });
    const params = { formula: formulaOf(data) };
    const plain = job(panelOf(data), params);
    const scaled = job(
      panelOf(data, (name, values) => values.map((value) => value * (name === 'y' ? 1e3 : name === 'd1' ? 1e-6 : 1))),
      params,
    );
    close(scaled.estimates[0].coefficients[0].estimate, 1e9 * plain.estimates[0].coefficients[0].estimate, 1e-9);
    close(scaled.estimates[0].coefficients[0].statistic, plain.estimates[0].coefficients[0].statistic, 1e-9);
    close(scaled.identification.kleibergenPaapF, plain.identification.kleibergenPaapF, 1e-9);
    close(scaled.andersonRubin.set!.intervals[0].upper, 1e9 * plain.andersonRubin.set!.intervals[0].upper, 1e-7);
  });

  test('its result fits its schema', () => {
    const data = simulate({ seed: 5, entities: 15, periods: 5, endogenous: 2, extra: 1 });
    const spec = makeSpec(
      registry,
      { analysis: 'iv', dataset: 'x', params: { formula: formulaOf(data), estimators: ['2sls', 'liml', 'gmm'] } },
      'test',
    );
    const part = iv.run(iv.params.parse(spec.params), { panel: panelOf(data) }, null, { first: 0, count: 1 }, () => {}, 0);
    expect(iv.result.parse(part)).toEqual(part);
    const { tables } = iv.report(part);
    expect(tables).toHaveLength(5);
    expect(tables[0].title).toBe('Too small for this?');
  });
});

describe('refusals', () => {
  const data = simulate({ seed: 1, entities: 12, periods: 5, endogenous: 1, extra: 1 });
  const panel = panelOf(data);
  const check = (params: Readonly<Record<string, unknown>>) =>
    iv.check(iv.params.parse(params), { panel: summarizePanel(panel) });
  const failure = (of: Panel, params: Readonly<Record<string, unknown>>): { code: string; message: string } => {
    try {
      job(of, params);
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error('it ran');
  };

  test.each([
    ['no instruments part', { formula: 'y ~ x | firm' }, 'no_endogenous', '/formula', 'end the formula with | d ~ z'],
    [
      'fewer instruments than endogenous',
      { formula: 'y ~ 1 | firm | d1 + x ~ z1' },
      'too_few_instruments',
      '/formula',
      'need at least 2 instruments, got 1 (z1)',
    ],
    [
      'an instrument in the equation',
      { formula: 'y ~ x | firm | d1 ~ x + z1' },
      'term_twice',
      '/formula',
      'x is an exogenous regressor and an instrument',
    ],
    [
      'the outcome as instrument',
      { formula: 'y ~ x | firm | d1 ~ y' },
      'term_twice',
      '/formula',
      'y is the outcome and an instrument',
    ],
    ['levels as instruments', { formula: 'y ~ x | d1 ~ i(year)' }, 'several_columns', '/formula', 'i(year) is several columns'],
    ['an unknown column', { formula: 'y ~ x | firm | d1 ~ zz1' }, 'unknown_column', '/formula', 'did you mean "z1"'],
    [
      'an unknown cluster',
      { formula: 'y ~ x | firm | d1 ~ z1', cluster: 'frim' },
      'unknown_column',
      '/cluster',
      'did you mean "firm"',
    ],
    [
      'testing a regressor that is not endogenous',
      { formula: 'y ~ x | firm | d1 ~ z1', endogeneityOf: ['x'] },
      'not_endogenous',
      '/endogeneityOf/0',
      'd1',
    ],
  ])('%s', (_, params, code, pointer, words) => {
    const problem = check(params).find((candidate) => candidate.code === code);
    expect(problem).toMatchObject({ code, pointer });
    expect(problem?.message).toContain(words);
  });

  test('collinear instruments are dropped by name, and refused when too few are left', () => {
    const twice = panelOf(data, (name, values) => (name === 'z2' ? data.model.instruments[0].map((value) => 2 * value) : values));
    const result = job(twice, { formula: 'y ~ x | firm | d1 ~ z1 + z2' });
    expect(result.sample.collinear).toEqual(['z2']);
    expect(result.warnings.join(' ')).toContain('z2');
    expect(result.variables.instruments).toEqual(['z1']);
    const flat = panelOf(data, (name, values) => (name.startsWith('z') ? values.map((__, i) => Math.floor(i / 5)) : values));
    expect(failure(flat, { formula: 'y ~ x | firm | d1 ~ z1 + z2' })).toMatchObject({
      code: 'too_few_instruments',
      message: expect.stringContaining('z1, z2 are collinear with'),
    });
  });

  test('an endogenous regressor that the effects hold', () => {
    const flat = panelOf(data, (name, values) => (name === 'd1' ? values.map((_, i) => Math.floor(i / 5) ** 2) : values));
    expect(failure(flat, { formula: 'y ~ x | firm | d1 ~ z1' })).toMatchObject({
      code: 'collinear_endogenous',
      message: expect.stringContaining('d1 is a combination'),
    });
  });

  test('a perfect fit, an outcome that does not vary, one entity, one period, only singletons', () => {
    const formula = 'y ~ x | firm | d1 ~ z1';
    const sum = data.model.endogenous[0].map((value, i) => 3 * value - data.model.exogenous[0][i]);
    expect(
      failure(
        panelOf(data, (name, values) => (name === 'y' ? sum : values)),
        { formula },
      ).code,
    ).toBe('perfect_fit');
    expect(
      failure(
        panelOf(data, (name, values) => (name === 'y' ? values.map((_, i) => Math.floor(i / 5)) : values)),
        { formula },
      ).code,
    ).toBe('constant_outcome');
    const alone = simulate({ seed: 1, entities: 1, periods: 30, endogenous: 1, extra: 1 });
    expect(failure(panelOf(alone), { formula })).toMatchObject({
      code: 'too_few_clusters',
      message: expect.stringContaining('has 1'),
    });
    expect(job(panelOf(alone), { formula, covariance: 'robust' }).sample.entities).toBe(1);
    const once = simulate({ seed: 1, entities: 30, periods: 1, endogenous: 1, extra: 1 });
    expect(failure(panelOf(once), { formula }).code).toBe('only_singletons');
    expect(job(panelOf(once), { formula: 'y ~ x | d1 ~ z1', covariance: 'robust' }).sample.periods).toBe(1);
  });

  test('singletons are left out and counted', () => {
    const gaps = panelOf(data, (name, values) =>
      name === 'z1' ? values.map((value, i) => (i > 0 && i < 5 ? Number.NaN : value)) : values,
    );
    const result = job(gaps, { formula: 'y ~ x | firm | d1 ~ z1' });
    expect(result.sample.singletons).toBe(1);
    expect(result.sample.rows).toBe(55);
    expect(result.sample.dropped).toEqual([{ reason: 'z1 missing in the data', rows: 4 }]);
    expect(result.warnings.join(' ')).toContain('1 rows are alone');
  });

  test('no more clusters than instruments: estimates stand, joint tests are left out with the reason', () => {
    const few = simulate({ seed: 2, entities: 3, periods: 20, endogenous: 1, extra: 2 });
    const result = job(panelOf(few), { formula: 'y ~ x | firm | d1 ~ z1 + z2 + z3' });
    expect(Number.isFinite(result.estimates[0].coefficients[0].standardError)).toBe(true);
    expect(result.firstStages[0].f.statistic).toBeNull();
    expect(result.andersonRubin.set).toBeNull();
    expect(result.estimates[0].overidentification[0]).toMatchObject({
      statistic: null,
      note: expect.stringContaining('more clusters'),
    });
    expect(result.warnings.join(' ')).toContain('more clusters than instruments');
  });
});
