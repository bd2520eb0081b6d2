import {
  absorb,
  buildPanel,
  cubicRoots,
  denseRows,
  EstimationError,
  effectsAt,
  firstStep,
  type Gs2slsResult,
  gs2sls,
  InputError,
  makeRegistry,
  makeSpec,
  minimiseMoments,
  registry as offered,
  type Panel,
  PhiloxStream,
  type RunLocallyOptions,
  runLocally,
  spatialDesign,
  spatialInverse,
  spatialLag,
  spatialMultipliers,
  stackWeights,
  type Weights,
  weightsFromFile,
  weightsFromLinks,
  weightsOptions,
  withinDesign,
} from '@spillway/core';
import fc from 'fast-check';
import { inverse, Matrix } from 'ml-matrix';

const registry = makeRegistry([gs2sls]);

/** Queen moves on a rows × columns lattice; labels u01, u02, … */
function lattice(rows: number, columns: number, normalisation = 'row'): Weights {
  const lines = ['from,to'];
  const label = (r: number, c: number) => `u${String(r * columns + c).padStart(4, '0')}`;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      for (let dr = -1; dr <= 1; dr++) {
        for (let dc = -1; dc <= 1; dc++) {
          const [y, x] = [r + dr, c + dc];
          if ((dr !== 0 || dc !== 0) && y >= 0 && x >= 0 && y < rows && x < columns) lines.push(`${label(r, c)},${label(y, x)}`);
        }
      }
    }
  }
  return weightsFromFile(new TextEncoder().encode(lines.join('\n')), weightsOptions.parse({ kind: 'edge-list', normalisation }));
}

interface Simulated {
  readonly panel: Panel;
  readonly weights: Weights;
}

/** y = (I − ρW)⁻¹(1 + x₁ − x₂ + d/2 + entity effects + u), u = λWu + ε, d moved by z and ε. */
function simulate(
  seed: number,
  { periods = 1, rho = 0.4, lambda = 0.3, side = 6, normalisation = 'row', relabel = (label: string) => label } = {},
): Simulated {
  const plain = lattice(side, side, normalisation);
  const n = side * side;
  const stream = new PhiloxStream(seed, 0);
  const normals = (count: number) => {
    const x = new Float64Array(count);
    stream.normals(x);
    return x;
  };
  const entityEffects = normals(n);
  const columns: Record<string, number[]> = { y: [], x1: [], x2: [], d: [], z: [], z2: [] };
  const [entity, time]: [string[], number[]] = [[], []];
  for (let t = 0; t < periods; t++) {
    const [x1, x2, z, z2, e, v] = [normals(n), normals(n), normals(n), normals(n), normals(n), normals(n)];
    const d = z.map((value, i) => value + 0.5 * z2[i] + 0.6 * e[i] + v[i]);
    const u = spatialInverse(plain, e, lambda);
    const mean = x1.map((value, i) => 1 + value - x2[i] + 0.5 * d[i] + (periods > 1 ? entityEffects[i] : 0) + u[i]);
    const y = spatialInverse(plain, mean, rho);
    for (let i = 0; i < n; i++) {
      entity.push(relabel(plain.labels[i]));
      time.push(t + 1);
      for (const [name, values] of Object.entries({ y, x1, x2, d, z, z2 })) columns[name].push(values[i]);
    }
  }
  const panel = buildPanel({
    entity: { name: 'unit', values: entity },
    time: { name: 'period', values: time },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
  });
  const from: number[] = [];
  for (let i = 0; i < n; i++) for (let at = plain.starts[i]; at < plain.starts[i + 1]; at++) from.push(i);
  const renamed = weightsFromLinks({
    labels: plain.labels.map(relabel),
    from,
    to: plain.columns,
    values: plain.values,
    kind: 'lattice',
  });
  return { panel, weights: { ...renamed, about: { ...renamed.about, normalisation: plain.about.normalisation } } };
}

function bytesOf(
  { panel, weights }: Simulated,
  params: object,
  options: RunLocallyOptions = {},
  more: readonly [string, Weights][] = [],
): Uint8Array {
  const spec = makeSpec(registry, { analysis: 'gs2sls', dataset: 'simulated', seed: 7, params: { draws: 0, ...params } }, 'test');
  return runLocally(registry, spec, { panel, weights: new Map([['W', weights], ...more]) }, options).result;
}

const run = (of: Simulated, params: object, more: readonly [string, Weights][] = []): Gs2slsResult =>
  JSON.parse(new TextDecoder().decode(bytesOf(of, params, {}, more)));

function close(got: number, wanted: number, relative = 1e-7, scale = Math.abs(wanted)): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(scale, 1e-12));
}

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const some = { numRuns: 8 };
const formula = 'y ~ x1 + x2 | d ~ z + z2';

describe('what the theory promises', () => {
  test('scaling the outcome and a regressor scales their coefficients and leaves ρ and λ', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, c) => {
        const data = simulate(seed);
        const models = ['sar', 'sdm', 'sarar'];
        const plain = run(data, { formula, models });
        const scaled = run(data, { formula: `I(y * ${c}) ~ I(x1 * 1000) + x2 | d ~ z + z2`, models });
        for (const [k] of models.entries()) {
          const [a, b] = [plain.models[k].coefficients, scaled.models[k].coefficients];
          close(b[0].estimate, a[0].estimate, 1e-6, 1); // ρ
          close(b[0].standardError, a[0].standardError, 1e-6);
          close(b[1].estimate, c * a[1].estimate, 1e-6, c); // d
          const x1 = a.findIndex(({ term }) => term === 'x1');
          close(b[x1].estimate, (c / 1000) * a[x1].estimate, 1e-6, c / 1000);
          const [one, other] = [plain.models[k].lambda, scaled.models[k].lambda];
          if (one !== null) close(other!.estimate, one.estimate, 1e-5, 1);
        }
      }),
      some,
    );
  });

  test('names of units, and so the order of rows, do not matter', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        // backwards: the last unit comes first
        const backwards = (label: string) => `v${String(9999 - Number(label.slice(1))).padStart(4, '0')}`;
        const params = { formula: 'y ~ x1 + x2 | unit | d ~ z + z2', models: ['sar', 'sdm', 'sarar'], covariance: 'cluster' };
        const [one, other] = [
          simulate(seed, { periods: 3, side: 5 }),
          simulate(seed, { periods: 3, side: 5, relabel: backwards }),
        ].map((data) => run(data, params));
        for (const [k, { coefficients, lambda, effects }] of one.models.entries()) {
          for (const [j, row] of coefficients.entries()) {
            close(other.models[k].coefficients[j].estimate, row.estimate, 1e-7, 1);
            close(other.models[k].coefficients[j].standardError, row.standardError, 1e-6);
          }
          if (lambda !== null) close(other.models[k].lambda!.estimate, lambda.estimate, 1e-6, 1);
          // ρ of a Durbin model may lie out of bounds in so few rows
          const total = (of: typeof effects) => of?.variables[0].total.estimate ?? null;
          if (effects === null) expect(total(other.models[k].effects)).toBeNull();
          else close(total(other.models[k].effects)!, total(effects)!, 1e-5);
        }
      }),
      some,
    );
  });

  test('weights times c: ρ over c, and the same effects', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(0.25, 3, 8), (seed, c) => {
        const { panel, weights } = simulate(seed, { normalisation: 'spectral' });
        const scaled = { ...weights, values: weights.values.map((w) => w * c) };
        const models = ['sar', 'sdm'];
        const [one, other] = [weights, scaled].map((w) => run({ panel, weights: w }, { formula: 'y ~ x1 + x2', models }));
        for (const k of [0, 1]) {
          close(other.models[k].coefficients[0].estimate, one.models[k].coefficients[0].estimate / c, 1e-6, 1 / c);
          // near a bound the last digits of ρ are multiplied
          const { effects } = one.models[k];
          if (effects === null || Math.abs(one.models[k].coefficients[0].estimate) > 0.95 * effects.bounds.upper) continue;
          for (const [j, of] of effects.variables.entries()) {
            for (const kind of ['direct', 'indirect', 'total'] as const) {
              const got = other.models[k].effects!.variables[j][kind];
              close(got.estimate, of[kind].estimate, 1e-5, 1);
              close(got.standardError, of[kind].standardError, 1e-5, 1);
            }
          }
        }
      }),
      some,
    );
  });

  test('within is the regression with dummies, one-way and two-way', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, twoWay) => {
        const { panel, weights } = simulate(seed, { periods: 4, side: 4 });
        const column = (name: string) => (panel.columns.find((found) => found.name === name) as { values: Float64Array }).values;
        const stacked = stackWeights(weights, panel.entity.codes, panel.time.codes, 4, true).weights;
        const named = (name: string) => ({ name, values: column(name) });
        const data = {
          outcome: named('y'),
          exogenous: [named('x1'), named('x2')],
          constant: false,
          endogenous: [named('d')],
          outside: [named('z'), named('z2')],
          lagWeights: stacked,
          errorWeights: null,
        };
        const form = {
          lag: true,
          durbin: [0],
          durbinEndogenous: [0],
          error: false,
          order: 3,
          outsideOrder: 2,
          lagConstant: false,
        };
        const design = spatialDesign(data, form);
        const groupings = [panel.entity, panel.time]
          .slice(0, twoWay ? 2 : 1)
          .map(({ codes, labels }) => ({ codes, levels: labels.length }));
        const dummies = groupings.flatMap(({ codes, levels }, g) =>
          Array.from({ length: levels }, (_, level) => ({
            name: `dummy${g}.${level}`,
            values: Float64Array.from(codes, (code) => (code === level ? 1 : 0)),
            role: 'exogenous' as const,
            of: 100 * (g + 1) + level,
          })),
        );
        const within = firstStep(withinDesign(design, absorb(groupings).apply));
        const wide = firstStep(
          withinDesign({ ...design, exogenous: [...design.exogenous, ...dummies] }, (x) => Float64Array.from(x)),
        );
        for (let k = 0; k < within.coefficients.length; k++) close(wide.coefficients[k], within.coefficients[k], 1e-7, 1);
        close(wide.ssr, within.ssr, 1e-7);
      }),
      some,
    );
  });

  test('without a lag it is the iv analysis', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('classical', 'robust', 'cluster'), (seed, covariance) => {
        const data = simulate(seed, { periods: 3, side: 4 });
        const params = { formula: 'y ~ x1 + x2 | unit | d ~ z + z2', covariance };
        const [ours] = run(data, { ...params, models: ['iv'] }).models;
        const spec = makeSpec(offered, { analysis: 'iv', dataset: 'simulated', params }, 'test');
        const theirs = JSON.parse(new TextDecoder().decode(runLocally(offered, spec, { panel: data.panel }).result));
        for (const [k, row] of theirs.estimates[0].coefficients.entries()) {
          close(ours.coefficients[k].estimate, row.estimate, 1e-12);
          close(ours.coefficients[k].standardError, row.standardError, 1e-12);
        }
        expect(ours.firstStages).toEqual(theirs.firstStages);
        expect(ours.identification).toEqual(theirs.identification);
        expect(ours.endogeneity).toEqual(theirs.endogeneity);
      }),
      some,
    );
  });

  test('SAR and SDM with the same powers of W span the same instruments: one first stage of Wy', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const result = run(simulate(seed), { formula: 'y ~ x1 + x2', models: ['sar', 'sdm'], instruments: { order: 3 } });
        const [sar, sdm] = result.models.map(({ firstStages: [stage] }) => stage.rootMse);
        close(sar, sdm, 1e-9);
      }),
      some,
    );
  });

  test('SARAR and SDM nest SAR: without what they add the true one is found alike in a large sample', () => {
    const data = simulate(11, { side: 40, rho: 0.5, lambda: 0 });
    const result = run(data, { formula, models: ['sar', 'sdm', 'sarar', 'gns'], covariance: 'robust' });
    for (const { coefficients, lambda } of result.models) {
      for (const { role, estimate, standardError } of coefficients) {
        if (role === 'lag') close(estimate, 0.5, 4 * standardError, 1);
        if (role === 'lagged exogenous' || role === 'lagged endogenous') close(estimate, 0, 4 * standardError, 1);
      }
      if (lambda !== null) close(lambda.estimate, 0, 4 * lambda.standardError, 1);
    }
  });

  test('other weights of the errors: found in one period, with fixed and with random effects', () => {
    const side = 15;
    const n = side * side;
    const weights = lattice(side, side);
    // M: the units left and right only
    const label = (i: number) => weights.labels[i];
    const pairs = [...Array(n).keys()]
      .flatMap((i) => [i % side > 0 ? [i, i - 1] : [], i % side < side - 1 ? [i, i + 1] : []])
      .filter((pair) => pair.length > 0);
    const text = ['from,to', ...pairs.map(([i, j]) => `${label(i)},${label(j)}`)].join('\n');
    const m = weightsFromFile(new TextEncoder().encode(text), weightsOptions.parse({ kind: 'edge-list' }));
    const stream = new PhiloxStream(17, 0);
    const normals = () => {
      const x = new Float64Array(n);
      stream.normals(x);
      return x;
    };
    const own = normals();
    const rows = [1, 2, 3, 4].flatMap((period) => {
      const [x, e] = [normals(), normals()];
      const u = spatialInverse(
        m,
        e.map((value, i) => value + own[i]),
        0.5,
      );
      const y = spatialInverse(
        weights,
        x.map((value, i) => 1 + 2 * value + u[i]),
        0.4,
      );
      return [...y.keys()].map((i) => ({ unit: label(i), period, y: y[i], x: x[i] }));
    });
    const panelOf = (kept: typeof rows) =>
      buildPanel({
        entity: { name: 'unit', values: kept.map(({ unit }) => unit) },
        time: { name: 'period', values: kept.map(({ period }) => period) },
        columns: (['y', 'x'] as const).map((name) => ({ name, values: kept.map((row) => row[name]) })),
      });
    const more: [string, Weights][] = [['M', m]];
    const models = ['sarar', 'sem'];
    for (const [panel, params] of [
      [panelOf(rows.filter(({ period }) => period === 1)), { formula: 'y ~ x', covariance: 'robust' }],
      [panelOf(rows), { formula: 'y ~ x | unit' }],
      [panelOf(rows), { formula: 'y ~ x', effects: 'random' }],
      [panelOf(rows), { formula: 'y ~ x', effects: 'random', randomInstruments: 'g2sls', panelMoments: 'fullweights' }],
    ] as const) {
      const result = run({ panel, weights }, { ...params, models, weights: 'W', errorWeights: 'M' }, more);
      const [sarar, sem] = result.models;
      const { coefficients, lambda } = sarar;
      close(coefficients[0].estimate, 0.4, 4 * coefficients[0].standardError, 1);
      close(coefficients[1].estimate, 2, 4 * coefficients[1].standardError, 1);
      close(lambda!.estimate, 0.5, 0.2, 1);
      expect(sem.lambda!.estimate).not.toBeCloseTo(lambda!.estimate, 6);
      expect(result.errorWeights!.name).toBe('M');
      expect(sarar.instruments.some((name) => name.includes('M('))).toBe(true);
    }
  });

  test('λ and ρ of a large simulated SARAR, and the optimal instrument is no worse', () => {
    const data = simulate(5, { side: 50, rho: 0.4, lambda: 0.5 });
    const [sarar] = run(data, { formula, models: ['sarar'], covariance: 'robust' }).models;
    close(sarar.lambda!.estimate, 0.5, 4 * sarar.lambda!.standardError, 1);
    close(sarar.coefficients[0].estimate, 0.4, 4 * sarar.coefficients[0].standardError, 1);
    close(sarar.coefficients[1].estimate, 0.5, 4 * sarar.coefficients[1].standardError, 1);
    const sar = (optimal: boolean) =>
      run(data, { formula: 'y ~ x1 + x2', models: ['sar'], instruments: { optimal, order: 1 }, covariance: 'classical' });
    const [few, best] = [sar(false), sar(true)].map(({ models: [model] }) => model.coefficients[0].standardError);
    expect(best).toBeLessThan(1.02 * few);
    expect(sar(true).models[0].instruments).toEqual(['W(I − ρW)⁻¹Xb']);
  });
});

describe('effects', () => {
  const asymmetric = fc.record({
    seed: seeds,
    n: fc.integer({ min: 5, max: 14 }),
    rho: fc.double({ min: -0.85, max: 0.85, noNaN: true }),
  });

  test('multipliers are those of the dense inverse, whatever W', () => {
    fc.assert(
      fc.property(asymmetric, fc.boolean(), ({ seed, n, rho }, symmetric) => {
        const stream = new PhiloxStream(seed, 3);
        const [from, to, values]: [number[], number[], number[]] = [[], [], []];
        for (let i = 0; i < n; i++) {
          for (let j = symmetric ? i + 1 : 0; j < n; j++) {
            if (i === j || stream.uniform() < 0.5) continue;
            const w = symmetric ? stream.uniform() : stream.uniform() / 2;
            from.push(i, ...(symmetric ? [j] : []));
            to.push(j, ...(symmetric ? [i] : []));
            values.push(w, ...(symmetric ? [w] : []));
          }
        }
        if (values.length === 0) return;
        const w = weightsFromLinks({
          labels: Array.from({ length: n }, (_, i) => `u${i + 10}`),
          from,
          to,
          values,
          kind: 'random',
        });
        const multipliers = spatialMultipliers(w);
        const at = rho * Math.min(multipliers.bounds.upper, 4);
        if (!(at > multipliers.bounds.lower && at < multipliers.bounds.upper)) return;
        const dense = denseRows(w);
        const of = (r: number, beta: number, theta: number) => {
          const s = inverse(Matrix.sub(Matrix.eye(n), Matrix.mul(dense, r))).mmul(
            Matrix.add(Matrix.eye(n).mul(beta), Matrix.mul(dense, theta)),
          );
          return { direct: s.trace() / n, total: s.sum() / n };
        };
        const wanted = of(at, 1.5, -0.7);
        const got = effectsAt(multipliers.at(at), 1.5, -0.7);
        close(got.direct.value, wanted.direct, 1e-8, 1 + Math.abs(wanted.direct));
        close(got.total.value, wanted.total, 1e-8, 1 + Math.abs(wanted.total));
        const h = 1e-6;
        const [up, down] = [of(at + h, 1.5, -0.7), of(at - h, 1.5, -0.7)];
        close(got.direct.byRho, (up.direct - down.direct) / (2 * h), 1e-5, 1 + Math.abs(got.direct.byRho));
        close(got.total.byRho, (up.total - down.total) / (2 * h), 1e-5, 1 + Math.abs(got.total.byRho));
      }),
      { numRuns: 60 },
    );
  });

  test('multipliers of units add up to the means', () => {
    const data = simulate(8, { normalisation: 'spectral' });
    const [sar] = run(data, { formula: 'y ~ x1 + x2', models: ['sar'] }).models;
    const { units, variables } = sar.effects!;
    const beta = sar.coefficients[1].estimate;
    const mean = (of: 'own' | 'received' | 'sent') => units!.reduce((sum, unit) => sum + unit[of], 0) / units!.length;
    close(beta * mean('own'), variables[0].direct.estimate, 1e-9);
    close(beta * mean('received'), variables[0].indirect.estimate, 1e-8);
    close(mean('sent'), mean('received'), 1e-10);
  });

  test('stochastic traces are within their own error of the exact ones', () => {
    const w = lattice(21, 20);
    expect(w.labels.length).toBeGreaterThan(400);
    const multipliers = spatialMultipliers(w);
    expect(multipliers.method).toBe('stochastic Lanczos');
    const dense = denseRows(w);
    for (const rho of [-0.6, 0.8]) {
      const exact = inverse(Matrix.sub(Matrix.eye(420), Matrix.mul(dense, rho))).trace() / 420;
      close(multipliers.at(rho).direct, exact, 4 * multipliers.traceError(rho) + 1e-12, 1);
      close(multipliers.at(rho).total, 1 / (1 - rho), 1e-12);
    }
  });

  test('without row-normalisation the total is the mean row sum, not 1/(1 − ρ)', () => {
    const data = simulate(3, { normalisation: 'spectral' });
    const [sar] = run(data, { formula: 'y ~ x1 + x2', models: ['sar'] }).models;
    const [rho, beta] = [sar.coefficients[0].estimate, sar.coefficients[1].estimate];
    const ones = new Float64Array(36).fill(1);
    const total = (beta * spatialInverse(data.weights, ones, rho).reduce((sum, value) => sum + value, 0)) / 36;
    close(sar.effects!.variables[0].total.estimate, total, 1e-9);
    expect(Math.abs(total - beta / (1 - rho))).toBeGreaterThan(1e-3);
  });

  test('SLX effects are the coefficients, and simulated errors near the delta method’s', () => {
    const data = simulate(9, { periods: 4, side: 10, lambda: 0 });
    const result = run(data, { formula: 'y ~ x1 + x2 | unit', models: ['slx', 'sar'], draws: 4_000, covariance: 'classical' });
    const [slx, sar] = result.models;
    const { direct, indirect } = slx.effects!.variables[0];
    close(direct.estimate, slx.coefficients.find(({ term }) => term === 'x1')!.estimate, 1e-12);
    close(indirect.estimate, slx.coefficients.find(({ term }) => term === 'W(x1)')!.estimate, 1e-12);
    for (const { effects } of [slx, sar]) {
      for (const of of effects!.variables) close(of.direct.simulated!.standardError, of.direct.standardError, 0.06);
    }
  });
});

describe('moments', () => {
  test('roots of a cubic made from them', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }), (given) => {
        const [p, q, r] = [...given].sort((a, b) => a - b);
        if (q - p < 1e-3 || r - q < 1e-3) return;
        const roots = cubicRoots(2, -2 * (p + q + r), 2 * (p * q + p * r + q * r), -2 * p * q * r).sort((a, b) => a - b);
        expect(roots).toHaveLength(3);
        for (const [k, root] of [p, q, r].entries()) expect(Math.abs(roots[k] - root)).toBeLessThan(1e-6);
      }),
    );
  });

  test('no point of a grid is below the minimum', () => {
    const entry = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 9, maxLength: 9 }),
        fc.array(entry, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (g, target, variance) => {
          const full = new Matrix([g.slice(0, 3), g.slice(3, 6), g.slice(6, 9)]);
          full.set(0, 2, 1);
          const gamma = variance ? full : full.subMatrix(0, 2, 0, 1);
          const { rho, criterion, variances } = minimiseMoments({ gamma, target: Float64Array.from(target) }, null, 0.99);
          const value = (at: number, v: number) => {
            let sum = 0;
            for (let i = 0; i < 3; i++)
              sum += (gamma.get(i, 0) * at + gamma.get(i, 1) * at * at + (variance ? gamma.get(i, 2) * v : 0) - target[i]) ** 2;
            return sum;
          };
          close(value(rho, variances[0] ?? 0), criterion, 1e-8, 1 + criterion);
          for (let at = -0.99; at <= 0.99; at += 0.01)
            expect(value(at, variances[0] ?? 0)).toBeGreaterThanOrEqual(criterion - 1e-9 * (1 + criterion));
        },
      ),
    );
  });
});

describe('one job, however it is cut', () => {
  const params = {
    formula: 'y ~ x1 + x2 | unit | d ~ z + z2',
    models: ['sar', 'sdm', 'sarar'],
    draws: 50,
    bootstrap: { replications: 21 },
  };
  test.each(['wild', 'blocks'])('%s bootstrap', (method) => {
    const data = simulate(21, { periods: 3, side: 4 });
    const of = { ...params, bootstrap: { replications: 21, method } };
    const whole = bytesOf(data, of);
    const ones = (shards: readonly { first: number; count: number }[]) => {
      const total = shards.reduce((sum, { count }) => sum + count, 0);
      return Array.from({ length: total }, (_, first) => ({ first, count: 1 }));
    };
    expect(bytesOf(data, of, { recut: ones, order: (shards) => [...shards].reverse() })).toEqual(whole);
    const [{ bootstrap, coefficients }] = JSON.parse(new TextDecoder().decode(whole)).models;
    expect(bootstrap.used + bootstrap.failed).toBe(21);
    expect(bootstrap.coefficients.map(({ term }: { term: string }) => term)).toEqual(
      coefficients.map(({ term }: { term: string }) => term),
    );
  });

  test('bootstrap errors are near those of the formulas in a large panel', () => {
    const data = simulate(33, { periods: 4, side: 12, lambda: 0 });
    const [sar] = run(data, {
      formula: 'y ~ x1 + x2 | unit | d ~ z + z2',
      models: ['sar'],
      bootstrap: { replications: 399 },
    }).models;
    expect(sar.bootstrap!.failed).toBe(0);
    for (const [k, { standardError }] of sar.coefficients.entries()) {
      // 399 draws: 3.5 % each way, and clustered errors of 144 clusters some 6 %
      close(sar.bootstrap!.coefficients[k].standardError, standardError, 0.25);
    }
  });
});

describe('errors of all kinds', () => {
  test('spatial HAC: without links it is robust, with a kernel of ones within all it is not', () => {
    const data = simulate(2, { side: 7 });
    const kernel = lattice(7, 7, 'none');
    const far = { ...kernel, values: kernel.values.map(() => 1e-12) };
    const params = { formula: 'y ~ x1 + x2', models: ['sar'], weights: 'W' };
    const errors = (covariance: string, matrix: Weights) =>
      run(data, { ...params, covariance, ...(covariance === 'hac' ? { kernel: 'K' } : {}) }, [
        ['K', matrix],
      ]).models[0].coefficients.map(({ standardError }) => standardError);
    const [robust, none, near] = [
      errors('robust', kernel),
      errors('hac', far),
      errors('hac', { ...kernel, values: kernel.values.map(() => 0.3) }),
    ];
    for (const [k, value] of robust.entries()) close(none[k], value, 1e-9);
    expect(near[1]).not.toBeCloseTo(robust[1], 6);
  });

  test('unbalanced: the submatrix of each period, by hand', () => {
    const data = simulate(4, { periods: 3, side: 4 });
    const keep = data.panel.entity.codes.map((code, row) => (code === 5 && data.panel.time.codes[row] === 1 ? 0 : 1));
    const rows = [...keep.keys()].filter((row) => keep[row] === 1);
    const pick = (values: ArrayLike<number>) => rows.map((row) => values[row]);
    const panel = buildPanel({
      entity: { name: 'unit', values: rows.map((row) => data.panel.entity.labels[data.panel.entity.codes[row]]) },
      time: { name: 'period', values: rows.map((row) => data.panel.time.values[data.panel.time.codes[row]]) },
      columns: data.panel.columns.flatMap((column) =>
        column.kind === 'number' ? [{ name: column.name, values: pick(column.values) }] : [],
      ),
    });
    const formulaText = 'y ~ x1 + x2 | unit';
    expect(() => run({ panel, weights: data.weights }, { formula: formulaText, models: ['sar'] })).toThrow(
      /lacks its neighbour u0005 in 2/,
    );
    const result = run({ panel, weights: data.weights }, { formula: formulaText, models: ['sar'], unbalanced: 'submatrix' });
    expect(result.sample.cutLinks).toBeGreaterThan(0);
    expect(result.warnings.join(' ')).toMatch(/links lead to units without a row/);
    const stacked = stackWeights(data.weights, panel.entity.codes, panel.time.codes, 3, true).weights;
    const sums = spatialLag(stacked, new Float64Array(rows.length).fill(1));
    for (const sum of sums) close(sum, 1, 1e-12);
    expect(() => run({ panel, weights: data.weights }, { formula: 'y ~ x1 + x2', models: ['sar'], effects: 'random' })).toThrow(
      /lacks its neighbour/,
    );
  });
});

describe('bad input', () => {
  const data = simulate(1, { periods: 3, side: 4 });
  const problems = (
    params: object,
    weights: ReadonlyMap<string, unknown> = new Map([['W', { units: 16, normalisation: 'row' }]]),
  ) => {
    const parsed = gs2sls.params.parse(params);
    const info = {
      panel: {
        entity: { name: 'unit', count: 16 },
        time: { name: 'period', count: 3 },
        columns: ['y', 'x1', 'x2', 'd', 'z', 'z2'].map((name) => ({ name, kind: 'number' })),
        rows: 48,
      },
      weights,
    };
    return gs2sls.check(parsed, info as never).map(({ code, message, pointer }) => ({ code, message, pointer }));
  };
  const one = (params: object, code: string, words: RegExp, weights?: ReadonlyMap<string, unknown>) => {
    const found = problems(params, weights);
    expect(found.map((problem) => problem.code)).toContain(code);
    expect(found.find((problem) => problem.code === code)!.message).toMatch(words);
  };

  test('at the door', () => {
    expect(problems({ formula: 'y ~ x1 + x2 | unit' })).toEqual([]);
    one({ formula: 'y ~ x1' }, 'weights_needed', /spatial models need spatial weights/, new Map());
    one({ formula: 'y ~ x1', weights: 'V' }, 'unknown_weights', /no weights "V".*there are W/);
    one({ formula: 'y ~ x1 + W(x2)' }, 'lag_in_formula', /W\(x2\) has a spatial lag of its own/);
    one({ formula: 'y ~ 1 | d + x1 ~ z' }, 'too_few_instruments', /2 endogenous regressors need at least as many/);
    one({ formula: 'y ~ 1', models: ['sar'] }, 'no_instruments', /there are none/);
    one({ formula: 'y ~ x1', durbin: ['x3'] }, 'not_a_regressor', /x3 is not among the regressors x1/);
    one({ formula: 'y ~ x1 | unit', effects: 'random' }, 'random_and_fixed', /takes? a formula without absorbed effects/);
    one({ formula: 'y ~ x1', covariance: 'hac' }, 'kernel_needed', /need a kernel/);
    one({ formula: 'y ~ x1', covariance: 'hac', kernel: 'W' }, 'normalised_kernel', /is normalised \(row\)/);
    one({ formula: 'y ~ x1', cluster: 'regoin' }, 'unknown_column', /no column "regoin"/);
    one({ formula: 'y ~ x1', models: ['sarar'], unbalanced: 'submatrix' }, 'unbalanced_error', /without spatial errors/);
    one(
      { formula: 'y ~ x1 + d | d ~ z', models: ['sar'] },
      'term_twice',
      /d is an exogenous regressor and an endogenous regressor/,
    );
    one(
      { formula: 'y ~ x1' },
      'weights_mismatch',
      /have 9 units, and the data 16 entities/,
      new Map([['W', { units: 9, normalisation: 'row' }]]),
    );
  });

  const refused = (code: string, words: RegExp, params: object, of: Simulated = data) => {
    try {
      run(of, params);
    } catch (error) {
      expect(error).toBeInstanceOf(EstimationError);
      expect((error as EstimationError).code).toBe(code);
      expect((error as Error).message).toMatch(words);
      return;
    }
    throw new Error(`${code} was not refused`);
  };

  test('once the rows are there', () => {
    const other = lattice(4, 4);
    const mismatched = { ...other, labels: other.labels.map((label, k) => (k === 0 ? 'elsewhere' : label)) };
    refused('weights_mismatch', /"u0000".*"elsewhere"/, { formula: 'y ~ x1', models: ['sar'] }, { ...data, weights: mismatched });
    const empty = weightsFromLinks({ labels: other.labels, from: [], to: [], values: [], kind: 'none' });
    refused('no_links', /no link between units/, { formula: 'y ~ x1', models: ['sar'] }, { ...data, weights: empty });
    refused('moments_period_effects', /do not hold after period effects/, {
      formula: 'y ~ x1 | unit + period',
      models: ['sarar'],
      moments: 'heteroskedastic',
    });
    refused('constant_outcome', /does not vary within the effects/, { formula: 'I(y * 0) ~ x1 | unit', models: ['sar'] });
    refused('too_few_instruments', /2 endogenous regressors need/, {
      formula: 'y ~ 1 | d ~ z',
      models: ['sar'],
      instruments: { outsideOrder: 0 },
    });
  });

  test('WX that X makes up is named', () => {
    const { panel, weights } = data;
    const stacked = stackWeights(weights, panel.entity.codes, panel.time.codes, 3, true).weights;
    const x1 = (panel.columns.find(({ name }) => name === 'x1') as { values: Float64Array }).values;
    const extended = {
      ...panel,
      columns: [...panel.columns, { name: 'near', kind: 'number' as const, values: spatialLag(stacked, x1) }],
    };
    refused(
      'collinear_lag',
      /W\(x1\) is a combination of the regressors/,
      { formula: 'y ~ x1 + near', models: ['sdm'], durbin: ['x1'] },
      { panel: extended, weights },
    );
  });

  test('weights themselves: negative, not a number, own neighbour, not square', () => {
    const read = (text: string, options: object) =>
      weightsFromFile(new TextEncoder().encode(text), weightsOptions.parse(options));
    const edge = { kind: 'edge-list' };
    expect(() => read('from,to,w\na,b,-1\nb,a,1', edge)).toThrow(InputError);
    expect(() => read('from,to,w\na,b,NaN\nb,a,1', edge)).toThrow(InputError);
    expect(() => read('from,to,w\na,a,1\nb,a,1', edge)).toThrow(InputError);
    expect(() => read('0,1,0\n1,0,1', { kind: 'matrix', labels: 'none' })).toThrow(InputError);
    expect(() => read('from,to,w\na,b,1\nb,a,1\nc,,', edge)).toThrow(/no neighbour/);
  });
});
