/**
 * The cost model of `threshold` against the CPU time that whole jobs take: the estimate is what quotas count and what shards are cut
 * by. A job runs step by step as a worker runs it, on one thread. What counts is the ratio; a busy machine has it lower.
 */
import { cpus } from 'node:os';
import {
  buildPanel,
  combineJob,
  makeSpec,
  type Panel,
  PhiloxStream,
  planJob,
  registry,
  runLocally,
  runShard,
  summarizePanel,
  threshold,
} from '@spillway/core';

const print = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

interface Job {
  readonly entities: number;
  readonly periods: number;
  /** regressors with one slope, and with one a regime */
  readonly common: number;
  readonly regime?: number;
  readonly effects?: string;
  readonly params: object;
}

const jobs: Readonly<Record<string, Job>> = {
  '31 × 12': { entities: 31, periods: 12, common: 3, params: { bootstrap: { replications: 499_999 } } },
  '31 × 12, three thresholds': {
    ...{ entities: 31, periods: 12, common: 3 },
    params: { thresholdCount: 3, bootstrap: { replications: 199_999 } },
  },
  '31 × 12, two regime regressors': {
    ...{ entities: 31, periods: 12, common: 2, regime: 2 },
    params: { bootstrap: { replications: 49_999 } },
  },
  '100 × 40': { entities: 100, periods: 40, common: 5, params: { bootstrap: { replications: 199_999 } } },
  '500 × 20': { entities: 500, periods: 20, common: 3, params: { bootstrap: { replications: 99_999 } } },
  '500 × 20, Mammen’s weights': {
    ...{ entities: 500, periods: 20, common: 3 },
    params: { bootstrap: { replications: 49_999, methods: ['wild-entity'], weights: 'mammen' } },
  },
  '565 × 14, period effects': {
    ...{ entities: 565, periods: 14, common: 5, effects: 'unit + year' },
    params: { bootstrap: { replications: 29_999 } },
  },
  '565 × 14, two regime regressors': {
    ...{ entities: 565, periods: 14, common: 4, regime: 2 },
    params: { bootstrap: { replications: 9_999 } },
  },
  '565 × 14, B = 999': { entities: 565, periods: 14, common: 5, params: { bootstrap: { replications: 999 } } },
  '2,000 × 25': { entities: 2_000, periods: 25, common: 5, params: { bootstrap: { replications: 9_999 } } },
  '20,000 × 25': { entities: 20_000, periods: 25, common: 6, params: { bootstrap: { replications: 999 } } },
};

function simulate({ entities, periods, common, regime = 1 }: Job): Panel {
  const draws = new PhiloxStream(1, 0);
  const rows = entities * periods;
  const names = [
    ...Array.from({ length: common }, (_, j) => `x${j}`),
    ...Array.from({ length: regime }, (_, j) => `r${j}`),
    'q',
    'y',
  ];
  return buildPanel({
    entity: { name: 'unit', values: Array.from({ length: rows }, (_, row) => `e${1_000_000 + Math.floor(row / periods)}`) },
    time: { name: 'year', values: Array.from({ length: rows }, (_, row) => 1950 + (row % periods)) },
    columns: names.map((name) => ({ name, values: Array.from({ length: rows }, () => draws.normal()) })),
  });
}

function measure(name: string, job: Job): void {
  const panel = simulate(job);
  const params = threshold.params.parse({
    formula: `y ~ ${Array.from({ length: job.common }, (_, j) => `x${j}`).join(' + ')} | ${job.effects ?? 'unit'}`,
    thresholdVariable: 'q',
    regimeRegressors: Array.from({ length: job.regime ?? 1 }, (_, j) => `r${j}`),
    ...job.params,
  });
  const estimate = threshold.cost(params, { panel: summarizePanel(panel) }).cpuSeconds;
  const spec = makeSpec(registry, { analysis: 'threshold', dataset: 'simulated', params, seed: 1 }, 'bench');
  if (estimate < 1) runLocally(registry, spec, { panel }); // a short job is mostly compiling the first time, which no worker does twice
  const from = cpuSeconds();
  const { layout, context } = planJob(registry, spec, { panel });
  const shards: number[] = [];
  const parts = layout.shards.map((shard) => {
    const before = cpuSeconds();
    const part = runShard(registry, spec, { panel }, context, shard, () => {});
    shards.push(cpuSeconds() - before);
    return part;
  });
  combineJob(registry, spec, { panel }, context, parts);
  const took = cpuSeconds() - from;
  const seconds = (value: number) => value.toFixed(2);
  print(
    `${name.padEnd(34)} estimate ${seconds(estimate).padStart(6)} s, measured ${seconds(took).padStart(6)} s, ratio ${seconds(estimate / took)}; ` +
      `${shards.length} shards of ${seconds(Math.min(...shards))}, ${seconds(median(shards))}, ${seconds(Math.max(...shards))} s (least, median, most)`,
  );
}

print(`${cpus()[0].model}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}; CPU seconds on one thread`);
for (const [name, job] of Object.entries(jobs)) measure(name, job);
