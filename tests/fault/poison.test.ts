import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultStack, rounds, startFaultStack } from '../harness/fault-stack.js';

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

const codes = {
  throws: 'internal',
  exits: 'crashed',
  rejects: 'internal',
  hangs: 'timed_out',
  deaf: 'timed_out',
};

test('F14 a step that throws, exits, rejects or never ends fails its own job only, and says how', async () => {
  const failing = await Promise.all(Object.keys(codes).map((fails) => stack.submit({ shards: 3, fails, at: 1 })));
  const innocent = await Promise.all([1, 2, 3, 4].map((seed) => stack.submit({ shards: 6, burn: rounds(0.05) }, seed)));
  const ends = await Promise.all(failing.map((id) => stack.ended(id)));
  expect(ends.map(({ failure }) => failure?.code)).toEqual(Object.values(codes));
  for (const id of innocent) expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  expect(stack.crew.every((worker) => !worker.exit())).toBe(true);
  await stack.verify(Object.fromEntries(failing.map((id) => [id, 'failed'])));
});

test('F14 the same in a plan, at a checkpoint and while combining', async () => {
  const wheres = ['plan', 'enough', 'combine'] as const;
  const failing = await Promise.all(
    wheres.map((where) => stack.submit({ shards: 3, fails: 'exits', where, checkpoints: [2] }, 3)),
  );
  for (const id of failing) expect((await stack.ended(id)).failure?.code).toBe('crashed');
  await stack.verify(Object.fromEntries(failing.map((id) => [id, 'failed'])));
});

test.each(['run', 'plan', 'combine'])(
  'T4 what kills its whole process (%s) is found and ended; the twelve beside it are not',
  async (where) => {
    const poison = await stack.submit({ shards: 4, fails: 'kills-process', at: 1, where });
    const innocent = await Promise.all(
      Array.from({ length: 12 }, (_, seed) => stack.submit({ shards: 4, burn: rounds(0.1), tag: where }, seed)),
    );
    expect(await stack.ended(poison)).toMatchObject({ state: 'failed', failure: { code: 'poison' } });
    for (const id of innocent) expect((await stack.ended(id)).state).toBe('succeeded');
    await stack.verify({ [poison]: 'failed' });
  },
);

test('T6 a job that failed goes on when it is retried, from the parts it has', async () => {
  const mended = join(stack.folder, 'mended');
  const id = await stack.submit({ shards: 6, burn: rounds(0.1), fails: 'throws', at: 4, unless: mended });
  expect(await stack.ended(id)).toMatchObject({ state: 'failed', failure: { code: 'internal' }, ran: { retried: 2 } });
  writeFileSync(mended, '');
  const again = await stack.insist('POST', `/v1/jobs/${id}/retry`);
  expect(again.status).toBe(202);
  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', epoch: JSON.parse(again.text).epoch, progress: { done: 6, total: 6 } });
  await stack.verify();
});

test('of several failing shards the lowest is reported, and a stop before it wins over it', async () => {
  // The shard that fails does so at once, long before the parts below it are there.
  const params = { shards: 12, burn: rounds(0.2), declared: 2, checkpoints: [2, 4], fails: 'estimation' };
  const stopsEarly = (seed: number) => {
    const values = JSON.parse(Buffer.from(stack.expected({ ...params, fails: 'no' }, seed, 'any')).toString()).values;
    return values.length < 5;
  };
  const seed = [1, 2, 3, 4, 5, 6, 7, 8].find(stopsEarly)!;
  const other = [1, 2, 3, 4, 5, 6, 7, 8].find((some) => !stopsEarly(some))!;
  const stops = await stack.submit({ ...params, at: 5 }, seed);
  const fails = await stack.submit({ ...params, at: 5 }, other);
  expect((await stack.ended(stops)).state).toBe('succeeded');
  expect((await stack.ended(fails)).failure).toEqual({ code: 'toy_failure', message: 'shard 5 cannot be done' });
  await stack.verify({ [fails]: 'failed' });
});
