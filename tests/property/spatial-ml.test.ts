import {
  allEigenvalues,
  buildPanel,
  denseRows,
  EstimationError,
  type InputError,
  logDeterminant,
  luSolve,
  luSolveTransposed,
  makeRegistry,
  makeSpec,
  minimumDegree,
  normaliseWeights,
  registry as offered,
  type Panel,
  PhiloxStream,
  runLocally,
  type SpatialMlResult,
  shiftedMatrix,
  sparseLu,
  spatialLag,
  spatialMl,
  summarizePanel,
  summarizeWeights,
  type Weights,
  weightsFromLinks,
} from '@spillway/core';
import fc from 'fast-check';
import { CholeskyDecomposition, determinant, EigenvalueDecomposition, inverse, Matrix, solve } from 'ml-matrix';

const registry = makeRegistry([spatialMl]);

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const some = { numRuns: 8 };
const few = { numRuns: 4 };

/** n units, each with two or three others as neighbours: not symmetric unless asked, weights uneven. */
function randomWeights(
  n: number,
  seed: number,
  { symmetric = false, normalisation = 'row' as 'row' | 'none' | 'spectral' } = {},
): Weights {
  const stream = new PhiloxStream(seed, 1);
  const links = new Map<string, number>();
  const u = new Float64Array(8);
  for (let i = 0; i < n; i++) {
    stream.uniforms(u);
    const count = 1 + Math.floor(2 * u[0]);
    for (let k = 1; k <= count; k++) {
      const j = (i + 1 + Math.floor(u[k] * (n - 1))) % n;
      if (j === i) continue;
      links.set(`${i},${j}`, 0.5 + u[k]);
      if (symmetric) links.set(`${j},${i}`, 0.5 + u[k]);
    }
    links.set(`${i},${(i + 1) % n}`, 1); // one component, no islands
    if (symmetric) links.set(`${(i + 1) % n},${i}`, 1);
  }
  const pairs = [...links.keys()].map((key) => key.split(',').map(Number));
  const weights = weightsFromLinks({
    labels: Array.from({ length: n }, (_, i) => label(i)),
    from: pairs.map(([i]) => i),
    to: pairs.map(([, j]) => j),
    values: [...links.values()],
    kind: 'random',
  });
  return normaliseWeights(weights, normalisation);
}
const label = (i: number) => `u${String(i).padStart(3, '0')}`;

interface Simulated {
  readonly panel: Panel;
  readonly weights: Weights;
}

/** y = (I − ρW)⁻¹(x₁ − x₂ + 0.5Wx₁ + effects + (I − λW)⁻¹ε/4). */
function simulate(
  seed: number,
  { n = 16, periods = 5, rho = 0.4, lambda = 0, symmetric = false, normalisation = 'row' as 'row' | 'none' | 'spectral' } = {},
): Simulated {
  const weights = randomWeights(n, seed, { symmetric, normalisation });
  const w = denseRows(weights);
  const stream = new PhiloxStream(seed, 0);
  const normals = () => {
    const x = new Float64Array(n);
    stream.normals(x);
    return x;
  };
  const [s, r] = [rho, lambda].map((value) => inverse(Matrix.sub(Matrix.eye(n), Matrix.mul(w, value))));
  const unit = normals();
  const columns: Record<string, number[]> = { y: [], x1: [], x2: [], still: [] };
  const [entity, time]: [string[], number[]] = [[], []];
  for (let t = 0; t < periods; t++) {
    const [x1, x2, e] = [normals(), normals(), normals()];
    const wx = spatialLag(weights, x1);
    const u = r.mmul(Matrix.columnVector(e)).to1DArray();
    const mean = Array.from(x1, (x, i) => x - x2[i] + 0.5 * wx[i] + unit[i] + t / 3 + u[i] / 4);
    const y = s.mmul(Matrix.columnVector(mean)).to1DArray();
    for (let i = 0; i < n; i++) {
      entity.push(label(i));
      time.push(t + 1);
      for (const [name, value] of Object.entries({ y: y[i], x1: x1[i], x2: x2[i], still: unit[i] })) columns[name].push(value);
    }
  }
  return { panel: panelOf(entity, time, columns), weights };
}

function panelOf(
  entity: readonly string[],
  time: readonly number[],
  columns: Readonly<Record<string, readonly number[]>>,
): Panel {
  return buildPanel({
    entity: { name: 'unit', values: entity },
    time: { name: 'period', values: time },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
  });
}

function bytesOf({ panel, weights }: Simulated, params: object): Uint8Array {
  const spec = makeSpec(
    registry,
    { analysis: 'spatial-ml', dataset: 'simulated', seed: 7, params: { draws: 0, ...params } },
    'test',
  );
  return runLocally(registry, spec, { panel, weights: new Map([['W', weights]]) }).result;
}

const run = (of: Simulated, params: object): SpatialMlResult => JSON.parse(new TextDecoder().decode(bytesOf(of, params)));

/** Inside a property: a small panel may give a likelihood that rises to the end of its interval, which another seed replaces. */
function fitted<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    fc.pre((error as EstimationError).code !== 'spatial_parameter_at_bound');
    throw error;
  }
}

function close(got: number, wanted: number, relative = 1e-7, scale = Math.abs(wanted)): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(scale, 1e-12));
}

const estimate = (result: SpatialMlResult, term: string, model = 0) =>
  result.models[model].coefficients.find((row) => row.term === term)!;

describe('log-determinant', () => {
  test('by eigenvalues, by sparse LU and by dense LU it is the same, with slopes that differences confirm', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 4, max: 40 }),
        fc.boolean(),
        fc.constantFrom('row', 'none', 'spectral'),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (seed, n, symmetric, normalisation, share) => {
          const weights = randomWeights(n, seed, { symmetric, normalisation: normalisation as 'row' });
          const [eigen, factors] = [logDeterminant(weights, 'eigenvalues'), logDeterminant(weights, 'sparse LU')];
          const { lower, upper } = factors.bounds;
          const rho = lower + share * (upper - lower);
          const a = Matrix.sub(Matrix.eye(n), denseRows(weights).mul(rho));
          const dense = Math.log(Math.abs(determinant(a)));
          const g = denseRows(weights).mmul(inverse(a));
          for (const found of [eigen.at(rho), factors.at(rho)]) {
            close(found.value, dense, 1e-9, 1);
            close(found.trace, g.trace(), 1e-8, Math.abs(g.trace()) + 1);
            close(found.traceSquare, g.mmul(g).trace(), 1e-7, Math.abs(g.mmul(g).trace()) + 1);
          }
          // the poles next to 0 are those of the real eigenvalues; what sparse LU knows lies within
          expect(eigen.bounds.lower).toBeLessThanOrEqual(lower * (1 - 1e-9));
          close(eigen.bounds.upper, upper, 1e-9);
        },
      ),
    );
  });

  test('complex eigenvalues in pairs: a directed ring has the n-th roots of one', () => {
    const n = 7;
    const ring = normaliseWeights(
      weightsFromLinks({
        labels: Array.from({ length: n }, (_, i) => label(i)),
        from: Array.from({ length: n }, (_, i) => i),
        to: Array.from({ length: n }, (_, i) => (i + 1) % n),
        values: new Float64Array(n).fill(1),
        kind: 'ring',
      }),
      'row',
    );
    expect(allEigenvalues(ring).filter(({ im }) => Math.abs(im) > 0.1)).toHaveLength(6);
    for (const rho of [-0.9, -0.3, 0.2, 0.8]) close(logDeterminant(ring).at(rho).value, Math.log(1 - rho ** n), 1e-10, 1);
    // the only real eigenvalue is 1: nothing bounds ρ below but the safe interval
    expect(logDeterminant(ring).bounds).toMatchObject({ lower: expect.closeTo(-1, 10), upper: expect.closeTo(1, 10) });
  });

  test('minimum degree is a permutation that leaves solutions as they are', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 4, max: 60 }), (seed, n) => {
        const weights = randomWeights(n, seed);
        const { order, position } = minimumDegree(weights.starts, weights.columns);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        order.forEach((node, k) => {
          expect(position[node]).toBe(k);
        });
        const rho = 0.7;
        const a = Matrix.sub(Matrix.eye(n), denseRows(weights).mul(rho));
        const b = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
        const lu = sparseLu(shiftedMatrix(weights), rho);
        const [x, xt] = [solve(a, Matrix.columnVector(b)), solve(a.transpose(), Matrix.columnVector(b))];
        luSolve(lu, b).forEach((value, i) => {
          close(value, x.get(i, 0), 1e-10, 1);
        });
        luSolveTransposed(lu, b).forEach((value, i) => {
          close(value, xt.get(i, 0), 1e-10, 1);
        });
      }),
      some,
    );
  });

  test('outside the interval it refuses', () => {
    expect(() => logDeterminant(randomWeights(12, 5, { symmetric: true }), 'sparse LU').at(1.01)).toThrow(EstimationError);
  });
});

/** A panel as dense matrices in the order of period, then unit. */
function dense({ panel, weights }: Simulated) {
  const n = weights.labels.length;
  const T = panel.time.labels.length;
  const column = (name: string) => {
    const found = panel.columns.find((candidate) => candidate.name === name)!;
    const values = new Matrix(n * T, 1);
    for (let row = 0; row < panel.rows; row++) {
      values.set(panel.time.codes[row] * n + panel.entity.codes[row], 0, (found as { values: Float64Array }).values[row]);
    }
    return values;
  };
  return { n, T, w: denseRows(weights), y: column('y'), x1: column('x1'), x2: column('x2') };
}

const kron = (a: Matrix, b: Matrix): Matrix => a.kroneckerProduct(b);
const join = (...parts: readonly Matrix[]): Matrix => {
  const out = new Matrix(
    parts[0].rows,
    parts.reduce((sum, part) => sum + part.columns, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.setSubMatrix(part, 0, at);
    at += part.columns;
  }
  return out;
};

/** Log-likelihood at (ρ, λ), concentrated over β and σ² by least squares on whatever columns X has. */
function logLikelihood(y: Matrix, x: Matrix, w: Matrix, periods: number, rho: number, lambda: number, m = w) {
  const n = w.rows;
  const filter = (of: Matrix, at: number) => Matrix.sub(Matrix.eye(n), Matrix.mul(of, at));
  const [s, r] = [filter(w, rho), filter(m, lambda)];
  const all = (a: Matrix) => kron(Matrix.eye(periods), a);
  const ry = all(r).mmul(all(s)).mmul(y);
  const rx = all(r).mmul(x);
  const b = solve(rx, ry, true); // SVD: dummies may be collinear
  const e = Matrix.sub(ry, rx.mmul(b));
  const ssr = e.dot(e);
  const rows = y.rows;
  const log = (a: Matrix) => Math.log(Math.abs(determinant(a)));
  const value = periods * (log(s) + log(r)) - (rows / 2) * (Math.log((2 * Math.PI * ssr) / rows) + 1);
  return { value, ssr, b };
}

const spatialOf = ({ models: [{ coefficients, lambda }] }: SpatialMlResult) => ({
  rho: coefficients.find(({ role }) => role === 'lag')?.estimate ?? 0,
  lambda: lambda?.estimate ?? 0,
});

/** The likelihood is flat at (ρ, λ) and lower around. */
function expectMaximum(
  value: (rho: number, lambda: number) => number,
  { rho, lambda }: { rho: number; lambda: number },
  model: string,
) {
  const top = value(rho, lambda);
  for (const h of [-1e-3, 1e-3]) {
    if (model !== 'sem') expect(value(rho + h, lambda)).toBeLessThan(top);
    if (model !== 'sar' && model !== 'sdm') expect(value(rho, lambda + h)).toBeLessThan(top);
  }
}

const models = ['sar', 'sdm', 'sem', 'sarar'] as const;
const formulas = {
  none: 'y ~ x1 + x2',
  entity: 'y ~ x1 + x2 | unit',
  time: 'y ~ x1 + x2 | period',
  both: 'y ~ x1 + x2 | unit + period',
};
const kinds = fc.constantFrom(...(Object.keys(formulas) as (keyof typeof formulas)[]));

describe('against dense likelihoods of tiny panels', () => {
  test('direct: with explicit dummies', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...models), kinds, (seed, model, effects) => {
        const data = simulate(seed, {
          rho: model === 'sem' ? 0 : 0.4,
          lambda: model === 'sem' || model === 'sarar' ? 0.3 : 0,
          symmetric: model === 'sarar',
        });
        const result = fitted(() => run(data, { formula: formulas[effects], models: [model], approach: 'direct' }));
        const { n, T, w, y, x1, x2 } = dense(data);
        const one = (rows: number) => Matrix.ones(rows, 1);
        const wx = kron(Matrix.eye(T), w);
        const dummies = [
          ...(effects === 'none' ? [one(n * T)] : []),
          ...(effects === 'entity' || effects === 'both' ? [kron(one(T), Matrix.eye(n))] : []),
          ...(effects === 'time' || effects === 'both' ? [kron(Matrix.eye(T), one(n))] : []),
        ];
        const x = join(x1, x2, ...(model === 'sdm' ? [wx.mmul(x1), wx.mmul(x2)] : []), ...dummies);
        const at = (rho: number, lambda: number) => logLikelihood(y, x, w, T, rho, lambda);
        const found = spatialOf(result);
        const { value, ssr, b } = at(found.rho, found.lambda);
        close(result.models[0].logLikelihood, value, 1e-9);
        close(result.models[0].sigma2.estimate, ssr / (n * T), 1e-8);
        close(estimate(result, 'x1').estimate!, b.get(0, 0), 1e-7, 1);
        expectMaximum((rho, lambda) => at(rho, lambda).value, found, model);
      }),
      { numRuns: 16 },
    );
  });

  test('units that come and go: with explicit dummies and each period’s own W', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('sar', 'sdm'), kinds, (seed, model, effects) => {
        const whole = simulate(seed);
        const gone = (row: number) => Math.abs(Math.sin(seed + 3 * row)) < 0.12;
        const rows = Array.from({ length: whole.panel.rows }, (_, row) => row).filter((row) => !gone(row));
        const { panel, weights } = { ...whole, panel: keepRows(whole.panel, rows) };
        const params = { formula: formulas[effects], models: [model], unbalanced: 'submatrix', approach: 'direct' };
        const result = fitted(() => run({ panel, weights }, params));
        const n = panel.rows;
        expect(result.sample).toMatchObject({ rows: n, balanced: false });
        const w = Matrix.zeros(n, n);
        const given = denseRows(weights);
        const { codes: unit } = panel.entity;
        const { codes: period } = panel.time;
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) if (period[i] === period[j]) sum += given.get(unit[i], unit[j]);
          for (let j = 0; j < n; j++) if (period[i] === period[j] && sum > 0) w.set(i, j, given.get(unit[i], unit[j]) / sum);
        }
        const column = (name: string) =>
          Matrix.columnVector((panel.columns.find((found) => found.name === name) as { values: Float64Array }).values);
        const levels = (codes: ArrayLike<number>, count: number) => {
          const d = Matrix.zeros(n, count);
          for (let i = 0; i < n; i++) d.set(i, codes[i], 1);
          return d;
        };
        const [x1, x2] = [column('x1'), column('x2')];
        const x = join(
          x1,
          x2,
          ...(model === 'sdm' ? [w.mmul(x1), w.mmul(x2)] : []),
          ...(effects === 'none' ? [Matrix.ones(n, 1)] : []),
          ...(effects === 'entity' || effects === 'both' ? [levels(unit, panel.entity.labels.length)] : []),
          ...(effects === 'time' || effects === 'both' ? [levels(period, panel.time.labels.length)] : []),
        );
        const at = (rho: number) => logLikelihood(column('y'), x, w, 1, rho, 0);
        const found = spatialOf(result);
        const { value, b } = at(found.rho);
        close(result.models[0].logLikelihood, value, 1e-9);
        close(estimate(result, 'x1').estimate!, b.get(0, 0), 1e-7, 1);
        expectMaximum((rho) => at(rho).value, found, 'sar');
        if (effects === 'none') return;
        const corrected = fitted(() => run({ panel, weights }, { ...params, approach: undefined }));
        expect(corrected.approach).toBe('bias-corrected');
        expect(corrected.models[0].sigma2.estimate).toBeGreaterThan(result.models[0].sigma2.estimate);
        expect(() => run({ panel, weights }, { ...params, unbalanced: 'refuse' })).toThrow(/say unbalanced: submatrix/);
      }),
      some,
    );
  });

  /** Orthonormal columns orthogonal to 1. */
  const deviations = (n: number) => {
    const j = Matrix.sub(Matrix.eye(n), Matrix.ones(n, n).div(n));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(j, { assumeSymmetric: true });
    return eigenvectorMatrix.subMatrixColumn(realEigenvalues.flatMap((value, k) => (value > 0.5 ? [k] : [])));
  };

  test('Lee & Yu: with explicit orthonormal deviations F, likelihood and errors', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...models), fc.constantFrom('entity', 'time', 'both'), (seed, model, effects) => {
        const data = simulate(seed, {
          rho: model === 'sem' ? 0 : 0.4,
          lambda: model === 'sem' || model === 'sarar' ? 0.3 : 0,
          symmetric: model === 'sarar',
        });
        const result = fitted(() => run(data, { formula: formulas[effects as 'both'], models: [model] }));
        expect(result.approach).toBe('transformation');
        const { n, T, w, y, x1, x2 } = dense(data);
        const ft = effects === 'time' ? Matrix.eye(T) : deviations(T);
        const fn = effects === 'entity' ? Matrix.eye(n) : deviations(n);
        const f = kron(ft, fn).transpose();
        const star = fn.transpose().mmul(w).mmul(fn);
        const wx = kron(Matrix.eye(T), w);
        const x = f.mmul(join(x1, x2, ...(model === 'sdm' ? [wx.mmul(x1), wx.mmul(x2)] : [])));
        const fy = f.mmul(y);
        const at = (rho: number, lambda: number) => logLikelihood(fy, x, star, ft.columns, rho, lambda);
        const found = spatialOf(result);
        const { value, ssr, b } = at(found.rho, found.lambda);
        close(result.models[0].logLikelihood, value, 1e-9);
        expect(result.models[0].observations).toBe(fy.rows);
        close(result.models[0].sigma2.estimate, ssr / fy.rows, 1e-8);
        expectMaximum((rho, lambda) => at(rho, lambda).value, found, model);
        const errors = denseErrors(star, ft.columns, x, b, found, ssr / fy.rows, model);
        close(estimate(result, 'x1').standardError!, errors.x1, 1e-6);
        if (model !== 'sem') close(estimate(result, 'W(y)').standardError!, errors.rho, 1e-6);
        if (model === 'sem' || model === 'sarar') close(result.models[0].lambda!.standardError!, errors.lambda, 1e-6);
        close(result.models[0].sigma2.standardError!, errors.sigma2, 1e-6);
      }),
      { numRuns: 16 },
    );
  });

  test('rows that sum to something else than one, and errors with weights of their own', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('sar', 'sarar'), (seed, model) => {
        const n = 15;
        const around = (k: number) => Array.from({ length: n }, (_, i) => [i, (i + k) % n] as const);
        const ring = (steps: readonly number[]) => {
          const links = steps.flatMap((k) => [...around(k), ...around(n - k)]);
          return weightsFromLinks({
            labels: Array.from({ length: n }, (_, i) => label(i)),
            from: links.map(([i]) => i),
            to: links.map(([, j]) => j),
            values: new Float64Array(links.length).fill(1),
            kind: 'ring',
          });
        };
        const [weights, others] = [ring([1]), ring([2, 5])]; // sums 2 and 4
        const data = { ...simulate(seed, { n, rho: 0 }), weights };
        const params = { draws: 0, formula: formulas.both, models: [model], ...(model === 'sarar' ? { errorWeights: 'M' } : {}) };
        const spec = makeSpec(registry, { analysis: 'spatial-ml', dataset: 'simulated', seed: 7, params }, 'test');
        const both = new Map([
          ['W', weights],
          ['M', others],
        ]);
        const result: SpatialMlResult = fitted(() =>
          JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel: data.panel, weights: both }).result)),
        );
        expect(result.approach).toBe('transformation');
        const { T, w, y, x1, x2 } = dense(data);
        const [ft, fn] = [deviations(T), deviations(n)];
        const f = kron(ft, fn).transpose();
        const turned = (a: Matrix) => fn.transpose().mmul(a).mmul(fn);
        const at = (rho: number, lambda: number) =>
          logLikelihood(f.mmul(y), f.mmul(join(x1, x2)), turned(w), ft.columns, rho, lambda, turned(denseRows(others)));
        const found = spatialOf(result);
        close(result.models[0].logLikelihood, at(found.rho, found.lambda).value, 1e-9);
        expectMaximum((rho, lambda) => at(rho, lambda).value, found, model);
        expect(result.errorWeights?.name).toBe(model === 'sarar' ? 'M' : undefined);
      }),
      some,
    );
  });

  test('a unit without neighbours has lags of zero, and time effects are then corrected for, not transformed', () => {
    const data = simulate(8, { n: 12 });
    const from = Array.from(data.weights.columns, (_, at) => data.weights.starts.findIndex((start) => start > at) - 1);
    const kept = from.flatMap((i, at) => (i === 0 || data.weights.columns[at] === 0 ? [] : [at]));
    const island = normaliseWeights(
      weightsFromLinks({
        labels: data.weights.labels,
        from: kept.map((at) => from[at]),
        to: kept.map((at) => data.weights.columns[at]),
        values: kept.map((at) => data.weights.values[at]),
        kind: 'island',
      }),
      'row',
      { islands: 'keep' },
    );
    const result = run({ ...data, weights: island }, { formula: formulas.both, models: ['sar', 'sdm'] });
    expect(result.approach).toBe('bias-corrected');
    expect(result.weights!.islands).toBe(1);
  });

  /** Expected information with nothing but dense matrices of all rows. */
  function denseErrors(
    w: Matrix,
    periods: number,
    x: Matrix,
    b: Matrix,
    { rho, lambda }: { rho: number; lambda: number },
    sigma2: number,
    model: string,
  ) {
    const n = w.rows;
    const all = (a: Matrix) => kron(Matrix.eye(periods), a);
    const [s, r] = [rho, lambda].map((at) => all(Matrix.sub(Matrix.eye(n), Matrix.mul(w, at))));
    const ri = inverse(r);
    const h = r.mmul(all(w)).mmul(inverse(s)).mmul(ri);
    const k = all(w).mmul(ri);
    const rx = r.mmul(x);
    const mean = r.mmul(all(w)).mmul(inverse(s)).mmul(x).mmul(b);
    const both = (a: Matrix, c: Matrix) => a.mmul(c).trace() + a.transpose().mmul(c).trace();
    const lag = model !== 'sem';
    const error = model === 'sem' || model === 'sarar';
    const p = x.columns;
    const size = p + 3;
    const info = Matrix.zeros(size, size);
    info.setSubMatrix(rx.transpose().mmul(rx).div(sigma2), 1, 1);
    const cross = rx.transpose().mmul(mean).div(sigma2);
    for (let j = 0; j < p; j++) info.set(0, j + 1, cross.get(j, 0)).set(j + 1, 0, cross.get(j, 0));
    info.set(0, 0, mean.dot(mean) / sigma2 + both(h, h));
    info.set(p + 1, p + 1, both(k, k));
    info.set(0, p + 1, both(h, k)).set(p + 1, 0, both(h, k));
    info.set(0, p + 2, h.trace() / sigma2).set(p + 2, 0, h.trace() / sigma2);
    info.set(p + 1, p + 2, k.trace() / sigma2).set(p + 2, p + 1, k.trace() / sigma2);
    info.set(p + 2, p + 2, x.rows / (2 * sigma2 * sigma2));
    const there = Array.from({ length: size }, (_, i) => i).filter((i) => (i !== 0 || lag) && (i !== p + 1 || error));
    const covariance = inverse(info.selection(there, there));
    const at = (i: number) => Math.sqrt(covariance.get(there.indexOf(i), there.indexOf(i)));
    return { rho: lag ? at(0) : 0, x1: at(1), lambda: error ? at(p + 1) : 0, sigma2: at(p + 2) };
  }

  test('random effects: with the dense covariance of all rows, filtered with the errors', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('sar', 'sdm', 'sem', 'none'), (seed, model) => {
        const data = simulate(seed, { rho: model === 'sem' ? 0 : 0.4, lambda: model === 'sem' ? 0.3 : 0, symmetric: true });
        const result = fitted(() => run(data, { formula: formulas.none, models: [model], effects: 'random' }));
        const { n, T, w, y, x1, x2 } = dense(data);
        const wx = kron(Matrix.eye(T), w);
        const x = join(x1, x2, ...(model === 'sdm' ? [wx.mmul(x1), wx.mmul(x2)] : []), Matrix.ones(n * T, 1));
        const at = (rho: number, lambda: number, theta: number) => {
          const filter = (value: number) => Matrix.sub(Matrix.eye(n), Matrix.mul(w, value));
          const kappa = 1 - theta;
          // (σ² + Tσ_μ²)/σ² on the means over time
          const omega = Matrix.add(Matrix.eye(T), Matrix.ones(T, T).mul((1 / kappa ** 2 - 1) / T));
          const ri = inverse(filter(lambda));
          const v = kron(omega, ri.mmul(ri.transpose()));
          const vi = inverse(v);
          const sy = kron(Matrix.eye(T), filter(rho)).mmul(y);
          const b = inverse(x.transpose().mmul(vi).mmul(x)).mmul(x.transpose().mmul(vi).mmul(sy));
          const e = Matrix.sub(sy, x.mmul(b));
          const s2 = e.transpose().mmul(vi).mmul(e).get(0, 0) / (n * T);
          const log = T * Math.log(determinant(filter(rho))) - 0.5 * logDetOf(v);
          return { value: log - ((n * T) / 2) * (Math.log(2 * Math.PI * s2) + 1), b };
        };
        const { rho, lambda } = spatialOf(result);
        const { theta } = result.models[0].components!;
        const { value, b } = at(rho, lambda, theta);
        close(result.models[0].logLikelihood, value, 1e-9);
        close(estimate(result, 'x1').estimate!, b.get(0, 0), 1e-7, 1);
        for (const h of [-1e-3, 1e-3]) {
          if (theta + h > 0) expect(at(rho, lambda, theta + h).value).toBeLessThan(value + 1e-9);
          if (model === 'sar' || model === 'sdm') expect(at(rho + h, lambda, theta).value).toBeLessThan(value);
          if (model === 'sem') expect(at(rho, lambda + h, theta).value).toBeLessThan(value);
        }
        // expected and observed errors of slopes are alike when the model is right
        const observed = run(data, { formula: formulas.none, models: [model], effects: 'random', covariance: 'observed' });
        const ratio = estimate(observed, 'x1').standardError! / estimate(result, 'x1').standardError!;
        expect(ratio).toBeGreaterThan(0.7);
        expect(ratio).toBeLessThan(1.4);
      }),
      some,
    );
  });

  /** log|V| of a positive definite matrix, whose determinant may under- or overflow. */
  function logDetOf(v: Matrix): number {
    const { lowerTriangularMatrix: l } = new CholeskyDecomposition(v);
    return 2 * l.diagonal().reduce((sum, value) => sum + Math.log(value), 0);
  }

  test('observed information is minus the numerical Hessian of the dense likelihood', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('sar', 'sem', 'sarar'), (seed, model) => {
        const data = simulate(seed, { n: 12, lambda: 0.3, symmetric: true });
        const result = fitted(() => run(data, { formula: formulas.none, models: [model], covariance: 'observed' }));
        const { n, T, w, y, x1, x2 } = dense(data);
        const x = join(x1, x2, Matrix.ones(n * T, 1));
        const [{ coefficients, lambda, sigma2 }] = result.models;
        const names = ['x1', 'x2', '(constant)'];
        const start = [
          ...(model === 'sem' ? [] : [estimate(result, 'W(y)').estimate!]),
          ...names.map((term) => estimate(result, term).estimate!),
          ...(lambda === null ? [] : [lambda.estimate!]),
          sigma2.estimate,
        ];
        expect(coefficients).toHaveLength(model === 'sem' ? 3 : 4);
        const value = (p: readonly number[]) => {
          const first = model === 'sem' ? 0 : 1;
          const [rho, l] = [model === 'sem' ? 0 : p[0], model === 'sar' ? 0 : p[first + 3]];
          const s2 = p[p.length - 1];
          const filter = (at: number) => Matrix.sub(Matrix.eye(n), Matrix.mul(w, at));
          const all = (a: Matrix) => kron(Matrix.eye(T), a);
          const u = Matrix.sub(all(filter(rho)).mmul(y), x.mmul(Matrix.columnVector(p.slice(first, first + 3))));
          const e = all(filter(l)).mmul(u);
          return (
            T * (Math.log(determinant(filter(rho))) + Math.log(determinant(filter(l)))) -
            ((n * T) / 2) * Math.log(2 * Math.PI * s2) -
            e.dot(e) / (2 * s2)
          );
        };
        const h = start.map((p) => 1e-4 * Math.max(Math.abs(p), 0.1));
        const moved = (i: number, a: number, j: number, c: number) =>
          value(start.map((p, k) => p + (k === i ? a * h[i] : 0) + (k === j ? c * h[j] : 0)));
        const hessian = new Matrix(start.length, start.length);
        for (let i = 0; i < start.length; i++) {
          for (let j = 0; j < start.length; j++) {
            const second = moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1);
            hessian.set(i, j, -second / (4 * h[i] * h[j]));
          }
        }
        const covariance = inverse(hessian);
        const errors = [
          ...(model === 'sem' ? [] : [estimate(result, 'W(y)').standardError!]),
          ...names.map((term) => estimate(result, term).standardError!),
          ...(lambda === null ? [] : [lambda.standardError!]),
          sigma2.standardError!,
        ];
        errors.forEach((error, k) => {
          close(error, Math.sqrt(covariance.get(k, k)), 1e-3);
        });
      }),
      some,
    );
  });

  test('effects are those of the dense multiplier, whatever the row sums of W', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom('row', 'spectral', 'none'),
        fc.constantFrom('sar', 'sdm', 'slx', 'sdem'),
        (seed, normalisation, model) => {
          const scale = normalisation === 'none' ? 0.1 : 0.4;
          const data = simulate(seed, { n: 10, periods: 6, rho: scale, normalisation: normalisation as 'none' });
          const result = fitted(() => run(data, { formula: formulas.entity, models: [model], durbin: ['x1'] }));
          const { n, w } = dense(data);
          const { rho } = spatialOf(result);
          const s = inverse(Matrix.sub(Matrix.eye(n), Matrix.mul(w, rho)));
          const lagged = estimate(result, 'W(x1)')?.estimate ?? 0;
          if (model === 'sar') {
            const [a, b] = result.models[0].effects!.variables.map(
              ({ direct, indirect }) => indirect.estimate! / direct.estimate!,
            );
            close(a, b, 1e-9);
          }
          const of = s.mmul(Matrix.add(Matrix.mul(Matrix.eye(n), estimate(result, 'x1').estimate!), Matrix.mul(w, lagged)));
          const { direct, indirect, total } = result.models[0].effects!.variables.find(({ variable }) => variable === 'x1')!;
          close(direct.estimate!, of.trace() / n, 1e-8);
          close(total.estimate!, of.sum() / n, 1e-8);
          close(indirect.estimate!, of.sum() / n - of.trace() / n, 1e-7, Math.abs(of.sum() / n));
        },
      ),
      some,
    );
  });
});

describe('what the theory promises', () => {
  test('SAR with x and Wx as data is the SDM of x', () => {
    fc.assert(
      fc.property(seeds, kinds, (seed, effects) => {
        const data = simulate(seed);
        const lagged = new Float64Array(data.panel.rows);
        const { n, T, w, x1 } = dense(data);
        const wx = kron(Matrix.eye(T), w).mmul(x1);
        for (let row = 0; row < data.panel.rows; row++) {
          lagged[row] = wx.get(data.panel.time.codes[row] * n + data.panel.entity.codes[row], 0);
        }
        const more = withColumn(data.panel, 'wx', lagged);
        const sdm = fitted(() => run(data, { formula: formulas[effects], models: ['sdm'], durbin: ['x1'] }));
        const sar = fitted(() =>
          run({ ...data, panel: more }, { formula: formulas[effects].replace('x2', 'x2 + wx'), models: ['sar'] }),
        );
        close(sar.models[0].logLikelihood, sdm.models[0].logLikelihood, 1e-11);
        for (const [a, b] of [
          ['W(y)', 'W(y)'],
          ['x1', 'x1'],
          ['wx', 'W(x1)'],
        ]) {
          close(estimate(sar, a).estimate!, estimate(sdm, b).estimate!, 1e-9, 1);
          close(estimate(sar, a).standardError!, estimate(sdm, b).standardError!, 1e-9);
        }
      }),
      some,
    );
  });

  test('a smaller model has no higher likelihood, and the tests say by how much', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('none', 'entity'), (seed, effects) => {
        const all = ['gns', 'sdm', 'sdem', 'sarar', 'sar', 'sem', 'slx', 'none'] as const;
        const data = simulate(seed, { symmetric: true });
        const result = fitted(() => run(data, { formula: formulas[effects as 'none'], models: all }));
        const of = (model: string) => result.models.find((candidate) => candidate.model === model)!.logLikelihood;
        expect(result.tests).toHaveLength(13);
        for (const { model, to, df, likelihoodRatio, wald } of result.tests) {
          expect(of(model)).toBeGreaterThanOrEqual(of(to) - 1e-7);
          close(likelihoodRatio!, 2 * (of(model) - of(to)), 1e-6, Math.abs(of(model)) * 1e-3);
          expect(wald).toBeGreaterThanOrEqual(0);
          expect(df).toBe(to === 'sar' && model === 'sdm' ? 2 : df);
        }
      }),
      few,
    );
  });

  test('the outcome may be moved and scaled: ρ, λ and θ/β stay, log L moves by n·log c', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.constantFrom('sdm', 'sem', 'sarar'),
        fc.constantFrom('none', 'entity', 'both'),
        (seed, c, a, model, effects) => {
          const data = simulate(seed, { rho: model === 'sem' ? 0 : 0.4, symmetric: true });
          const y = (data.panel.columns.find(({ name }) => name === 'y') as { values: Float64Array }).values;
          const moved = {
            ...data,
            panel: withColumn(
              data.panel,
              'z',
              y.map((value) => a + c * value),
            ),
          };
          const params = { formula: formulas[effects], models: [model] };
          const plain = fitted(() => run(moved, params));
          const other = fitted(() => run(moved, { ...params, formula: params.formula.replace('y', 'z') }));
          close(spatialOf(other).rho, spatialOf(plain).rho, 1e-7, 1);
          close(spatialOf(other).lambda, spatialOf(plain).lambda, 1e-7, 1);
          close(estimate(other, 'x1').estimate!, c * estimate(plain, 'x1').estimate!, 1e-7, c);
          close(estimate(other, 'x1').standardError!, c * estimate(plain, 'x1').standardError!, 1e-6);
          const [before, after] = [plain.models[0], other.models[0]];
          close(
            after.logLikelihood,
            before.logLikelihood - before.observations * Math.log(c),
            1e-8,
            Math.abs(before.logLikelihood) + 100,
          );
        },
      ),
      some,
    );
  });

  test('rows in any order give the same bytes; other names of units and periods the same numbers', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('sdm', 'sem', 'sarar'), (seed, model) => {
        const data = simulate(seed, { rho: model === 'sem' ? 0 : 0.4, lambda: model === 'sdm' ? 0 : 0.3, symmetric: true });
        const { panel, weights } = data;
        const params = { formula: formulas.both, models: [model], draws: 9 };
        const rows = Array.from({ length: panel.rows }, (_, row) => row);
        const shuffled = [...rows].sort((a, b) => Math.sin(seed + 7 * a) - Math.sin(seed + 7 * b));
        const again = (order: readonly number[], unit: (label: string) => string, period: (t: number) => number) =>
          panelOf(
            order.map((row) => unit(panel.entity.labels[panel.entity.codes[row]])),
            order.map((row) => period(panel.time.codes[row] + 1)),
            Object.fromEntries(
              panel.columns.map((column) => [column.name, order.map((row) => (column as { values: Float64Array }).values[row])]),
            ),
          );
        const same = again(
          shuffled,
          (unit) => unit,
          (t) => t,
        );
        const whole = fitted(() => bytesOf(data, params));
        expect(bytesOf({ panel: same, weights }, params)).toEqual(whole);
        // units in another order, periods backwards
        const rename = (unit: string) => `v${String(99 - Number(unit.slice(1))).padStart(3, '0')}`;
        const from = Array.from(weights.columns, (_, at) => weights.starts.findIndex((start) => start > at) - 1);
        const renamed = normaliseWeights(
          weightsFromLinks({
            labels: weights.labels.map(rename),
            from,
            to: weights.columns,
            values: weights.values,
            kind: 'random',
          }),
          'row',
        );
        const [a, b] = [run(data, params), run({ panel: again(rows, rename, (t) => 10 - t), weights: renamed }, params)];
        a.models[0].coefficients.forEach((row, k) => {
          close(b.models[0].coefficients[k].estimate!, row.estimate!, 1e-7, 1);
          close(b.models[0].coefficients[k].standardError!, row.standardError!, 1e-7);
        });
      }),
      few,
    );
  });

  test('random effects are tested by entity means', () => {
    const data = simulate(12, { n: 36, periods: 6, symmetric: true });
    const random = run(data, { formula: 'y ~ x1 + x2 + still', models: ['sar'], effects: 'random' });
    const fixedEffects = run(data, { formula: formulas.entity, models: ['sar'] });
    const { mundlak } = random.models[0];
    expect(mundlak!.df).toBe(2); // of x1 and x2: `still` is its own mean
    expect(fixedEffects.models[0].mundlak).toBeNull();
    expect(random.verdict.join(' ')).toContain('entity means added, Mundlak');
    // effects that move with a regressor: entity means of x1 are the unit effect itself
    const moved = withColumn(
      data.panel,
      'x3',
      (data.panel.columns.find(({ name }) => name === 'x1') as { values: Float64Array }).values.map(
        (value, row) =>
          value + 2 * (data.panel.columns.find(({ name }) => name === 'still') as { values: Float64Array }).values[row],
      ),
    );
    const biased = run({ ...data, panel: moved }, { formula: 'y ~ x3 + x2', models: ['sar'], effects: 'random' });
    expect(biased.models[0].mundlak!.pValue).toBeLessThan(1e-3);
    expect(biased.verdict.join(' ')).toContain('random effects are rejected at 5 %: take entity effects');
  });

  test('clustered by unit: the formula with dense matrices, and near the expected information when nothing is wrong', () => {
    const data = simulate(11, { n: 64, periods: 8, lambda: 0.3, symmetric: true });
    const params = { formula: formulas.entity, models: ['sarar'] };
    const [plain, clustered] = [run(data, params), run(data, { ...params, covariance: 'cluster' })];
    expect(clustered.conventions.join(' ')).toContain('clustered by unit, G = 64');
    plain.models[0].coefficients.forEach((row, k) => {
      const other = clustered.models[0].coefficients[k];
      expect(other.estimate).toBe(row.estimate);
      expect(other.standardError! / row.standardError!).toBeGreaterThan(0.6);
      expect(other.standardError! / row.standardError!).toBeLessThan(1.6);
    });
    const ladder = run(data, { formula: formulas.entity, covariance: 'cluster' }).verdict.join(' ');
    expect(ladder).toContain('5 % (clustered Wald)');
    expect(run(data, { formula: formulas.entity }).verdict.join(' ')).toContain('5 % (LR)');
    // no lag, no error: least squares with clustered errors, N/(N − 1) and nothing else
    const ols = run(data, { formula: formulas.entity, models: ['none'], covariance: 'cluster', approach: 'direct' });
    const { n, T, y, x1, x2 } = dense(data);
    const within = Matrix.sub(Matrix.eye(n * T), kron(Matrix.ones(T, T).div(T), Matrix.eye(n)));
    const x = within.mmul(join(x1, x2));
    const e = Matrix.sub(within.mmul(y), x.mmul(solve(x, within.mmul(y))));
    const meat = Matrix.zeros(2, 2);
    for (let i = 0; i < n; i++) {
      const s = [0, 1].map((j) =>
        Array.from({ length: T }, (_, t) => x.get(t * n + i, j) * e.get(t * n + i, 0)).reduce((a, b) => a + b),
      );
      for (const a of [0, 1]) for (const b of [0, 1]) meat.set(a, b, meat.get(a, b) + s[a] * s[b]);
    }
    const bread = inverse(x.transpose().mmul(x));
    const v = bread
      .mmul(meat)
      .mmul(bread)
      .mul(n / (n - 1));
    close(estimate(ols, 'x1').standardError!, Math.sqrt(v.get(0, 0)), 1e-9);
  });

  test('without spatial terms it is least squares with σ² = SSR/n', () => {
    const data = simulate(3);
    const result = run(data, { formula: formulas.none, models: ['none'], weights: 'W' });
    const { n, T, y, x1, x2 } = dense(data);
    const x = join(x1, x2, Matrix.ones(n * T, 1));
    const b = solve(x, y);
    const e = Matrix.sub(y, x.mmul(b));
    close(estimate(result, 'x1').estimate!, b.get(0, 0), 1e-10);
    const variance = (e.dot(e) / (n * T)) * inverse(x.transpose().mmul(x)).get(0, 0);
    close(estimate(result, 'x1').standardError!, Math.sqrt(variance), 1e-10);
  });

  test('a regressor that the effects hold is left out, and said so', () => {
    const result = run(simulate(4), { formula: 'y ~ x1 + still | unit', models: ['sdm'] });
    expect(result.models[0].collinear).toEqual(['still', 'W(still)']);
  });

  test('time effects with rows of different sums: bias-corrected when the request does not say', () => {
    const data = simulate(5, { n: 12, normalisation: 'spectral' });
    expect(run(data, { formula: formulas.both, models: ['sar'] }).approach).toBe('bias-corrected');
    expect(run(data, { formula: formulas.entity, models: ['sar'] }).approach).toBe('transformation');
    expect(() => run(data, { formula: formulas.both, models: ['sar'], approach: 'transformation' })).toThrow(/same sum/);
    expect(() => run(data, { formula: formulas.both, models: ['sem'] })).toThrow(/spatial errors with time effects/);
  });

  test('a model beside the first that has no maximum is told of; the first is an error', () => {
    const data = simulate(6);
    const result = run(data, { formula: formulas.both });
    expect(result.models.map(({ model }) => model)).toEqual(['sdm', 'sar', 'none']);
    expect(result.notFitted).toMatchObject([{ model: 'sem', code: 'spatial_parameter_at_bound' }]);
    expect(result.tests.find(({ to }) => to === 'sem')).toMatchObject({
      likelihoodRatio: null,
      note: expect.stringMatching(/λ = 1/),
    });
    expect(result.warnings.join(' ')).toContain('Not fitted: SEM');
    expect(() => run(data, { formula: formulas.both, models: ['sem'] })).toThrow(/SEM: the likelihood rises/);
  });

  test('its example runs, and a sweep can tabulate it', () => {
    expect(offered.get('spatial-ml')).toBe(spatialMl);
    const result = run(simulate(6), { formula: formulas.entity });
    expect(result.models.map(({ model }) => model)).toEqual(['sdm', 'sar', 'sem', 'none']);
    const names = spatialMl.estimates!(result).map(({ name }) => name);
    expect(names).toContain('indirect effect of x1');
    const report = spatialMl.report(result);
    expect(report.tables.map(({ title }) => title)).toContain('Can a smaller model do?');
    expect(report.verdict.join(' ')).toContain('Coefficients of WX are not spillovers');
  });
});

function keepRows(panel: Panel, rows: readonly number[]): Panel {
  return panelOf(
    rows.map((row) => panel.entity.labels[panel.entity.codes[row]]),
    rows.map((row) => Number(panel.time.labels[panel.time.codes[row]])),
    Object.fromEntries(
      panel.columns.map((column) => [column.name, rows.map((row) => (column as { values: Float64Array }).values[row])]),
    ),
  );
}

function withColumn(panel: Panel, name: string, values: Float64Array): Panel {
  const labels = (of: { labels: readonly string[]; codes: ArrayLike<number> }) => Array.from(of.codes, (code) => of.labels[code]);
  return panelOf(
    labels(panel.entity),
    labels(panel.time).map(Number),
    Object.fromEntries([
      ...panel.columns.map((column) => [column.name, Array.from((column as { values: Float64Array }).values)]),
      [name, Array.from(values)],
    ]),
  );
}

describe('bad input', () => {
  const { panel, weights } = simulate(1);
  const info = { panel: summarizePanel(panel), weights: new Map([['W', summarizeWeights(weights)]]) };
  const problems = (params: object) => {
    try {
      return spatialMl
        .check(spatialMl.params.parse({ formula: formulas.both, ...params }), info)
        .map(({ code, message }) => `${code}: ${message}`);
    } catch (error) {
      return (error as InputError).message.split('\n');
    }
  };
  test.each([
    [{ formula: 'y ~ x1 + W(x2) | unit' }, /lag_in_formula: .*durbin/],
    [{ formula: 'y ~ x1 | unit | x2 ~ still' }, /endogenous_regressors: .*gs2sls/],
    [{ formula: 'y ~ x1 | still' }, /effects_not_of_panel: .*gs2sls absorbs any/],
    [{ durbin: ['x3'] }, /not_a_regressor: x3 is not among the regressors x1, x2/],
    [{ weights: 'V' }, /unknown_weights/],
    [{ demeaning: 'before-lag', approach: 'transformation' }, /transformation_before_lag/],
    [{ formula: 'y ~ y + x1 | unit' }, /term_twice: y is there twice/],
    [{ formula: 'y ~ 1 | unit', models: ['sdm'] }, /nothing_to_lag/],
    [{ effects: 'random' }, /random_and_fixed: .*it has unit, period/],
    [{ formula: formulas.none, effects: 'random', covariance: 'cluster' }, /random_cluster/],
    [{ covariance: 'cluster', unbalanced: 'submatrix', models: ['sdm'] }, /cluster_needs_panel/],
  ])('%j', (params, wanted) => {
    expect(problems(params).join('\n')).toMatch(wanted);
  });

  test('weights whose rows differ in their sum are refused at the door where they cannot be used', () => {
    const spectral = randomWeights(12, 5, { normalisation: 'spectral' });
    const codes = (params: object) =>
      spatialMl
        .check(spatialMl.params.parse({ formula: formulas.both, ...params }), {
          panel: info.panel,
          weights: new Map([['W', { ...summarizeWeights(spectral), units: info.panel.entity.count }]]),
        })
        .map(({ code }) => code);
    expect(codes({ models: 'sem' })).toEqual(['unequal_row_sums']);
    expect(codes({ models: 'sar', approach: 'transformation' })).toEqual(['unequal_row_sums']);
    expect(codes({ models: 'sar' })).toEqual([]);
    expect(codes({ models: 'sem', formula: formulas.entity })).toEqual([]);
  });

  test('gaps and too many units are refused at the door', () => {
    const gap = { ...info.panel, balanced: false };
    expect(
      spatialMl.check(spatialMl.params.parse({ formula: formulas.both }), { ...info, panel: gap }).map(({ code }) => code),
    ).toEqual(['unbalanced_panel']);
    const large = { ...info.panel, entity: { ...info.panel.entity, count: 30_000 } };
    const codes = spatialMl.check(spatialMl.params.parse({ formula: formulas.both, models: 'sar' }), {
      panel: large,
      weights: new Map(),
    });
    expect(codes.map(({ code }) => code)).toContain('too_many_units');
  });

  test('a likelihood without a maximum inside is no answer', () => {
    // y without noise: the regressors fit it exactly
    const { panel: exact } = simulate(2);
    const x1 = (exact.columns.find(({ name }) => name === 'x1') as { values: Float64Array }).values;
    const fit = {
      panel: withColumn(
        exact,
        'z',
        x1.map((value) => 2 * value + 1),
      ),
      weights,
    };
    expect(() => run(fit, { formula: 'z ~ x1', models: ['sar'] })).toThrow(EstimationError);
  });
});
