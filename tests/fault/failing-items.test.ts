import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Job } from '@spillway/contracts';
import {
  combineJob,
  encodePanel,
  type JobSpec,
  joinParts,
  type Lost,
  makeSpec,
  panelFromCsv,
  planJob,
  runLocally,
  runShard,
  type SweepResult,
} from '@spillway/core';
import { Pool, runJob } from '@spillway/pool';
import { type FaultStack, startFaultStack } from '../harness/fault-stack.js';
import { dataFile } from '../harness/service.js';
import { registry } from '../harness/toy-analyses.mjs';

/* Items of a sweep that end what computes them, each in its own way: the sweep succeeds, and only they have failed. */
const panel = panelFromCsv(dataFile('grunfeld.csv'), { entity: 'firm', time: 'year' });
let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({
    workers: 2,
    threads: 2,
    env: { SPILLWAY_STEP_WALL_MS: '1500', SPILLWAY_THREAD_HEAP_MB: '128' },
  });
  void stack.supervise(2);
});
afterAll(() => stack?.stop());

const requestOf = (list: object[], params: object) => ({
  analysis: 'sweep',
  dataset: stack.grunfeld,
  seed: 1,
  params: { analysis: 'toy-item', params, list },
});

async function sweep(list: object[], params: object = { shards: 1 }): Promise<{ end: Job; bytes: string; result: SweepResult }> {
  const { analysis: _, params: body, ...rest } = requestOf(list, params);
  const { status, text } = await stack.insist('POST', '/v1/sweeps', { ...rest, ...body });
  expect(status).toBe(202);
  const end = await stack.ended(JSON.parse(text).id);
  expect(end).toMatchObject({ state: 'succeeded' });
  const bytes = (await stack.insist('GET', `/v1/jobs/${end.id}/result`)).text;
  return { end, bytes, result: JSON.parse(bytes) };
}

/** On one thread, a unit at a time, with what is lost known beforehand. */
function expected(spec: JobSpec, lost: Lost): string {
  const { layout, context } = planJob(registry, spec, { panel });
  const parts = layout.shards.map(({ first, count }) => {
    const units = Array.from({ length: count }, (_, u) => ({ first: first + u, count: 1 }));
    return joinParts(
      registry,
      spec,
      units.map((unit) => runShard(registry, spec, { panel }, context, unit, () => {}, lost)),
    );
  });
  return Buffer.from(combineJob(registry, spec, { panel }, context, parts).result).toString();
}

const healthy = Array.from({ length: 40 }, (_, k) => ({ rounds: 100 + k }));
const ways = { memory: 'out_of_memory', buffers: 'out_of_memory', exits: 'crashed', deaf: 'timed_out' } as const;

test('items that end their thread fail alone, each with its own code, and all others have their numbers', async () => {
  const places = [3, 12, 13, 30];
  const list: object[] = [...healthy];
  for (const [i, fails] of Object.keys(ways).entries()) list[places[i]] = { ...healthy[places[i]], fails };
  const { end, bytes, result } = await sweep(list);
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual(Object.values(ways).map((code, i) => [places[i], code]));
  for (const { message } of result.failures) expect(message).toMatch(/^it (needs more memory|ended what|took longer)/);
  const { result: undisturbed } = await sweep(healthy);
  const without = undisturbed.items.estimate.map((value, k) => (places.includes(k) ? null : value));
  expect(result.items.estimate).toEqual(without);
  expect(stack.crew.every((worker) => !worker.exit())).toBe(true);

  const spec = makeSpec(registry, requestOf(list, { shards: 1 }), end.core);
  const lost: Lost = new Map(Object.values(ways).map((kind, i) => [places[i], kind]));
  expect(bytes).toBe(expected(spec, lost));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(end.result?.sha256);

  // without a service too, where every step has all the time it wants
  const quick = requestOf(
    list.filter((one) => !('fails' in one && one.fails === 'deaf')),
    { shards: 1 },
  );
  const local = makeSpec(registry, quick, end.core);
  const registryUrl = new URL('../harness/toy-analyses.mjs', import.meta.url).href;
  const pool = new Pool({ threads: 2, heapMb: 128, registryUrl });
  try {
    const { result: alone } = await runJob(pool, local, { dataset: encodePanel(panel) }, { registry });
    expect(Buffer.from(alone).toString()).toBe(expected(local, new Map([...lost].slice(0, 3))));
  } finally {
    await pool.close();
  }
});

test('an item that kills the whole process of its worker fails alone too', async () => {
  const list = healthy.map((one, k) => (k === 7 ? { ...one, fails: 'kills-process' } : one));
  const { result } = await sweep(list);
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([[7, 'crashed']]);
  expect(result.counts).toMatchObject({ fitted: 39, failed: 1 });
});

test('so do heavy items that kill it while they are planned or combined', async () => {
  const kills = (rounds: number, where: string) => ({ rounds, fails: 'kills-process', where });
  const { result } = await sweep([{ rounds: 300 }, kills(301, 'plan'), kills(302, 'combine'), { rounds: 303 }], {
    shards: 4,
    declared: 1,
  });
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([
    [1, 'crashed'],
    [2, 'crashed'],
  ]);
  expect(result.counts).toMatchObject({ fitted: 2, failed: 2 });
});

test('a death that does not come again leaves no trace in the result', async () => {
  const once = (k: number, fails: string) => ({ ...healthy[k], fails, once: true, unless: join(stack.folder, `died-${k}`) });
  const list = healthy.map((one, k) => (k === 5 ? once(k, 'exits') : k === 20 ? once(k, 'deaf') : one));
  const { end, bytes, result } = await sweep(list);
  expect(result.failures).toEqual([]);
  const spec = makeSpec(registry, requestOf(list, { shards: 1 }), end.core);
  expect(bytes).toBe(Buffer.from(runLocally(registry, spec, { panel }).result).toString());
});

test('heavy items, computed in pieces, fail alone wherever they end their thread: planned, in a piece, combined', async () => {
  const heavy = [1, 2, 3, 4, 5].map((k) => ({ rounds: 200 + k }));
  const list = [
    heavy[0],
    { ...heavy[1], fails: 'exits', where: 'plan' },
    { ...heavy[2], fails: 'memory', where: 'run', at: 2 },
    { ...heavy[3], fails: 'exits', where: 'combine' },
    heavy[4],
  ];
  const shape = { shards: 4, declared: 1 };
  const { end, result } = await sweep(list, shape);
  expect(end.progress.total).toBe(17); // four in four pieces, and one that could not be planned
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([
    [1, 'crashed'],
    [2, 'out_of_memory'],
    [3, 'crashed'],
  ]);
  const { result: undisturbed } = await sweep(heavy, shape);
  expect(result.items.estimate).toEqual(undisturbed.items.estimate.map((value, k) => (k % 4 === 0 ? value : null)));
});
