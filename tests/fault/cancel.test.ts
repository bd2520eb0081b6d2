import { readFileSync } from 'node:fs';
import { type FaultStack, rounds, sleep, startFaultStack, until } from '../harness/fault-stack.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2 });
});
afterAll(() => stack?.stop());

const cancel = (id: string) => stack.insist('POST', `/v1/jobs/${id}/cancel`);
const long = { shards: 40, burn: rounds(1), declared: 1 };

/** CPU that the workers have used, in hundredths of a second. */
function cpuTicks(): number {
  return stack.crew
    .map((worker) => readFileSync(`/proc/${worker.pid}/stat`, 'utf8').split(') ')[1].split(' '))
    .reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0);
}
/** When less than a tenth of a core has been used for half a second. */
async function idle(): Promise<void> {
  for (let before = cpuTicks(); ; ) {
    await sleep(500);
    const now = cpuTicks();
    if (now - before <= 5) return;
    before = now;
  }
}

test('F16 a running job is cancelled at once, and its threads stop', async () => {
  const id = await stack.submit(long);
  await stack.progressed(id, 2);
  const asked = performance.now();
  expect(await cancel(id)).toMatchObject({ status: 202 });
  expect((await stack.job(id)).state).toBe('cancelled');
  await idle();
  expect(performance.now() - asked).toBeLessThan(5_000);
  await stack.verify({ [id]: 'cancelled' });
});

test('F16 cancelled while queued, at any moment of the first half second, and twice; a job that has ended stays ended', async () => {
  const states: Record<string, 'cancelled' | 'succeeded'> = {};
  for (let wait = 0; wait < 60; wait += 4) {
    const id = await stack.submit({ shards: 2, burn: rounds(0.01) }, 100 + wait);
    await sleep(wait);
    const { status, text } = await cancel(id);
    if (status === 202) {
      states[id] = 'cancelled';
      expect((await cancel(id)).status).toBe(202);
    } else {
      states[id] = 'succeeded';
      expect({ status, code: JSON.parse(text).code }).toEqual({ status: 409, code: 'already_ended' });
    }
  }
  await stack.verify(states);
});

test('F16 cancelled while it is combined', async () => {
  const id = await stack.submit({ shards: 2, burn: rounds(3), where: 'combine', tag: 'combine' });
  await until(async () => (await stack.job(id)).state === 'combining');
  expect((await cancel(id)).status).toBe(202);
  await idle();
  await stack.verify({ [id]: 'cancelled' });
});

test('F16 a thousand shards: cancelling does not hold up Redis', async () => {
  const id = await stack.submit({ shards: 1_000, burn: rounds(0.5), declared: 2 });
  await stack.progressed(id, 1);
  await stack.store.config('SET', 'slowlog-log-slower-than', '50000');
  await stack.store.slowlog('RESET');
  expect((await cancel(id)).status).toBe(202);
  await stack.verify({ [id]: 'cancelled' });
  expect(await stack.store.slowlog('LEN')).toBe(0);
});

test('F16 asked while Redis is asleep: not known until it wakes, then so', async () => {
  const id = await stack.submit(long, 9);
  await stack.progressed(id, 1);
  stack.redis.kill('SIGSTOP');
  const { status } = await stack.ask('POST', `/v1/jobs/${id}/cancel`);
  stack.redis.kill('SIGCONT');
  expect(status).toBe(503);
  expect((await cancel(id)).status).toBe(202);
  await idle();
  await stack.verify({ [id]: 'cancelled' });
});

test('F16 the word that a job is cancelled gets lost: the threads stop all the same', async () => {
  const id = await stack.submit(long, 10);
  await stack.progressed(id, 1);
  await stack.store.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  expect((await cancel(id)).status).toBe(202);
  await idle();
  await stack.verify({ [id]: 'cancelled' });
});
