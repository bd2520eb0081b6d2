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
