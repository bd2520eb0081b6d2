import { type FaultStack, rounds, sleep, startFaultStack } from '../harness/fault-stack.js';

let stack: FaultStack;
afterEach(() => stack?.stop());

test('F3 a worker killed every few seconds for a minute and a half: progress never falls, all ends, nobody is blamed', async () => {
  stack = await startFaultStack({ workers: 3 });
  void stack.supervise(3);
  const id = await stack.submit({ shards: 120, burn: rounds(0.3), tag: 'long' });
  const first = await stack.job(id);
  const small: string[] = [];
  let kills = 0;
  let done = 0;
  const check = async () => {
    const { progress, epoch } = await stack.job(id);
    expect(progress.done).toBeGreaterThanOrEqual(done);
    expect(epoch).toBe(first.epoch);
    done = progress.done;
  };
  for (const until = performance.now() + 90_000; performance.now() < until; kills++) {
    small.push(await stack.submit({ shards: 3, burn: rounds(0.1), tag: 'small' }, kills));
    for (let k = 0; k < 15; k++) {
      await check();
      await sleep(200);
    }
    const living = stack.crew.filter((worker) => !worker.exit());
    living[kills % living.length].kill('SIGKILL');
  }
  const end = await stack.ended(id);
  expect(end).toMatchObject({ state: 'succeeded', progress: { done: 120 }, ran: { retried: 0 } });
  expect(end.ran.recomputed).toBeLessThanOrEqual(kills);
  for (const one of small) expect(await stack.ended(one)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  process.stderr.write(`F3: ${kills} kills, ${end.ran.recomputed} of 120 shards recorded twice\n`);
  await stack.verify();
}, 240_000);
