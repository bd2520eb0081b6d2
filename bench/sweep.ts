/**
 * Sweeps: 10,000 two-way fixed-effects specifications with clustered errors on 5,000 rows, as one job of families, beside the same
 * specifications one at a time; and end to end through HTTP.
 *
 * `npm run bench -- sweep [--items 10000] [--alone 200]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SpillwayClient } from '@spillway/client';
import { encodePanel, makeSpec, panelFromCsv, panelHash, registry, runLocally } from '@spillway/core';
import { startStack } from '@spillway/stack';
import { computingWhile } from './parts/processes.js';

const { values: options } = parseArgs({
  options: { items: { type: 'string', default: '10000' }, alone: { type: 'string', default: '200' } },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const items = Number(options.items);

/** 250 firms × 20 years, 14 controls. */
const names = Array.from({ length: 14 }, (_, k) => `c${k + 1}`);
const csv = Buffer.from(simulated());
const panel = panelFromCsv(csv, { entity: 'firm', time: 'year' });
const params = {
  params: { covariance: 'cluster' },
  formulas: { outcomes: ['y'], treatments: ['x'], controls: { subsetsOf: names }, effects: [['firm', 'year']] },
  draw: { items },
};

function simulated(): string {
  let state = 42;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform() || 0.5)) * Math.cos(2 * Math.PI * uniform());
  const lines = [['firm', 'year', 'y', 'x', ...names].join(',')];
  for (let i = 0; i < 250; i++) {
    const own = normal();
    for (let t = 0; t < 20; t++) {
      const controls = names.map(() => own + normal());
      const x = own + 0.3 * controls[0] + normal();
      const y = own + 0.1 * t + 0.5 * x - 0.2 * controls[1] + normal();
      lines.push([i, 2000 + t, y, x, ...controls].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}

say(`${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`);
const spec = makeSpec(registry, { analysis: 'sweep', dataset: panelHash(encodePanel(panel)), params, seed: 1 }, 'bench');
const cpu = (run: () => unknown) => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
runLocally(
  registry,
  makeSpec(registry, { analysis: 'sweep', dataset: 'x', params: { ...params, draw: { items: 500 } } }, 'bench'),
  { panel },
);
const rounds = [0, 1, 2].map(() => {
  const family = cpu(() => runLocally(registry, spec, { panel })) / items;
  const count = Number(options.alone);
  const own = cpu(() => {
    for (let k = 0; k < count; k++) {
      const controls = names.filter((_, c) => ((k * 37) >> c) % 2 === 1);
      const formula = { outcome: 'y', regressors: ['x', ...controls], effects: ['firm', 'year'] };
      const one = makeSpec(
        registry,
        { analysis: 'panel-regression', dataset: 'x', params: { formula, effectTests: false } },
        'bench',
      );
      runLocally(registry, one, { panel });
    }
  });
  return { family, alone: own / count };
});
const [, middle] = rounds.sort((a, b) => a.alone / a.family - b.alone / b.family);
say(`5,000 rows, two-way effects, clustered, up to ${names.length + 1} regressors; CPU a specification, median of 3 rounds`);
say(
  `  in a sweep ${(1e3 * middle.family).toFixed(3)} ms, as a job of its own (in process) ${(1e3 * middle.alone).toFixed(2)} ms: ${(middle.alone / middle.family).toFixed(0)} ×`,
);

const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
const stack = await startStack({ redis: {}, workers: 2, threads: 1, logs: { folder }, env: { SPILLWAY_LOG_LEVEL: 'warn' } });
try {
  const client = new SpillwayClient(stack.apiUrl);
  const dataset = await client.uploadDataset(csv, { entity: 'firm', time: 'year' });
  for (let round = 1; round <= 3; round++) {
    const began = performance.now();
    const pids = stack.workers.map(({ pid }) => pid);
    const { computing, beside } = await computingWhile(pids, 1, async () => {
      const job = await client.submitJob({ analysis: 'sweep', dataset: dataset.id, params, seed: round });
      for await (const seen of client.watchJob(job.id)) if (seen.state === 'failed') throw new Error(seen.failure?.message);
      const { bytes } = await client.getResult(job.id);
      if (round === 1) say(`  the result of ${items.toLocaleString('en')} items has ${bytes.length.toLocaleString('en')} bytes`);
    });
    const seconds = (performance.now() - began) / 1e3;
    say(
      `  through HTTP: ${seconds.toFixed(2)} s by the clock (goal < 20), computing threads ${computing.toFixed(2)} s, beside them ${beside.toFixed(2)} s`,
    );
  }
  const count = Number(options.alone);
  const began = performance.now();
  const jobs = await Promise.all(
    Array.from({ length: count }, (_, k) => {
      const controls = names.filter((_name, c) => ((k * 37) >> c) % 2 === 1);
      const formula = { outcome: 'y', regressors: ['x', ...controls], effects: ['firm', 'year'] };
      return client.submitJob({
        analysis: 'panel-regression',
        dataset: dataset.id,
        params: { formula, effectTests: false },
        seed: 1,
      });
    }),
  );
  for (const job of jobs)
    for await (const seen of client.watchJob(job.id)) if (seen.state === 'failed') throw new Error(seen.failure?.message);
  const each = (performance.now() - began) / count;
  say(
    `  one job per specification: ${each.toFixed(1)} ms each by the clock, ${((each * items) / 1e3).toFixed(0)} s for as many (${count} run)`,
  );
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
