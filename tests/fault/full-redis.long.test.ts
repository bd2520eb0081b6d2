import { type FaultStack, rounds, sleep, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2 });
});
afterAll(() => stack?.stop());

const usedMemory = async () => Number(/^used_memory:(\d+)/m.exec(await stack.store.info('memory'))?.[1]);
const limitTo = (bytes: number) => stack.store.config('SET', 'maxmemory', String(Math.round(bytes)));
const fresh = (seed: number) => ({ analysis: 'toy', dataset: stack.grunfeld, seed, params: { shards: 2 } });
let seed = 7_777;
/** Another job each time: one that was let in once is let in for ever. */
const newcomer = () => stack.ask('POST', '/v1/jobs', fresh(seed++));

test('F20 memory above three quarters: new work is refused with the reason, what was accepted ends', async () => {
  const id = await stack.submit({ shards: 10, burn: rounds(0.2), tag: 'headroom' });
  await stack.progressed(id, 1);
  const refused = await until(async () => {
    await limitTo((await usedMemory()) / 0.8); // again: what Redis uses falls when it lets go of a client's buffers
    const answer = await newcomer();
    return answer.status === 503 && answer;
  });
  expect(JSON.parse(refused.text).code).toBe('storage_full');
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);
  expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0, recomputed: 0 } });
  expect((await stack.ask('GET', `/v1/jobs/${id}/result`)).status).toBe(200);
  await limitTo(0);
  await until(async () => (await newcomer()).status === 202);
  await stack.verify();
});

test('F20 not a byte left: reads are answered, nothing is blamed or lost, and work goes on when there is room', async () => {
  const id = await stack.submit({ shards: 12, burn: rounds(0.2), tag: 'not a byte' });
  await stack.progressed(id, 1);
  await limitTo(1);
  const refused = await until(async () => {
    const answer = await newcomer();
    return answer.status === 503 && answer;
  });
  expect(JSON.parse(refused.text).code).toBe('storage_full');
  await sleep(4_000); // longer than every lock and than a process may be silent
  expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);
  expect((await stack.job(id)).state).toBe('running');
  await limitTo(0);
  expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  expect(await stack.store.exists(`{spillway}:t:local:sus:${id}`)).toBe(0);
  await stack.verify();
  expect(stack.crew.map((worker) => worker.exit())).toEqual([undefined, undefined]);
});
