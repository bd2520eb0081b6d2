import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { get, makeDeafClients } from '../harness/deaf-clients.js';
import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';

/* Linux only: what the API holds is read from /proc. */

let stack: FaultStack;
let deaf: ReturnType<typeof makeDeafClients>;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 1 });
  deaf = makeDeafClients(stack);
});
afterEach(() => deaf?.close());
afterAll(() => stack?.stop());

/** MB that the API process holds. */
function apiMb(): number {
  const pages = Number(readFileSync(`/proc/${stack.api.pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4_096) / 2 ** 20;
}

/** How long 100 ordinary questions take, at the 99th percentile, in milliseconds. */
async function p99(id: string): Promise<number> {
  const took: number[] = [];
  for (let k = 0; k < 100; k++) {
    const began = performance.now();
    expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b)[98];
}

test('F18 readers of events that do not read: memory stays bounded, they are dropped, others are not slower', async () => {
  // Each event is as large as the params: a reader that stalls has soon as much waiting as it may.
  const id = await stack.submit({ shards: 2_000, burn: rounds(0.05), declared: 2, tag: 'x'.repeat(900_000) });
  await stack.progressed(id, 1);
  const other = await stack.submit({ shards: 1 }, 5);
  const [before, calm] = [apiMb(), await p99(other)];
  const readers: Socket[] = [];
  for (let k = 0; k < 6; k++) readers.push(await deaf.say(get(`/v1/jobs/${id}/events`)));
  expect(deaf.held(readers)).toBe(6);
  expect(await p99(other)).toBeLessThan(10 * calm + 250);
  await until(() => deaf.held(readers) === 0);
  expect((await stack.job(id)).state).toBe('running');
  expect(apiMb() - before).toBeLessThan(250);
  expect((await stack.insist('POST', `/v1/jobs/${id}/cancel`)).status).toBe(202);
  await stack.verify({ [id]: 'cancelled' });
}, 120_000);

test('F18 who asks much and reads nothing is let go, and no more is held for him than he can be sent', async () => {
  const id = await stack.submit({ shards: 1, tag: 'y'.repeat(900_000) });
  await stack.ended(id);
  const before = apiMb();
  const client = await deaf.say(get(`/v1/jobs/${id}`).repeat(60)); // more than the buffers of both ends take
  expect(deaf.held([client])).toBe(1);
  await until(() => deaf.held([client]) === 0);
  expect(apiMb() - before).toBeLessThan(100);
  await stack.verify();
}, 180_000);
