import {
  conventionsOf,
  estimateThreshold,
  type Kernel,
  makeReplicator,
  makeSpec,
  PhiloxStream,
  prepareStage,
  registry,
  runLocally,
  summarizePanel,
  type ThresholdSample,
  threshold,
  typescriptKernel,
} from '@spillway/core';
import { alike, simulateDesign } from '../harness/threshold-designs.js';

/*
 * What the bootstrap reads and holds, counted: linear in rows and in replications, and memory that replications do not touch but for
 * the distribution they leave.
 */

function simulate(entities: number, periods: number, slopes: number, regime: number): ThresholdSample {
  const draws = new PhiloxStream(7, 0);
  const rows = entities * periods;
  const variable = (name: string) => ({ name, values: Float64Array.from({ length: rows }, () => draws.normal()) });
  const range = (length: number) => Array.from({ length }, (_, i) => String(i));
  return {
    rows,
    entities,
    periods,
    balanced: true,
    entity: Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / periods)),
    entityLabels: range(entities),
    time: Uint32Array.from({ length: rows }, (_, row) => row % periods),
    timeLabels: range(periods),
    timeEffects: false,
    outcome: variable('y'),
    regressors: range(slopes - regime).map(variable),
    regimeRegressors: range(regime).map((name) => variable(`r${name}`)),
    threshold: variable('q'),
    dropped: [],
  };
}

function prepare(entities: number, regime = 1, periods = 10, slopes = 4) {
  const options = {
    thresholdCount: 1,
    trims: [0.05],
    conventions: conventionsOf({ program: 'spillway', grid: null, lastPeriod: null, scale: null }),
    given: [],
  };
  const fit = estimateThreshold(simulate(entities, periods, slopes, regime), options);
  return { stage: prepareStage(fit.stages[0].stage), residuals: fit.linear.residuals, denominator: fit.denominator };
}

type Group = Parameters<Kernel['steps']>[0];

/** Entries of an array that are read, one by one. */
function counted(array: Float64Array, count: () => void): Float64Array {
  return new Proxy(array, {
    get(target, key) {
      if (typeof key === 'string' && key >= '0' && key <= '9~') count();
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The TypeScript kernel, counting reads of the walk (r in threshold order), of the basis, and of C at candidates looked into. */
function counting() {
  const reads = { walk: 0, basis: 0, sums: 0 };
  const kernel: Kernel = {
    ...typescriptKernel(),
    steps: (group: Group) =>
      typescriptKernel().steps({
        ...group,
        regimeAt: counted(group.regimeAt, () => reads.walk++),
        basis: counted(group.basis, () => reads.basis++),
        sums: counted(group.sums, () => reads.sums++),
      }),
  };
  return { kernel, reads };
}

const methods = ['residual-blocks', 'wild-entity'] as const;

/** Reads of so many replications. */
function readsOf(prepared: ReturnType<typeof prepare>, method: (typeof methods)[number], replications: number) {
  const { kernel, reads } = counting();
  const replicator = makeReplicator(prepared.stage, { ...prepared, method, seed: 3, stream: 0, expected: 1 }, kernel);
  reads.walk = reads.basis = reads.sums = 0;
  replicator.run(0, replications, () => {});
  return reads;
}

for (const method of methods) {
  test(`${method}: reads a replication grow no faster than rows`, () => {
    const B = 32;
    const sizes = [40, 80, 160, 320].map((entities) => {
      const prepared = prepare(entities);
      return { rows: prepared.stage.rows, ...readsOf(prepared, method, B) };
    });
    for (const { rows, walk, basis, sums } of sizes) {
      // Four lanes share a read of the walk; what is looked into again is a small part of the rows.
      expect(walk / B).toBeLessThanOrEqual(rows);
      expect(walk / B).toBeGreaterThan(rows / 16);
      // Two lanes share a read of the basis, 4 columns here; the wild bootstrap has its products by entity.
      expect(basis).toBe(method === 'residual-blocks' ? (B / 2) * 4 * rows : 0);
      expect(sums / B).toBeLessThanOrEqual(4 * rows);
    }
    for (const kind of ['walk', 'sums'] as const) {
      const [first, ...larger] = sizes.map((size) => size[kind] / size.rows);
      for (const perRow of larger) expect(perRow).toBeLessThanOrEqual(1.1 * first);
    }
  });

  test(`${method}: with several regime regressors few candidates are evaluated`, () => {
    for (const regime of [2, 3]) {
      const prepared = prepare(160, regime);
      const { dimension: k, stride, ends } = prepared.stage;
      const { walk, sums } = readsOf(prepared, method, 32);
      const evaluated = sums / (32 * k * stride);
      expect(evaluated).toBeGreaterThan(0);
      expect(evaluated).toBeLessThan(ends.length / 20);
      expect(walk / 32).toBeLessThanOrEqual(k * prepared.stage.rows);
    }
  });

  test(`${method}: reads are proportional to replications`, () => {
    const prepared = prepare(60);
    const [few, many] = [64, 512].map((B) => readsOf(prepared, method, B));
    expect(many.basis).toBe(8 * few.basis);
    for (const kind of ['walk', 'sums'] as const) {
      expect(many[kind]).toBeGreaterThan(8 * few[kind] * 0.9);
      expect(many[kind]).toBeLessThan(8 * few[kind] * 1.1);
    }
  });

  test(`${method}: memory is of the rows, not of the replications`, () => {
    const bytes = (prepared: ReturnType<typeof prepare>, expected: number) => {
      let total = 0;
      const kernel: Kernel = {
        ...typescriptKernel(),
        buffer(size) {
          total += size;
          return new ArrayBuffer(size);
        },
      };
      const replicator = makeReplicator(prepared.stage, { ...prepared, method, seed: 3, stream: 0, expected }, kernel);
      const f = replicator.run(0, 5_000, () => {});
      expect(f.buffer.byteLength).toBe(8 * 5_000);
      return total;
    };
    const small = prepare(50);
    expect(bytes(small, 1_000_000)).toBe(bytes(small, 10_000));
    const [plain, twice] = [small, prepare(100)].map((prepared) => bytes(prepared, 1));
    expect(twice).toBeLessThan(2.1 * plain);
  });
}

test('a result and a plan do not grow with the replications, and a part by eight bytes each', () => {
  const panel = simulateDesign(1, alike);
  const asked = (replications: number) => {
    const request = { formula: 'y ~ x | unit', thresholdVariable: 'q', regimeRegressors: ['r'], bootstrap: { replications } };
    return makeSpec(registry, { analysis: 'threshold', dataset: 'simulated', params: request, seed: 1 }, 'test');
  };
  const size = (B: number) => runLocally(registry, asked(B), { panel }).result.length;
  expect(Math.abs(size(9_999) - size(999))).toBeLessThan(500); // digits of counts and p-values
  const spec = asked(9_999);
  const params = threshold.params.parse(spec.params);
  const { context } = threshold.plan(params, { panel }, 1);
  const part = threshold.run(params, { panel }, context, { first: 0, count: 1_234 }, () => {}, 1);
  expect(part.f.buffer.byteLength).toBe(8 * 1_234);
});

test('the estimate of a job grows linearly in its replications', () => {
  const panel = simulateDesign(1, alike);
  const seconds = (replications: number) => {
    const request = { formula: 'y ~ x | unit', thresholdVariable: 'q', regimeRegressors: ['r'], timeEffectsCheck: false };
    return threshold.cost(threshold.params.parse({ ...request, bootstrap: { replications } }), { panel: summarizePanel(panel) })
      .cpuSeconds;
  };
  const slope = (a: number, b: number) => (seconds(b) - seconds(a)) / (b - a);
  expect(slope(9_999, 99_999) / slope(999, 9_999)).toBeCloseTo(1, 6);
});
