import {
  buildPanel,
  type Gs2slsResult,
  gs2sls,
  makeRegistry,
  makeSpec,
  PhiloxStream,
  runLocally,
  spatialInverse,
  type Weights,
  weightsFromFile,
  weightsOptions,
} from '@spillway/core';

/** What the errors and tests of spatial two-stage least squares promise, by simulation. */
const registry = makeRegistry([gs2sls]);

function lattice(side: number): Weights {
  const label = (r: number, c: number) => `u${String(r * side + c).padStart(4, '0')}`;
  const lines = ['from,to'];
  for (let cell = 0; cell < side * side; cell++) {
    const [r, c] = [Math.floor(cell / side), cell % side];
    for (const [dr, dc] of [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [a, b]))) {
      const [y, x] = [r + dr, c + dc];
      if ((dr !== 0 || dc !== 0) && y >= 0 && x >= 0 && y < side && x < side) lines.push(`${label(r, c)},${label(y, x)}`);
    }
  }
  return weightsFromFile(new TextEncoder().encode(lines.join('\n')), weightsOptions.parse({ kind: 'edge-list' }));
}

/** y = (I − 0.4W)⁻¹(1 + x₁ − x₂ + unit + u), u = (I − λW)⁻¹ε, Var ε rising with x₁. */
function sample(weights: Weights, seed: number, periods: number, lambda: number) {
  const n = weights.labels.length;
  const stream = new PhiloxStream(1_000 + seed, 0);
  const normals = () => {
    const x = new Float64Array(n);
    stream.normals(x);
    return x;
  };
  const unit = periods > 1 ? normals() : new Float64Array(n);
  const rows = Array.from({ length: periods }, (_, t) => {
    const [x1, x2] = [normals(), normals()];
    const u = spatialInverse(
      weights,
      normals().map((e, i) => e * Math.exp(0.3 * x1[i])),
      lambda,
    );
    const y = spatialInverse(
      weights,
      x1.map((value, i) => 1 + value - x2[i] + unit[i] + u[i]),
      0.4,
    );
    return weights.labels.map((label, i) => ({ label, t, y: y[i], x1: x1[i], x2: x2[i] }));
  }).flat();
  return buildPanel({
    entity: { name: 'unit', values: rows.map(({ label }) => label) },
    time: { name: 'period', values: rows.map(({ t }) => t + 1) },
    columns: (['y', 'x1', 'x2'] as const).map((name) => ({ name, values: rows.map((row) => row[name]) })),
  });
}

function models(weights: Weights, seed: number, periods: number, lambda: number, params: object): Gs2slsResult['models'] {
  const spec = makeSpec(registry, { analysis: 'gs2sls', dataset: 'simulated', seed, params: { draws: 0, ...params } }, 'test');
  const panel = sample(weights, seed, periods, lambda);
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel, weights: new Map([['W', weights]]) }).result))
    .models;
}

const share = (of: readonly boolean[]) => of.filter(Boolean).length / of.length;
const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;

// shares of 200 draws of .95 have a standard deviation of .0154: three of them, and two points for a sample that is not large
const trials = Array.from({ length: 200 }, (_, seed) => seed);

test('heteroskedastic SARAR: intervals of ρ, λ and a slope cover', () => {
  const weights = lattice(22);
  const covered = trials.map((seed) => {
    const [{ coefficients, lambda }] = models(weights, seed, 1, 0.3, {
      formula: 'y ~ x1 + x2',
      models: 'sarar',
      covariance: 'robust',
    });
    const inside = (of: { lower: number; upper: number }, truth: number) => of.lower < truth && truth < of.upper;
    return [inside(coefficients[0], 0.4), inside(lambda!, 0.3), inside(coefficients[1], 1)];
  });
  for (const k of [0, 1, 2]) {
    const found = share(covered.map((row) => row[k]));
    expect(found).toBeGreaterThan(0.89);
    expect(found).toBeLessThan(0.99);
  }
});

test('fixed effects: Anselin–Kelejian has its size, clustered intervals cover, bootstrap errors are theirs', () => {
  const weights = lattice(12);
  const runs = trials.map((seed) => {
    const [model] = models(weights, seed, 4, 0, {
      formula: 'y ~ x1 + x2 | unit',
      models: 'sar',
      bootstrap: { replications: seed < 60 ? 99 : 0 },
    });
    return model;
  });
  expect(share(runs.map(({ anselinKelejian }) => anselinKelejian!.pValue < 0.05))).toBeLessThan(0.1);
  expect(share(runs.map(({ coefficients: [rho] }) => rho.lower < 0.4 && 0.4 < rho.upper))).toBeGreaterThan(0.89);
  const drawn = runs.filter(({ bootstrap }) => bootstrap !== null);
  for (const k of [0, 1, 2]) {
    const ratio = mean(
      drawn.map(({ bootstrap, coefficients }) => bootstrap!.coefficients[k].standardError / coefficients[k].standardError),
    );
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  }
});

test('Anselin–Kelejian sees spatial errors', () => {
  const weights = lattice(12);
  const rejected = trials.slice(0, 60).map((seed) => {
    const [{ anselinKelejian }] = models(weights, seed, 4, 0.5, { formula: 'y ~ x1 + x2 | unit', models: 'sar' });
    return anselinKelejian!.pValue < 0.05;
  });
  expect(share(rejected)).toBeGreaterThan(0.5);
});
