/**
 * The engine against what it carries: CPU of all processes against the kernel's, status from our hash against BullMQ's getters, rates and
 * latencies at the door, the event loops under load, Redis at rest. Ratios come from one run, its two sides taken in turns.
 *
 * `npm run bench -- engine [--seconds 30] [--rounds 3] [--only cpu,polls,http,loop,bytes]`
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SpillwayClient } from '@spillway/client';
import { coreIdentity, encodePanel, makeSpec, panelFromCsv, panelHash, registry } from '@spillway/core';
import { Pool, runJob } from '@spillway/pool';
import { startStack } from '@spillway/stack';
import { Redis } from 'ioredis';
import { eventLoops } from './parts/event-loops.js';
import { httpLoad } from './parts/http-load.js';
import { computingWhile, cpuWhile, median } from './parts/processes.js';
import { bytesOfJob } from './parts/redis-bytes.js';
import { statusPolls } from './parts/status-polls.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'cpu,polls,http,loop,bytes' },
  },
});
const sections = new Set(options.only.split(','));
const cores = availableParallelism();
const say = (line: string) => process.stdout.write(`${line}\n`);

const file = (name: string) => readFileSync(new URL(`../../../data/${name}`, import.meta.url));
const csv = Buffer.from(simulatedCsv(1_000, 20));
const panel = encodePanel(panelFromCsv(csv, { entity: 'firm', time: 'year' }));
const core = coreIdentity(process.versions.node);

const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
const workers = Math.min(2, cores);
const threads = Math.max(1, Math.floor(cores / workers));
const stack = await startStack({
  redis: {},
  workers,
  threads,
  logs: { folder },
  env: { SPILLWAY_LOG_LEVEL: 'warn', SPILLWAY_MAX_REPLICATIONS: '100000000' },
});
const pool = new Pool({ threads: workers * threads });
const redis = new Redis(stack.redisUrl);
try {
  const died = stack.died.then((words) =>
    Promise.reject(new Error(`${words} while it was measured: the figures would mean nothing`)),
  );
  await Promise.race([measure(), died]);
} finally {
  redis.disconnect();
  await pool.close();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
  say(`${cores} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, Redis ${version}`);
  say(`${workers} workers × ${threads} threads, one API, Redis with appendfsync everysec, clients on the same machine\n`);

  const client = new SpillwayClient(stack.apiUrl);
  const dataset = await client.uploadDataset(csv, { entity: 'firm', time: 'year' });
  const small = await client.uploadDataset(file('grunfeld.csv'), { entity: 'firm', time: 'year' });
  if (dataset.id !== panelHash(panel)) throw new Error('the service and this process read the same file differently');
  const pids = {
    API: [stack.api.pid],
    workers: stack.workers.map(({ pid }) => pid),
    Redis: [stack.redis?.pid ?? Number.NaN],
  };

  let seed = 1;
  const question = (replications: number) => ({
    analysis: 'threshold',
    dataset: dataset.id,
    seed: seed++,
    params: {
      formula: 'y ~ x1 + x2 | firm',
      thresholdVariable: 'q',
      regimeRegressors: ['x3'],
      bootstrap: { replications },
    },
  });
  /** CPU seconds of the kernel alone: the same job on the threads of this process, without Redis. */
  async function alone(replications: number): Promise<number> {
    const before = process.cpuUsage();
    await runJob(pool, makeSpec(registry, question(replications), core), { dataset: panel }, { registry });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  }
  /** The same through the service, followed as a client follows it. */
  async function served(replications: number): Promise<string> {
    const job = await client.submitJob(question(replications));
    for await (const seen of client.watchJob(job.id)) {
      if (seen.state === 'failed' || seen.state === 'cancelled') throw new Error(`the job has ${seen.state}`);
    }
    return job.id;
  }

  await served(2_000); // both sides have compiled what they run
  await alone(2_000);
  const some = 50_000;
  const replications = Math.round((Number(options.seconds) * some) / (await alone(some)));

  if (sections.has('cpu')) await cpu();
  if (sections.has('polls')) await statusPolls(stack.redisUrl, client, say);
  if (sections.has('http')) await rates();
  if (sections.has('loop')) await eventLoops(stack.apiUrl, () => served(replications), say);
  if (sections.has('bytes')) {
    const light = await client.submitJob({ analysis: 'describe', dataset: dataset.id, seed: 1, params: {} });
    for await (const _ of client.watchJob(light.id));
    say('Redis at rest, bytes of all keys of one job (its part of lists included; the parts go an hour after its end)');
    await bytesOfJob(redis, 'describe, 5 variables', light.id, say);
    await bytesOfJob(redis, `threshold, ${2 * 1_999} replications`, await served(1_999), say);
  }

  async function cpu(): Promise<void> {
    const ratios: number[] = [];
    const overheads: number[] = [];
    say(
      `CPU of API + workers + Redis against the kernel alone, threshold on 20,000 rows with ${replications.toLocaleString('en')} × 2 replications`,
    );
    for (let round = 1; round <= Number(options.rounds); round++) {
      const own = await computingWhile([process.pid], workers * threads, () => alone(replications));
      const kernel = own.computing + own.beside;
      let crew = { computing: 0, beside: 0 };
      const began = performance.now();
      const used = await cpuWhile(pids, async () => {
        crew = await computingWhile(pids.workers, threads, () => served(replications));
      });
      const wall = (performance.now() - began) / 1_000;
      const all = Object.values(used).reduce((sum, seconds) => sum + seconds, 0);
      ratios.push(all / kernel);
      const more = all - crew.computing - own.beside;
      overheads.push(more / own.computing);
      say(
        `  round ${round}: kernel ${kernel.toFixed(2)} s (computing threads ${own.computing.toFixed(2)}); service ${all.toFixed(2)} s in ${wall.toFixed(0)} s ` +
          `(computing threads ${crew.computing.toFixed(2)}, beside them workers ${crew.beside.toFixed(2)}, API ${used.API.toFixed(2)}, ` +
          `Redis ${used.Redis.toFixed(2)}); ratio ${(all / kernel).toFixed(3)}`,
      );
    }
    say(
      `  median ratio ${median(ratios).toFixed(3)} (goal ≤ 1.05); what is used beside computing threads, more than by one process alone: ` +
        `${(100 * median(overheads)).toFixed(1)} % of the kernel\n`,
    );
  }

  async function rates(): Promise<void> {
    const known = await client.submitJob({ analysis: 'describe', dataset: small.id, seed: 0, params: {} });
    say(
      'At the door: 5 s of each rate, the jobs describe 200 rows; ms from when a request was to be sent; CPU ms a request of API / workers / Redis',
    );
    for (const [name, ask] of [
      ['poll', () => ({ method: 'GET' as const, path: `/v1/jobs/${known.id}` })],
      [
        'submit',
        () => ({
          method: 'POST' as const,
          path: '/v1/jobs',
          body: JSON.stringify({ analysis: 'describe', dataset: small.id, seed: seed++ + 1e6, params: {} }),
        }),
      ],
    ] as const) {
      for (const perSecond of [50, 200, 500]) {
        let load: Awaited<ReturnType<typeof httpLoad>> | undefined;
        let doneMs = 0;
        const used = await cpuWhile(pids, async () => {
          load = await httpLoad(stack.apiUrl, perSecond, 5, ask);
          const loaded = performance.now();
          while ((await redis.zcard('{spillway}:due')) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
          doneMs = performance.now() - loaded;
        });
        if (!load) continue;
        const each = Object.values(used).map((seconds) => ((1_000 * seconds) / (load?.requests ?? 1)).toFixed(2));
        const answers = Object.entries(load.statuses).map(([status, count]) => `${count} × ${status}`);
        say(
          `  ${name} ${perSecond}/s: ${load.perSecond.toFixed(0)}/s, p50 ${load.p50Ms.toFixed(1)}, p99 ${load.p99Ms.toFixed(1)}; ` +
            `CPU ${each.join(' / ')}; ${answers.join(', ')}${name === 'submit' ? `; all jobs ended ${doneMs.toFixed(0)} ms after` : ''}`,
        );
      }
    }
    say('');
  }
}

/** A panel with a threshold in it, from a fixed stream of numbers. */
function simulatedCsv(entities: number, periods: number): string {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = ['firm,year,y,x1,x2,x3,q'];
  for (let firm = 0; firm < entities; firm++) {
    for (let year = 0; year < periods; year++) {
      const [x1, x2, x3, q, e] = [uniform(), uniform(), uniform(), uniform(), uniform()];
      lines.push([firm, 2000 + year, x1 - x2 + (q > 0.5 ? 2 : 1) * x3 + e, x1, x2, x3, q].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
