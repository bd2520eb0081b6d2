import { type FaultStack, rounds, sleep, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
afterEach(() => stack?.stop());

/** Small jobs one after another until told to stop. */
function keepSubmitting(): () => Promise<number> {
  let going = true;
  let count = 0;
  const loop = (async () => {
    for (; going; count++) {
      await stack.submit({ shards: 3, burn: rounds(0.03) }, 1_000 + count);
      await sleep(50);
    }
  })();
  return async () => {
    going = false;
    await loop;
    return count;
  };
}

test.each(['everysec', 'always'] as const)(
  'F6 Redis killed under load (appendfsync %s): nothing that was accepted is lost',
  async (appendfsync) => {
    stack = await startFaultStack({ workers: 2, redis: { appendfsync } });
    const stop = keepSubmitting();
    const id = await stack.submit({ shards: 16, burn: rounds(0.25) });
    for (const done of [2, 8]) {
      await stack.progressed(id, done);
      stack.redis.kill('SIGKILL');
      await stack.startRedis();
    }
    expect(await stop()).toBeGreaterThan(3);
    expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
    await stack.verify();
    expect(stack.crew.map((worker) => worker.exit())).toEqual([undefined, undefined]);
  },
);

test('F8 Redis asleep for longer than every lock: the API says so, no worker ends, nothing is computed in vain', async () => {
  stack = await startFaultStack({ workers: 2 });
  const id = await stack.submit({ shards: 16, burn: rounds(0.5) });
  await stack.progressed(id, 2);
  stack.redis.kill('SIGSTOP');
  const asleep = performance.now();
  const answers = [];
  while (performance.now() - asleep < 5_000) {
    const asked = performance.now();
    answers.push({ ...(await stack.ask('GET', `/v1/jobs/${id}`)), ms: performance.now() - asked });
  }
  stack.redis.kill('SIGCONT');
  for (const { status, text, headers } of answers) {
    expect({ status, code: JSON.parse(text).code, later: headers.get('retry-after') }).toEqual({
      status: 503,
      code: 'storage_unavailable',
      later: '2',
    });
  }
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(4_000); // the command's own limit is 2 s
  await until(async () => (await stack.ask('GET', '/readyz')).status === 200);
  const end = await stack.ended(id);
  expect(end.ran.recomputed).toBeLessThanOrEqual(2);
  expect(end.ran.retried).toBe(0);
  expect(await stack.store.exists(`{spillway}:t:local:sus:${id}`)).toBe(0);
  expect(stack.crew.map((worker) => worker.exit())).toEqual([undefined, undefined]);
  await stack.verify();
});
