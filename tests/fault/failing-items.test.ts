import { createHash } from 'node:crypto';
import { join } from 'node:path';
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
} from '@spillway/core';
import { Pool, runJob } from '@spillway/pool';
import { healthyItems, requestOf, startShortStack, sweepOf } from '../harness/failing-items.js';
import type { FaultStack } from '../harness/fault-stack.js';
import { dataFile } from '../harness/service.js';
import { registry } from '../harness/toy-analyses.mjs';

/* Items of a sweep that end their thread, each in its own way: the sweep succeeds, and only they have failed. */
const panel = panelFromCsv(dataFile('grunfeld.csv'), { entity: 'firm', time: 'year' });
let stack: FaultStack;
beforeAll(async () => {
  stack = await startShortStack();
});
afterAll(() => stack?.stop());

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

const ways = { memory: 'out_of_memory', buffers: 'out_of_memory', exits: 'crashed', deaf: 'timed_out' } as const;

test('items that end their thread fail alone, each with its own code, and all others have their numbers', async () => {
  const places = [3, 12, 13, 30];
  const list: object[] = [...healthyItems];
  for (const [i, fails] of Object.keys(ways).entries()) list[places[i]] = { ...healthyItems[places[i]], fails };
  const { end, bytes, result } = await sweepOf(stack, list);
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual(Object.values(ways).map((code, i) => [places[i], code]));
  for (const { message } of result.failures) expect(message).toMatch(/^it (needs more memory|ended what|took longer)/);
  const { result: undisturbed } = await sweepOf(stack, healthyItems);
  const without = undisturbed.items.estimate.map((value, k) => (places.includes(k) ? null : value));
  expect(result.items.estimate).toEqual(without);
  expect(stack.crew.every((worker) => !worker.exit())).toBe(true);

  const spec = makeSpec(registry, requestOf(stack, list, { shards: 1 }), end.core);
  const lost: Lost = new Map(Object.values(ways).map((kind, i) => [places[i], kind]));
  expect(bytes).toBe(expected(spec, lost));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(end.result?.sha256);

  // without a service too, where every step has all the time it wants
  const quick = requestOf(
    stack,
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

test('a death that does not come again leaves no trace in the result', async () => {
  const once = (k: number, fails: string) => ({ ...healthyItems[k], fails, once: true, unless: join(stack.folder, `died-${k}`) });
  const list = healthyItems.map((one, k) => (k === 5 ? once(k, 'exits') : k === 20 ? once(k, 'deaf') : one));
  const { end, bytes, result } = await sweepOf(stack, list);
  expect(result.failures).toEqual([]);
  const spec = makeSpec(registry, requestOf(stack, list, { shards: 1 }), end.core);
  expect(bytes).toBe(Buffer.from(runLocally(registry, spec, { panel }).result).toString());
});
