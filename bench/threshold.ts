/**
 * The threshold bootstrap: the TypeScript and the WebAssembly kernel against a C program of the same algorithm (threshold.c, where gcc
 * is there), interleaved round by round in one run, in CPU time. What counts are the ratios: the times are those of one machine on one day.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  buildPanel,
  conventionsOf,
  estimateThreshold,
  type Kernel,
  makeBins,
  makeReplicator,
  makeSpec,
  PhiloxStream,
  type PreparedStage,
  prepareStage,
  type Replicator,
  registry,
  runLocally,
  type ThresholdSample,
  typescriptKernel,
  webassemblyKernel,
} from '@spillway/core';

const print = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
/** CPU seconds of this process: a busy machine stretches them less than the clock's. */
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const seed = 2 ** 40 + 1;
const streams = { 'residual-blocks': 0, 'wild-entity': 1 } as const;
const methods = ['residual-blocks', 'wild-entity'] as const;

interface Shape {
  readonly entities: number;
  readonly periods: number;
  /** slopes of the model without a threshold */
  readonly slopes: number;
  readonly regime?: number;
}

/** A panel in the shape of Hansen's: a persistent threshold variable, its powers among the regressors, variances that differ. */
function simulate({ entities, periods, slopes, regime = 1 }: Shape): ThresholdSample {
  const draws = new PhiloxStream(1, 0);
  const rows = entities * periods;
  const normals = () => Float64Array.from({ length: rows }, () => draws.normal());
  const entity = Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / periods));
  const effect = Float64Array.from({ length: entities }, () => draws.normal());
  const q = new Float64Array(rows);
  let state = 0;
  for (let row = 0; row < rows; row++) {
    state = row % periods === 0 ? draws.normal() : 0.8 * state + 0.6 * draws.normal();
    q[row] = Math.round(1e5 * Math.exp(0.6 * (state + effect[entity[row]] / 2) - 1)) / 1e5;
  }
  const r = Array.from({ length: regime }, normals);
  const x = Array.from({ length: slopes - regime }, (_, j) => (j < 3 ? q.map((value) => value ** (j + 1)) : normals()));
  const y = normals().map(
    (e, row) => (q[row] <= 0.2 ? 0.2 : 0.5) * r[0][row] + effect[entity[row]] + (1 + Math.abs(effect[entity[row]])) * e,
  );
  const variable = (name: string, values: Float64Array) => ({ name, values });
  return {
    rows,
    entities,
    periods,
    balanced: true,
    entity,
    entityLabels: Array.from({ length: entities }, (_, i) => String(i)),
    time: Uint32Array.from({ length: rows }, (_, row) => row % periods),
    timeLabels: Array.from({ length: periods }, (_, t) => String(t)),
    timeEffects: false,
    outcome: variable('y', y),
    regressors: x.map((values, j) => variable(`x${j}`, values)),
    regimeRegressors: r.map((values, j) => variable(`r${j}`, values)),
    threshold: variable('q', q),
    dropped: [],
  };
}

const estimateOptions = {
  thresholdCount: 1,
  trims: [0.05],
  conventions: conventionsOf({ program: 'spillway', grid: null, lastPeriod: null, scale: null }),
  given: [],
};

interface Prepared {
  readonly stage: PreparedStage;
  readonly residuals: Float64Array;
  readonly denominator: number;
}

function prepare(sample: ThresholdSample): Prepared {
  const fit = estimateThreshold(sample, estimateOptions);
  return { stage: prepareStage(fit.stages[0].stage), residuals: fit.linear.residuals, denominator: fit.denominator };
}

const replicatorOf = (prepared: Prepared, method: (typeof methods)[number], expected: number, kernel: Kernel) =>
  makeReplicator(prepared.stage, { ...prepared, method, seed, stream: streams[method], expected }, kernel);

/** FNV-1a of the bits: the C program says the same of its own. */
function fingerprint(values: Float64Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new Uint8Array(values.buffer)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

/** The C program, asked over its standard input. */
interface Peer {
  run(method: (typeof methods)[number], first: number, count: number): Promise<{ seconds: number; fingerprint: string }>;
  stop(): void;
}

const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
const file = join(folder, 'prepared.bin');
const gcc = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
/** Ways to build the C program: which is fastest depends on the processor and on the panel. */
const builds = [['-DLANES=16'], ['-DLANES=16', '-mprefer-vector-width=512'], ['-DLANES=8']].map((options, k) => ({
  options,
  program: join(folder, `threshold-${k}`),
}));
const haveGcc = gcc.status === 0 && builds.every(compile);

function compile({ options, program }: (typeof builds)[number]): boolean {
  const source = fileURLToPath(new URL('../../../bench/threshold.c', import.meta.url));
  const all = ['-O3', '-march=native', '-ffp-contract=off', ...options, source, '-o', program, '-lm'];
  const { status, stderr } = spawnSync('gcc', all, { encoding: 'utf8' });
  if (status !== 0) print(stderr);
  return status === 0;
}

/** The fastest build on this panel, by three rounds of each method. */
async function startPeer(prepared: Prepared, expected: number, count: number): Promise<Peer> {
  writePrepared(prepared, expected);
  const peers = builds.map(({ program, options }) => ({ peer: spawnPeer(program), options, times: [] as number[] }));
  for (let round = 0; round < 4; round++) {
    for (const { peer, times } of peers) {
      let seconds = 0;
      for (const method of methods) seconds += (await peer.run(method, 0, count)).seconds;
      if (round > 0) times.push(seconds);
    }
  }
  const [best, ...others] = peers.toSorted((a, b) => median(a.times) - median(b.times));
  for (const { peer } of others) peer.stop();
  print(`C built with ${best.options.join(' ')}`);
  return best.peer;
}

function writePrepared({ stage, residuals, denominator }: Prepared, expected: number): void {
  const {
    rows,
    entities: n,
    width,
    stride,
    order,
    ends,
    starts,
    basis,
    regime,
    regimeAt,
    entityAt,
    offsetAt,
    sums,
    whiteners,
  } = stage;
  const byEntity = rows >= 2 ** 16;
  const table = expected >= 4 * n && n * n * stride <= 2 ** 21;
  const bins = makeBins(stage, byEntity);
  const products = regimeAt.map((r, place) => r * residuals[order[place]]);
  const squares = new Float64Array(n);
  const own = new Float64Array(n * stride);
  for (let i = 0; i < n; i++) {
    for (let row = starts[i]; row < starts[i + 1]; row++) squares[i] += residuals[row] ** 2;
    for (let j = 0; j < width; j++)
      for (let row = starts[i]; row < starts[i + 1]; row++) own[i * stride + j] += basis[j * rows + row] * residuals[row];
  }
  const binOf = new Uint32Array(rows).fill(bins.count);
  const variation = new Float64Array(bins.count);
  for (let bin = 0, place = 0; bin < bins.count; bin++) {
    for (; place <= bins.end[bin]; place++) {
      binOf[order[place]] = bin;
      variation[bin] += Math.abs(products[place]);
    }
  }
  const slack = 2 * (rows + width + 2) * 2 ** -53 * Math.sqrt(regimeAt.reduce((sum, r) => sum + r * r, 0));
  const flags = [
    byEntity ? 1 : 0,
    table ? 1 : 0,
    seed % 2 ** 32,
    Math.floor(seed / 2 ** 32),
    streams['residual-blocks'],
    streams['wild-entity'],
  ];
  const arrays: (Float64Array | Uint32Array)[] = [
    Uint32Array.from([rows, n, width, stride, order.length, ends.length, bins.count, ...flags]),
    Float64Array.of(denominator, slack),
    ...[
      residuals,
      squares,
      basis,
      regimeAt,
      products,
      regime,
      sums,
      whiteners,
      bins.spread,
      bins.scale,
      bins.sumsAtEnd,
      bins.whitenerAtEnd,
    ],
    ...[own, variation],
    ...[starts, entityAt, offsetAt, binOf, ends, bins.last, bins.end],
  ];
  const bytes = arrays.flatMap((array) =>
    [Uint32Array.of(array.length), array].map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)),
  );
  writeFileSync(file, Buffer.concat(bytes));
}

function spawnPeer(program: string): Peer {
  const child: ChildProcess = spawn(program, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    async run(method, first, count) {
      child.stdin!.write(`${method === 'wild-entity' ? 'signs' : 'donors'} ${first} ${count}\n`);
      const { value, done } = await lines.next();
      assert(!done, 'the C program ended');
      const [seconds, hash] = String(value).split(' ');
      return { seconds: Number(seconds), fingerprint: hash };
    },
    stop: () => child.kill(),
  };
}

const kernels: readonly { readonly name: string; readonly make: () => Kernel }[] = [
  { name: 'TypeScript', make: typescriptKernel },
  ...(webassemblyKernel() ? [{ name: 'WebAssembly', make: () => webassemblyKernel()! }] : []),
];

/** Medians of `rounds` interleaved rounds of `count` replications. */
async function compare(title: string, shape: Shape, count: number, rounds: number): Promise<void> {
  const sample = simulate(shape);
  const expected = 100_000;
  const prepared = prepare(sample);
  const peer = haveGcc && (shape.regime ?? 1) === 1 ? await startPeer(prepared, expected, count) : null;
  print(
    `\n${title}: ${prepared.stage.ends.length} candidates, K = ${prepared.stage.width}, ${rounds} rounds of ${count} replications`,
  );
  for (const method of methods) {
    const own = kernels.map(({ name, make }) => ({
      name,
      replicator: replicatorOf(prepared, method, expected, make()),
      us: [] as number[],
    }));
    const c: number[] = [];
    let agree = true;
    for (let round = -2; round < rounds; round++) {
      const hashes: string[] = [];
      for (const { replicator, us } of own) {
        const from = cpuSeconds();
        const f = replicator.run((round + 2) * count, count, () => {});
        const seconds = cpuSeconds() - from;
        if (round >= 0) us.push((seconds * 1e6) / count); // the first two rounds warm up
        hashes.push(fingerprint(f));
      }
      if (peer) {
        const { seconds, fingerprint: hash } = await peer.run(method, (round + 2) * count, count);
        if (round >= 0) c.push((seconds * 1e6) / count);
        hashes.push(hash);
      }
      agree &&= hashes.every((hash) => hash === hashes[0]);
    }
    assert(agree, 'F* differ between the kernels');
    const columns = own.map(({ name, us }) => `${name} ${median(us).toFixed(2)} µs${peer ? ` = ${ratio(us, c)} × C` : ''}`);
    if (peer) columns.push(`C ${median(c).toFixed(2)} µs`);
    else columns.push(`TypeScript / WebAssembly ${ratio(own[0].us, own[own.length - 1].us)}`);
    print(`  ${method.padEnd(15)}  ${columns.join('   ')}   all F* have the same bits`);
  }
  peer?.stop();
  setUp(sample, prepared);
}

/** The median ratio of rounds. */
const ratio = (of: readonly number[], to: readonly number[]) => median(of.map((value, round) => value / to[round])).toFixed(2);

/** Model, order, search and tables, as a multiple of 1,000 replications by the fastest kernel. */
function setUp(sample: ThresholdSample, prepared: Prepared): void {
  const { make } = kernels[kernels.length - 1];
  const times = Array.from({ length: 7 }, () => {
    const from = cpuSeconds();
    const fit = estimateThreshold(sample, estimateOptions);
    const estimated = cpuSeconds();
    const replicator = replicatorOf({ ...prepared, stage: prepareStage(fit.stages[0].stage) }, 'residual-blocks', 1000, make());
    const made = cpuSeconds();
    replicator.run(0, 1000, () => {});
    return { estimate: estimated - from, make: made - estimated, run: cpuSeconds() - made };
  }).slice(2);
  const share = (pick: (time: (typeof times)[number]) => number) => median(times.map((time) => pick(time) / time.run)).toFixed(2);
  print(
    `  set-up: model, order and search ${share((t) => t.estimate)}, tables ${share((t) => t.make)} × the time of 1,000 replications`,
  );
}

/** Time a replication by rows and by replications, and what memory grows by. */
function growth(): void {
  const { make } = kernels[kernels.length - 1];
  const hansen = { periods: 14, slopes: 6 };
  const replicatorFor = (entities: number) =>
    replicatorOf(prepare(simulate({ ...hansen, entities })), 'residual-blocks', 1, make());
  // Taken in turns, so that a machine that slows down slows all of them; the first turn warms up.
  const inTurns = (runs: readonly { readonly replicator: Replicator; readonly count: number }[]) => {
    const times = runs.map(() => [] as number[]);
    for (let turn = 0; turn < 10; turn++) {
      for (const [i, { replicator, count }] of runs.entries()) {
        const from = cpuSeconds();
        replicator.run(turn * count, count, () => {});
        if (turn > 0) times[i].push((cpuSeconds() - from) / count);
      }
    }
    return times.map((of) => ratio(of, times[0]));
  };
  const entities = [565, 1130, 2260, 4520];
  const byRows = inTurns(entities.map((n) => ({ replicator: replicatorFor(n), count: 400 })));
  const perRow = byRows.map((times, i) => (Number(times) * entities[0]) / entities[i]);
  print(
    `\nlinear in rows: ${entities.map((n, i) => `${14 * n} rows ${perRow[i].toFixed(2)}`).join(', ')} (time per row, first = 1)`,
  );
  const counts = [500, 2000, 8000];
  const byCount = inTurns(counts.map((count) => ({ replicator: replicatorFor(565), count })));
  print(
    `linear in replications: ${counts.map((count, i) => `${count} ${byCount[i]}`).join(', ')} (time per replication, first = 1)`,
  );
  const replicator = replicatorOf(prepare(simulate({ entities: 31, periods: 12, slopes: 5 })), 'residual-blocks', 1e6, make());
  const held = (count: number) => {
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const f = replicator.run(0, count, () => {});
    const after = process.memoryUsage().arrayBuffers;
    return { bytes: after - before, f }; // kept until all are measured: nothing may be collected in between
  };
  const kept = [10_000, 100_000, 1_000_000].map((count) => ({ count, ...held(count) }));
  print(
    `memory: ${kept.map(({ count, bytes }) => `${(bytes / count).toFixed(1)} bytes`).join(', ')} a replication for 10⁴, 10⁵, 10⁶ of them (8 are the distribution)`,
  );
}

/** A whole job in one warm process. */
async function endToEnd(): Promise<void> {
  const shape = { entities: 565, periods: 14, slopes: 6 };
  const sample = simulate(shape);
  const columns = [sample.outcome, ...sample.regressors, ...sample.regimeRegressors, sample.threshold];
  const panel = buildPanel({
    entity: { name: 'firm', values: Array.from(sample.entity, (i) => `f${i + 1000}`) },
    time: { name: 'year', values: Array.from(sample.entity, (_, row) => 1974 + (row % shape.periods)) },
    columns: columns.map(({ name, values }) => ({ name, values: Array.from(values) })),
  });
  const peer = haveGcc ? await startPeer(prepare(sample), 300, 300) : null;
  for (const chosen of [['residual-blocks'], [...methods]] as const) {
    const params = {
      formula: `y ~ ${sample.regressors.map(({ name }) => name).join(' + ')} | firm`,
      thresholdVariable: 'q',
      regimeRegressors: ['r0'],
      trim: 0.05,
      bootstrap: { replications: 300, methods: [...chosen] },
      timeEffectsCheck: false,
    };
    const times: number[] = [];
    const cpu: number[] = [];
    const c: number[] = [];
    for (let round = -40; round < 40; round++) {
      // another seed each round: nothing of the last job's draws is of use
      const spec = makeSpec(registry, { analysis: 'threshold', dataset: 'simulated', params, seed: round + 50 }, 'bench');
      const from = performance.now();
      const fromCpu = cpuSeconds();
      const { result } = runLocally(registry, spec, { panel });
      if (round >= 0) {
        times.push(performance.now() - from);
        cpu.push((cpuSeconds() - fromCpu) * 1000);
      }
      assert(result.length > 0);
      let seconds = 0;
      if (peer) for (const method of chosen) seconds += (await peer.run(method, 0, 300)).seconds;
      if (round >= 0) c.push(seconds * 1000);
    }
    const against = peer ? ` = ${ratio(cpu, c)} × the C program's replications alone` : '';
    print(
      `end to end, 565 × 14, B = 300, ${chosen.join(' + ')}: ${median(times).toFixed(1)} ms by the clock, CPU ${median(cpu).toFixed(1)} ms${against}`,
    );
  }
  peer?.stop();
}

print(
  `${cpus()[0].model}, Node ${process.version}, ${haveGcc ? gcc.stdout.split('\n')[0] : 'no gcc'}, ${new Date().toISOString().slice(0, 10)}`,
);
const [load] = readFileSync('/proc/loadavg', 'utf8').split(' ');
print(`load ${load} on ${cpus().length} cores; CPU microseconds a replication, draws included`);
try {
  await endToEnd(); // first: the process is to hold what this job needs, and not what the others left
  await compare('565 × 14', { entities: 565, periods: 14, slopes: 6 }, 2048, 9);
  await compare('31 × 12', { entities: 31, periods: 12, slopes: 5 }, 20_480, 9);
  await compare('20,000 × 25', { entities: 20_000, periods: 25, slopes: 7 }, 32, 7);
  await compare('565 × 14, two regime regressors', { entities: 565, periods: 14, slopes: 6, regime: 2 }, 1024, 7);
  await compare('565 × 14, three regime regressors', { entities: 565, periods: 14, slopes: 6, regime: 3 }, 1024, 7);
  growth();
} finally {
  rmSync(folder, { recursive: true });
}
