import { spawnSync } from 'node:child_process';
import {
  ascendingOrder,
  type BootstrapMethod,
  type Kernel,
  makeBins,
  makeReplicator,
  orthonormalBasis,
  PhiloxStream,
  type PreparedStage,
  prepareStage,
  typescriptKernel,
  type WildWeights,
  webassemblyKernel,
} from '@spillway/core';
import fc from 'fast-check';

interface Case {
  readonly stage: PreparedStage;
  readonly residuals: Float64Array;
  /** what regressors as they are multiply, where that is not the residuals */
  readonly scores?: Float64Array;
}

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  /** distinct values that q is rounded to: ties */
  readonly ties: number;
  readonly regressors: number;
  readonly regime: number;
  readonly unbalanced: boolean;
  /** a threshold already in the model: r·1(q ≤ 0) is among the regressors, and its neighbourhood is no candidate */
  readonly fixed: boolean;
  /**
   * the last regime regressor: of its own; nearly a combination of the first and itself; or the first again (zero, when there is
   * one) wherever q ≤ −0.4, so that no candidate there is identified
   */
  readonly last: 'own' | 'near' | 'again';
  /** regressors as they are multiply something else than residuals */
  readonly scored: boolean;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 5, max: 40 }),
  periods: fc.integer({ min: 3, max: 12 }),
  ties: fc.constantFrom(4, 20, 1000),
  regressors: fc.integer({ min: 1, max: 4 }),
  regime: fc.constant(1),
  unbalanced: fc.boolean(),
  fixed: fc.boolean(),
  last: fc.constantFrom('own', 'own', 'near', 'again'),
  scored: fc.boolean(),
});

function simulate({ seed, entities, periods, ties, regressors, regime, unbalanced, fixed, last, scored }: Shape): Case {
  const draws = new PhiloxStream(seed, 78);
  const lengths = Array.from({ length: entities }, () => (unbalanced ? periods + draws.below(3) : periods));
  const entity = Uint32Array.from(lengths.flatMap((T, i) => new Array<number>(T).fill(i)));
  const rows = entity.length;
  const normals = () => Float64Array.from({ length: rows }, () => draws.normal());
  const within = (column: Float64Array) => {
    const sums = new Float64Array(entities);
    for (let row = 0; row < rows; row++) sums[entity[row]] += column[row];
    return column.map((value, row) => value - sums[entity[row]] / lengths[entity[row]]);
  };
  const q = normals().map((value) => Math.round(value * ties) / ties);
  const r = Array.from({ length: regime }, normals);
  const first = regime === 1 ? new Float64Array(rows) : r[0];
  const alike = (value: number, row: number) =>
    last === 'near' ? first[row] + 1e-3 * value : q[row] <= -0.4 ? first[row] : value;
  if (last !== 'own') r.push(r.pop()!.map(alike));
  const below = fixed ? r.map((column) => column.map((value, row) => (q[row] <= 0 ? value : 0))) : [];
  const columns = [...r, ...below, ...Array.from({ length: regressors }, normals)].map(within);
  const order = Uint32Array.from(q.keys()).sort((a, b) => q[a] - q[b] || a - b);
  const least = Math.ceil(rows / 10);
  const ends = Array.from(order.keys()).filter((place) => {
    const value = q[order[place]];
    const far = place + 1 >= least && rows - place - 1 >= least;
    return far && q[order[place + 1]] > value && !(fixed && Math.abs(value) < 0.2);
  });
  const candidates = Uint32Array.from(ends);
  const basis = orthonormalBasis(columns).basis;
  const stage = prepareStage({
    rows,
    entities,
    entity,
    basis: Float64Array.from(basis.flatMap((column) => [...column])),
    regime: Float64Array.from(r.flatMap((column) => [...column])),
    order: order.slice(0, candidates[candidates.length - 1] + 1),
    ends: candidates,
  });
  const spread = Array.from({ length: entities }, () => 0.2 + draws.uniform());
  const errors = () => within(normals().map((value, row) => value * spread[entity[row]]));
  return { stage, residuals: errors(), ...(scored ? { scores: errors() } : {}) };
}

interface Draw {
  readonly method: BootstrapMethod;
  readonly weighting: WildWeights;
  /** a bin's sums are taken entity by entity */
  readonly byEntity: boolean;
}

const draws: readonly Draw[] = [
  { method: 'residual-blocks', weighting: 'rademacher', byEntity: false },
  { method: 'residual-blocks', weighting: 'rademacher', byEntity: true },
  { method: 'wild-entity', weighting: 'rademacher', byEntity: false },
  { method: 'wild-entity', weighting: 'mammen', byEntity: false },
  { method: 'wild-entity', weighting: 'webb', byEntity: false },
];

const denominator = 100;

/** F* of a replication with every candidate evaluated, one after another: what the kernels do without their short cuts. */
function textbook(
  { stage, residuals: e, scores = e }: Case,
  { method, weighting, byEntity }: Draw,
  stream: PhiloxStream,
  b: number,
): number {
  const { entities: n, rows, starts, width, stride, dimension: k, basis, regime, order, ends, sums, whiteners, entity } = stage;
  const length = (i: number) => starts[i + 1] - starts[i];
  const all = Array.from({ length: n }, (_, i) => i);
  const own = (i: number, j: number, donor: number) => {
    let sum = 0;
    for (let t = 0; t < length(i); t++) sum += basis[j * rows + starts[i] + t] * e[starts[donor] + t];
    return sum;
  };
  const squares = (i: number) => e.subarray(starts[i], starts[i + 1]).reduce((sum, value) => sum + value * value, 0);

  stream.seek(b);
  const blocks = method === 'residual-blocks';
  const donors = all.map((i) => {
    if (!blocks) return i;
    const alike = all.filter((other) => length(other) === length(i));
    return alike[stream.below(alike.length)];
  });
  const weights = all.map(() => {
    if (blocks) return 1;
    return weighting === 'rademacher' ? stream.rademacher() : weighting === 'mammen' ? stream.mammen() : stream.webb();
  });
  const projected = Float64Array.from({ length: stride }, (_, j) =>
    j < width ? all.reduce((sum, i) => sum + weights[i] * own(i, j, donors[i]), 0) : 0,
  );
  let ssrNull = all.reduce((sum, i) => sum + weights[i] * weights[i] * squares(donors[i]), 0);
  for (const value of projected) ssrNull -= value * value;

  // zₗᵀe*, row after row in threshold order; or bin after bin, the rows of a bin in the order of the panel
  const term = (row: number, l: number) => {
    const i = entity[row];
    return weights[i] * (regime[l * rows + row] * scores[starts[donors[i]] + row - starts[i]]);
  };
  const bins = makeBins(stage, byEntity);
  const running = new Float64Array(k);
  const atEnd = new Float64Array(k);
  let best = 0;
  for (let place = 0, candidate = 0, bin = 0; candidate < ends.length; place++) {
    for (let l = 0; l < k; l++) running[l] += term(order[place], l);
    if (ends[candidate] !== place) continue;
    if (byEntity && bins.end[bin] === place) {
      const rowsOfBin = order.subarray(bin === 0 ? 0 : bins.end[bin - 1] + 1, place + 1).toSorted();
      for (let l = 0; l < k; l++) {
        atEnd[l] = rowsOfBin.reduce((sum, row) => sum + term(row, l), 0) + atEnd[l];
        running[l] = atEnd[l];
      }
      bin++;
    }
    let fall = 0;
    for (let l = 0, w = (candidate * k * (k + 1)) / 2; l < k; l++) {
      let white = 0;
      for (let m = 0; m <= l; m++, w++) {
        let c = 0;
        for (let j = 0; j < stride; j++) c += sums[(candidate * k + m) * stride + j] * projected[j];
        white += whiteners[w] * (running[m] - c);
      }
      fall += white * white;
    }
    best = Math.max(best, fall);
    candidate++;
  }
  return best / ((ssrNull - best) / denominator);
}

const kernels: readonly (readonly [string, () => Kernel | null])[] = [
  ['typescript', typescriptKernel],
  ['webassembly', webassemblyKernel],
];

test('this machine and this build have the WebAssembly kernel', () => {
  expect(webassemblyKernel()).not.toBeNull();
});

/** F* of some replications by each kernel, and by the search that leaves nothing out. */
function expectSameBits(simulated: Case, draw: Draw, seed: number, first: number, count: number, many: boolean): void {
  const stream = new PhiloxStream(seed, 5);
  const wanted = Array.from({ length: count }, (_, b) => textbook(simulated, draw, stream, first + b));
  for (const [, kernel] of kernels) {
    const { method, weighting, byEntity } = draw;
    const { residuals, scores, stage } = simulated;
    const options = {
      residuals,
      scores,
      method,
      weighting,
      seed,
      stream: 5,
      denominator,
      expected: many ? 10_000 : count, // with and without the table of pairs
      largeFrom: byEntity ? 0 : Number.POSITIVE_INFINITY,
    };
    const replicator = makeReplicator(stage, options, kernel()!);
    expect(Array.from(replicator.run(first, count, () => {}))).toEqual(wanted);
  }
}

for (const draw of draws) {
  const name = `${draw.method}${draw.method === 'wild-entity' ? `, ${draw.weighting}` : ''}${draw.byEntity ? ', bins by entity' : ''}`;
  const cases = fc.record({
    shape: shapes,
    first: fc.nat({ max: 1000 }),
    count: fc.integer({ min: 1, max: 19 }),
    many: fc.boolean(),
  });
  for (const regime of [1, 2, 3, 4]) {
    test(`both kernels give the bits of an unpruned search: ${name}, regime regressors ${regime}`, () => {
      fc.assert(
        fc.property(cases, ({ shape, first, count, many }) => {
          expectSameBits(simulate({ ...shape, regime }), draw, 2 ** 40 + shape.seed, first, count, many);
        }),
        { numRuns: regime === 4 ? 15 : 45 },
      );
    });
  }

  test(`the same on a panel most of whose bins are left out: ${name}`, () => {
    for (const regime of [1, 2, 3]) {
      for (const unbalanced of [false, true]) {
        const shape = { seed: 9, entities: 180, periods: 12, ties: 1000, regressors: 2, fixed: false, scored: false };
        expectSameBits(simulate({ ...shape, regime, unbalanced, last: 'own' }), draw, 2 ** 33 + regime, 3, 10, false);
      }
    }
  });
}

test('candidates that are not identified are among the cases, of one and of several regime regressors', () => {
  for (const regime of [1, 2, 3]) {
    const shape = {
      seed: 3,
      entities: 30,
      periods: 8,
      ties: 1000,
      regressors: 2,
      unbalanced: false,
      fixed: false,
      scored: false,
    };
    const { unidentified, ends } = simulate({ ...shape, regime, last: 'again' }).stage;
    expect(unidentified).toBeGreaterThan(10);
    expect(unidentified).toBeLessThan(ends.length);
  }
});

test('a machine without WebAssembly or its SIMD computes the same in TypeScript', () => {
  // A core of its own for each, loaded in a process that hides what the machine has.
  const load = (hidden: string) => {
    const script = `${hidden};
      const { fastestKernel, webassemblyKernel } = await import(${JSON.stringify(new URL('../../packages/core/dist/index.js', import.meta.url).href)});
      process.stdout.write(JSON.stringify([webassemblyKernel() === null, fastestKernel().unit]));`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };
  expect(load('')).toEqual([false, 8]);
  expect(load('delete globalThis.WebAssembly')).toEqual([true, 1]);
  expect(load('WebAssembly.validate = () => false')).toEqual([true, 1]);
});

test('rows in ascending order: by value, then by row, also for zeros of either sign', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, -0),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 300 }), (numbers) => {
      const values = Float64Array.from(numbers);
      const wanted = [...values.keys()].sort((a, b) => values[a] - values[b] || a - b);
      expect(Array.from(ascendingOrder(values))).toEqual(wanted);
    }),
  );
});
