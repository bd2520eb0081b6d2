import { randomUUID } from 'node:crypto';
import { makeSpec } from '@spillway/core';
import {
  connectForWork,
  type JobRef,
  makeDriver,
  makeJanitor,
  makeJobs,
  makeScripts,
  makeSender,
  makeStores,
} from '@spillway/queue';
import { readSettings } from '@spillway/settings';
import type { Redis } from 'ioredis';
import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';
import { registry } from '../harness/toy-analyses.mjs';

let stack: FaultStack;
let redis: Redis;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 1, threads: 2 });
  redis = connectForWork(stack.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.stop();
});

test('T5 one job of 800 chunks beside a small one: the small one does not wait for it', async () => {
  const large = await stack.submit({ shards: 800, burn: rounds(0.001), declared: 2 });
  await stack.progressed(large, 20);
  const small = await stack.submit({ shards: 1 });
  await stack.ended(small);
  const { done } = (await stack.job(large)).progress;
  expect(done).toBeLessThan(400);
  expect((await stack.ended(large)).progress).toMatchObject({ done: 800, total: 800 });
  await stack.verify();
});

test('F22 one tenant floods the queue, another has one job: it waits for a bounded number of slots', async () => {
  const scripts = makeScripts(redis);
  const settings = readSettings({});
  const sender = makeSender(redis);
  const jobs = makeJobs(redis, scripts, settings);
  const driver = makeDriver(scripts, sender, settings, makeJanitor(redis, scripts, settings));
  const core = (await stack.job(await stack.submit({ shards: 1 }, 2))).core;

  // Another tenant, who has the same data: nothing of it is shared.
  const data = makeStores(redis, scripts).datasets;
  const record = (await data.get('local', stack.grunfeld))!;
  const bytes = (await data.bytes('local', stack.grunfeld))!;
  await data.put(
    'other',
    { hash: stack.grunfeld, bytes, summary: record.summary, preview: { columns: [], rows: [] } as never },
    '',
  );

  const submit = async (tenant: string, seed: number) => {
    const spec = makeSpec(
      registry,
      { analysis: 'toy', dataset: stack.grunfeld, seed, params: { shards: 1, burn: rounds(0.02) } },
      core,
    );
    const id = randomUUID().replaceAll('-', '');
    const cost = { cpuSeconds: 0.02, bytes: 1_000, arithmetic: '' };
    await jobs.submit({ tenant, id, kind: 'analysis', core, spec, cost, owner: 'test' });
    await driver.drive({ tenant, id });
    return { tenant, id };
  };
  const flood: JobRef[] = [];
  for (let seed = 0; seed < 120; seed++) flood.push(await submit('local', seed));
  const one = await submit('other', 0);
  const before = await stateCounts(flood);
  await until(async () => (await jobs.get(one))?.state === 'succeeded');
  const after = await stateCounts(flood);
  expect(after.succeeded - before.succeeded).toBeLessThanOrEqual(12); // 2 slots, and what is ahead in the queue
  expect(after.succeeded).toBeLessThan(120);
  await until(async () => (await stateCounts(flood)).succeeded === 120);

  async function stateCounts(refs: readonly JobRef[]) {
    const states = await Promise.all(refs.map(({ tenant, id }) => redis.hget(`{spillway}:t:${tenant}:job:${id}`, 'state')));
    return { succeeded: states.filter((state) => state === 'succeeded').length };
  }
});
