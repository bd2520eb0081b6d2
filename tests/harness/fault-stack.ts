import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job } from '@spillway/contracts';
import { decodePanel, encodePanel, makeSpec, panelFromCsv, panelHash, runLocally } from '@spillway/core';
import { type Child, freePort, type PrivateRedis, type StartRedisOptions, startChild, startRedis } from '@spillway/stack';
import { Redis } from 'ioredis';
import { dataFile } from './service.js';
import { burning, registry } from './toy-analyses.mjs';

burning.skip = true;

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const panel = encodePanel(panelFromCsv(dataFile('grunfeld.csv'), { entity: 'firm', time: 'year' }));
const grunfeld = panelHash(panel);

/** Everything that waits is short. */
const impatient = {
  SPILLWAY_LOCK_MS: '2000',
  SPILLWAY_STALLED_MS: '1000',
  SPILLWAY_DEAD_AFTER_MS: '1500',
  SPILLWAY_HEARTBEAT_MS: '300',
  SPILLWAY_DUE_TICK_MS: '200',
  SPILLWAY_JANITOR_MS: '1000',
  SPILLWAY_EMPTIED_MS: '1500',
  SPILLWAY_LOG_LEVEL: 'warn',
};

export interface ToyParams {
  shards?: number;
  rounds?: number;
  burn?: number;
  declared?: number;
  fails?: string;
  where?: string;
  at?: number;
  unless?: string;
  checkpoints?: number[];
  tag?: string;
}

export interface Accepted {
  readonly id: string;
  readonly params: ToyParams;
  readonly seed: number;
}

export interface FaultStackOptions {
  workers?: number;
  threads?: number;
  env?: Record<string, string>;
  redis?: StartRedisOptions;
}

/** CPU seconds as rounds of the toy's work. */
export const rounds = (cpuSeconds: number) => Math.round(cpuSeconds * 2e8);

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for a condition; the test's own time limit bounds it. */
export async function until<T>(what: () => Promise<T | null | undefined | false> | T | null | undefined | false): Promise<T> {
  for (;;) {
    const found = await what();
    if (found) return found;
    await sleep(20);
  }
}

/**
 * Real processes that tests may kill, stop and start again, a client that logs all it was promised, and a checker of the
 * history: what was promised has ended, exactly once, in the bytes of a run without faults, and has left nothing behind.
 */
export async function startFaultStack({ workers = 1, threads = 1, env = {}, redis: redisOptions = {} }: FaultStackOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-fault-'));
  const children: Child[] = [];
  let redis: PrivateRedis = await startRedis({ ...redisOptions, dir: join(folder, 'redis') });
  const { url: redisUrl, port, password, dir } = redis;
  const apiPort = await freePort();
  const url = `http://127.0.0.1:${apiPort}`;

  async function start(name: string, program: string, more: Record<string, string> = {}): Promise<Child> {
    const child = await startChild({
      name,
      program: process.execPath,
      args: [here(program)],
      output: { file: join(folder, `${name}.log`) },
      env: {
        ...impatient,
        REDIS_URL: redisUrl,
        SPILLWAY_PORT: String(apiPort),
        SPILLWAY_THREADS: String(threads),
        ...env,
        ...more,
      },
    });
    children.push(child);
    return child;
  }
  let api = await start('api', './toy-api.mjs');
  const crew: Child[] = [];
  const startWorker = async (more: Record<string, string> = {}, program = './toy-worker.mjs') => {
    const worker = await start(`worker-${crew.length + 1}`, program, more);
    crew.push(worker);
    return worker;
  };

  // The client. Everything it was promised stands in the log before anything else happens.
  const log = join(folder, 'client.log');
  const accepted = new Map<string, Accepted>();

  async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; text: string; headers: Headers }> {
    const response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
  /** Asks until there is an answer that is one: outages are waited out. */
  async function insist(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    return until(async () => {
      const answer = await ask(method, path, body).catch(() => null);
      return answer && answer.status !== 503 && answer;
    });
  }
  const requestOf = (params: ToyParams, seed: number) => ({ analysis: 'toy', dataset: grunfeld, seed, params });

  async function submit(params: ToyParams, seed = 1, webhook?: string): Promise<string> {
    const { status, text } = await insist('POST', '/v1/jobs', { ...requestOf(params, seed), ...(webhook && { webhook }) });
    appendFileSync(log, `${JSON.stringify({ params, seed, status, text })}\n`);
    if (status !== 202 && status !== 200) throw new Error(`submit: ${status} ${text}`);
    const { id } = JSON.parse(text) as Job;
    accepted.set(id, { id, params, seed });
    return id;
  }
  const job = async (id: string): Promise<Job> => {
    const { status, text } = await insist('GET', `/v1/jobs/${id}`);
    if (status !== 200) throw new Error(`job ${id}: ${status} ${text}`);
    return JSON.parse(text);
  };
  const ended = (id: string): Promise<Job> =>
    until(async () => {
      const seen = await job(id);
      return ['succeeded', 'failed', 'cancelled'].includes(seen.state) && seen;
    });
  /** The job when so many of its units are there. */
  const progressed = (id: string, done: number): Promise<Job> =>
    until(async () => {
      const seen = await job(id);
      return seen.progress.done >= done && seen;
    });

  // The witness: every end that is made known. A job's life may have one.
  const store = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  const witness = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  for (const connection of [store, witness]) connection.on('error', () => {});
  await witness.subscribe('{spillway}:events');
  const over = new Map<string, string>();
  const violations: string[] = [];
  // A connection that was lost may have lost the word of a new life with it.
  witness.on('ready', () => over.clear());
  witness.on('message', (_channel, text: string) => {
    const [, id, , state] = text.split('.');
    if (state === 'queued') over.delete(id);
    const before = over.get(id);
    if (before !== undefined) violations.push(`job ${id} was ${before}, then ${state}`);
    if (['succeeded', 'failed', 'cancelled'].includes(state)) over.set(id, state);
  });

  /** What a run without Redis and without faults gives. */
  function expected(params: ToyParams, seed: number, core: string): Uint8Array {
    const spec = makeSpec(registry, requestOf(params, seed), core);
    return runLocally(registry, spec, { panel: decodePanel(panel) }).result;
  }
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

  /** What a service at rest does not have: keys that stay, beside its own few and the datasets. */
  async function leftKeys(): Promise<string[]> {
    const found: string[] = [];
    for (const key of await store.keys('*')) {
      const resting =
        /^\{spillway\}:(hb|procs|tick|grace|epoch|totals|store|t:local:(jobs|datasets|data:\w+|blob:\w+))$/.test(key) ||
        /^\{spillway\}:(work|solo)\.[^:]+:(meta|id|events|stalled-check|marker)$/.test(key);
      if (!resting && (await store.pttl(key)) === -1) found.push(key);
    }
    return found;
  }

  /** Every promise, kept. `states` says which jobs were to end otherwise than in success. */
  async function verify(states: Readonly<Record<string, Job['state']>> = {}): Promise<void> {
    for (const promise of accepted.values()) {
      const end = await ended(promise.id);
      if (end.state !== (states[promise.id] ?? 'succeeded'))
        violations.push(`job ${promise.id} ${JSON.stringify(promise.params)}: ${end.state} ${JSON.stringify(end.failure)}`);
      if (end.state !== 'succeeded') continue;
      const wanted = sha256(expected(promise.params, promise.seed, end.core));
      const { status, text } = await insist('GET', `/v1/jobs/${promise.id}/result`);
      const got = sha256(text);
      if (status !== 200 || got !== wanted || end.result?.sha256 !== wanted) {
        violations.push(`job ${promise.id}: the result is ${status} ${got}, not ${wanted}`);
      }
    }
    accepted.clear();
    expect(violations.splice(0)).toEqual([]);
    let left: string[] = [];
    for (const stop = Date.now() + 15_000; Date.now() < stop; await sleep(100)) {
      left = await leftKeys();
      if (left.length === 0) return;
    }
    expect(left).toEqual([]);
  }

  let supervised = true;
  /** Starts workers as long as there are fewer than this, as a supervisor would. */
  async function supervise(count: number): Promise<void> {
    while (supervised) {
      while (supervised && crew.filter((worker) => !worker.exit()).length < count) await startWorker();
      await sleep(50);
    }
  }

  async function stop(): Promise<void> {
    supervised = false;
    await Promise.all(children.map((child) => child.stop(10_000)));
    store.disconnect();
    witness.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  async function uploadGrunfeld(): Promise<void> {
    const { status, text } = await fetch(`${url}/v1/datasets?entity=firm&time=year`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: dataFile('grunfeld.csv'),
    }).then(async (response) => ({ status: response.status, text: await response.text() }));
    if (status !== 201) throw new Error(`upload: ${status} ${text}`);
  }

  try {
    await until(async () => (await ask('GET', '/readyz').catch(() => null))?.status === 200);
    while (crew.length < workers) await startWorker();
    if (workers === 0) await startWorker();
    await uploadGrunfeld();
    if (workers === 0) await crew[0].stop(5_000);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url,
    folder,
    redisUrl,
    grunfeld,
    crew,
    store,
    violations,
    ask,
    insist,
    submit,
    job,
    ended,
    progressed,
    verify,
    leftKeys,
    startWorker,
    supervise,
    expected,
    stop,
    get redis() {
      return redis;
    },
    get api() {
      return api;
    },
    /** An API on the same port as the one that was killed. */
    async startApi(more: Record<string, string> = {}, program = './toy-api.mjs'): Promise<void> {
      await api.exited;
      api = await start('api', program, more);
    },
    /** Starts what was killed, on the same data. */
    async startRedis(): Promise<void> {
      await redis.exited;
      redis = await startRedis({ ...redisOptions, dir, port, password });
    },
    logOf: (name: string) => readFileSync(join(folder, `${name}.log`), 'utf8'),
  };
}
export type FaultStack = Awaited<ReturnType<typeof startFaultStack>>;
