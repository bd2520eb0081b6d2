import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2 });
});
afterAll(() => stack?.stop());

/** Everything that BullMQ keeps. */
async function wipeTransport(): Promise<number> {
  const keys = [...(await stack.store.keys('{spillway}:work.*')), ...(await stack.store.keys('{spillway}:solo.*'))];
  return keys.length === 0 ? 0 : stack.store.del(...keys);
}

test('T1 BullMQ loses all it has, at any moment of a job: the job ends as if nothing had been', async () => {
  const ids = [];
  for (let round = 0; round < 4; round++) {
    const id = await stack.submit({ shards: 8, burn: rounds(0.2), declared: 1 }, round);
    ids.push(id);
    await stack.progressed(id, 2 * round);
    expect(await wipeTransport()).toBeGreaterThan(0);
  }
  for (const id of ids) expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  await stack.verify();
});

test('T1 BullMQ loses half of what it has: records without a place, places without a record', async () => {
  const id = await stack.submit({ shards: 16, burn: rounds(0.2), declared: 1 }, 50);
  await stack.progressed(id, 1);
  const tasks = await until(async () => {
    const found = (await stack.store.keys('{spillway}:work.*')).filter(
      (key) => key.includes(`.${id}.`) && !key.endsWith(':lock'),
    );
    return found.length > 2 && found;
  });
  const [queue] = tasks[0].split(/:(?=local\.)/);
  for (const [i, key] of tasks.entries()) {
    const task = key.slice(queue.length + 1);
    if (i % 2 === 0) await stack.store.del(key);
    else await stack.store.zrem(`${queue}:prioritized`, task);
  }
  expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  await stack.verify();
});

test('T2 planned by one build and gone on with by another that would cut it otherwise: one plan holds', async () => {
  for (const worker of stack.crew) await worker.stop(5_000);
  const planner = await stack.startWorker();
  const id = await stack.submit({ shards: 12, burn: rounds(0.25), declared: 1 }, 60);
  await stack.progressed(id, 2);
  planner.kill('SIGKILL');
  await stack.startWorker({ SPILLWAY_TEST_UNITS_PER_SHARD: '5' });
  expect(await stack.ended(id)).toMatchObject({ progress: { done: 12 }, ran: { shards: 12 } });
  await stack.verify();
});

test('T2 two builds plan at once: the first plan that is committed is the plan', async () => {
  for (const worker of stack.crew) await worker.stop(5_000);
  const late = await stack.startWorker({ SPILLWAY_TEST_KILL: 'commit-plan:before' }, './killing-worker.mjs');
  const ids = [await stack.submit({ shards: 12 }, 70), await stack.submit({ shards: 12, tag: 'two' }, 71)];
  await late.exited;
  await stack.startWorker({ SPILLWAY_TEST_UNITS_PER_SHARD: '5' });
  await stack.startWorker();
  for (const id of ids) expect([3, 12]).toContain((await stack.ended(id)).ran.shards);
  await stack.verify();
});
