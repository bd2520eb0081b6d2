import type { Child } from '@spillway/stack';
import { type FaultStack, rounds, sleep, startFaultStack, until } from '../harness/fault-stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

let stack: FaultStack;
let line: TcpProxy;
let far: Child;
beforeEach(async () => {
  stack = await startFaultStack({ workers: 1 });
  line = await startTcpProxy(stack.redis.port);
  far = await stack.startWorker({ REDIS_URL: stack.redisUrl.replace(/:\d+$/, `:${line.port}`) });
  await until(async () => (await stack.store.zcard('{spillway}:hb')) === 2);
});
afterEach(async () => {
  await stack?.stop();
  await line?.stop();
});

const living = () => stack.store.zcard('{spillway}:hb');

/** The far worker computes again, as the same process: it alone is left to do it. */
async function farWorks(seed: number): Promise<void> {
  const [near] = stack.crew;
  await near.stop(5_000);
  expect((await stack.ended(await stack.submit({ shards: 3 }, seed))).state).toBe('succeeded');
  expect(far.exit()).toBeUndefined();
}

test.each([
  ['nothing passes', () => line.cut()],
  ['what it says arrives, what it asks is not answered', () => line.loseAnswers()],
])('F9 a worker cut off (%s): others take over, and what it brings late changes nothing', async (_how, cut) => {
  const id = await stack.submit({ shards: 12, burn: rounds(0.4), declared: 1 });
  await until(async () => (await stack.store.keys('{spillway}:fl:*')).length === 2); // both are at it
  cut();
  await until(async () => (await living()) === 1); // given up, and its work with it
  const { progress } = await stack.job(id);
  await stack.progressed(id, Math.min(12, progress.done + 3));
  line.heal();
  await until(async () => (await living()) === 2);
  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', progress: { done: 12 }, ran: { retried: 0 } });
  expect(end.ran.recomputed).toBeLessThanOrEqual(2);
  await farWorks(11);
  await stack.verify();
});

test('F9 a line of two seconds each way: slow is not dead for ever, and nothing fails', async () => {
  const id = await stack.submit({ shards: 6, burn: rounds(0.3), declared: 1 });
  await stack.progressed(id, 1);
  line.slow(2_000);
  await sleep(6_000); // beats arrive late, answers later than the lock
  line.heal();
  expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  await farWorks(12);
  await stack.verify();
});

test('F9 connections reset again and again: the worker comes back each time', async () => {
  const id = await stack.submit({ shards: 16, burn: rounds(0.3), declared: 1 });
  for (let k = 0; k < 12; k++) {
    await until(() => line.connections() >= 2);
    await sleep(100 + 53 * k);
    line.reset();
  }
  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  await farWorks(13);
  await stack.verify();
});

test('F9 the API cut off from Redis: 503 within seconds, and all it had accepted ends', async () => {
  await stack.api.stop(5_000);
  await stack.startApi({ REDIS_URL: stack.redisUrl.replace(/:\d+$/, `:${line.port}`) });
  const id = await stack.submit({ shards: 8, burn: rounds(0.3) });
  line.cut();
  const asked = performance.now();
  const answer = await stack.ask('GET', `/v1/jobs/${id}`);
  expect(answer.status).toBe(503);
  expect(performance.now() - asked).toBeLessThan(4_000); // the command's own limit is 2 s
  expect((await stack.ask('GET', '/livez')).status).toBe(200);
  expect((await stack.ask('GET', '/readyz')).status).toBe(503);
  line.heal();
  await until(async () => (await stack.ask('GET', '/readyz')).status === 200);
  await stack.verify();
});
