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

/** y = (I − 0.4W)⁻¹(x + 0.5Wx + unit + period + ε), N = 30, T = 7; the effects move with x. */
function sample(weights: Weights, seed: number) {
  const n = weights.labels.length;
  const stream = new PhiloxStream(2_000 + seed, 0);
  const normals = (count: number) => {
    const x = new Float64Array(count);
    stream.normals(x);
    return x;
  };
  const unit = normals(n);
  const period = normals(7);
  const rows = Array.from({ length: 7 }, (_, t) => {
    const x = normals(n).map((value, i) => value + 0.5 * unit[i] + 0.5 * period[t]);
    const wx = spatialLag(weights, x);
    const e = normals(n);
    const y = spatialInverse(
      weights,
      x.map((value, i) => truth.beta * value + truth.theta * wx[i] + unit[i] + period[t] + e[i]),
      truth.rho,
    );
    return weights.labels.map((label, i) => ({ label, t, y: y[i], x: x[i] }));
  }).flat();
  return buildPanel({
    entity: { name: 'unit', values: rows.map(({ label }) => label) },
    time: { name: 'period', values: rows.map(({ t }) => t + 1) },
    columns: (['y', 'x'] as const).map((name) => ({ name, values: rows.map((row) => row[name]) })),
  });
}

function run(weights: Weights, seed: number, effects: string, approach: string): SpatialMlResult['models'][0] {
  const spec = makeSpec(
    registry,
    {
      analysis: 'spatial-ml',
      dataset: 'simulated',
      seed: 1,
      params: { formula: `y ~ x | ${effects}`, models: ['sdm'], approach, draws: 0 },
    },
    'test',
  );
  const { result } = runLocally(registry, spec, { panel: sample(weights, seed), weights: new Map([['W', weights]]) });
  return JSON.parse(new TextDecoder().decode(result)).models[0];
}

const replications = 1_000;
const terms = { x: 'beta', 'W(x)': 'theta', 'W(y)': 'rho' } as const;

/** Means and shares of 95 % intervals that hold the truth. */
function behaviour(weights: Weights, effects: string, approach: string) {
  const covered = { beta: 0, theta: 0, rho: 0 };
  const mean = { beta: 0, theta: 0, rho: 0 };
  for (let seed = 0; seed < replications; seed++) {
    for (const { term, estimate, lower, upper } of run(weights, seed, effects, approach).coefficients) {
      const name = terms[term as keyof typeof terms];
      mean[name] += estimate! / replications;
      if (lower! <= truth[name] && truth[name] <= upper!) covered[name] += 1 / replications;
    }
  }
  return { covered, mean };
}

// the standard error of a share of 0.95 among 1,000 is 0.007; a band is its share and three of these on both sides, or more
describe('SDM with entity and time effects, N = 30, T = 7', () => {
  const weights = lattice(5, 6);

  test('the transformation: hardly any bias, and intervals that cover', () => {
    const { covered, mean } = behaviour(weights, 'unit + period', 'transformation');
    for (const share of Object.values(covered)) {
      expect(share).toBeGreaterThan(0.92);
      expect(share).toBeLessThan(0.97);
    }
    expect(Math.abs(mean.rho - truth.rho)).toBeLessThan(0.025);
    expect(Math.abs(mean.theta - truth.theta)).toBeLessThan(0.035);
    expect(Math.abs(mean.beta - truth.beta)).toBeLessThan(0.01);
  });

  test('direct: ρ a quarter too small, θ too large, and intervals that miss', () => {
    const { covered, mean } = behaviour(weights, 'unit + period', 'direct');
    expect(mean.rho).toBeGreaterThan(0.24);
    expect(mean.rho).toBeLessThan(0.34);
    expect(mean.theta).toBeGreaterThan(0.58);
    expect(covered.beta).toBeLessThan(0.93);
    expect(covered.theta).toBeLessThan(0.91);
    expect(covered.rho).toBeLessThan(0.85);
    expect(covered.rho).toBeGreaterThan(0.7);
  });

  test('bias-corrected: between the two', () => {
    const { covered, mean } = behaviour(weights, 'unit + period', 'bias-corrected');
    expect(mean.rho).toBeGreaterThan(0.345);
    expect(covered.rho).toBeGreaterThan(0.84);
    expect(covered.rho).toBeLessThan(0.94);
  });
});
