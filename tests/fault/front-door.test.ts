import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack();
});
afterAll(() => stack?.stop());

/** An API that ends at this call of Redis, in the place of the one that runs. */
async function doomedApi(kill: string): Promise<void> {
  await stack.api.stop(5_000);
  await stack.startApi({ SPILLWAY_TEST_KILL: kill }, './killing-api.mjs');
  await until(async () => (await stack.ask('GET', '/readyz').catch(() => null))?.status === 200);
}

test.each(['submit:after', 'release:before'])(
  'F4 the API killed at %s, before it answered: asked again it is the same job',
  async (kill) => {
    await doomedApi(kill);
    const params = { shards: 4, tag: kill };
    const body = { analysis: 'toy', dataset: stack.grunfeld, seed: 1, params };
    await expect(stack.ask('POST', '/v1/jobs', body)).rejects.toThrow(); // no answer: it may be accepted, or not
    await stack.startApi();
    const id = await stack.submit(params);
    const end = await stack.ended(id);
    expect(end).toMatchObject({ state: 'succeeded', ran: { recomputed: 0 }, progress: { done: 4, total: 4 } });
    expect(await stack.store.zcard('{spillway}:t:local:jobs')).toBe(kill === 'submit:after' ? 1 : 2);
    await stack.verify();
  },
);

test('F5 the API killed between marking the tasks as sent and sending them: the next drive sends them', async () => {
  await doomedApi('release:after');
  const params = { shards: 4, tag: 'F5' };
  await expect(stack.ask('POST', '/v1/jobs', { analysis: 'toy', dataset: stack.grunfeld, seed: 1, params })).rejects.toThrow();
  await stack.startApi();
  await stack.ended(await stack.submit(params));
  await stack.verify();
});

test.each(['put-context:after', 'commit-plan:before', 'commit-plan:after', 'release:after'])(
  'F5 the planner killed at %s: another one goes on, and every shard is there once',
  async (kill) => {
    for (const worker of stack.crew) await worker.stop(5_000);
    const victim = await stack.startWorker({ SPILLWAY_TEST_KILL: kill }, './killing-worker.mjs');
    const id = await stack.submit({ shards: 12, burn: rounds(0.02), declared: 1, tag: kill });
    await victim.exited;
    await stack.startWorker();
    const end = await stack.ended(id);
    expect(end).toMatchObject({ state: 'succeeded', progress: { done: 12, total: 12 }, ran: { shards: 12 } });
    await stack.verify();
  },
);
