import { type FaultStack, rounds, startFaultStack } from '../harness/fault-stack.js';

/* F21 and re-homing: processes of several builds of the core on one Redis. */
let stack: FaultStack;
afterEach(() => stack?.stop());

const env = { SPILLWAY_REHOME_MS: '1500' };

test('F21 two builds side by side: each computes its own jobs, and no job is computed by both', async () => {
  stack = await startFaultStack({ workers: 1, env });
  const mine = (await stack.job(await stack.submit({ shards: 1 }))).core;
  await stack.startWorker({ SPILLWAY_TEST_CORE: 'other' });
  const ids = [];
  for (let seed = 0; seed < 6; seed++) ids.push(await stack.submit({ shards: 6, burn: rounds(0.1), declared: 1 }, seed));
  for (const id of ids) expect((await stack.ended(id)).core).toBe(mine);
  await stack.verify();
}, 180_000);

test('F21 the last worker of a build goes while its job runs: another build begins it anew and says so', async () => {
  stack = await startFaultStack({ workers: 1, env });
  const id = await stack.submit({ shards: 12, burn: rounds(0.3), declared: 1 });
  const { core, epoch } = await stack.progressed(id, 2);
  stack.crew[0].kill('SIGKILL');
  await stack.startWorker({ SPILLWAY_TEST_CORE: 'other', SPILLWAY_TEST_UNITS_PER_SHARD: '5' });
  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', core: 'other', ran: { shards: 3, retried: 0 } });
  expect(end.core).not.toBe(core);
  expect(end.epoch).toBeGreaterThan(epoch);
  const { text } = await stack.insist('GET', `/v1/jobs/${id}/result`);
  expect(JSON.parse(text).provenance.core).toBe('other');
  await stack.verify();
}, 180_000);

test('F21 an API ahead of its workers: what it takes is computed by those there are', async () => {
  stack = await startFaultStack({ workers: 1, env });
  await stack.api.stop(5_000);
  await stack.startApi({ SPILLWAY_TEST_CORE: 'newer' });
  const end = await stack.ended(await stack.submit({ shards: 3 }));
  expect(end).toMatchObject({ state: 'succeeded' });
  expect(end.core).not.toBe('newer');
  await stack.verify();
}, 180_000);

test('F21 only another version of the analysis is left: the job fails, for its number would be another one', async () => {
  stack = await startFaultStack({ workers: 1, env });
  const id = await stack.submit({ shards: 12, burn: rounds(0.3), declared: 1 });
  await stack.progressed(id, 2);
  stack.crew[0].kill('SIGKILL');
  await stack.startWorker({ SPILLWAY_TEST_CORE: 'other', SPILLWAY_TEST_TOY_VERSION: '2' });
  expect(await stack.ended(id)).toMatchObject({ state: 'failed', failure: { code: 'version_gone' } });
  await stack.verify({ [id]: 'failed' });
}, 180_000);
