import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2 });
});
afterAll(() => stack?.stop());

/** Two living workers, whatever the test before has killed. */
async function livingWorkers() {
  while (stack.crew.filter((worker) => !worker.exit()).length < 2) await stack.startWorker();
  return stack.crew.filter((worker) => !worker.exit());
}

test('F1 a worker killed in mid shard: another takes over within seconds and the bytes are the same', async () => {
  const [victim] = await livingWorkers();
  const id = await stack.submit({ shards: 12, burn: rounds(0.5) });
  await stack.progressed(id, 2);
  victim.kill('SIGKILL');
  const killed = performance.now();
  const { progress } = await stack.job(id);
  await stack.progressed(id, progress.done + 4);
  const recovery = performance.now() - killed;
  const end = await stack.ended(id);
  expect(end.ran.recomputed).toBeLessThanOrEqual(1);
  expect(recovery).toBeLessThan(15_000);
  await stack.verify();
});

test('F2 every worker killed, one started later: all jobs end, and nobody is blamed', async () => {
  const victims = await livingWorkers();
  const ids = [];
  for (let seed = 0; seed < 4; seed++) ids.push(await stack.submit({ shards: 6, burn: rounds(0.3) }, seed));
  await stack.progressed(ids[0], 1);
  for (const victim of victims) victim.kill('SIGKILL');
  await Promise.all(victims.map((victim) => victim.exited));
  await until(async () => (await stack.store.zcard('{spillway}:hb')) === 0); // the API has declared them dead
  for (const id of ids) expect(['queued', 'planning', 'running']).toContain((await stack.job(id)).state);
  await stack.startWorker();
  for (const id of ids) expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  await stack.verify();
});

test('F11 a shard on two workers at once: one record, whatever the second one brings', async () => {
  const [sleeper] = await livingWorkers();
  const id = await stack.submit({ shards: 8, burn: rounds(0.5) });
  await stack.progressed(id, 1);
  sleeper.kill('SIGSTOP'); // in the middle of a shard, or of nothing: others take over all it has
  await stack.progressed(id, 6);
  sleeper.kill('SIGCONT');
  const end = await stack.ended(id);
  expect(end.progress).toMatchObject({ done: 8, total: 8 });
  // It is a worker as before, and its late part has changed nothing.
  const [other] = (await livingWorkers()).filter((worker) => worker !== sleeper);
  other.kill('SIGKILL');
  expect((await stack.ended(await stack.submit({ shards: 3 }, 11))).state).toBe('succeeded');
  await stack.verify();
});

test.each(['put-result:after', 'finish:before', 'finish:after'])(
  'F12 a worker killed while combining (%s): one result',
  async (kill) => {
    for (const worker of await livingWorkers()) await worker.stop(5_000);
    const victim = await stack.startWorker({ SPILLWAY_TEST_KILL: kill }, './killing-worker.mjs');
    const id = await stack.submit({ shards: 2, tag: kill });
    await victim.exited;
    if (kill === 'finish:after') expect((await stack.job(id)).state).toBe('succeeded');
    await stack.startWorker();
    expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', progress: { done: 2 } });
    await stack.verify();
  },
);

test('F17 SIGTERM at full load: the work is handed back at once, and nobody is blamed', async () => {
  const [leaver] = await livingWorkers();
  const ids = [];
  for (let seed = 0; seed < 3; seed++) ids.push(await stack.submit({ shards: 4, burn: rounds(0.4), declared: 1 }, seed));
  await stack.progressed(ids[0], 1);
  const asked = performance.now();
  leaver.kill('SIGTERM');
  expect(await leaver.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(5_000);
  for (const id of ids) {
    expect(await stack.store.exists(`{spillway}:t:local:sus:${id}`)).toBe(0);
    expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0, recomputed: 0 } });
  }
  await stack.verify();
});
