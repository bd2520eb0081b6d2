import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { get, makeDeafClients } from '../harness/deaf-clients.js';
import { type FaultStack, sleep, startFaultStack, until } from '../harness/fault-stack.js';

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

test('F18 a thousand polls whose clients have gone silent: answered, closed, and nothing is kept of them', async () => {
  const id = await stack.submit({ shards: 1 }, 6);
  await stack.ended(id);
  const before = apiMb();
  const silent: Socket[] = [];
  for (let k = 0; k < 1_000; k++) silent.push(await deaf.say(get(`/v1/jobs/${id}`)));
  expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);
  await until(() => deaf.held(silent) === 0);
  expect(apiMb() - before).toBeLessThan(200);
  await stack.verify();
}, 180_000);

test('F18 requests that never end: others are served meanwhile, and they are cut at the limit', async () => {
  const id = await stack.submit({ shards: 1 }, 7);
  await stack.ended(id);
  const slow: Socket[] = [];
  for (let k = 0; k < 200; k++) slow.push(await deaf.say('GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\n'));
  const dripping = setInterval(() => {
    for (const socket of slow) if (!socket.destroyed) socket.write('X-Slow: 1\r\n');
  }, 2_000);
  expect(deaf.held(slow)).toBe(200);
  const began = performance.now();
  try {
    while (deaf.held(slow) > 0) {
      expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);
      await sleep(500);
    }
  } finally {
    clearInterval(dripping);
  }
  expect(performance.now() - began).toBeLessThan(120_000);
  await stack.verify();
}, 180_000);
