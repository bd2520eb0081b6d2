import {
  buildPanel,
  makeRegistry,
  makeSpec,
  PhiloxStream,
  runLocally,
  type SpatialMlResult,
  spatialInverse,
  spatialLag,
  spatialMl,
  stackWeights,
  type Weights,
  weightsFromFile,
  weightsOptions,
} from '@spillway/core';

/** What the transformation of Lee & Yu promises in short panels, and direct estimates do not keep, by simulation. */
const registry = makeRegistry([spatialMl]);

/** Queen moves on rows × columns. */
function lattice(rows: number, columns: number): Weights {
  const label = (r: number, c: number) => `u${String(r * columns + c).padStart(3, '0')}`;
  const lines = ['from,to'];
  for (let cell = 0; cell < rows * columns; cell++) {
    const [r, c] = [Math.floor(cell / columns), cell % columns];
    for (const [dr, dc] of [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [a, b]))) {
      const [y, x] = [r + dr, c + dc];
      if ((dr !== 0 || dc !== 0) && y >= 0 && x >= 0 && y < rows && x < columns) lines.push(`${label(r, c)},${label(y, x)}`);
    }
  }
  return weightsFromFile(new TextEncoder().encode(lines.join('\n')), weightsOptions.parse({ kind: 'edge-list' }));
}

const truth = { beta: 1, theta: 0.5, rho: 0.4 };

interface Design {
  /** x and the errors are AR(serial) within units */
  readonly serial?: number;
  /** share of rows that are not there */
  readonly missing?: number;
}

/** y = (I − 0.4W)⁻¹(x + 0.5Wx + unit + period + ε), N units, T = 7; the effects move with x. */
function sample(weights: Weights, seed: number, { serial = 0, missing = 0 }: Design) {
  const n = weights.labels.length;
  const stream = new PhiloxStream(2_000 + seed, 0);
  const normals = (count: number) => {
    const x = new Float64Array(count);
    stream.normals(x);
    return x;
  };
  const unit = normals(n);
  const period = normals(7);
  const fresh = Math.sqrt(1 - serial * serial);
  let [z, e] = [normals(n), normals(n)];
  const there: { i: number; t: number; x: number; fixed: number }[] = [];
  for (let t = 0; t < 7; t++) {
    const [newZ, newE] = [normals(n), normals(n)];
    z = z.map((value, i) => serial * value + fresh * newZ[i]);
    e = e.map((value, i) => serial * value + fresh * newE[i]);
    const u = new Float64Array(n);
    stream.uniforms(u);
    for (let i = 0; i < n; i++) {
      if (u[i] >= missing) there.push({ i, t, x: z[i] + 0.5 * unit[i] + 0.5 * period[t], fixed: unit[i] + period[t] + e[i] });
    }
  }
  // each period's W is that of the units there are
  const codes = (of: 'i' | 't') => Uint32Array.from(there, (row) => row[of]);
  const w = stackWeights(weights, codes('i'), codes('t'), 7, true).weights;
  const x = Float64Array.from(there, (row) => row.x);
  const wx = spatialLag(w, x);
  const y = spatialInverse(
    w,
    x.map((value, k) => truth.beta * value + truth.theta * wx[k] + there[k].fixed),
    truth.rho,
  );
  const rows = there.map(({ i, t }, k) => ({ label: weights.labels[i], t, y: y[k], x: x[k] }));
  return buildPanel({
    entity: { name: 'unit', values: rows.map(({ label }) => label) },
    time: { name: 'period', values: rows.map(({ t }) => t + 1) },
    columns: (['y', 'x'] as const).map((name) => ({ name, values: rows.map((row) => row[name]) })),
  });
}

function run(weights: Weights, seed: number, params: object, design: Design): SpatialMlResult['models'][0] {
  const spec = makeSpec(
    registry,
    { analysis: 'spatial-ml', dataset: 'simulated', seed: 1, params: { models: ['sdm'], draws: 0, ...params } },
    'test',
  );
  const { result } = runLocally(registry, spec, { panel: sample(weights, seed, design), weights: new Map([['W', weights]]) });
  return JSON.parse(new TextDecoder().decode(result)).models[0];
}

const both = 'y ~ x | unit + period';
const replications = 1_000;
const terms = { x: 'beta', 'W(x)': 'theta', 'W(y)': 'rho' } as const;

/** Means and shares of 95 % intervals that hold the truth. */
function behaviour(weights: Weights, params: object, design: Design = {}, count = replications) {
  const covered = { beta: 0, theta: 0, rho: 0 };
  const mean = { beta: 0, theta: 0, rho: 0 };
  for (let seed = 0; seed < count; seed++) {
    for (const { term, estimate, lower, upper } of run(weights, seed, params, design).coefficients) {
      const name = terms[term as keyof typeof terms];
      mean[name] += estimate! / count;
      if (lower! <= truth[name] && truth[name] <= upper!) covered[name] += 1 / count;
    }
  }
  return { covered, mean };
}

// the standard error of a share of 0.95 among 1,000 is 0.007; three of these on both sides are 0.022
describe('SDM with entity and time effects, N = 30, T = 7', () => {
  const weights = lattice(5, 6);

  test('the transformation: hardly any bias, and intervals that cover', () => {
    const { covered, mean } = behaviour(weights, { formula: both, approach: 'transformation' });
    for (const share of Object.values(covered)) expect(Math.abs(share - 0.95)).toBeLessThan(0.022);
    // what is left of the bias is of higher order: less than a third of that of direct estimates
    const direct = behaviour(weights, { formula: both, approach: 'direct' }).mean;
    for (const name of ['rho', 'theta'] as const)
      expect(Math.abs(mean[name] - truth[name])).toBeLessThan(Math.abs(direct[name] - truth[name]) / 3);
    expect(Math.abs(mean.beta - truth.beta)).toBeLessThan(0.01);
  });

  test('direct: ρ a quarter too small, θ too large, and intervals that miss', () => {
    const { covered, mean } = behaviour(weights, { formula: both, approach: 'direct' });
    expect(mean.rho).toBeGreaterThan(0.24);
    expect(mean.rho).toBeLessThan(0.34);
    expect(mean.theta).toBeGreaterThan(0.58);
    expect(covered.beta).toBeLessThan(0.93);
    expect(covered.theta).toBeLessThan(0.91);
    expect(covered.rho).toBeLessThan(0.85);
    expect(covered.rho).toBeGreaterThan(0.7);
  });

  test('bias-corrected: between the two', () => {
    const { covered, mean } = behaviour(weights, { formula: both, approach: 'bias-corrected' });
    expect(mean.rho).toBeGreaterThan(0.345);
    expect(covered.rho).toBeGreaterThan(0.84);
    expect(covered.rho).toBeLessThan(0.94);
  });

  test('a seventh of the rows missing: direct estimates are as bad, corrected ones hardly biased', () => {
    const params = { formula: both, unbalanced: 'submatrix' };
    const direct = behaviour(weights, { ...params, approach: 'direct' }, { missing: 0.15 }, 100);
    const corrected = behaviour(weights, params, { missing: 0.15 }, 100);
    expect(direct.mean.rho).toBeLessThan(0.36);
    expect(Math.abs(corrected.mean.rho - truth.rho)).toBeLessThan(0.04);
    expect(Math.abs(corrected.mean.theta - truth.theta)).toBeLessThan(0.08);
  });
});

test('errors and regressors that last: clustered intervals cover, those of the information do not', () => {
  const weights = lattice(8, 8);
  const params = { formula: both };
  const plain = behaviour(weights, params, { serial: 0.7 }, 300);
  const clustered = behaviour(weights, { ...params, covariance: 'cluster' }, { serial: 0.7 }, 300);
  expect(plain.covered.beta).toBeLessThan(0.88);
  // 300 replications: 0.013
  for (const share of Object.values(clustered.covered)) expect(share).toBeGreaterThan(0.9);
  expect(clustered.covered.beta).toBeLessThan(0.985);
});
