import { createHash, randomUUID } from 'node:crypto';
import type { Job } from '@spillway/contracts';
import { makeSpec, panelFromCsv, runLocally } from '@spillway/core';
import { connectForWork, makeDriver, makeJanitor, makeJobs, makeScripts, makeSender, makeStores } from '@spillway/queue';
import { readSettings } from '@spillway/settings';
import type { Redis } from 'ioredis';
import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';
import { dataFile } from '../harness/service.js';
import { registry } from '../harness/toy-analyses.mjs';

let stack: FaultStack;
let redis: Redis;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2, threads: 1 });
  redis = connectForWork(stack.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.stop();
});

/** 10,000 items that no family shortens: every one has another level of its intervals. */
const items = 10_000;
const sweep = {
  params: { formula: 'inv ~ value | firm', effectTests: false, covariance: 'classical' },
  vary: { level: Array.from({ length: items }, (_, k) => 0.5 + (k + 1) / (4 * items)) },
};

/** A small job of another tenant, who has the same data. */
async function otherTenant() {
  const scripts = makeScripts(redis);
  const settings = readSettings({});
  const jobs = makeJobs(redis, scripts, settings);
  const driver = makeDriver(scripts, makeSender(redis), settings, makeJanitor(redis, scripts, settings));
  const { datasets } = makeStores(redis, scripts);
  const record = (await datasets.get('local', stack.grunfeld))!;
  const bytes = (await datasets.bytes('local', stack.grunfeld))!;
  await datasets.put('other', { hash: stack.grunfeld, bytes, summary: record.summary, preview: {} }, '');
  return async (core: string) => {
    const request = { analysis: 'toy', dataset: stack.grunfeld, seed: 1, params: { shards: 1, burn: rounds(0.02) } };
    const ref = { tenant: 'other', id: randomUUID().replaceAll('-', '') };
    const cost = { cpuSeconds: 0.02, bytes: 1_000, arithmetic: '' };
    const spec = makeSpec(registry, request, core);
    await jobs.submit({ ...ref, kind: 'analysis', core, spec, cost, owner: 'test' });
    await driver.drive(ref);
    await until(async () => (await jobs.get(ref))?.state === 'succeeded');
  };
}

test('F22, T5 with sweeps: 10,000 items and a killed worker delay nobody beyond a chunk, and every item is there', async () => {
  const submitOther = await otherTenant();
  const body = { dataset: stack.grunfeld, seed: 1, ...sweep };
  const { status, text } = await stack.ask('POST', '/v1/sweeps', body);
  expect(status).toBe(202);
  const { id, core } = JSON.parse(text) as Job;
  await stack.progressed(id, 1);
  stack.crew[1].kill('SIGKILL');

  const key = `{spillway}:t:local:job:${id}`;
  const read = async () => {
    const [state, shards, chunk, units, unitsDone] = await redis.hmget(key, 'state', 'shards', 'chunk', 'units', 'unitsDone');
    return { state, done: Number(unitsDone), unitsPerChunk: (Number(units) / Number(shards)) * Number(chunk) };
  };
  const before = await read();
  expect(before.state).toBe('running');
  await submitOther(core);
  const after = await read();
  // one slot is left: what it has in hand, and what had been offered before the small job was
  expect(after.done - before.done).toBeLessThanOrEqual(3 * after.unitsPerChunk);
  expect(after.done).toBeLessThan(items);

  // of the same tenant too: a job beside a sweep does not wait for its end
  const small = await stack.submit({ shards: 1 });
  await stack.ended(small);
  expect((await read()).done).toBeLessThan(items);

  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', progress: { done: items, total: items } });
  const panel = panelFromCsv(dataFile('grunfeld.csv'), { entity: 'firm', time: 'year' });
  const spec = makeSpec(registry, { analysis: 'sweep', dataset: stack.grunfeld, seed: 1, params: sweep }, core);
  const whole = createHash('sha256')
    .update(runLocally(registry, spec, { panel }).result)
    .digest('hex');
  expect(end.result?.sha256).toBe(whole);
  expect(stack.violations).toEqual([]);
});
