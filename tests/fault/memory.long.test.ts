import { type FaultStack, rounds, startFaultStack } from '../harness/fault-stack.js';

let stack: FaultStack;
afterEach(() => stack?.stop());

test('F15 a step that fills its heap, or its buffers: only it ends, and says out_of_memory', async () => {
  stack = await startFaultStack({ workers: 1, threads: 2, env: { SPILLWAY_THREAD_HEAP_MB: '128' } });
  const failing = [
    await stack.submit({ shards: 3, fails: 'memory', at: 1 }),
    await stack.submit({ shards: 3, fails: 'buffers', at: 1 }),
    await stack.submit({ shards: 3, fails: 'memory', where: 'combine' }),
  ];
  const innocent = [];
  for (let seed = 0; seed < 4; seed++) innocent.push(await stack.submit({ shards: 6, burn: rounds(0.2), declared: 1 }, seed));
  for (const id of failing) expect(await stack.ended(id)).toMatchObject({ state: 'failed', failure: { code: 'out_of_memory' } });
  for (const id of innocent) expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
  expect(stack.crew[0].exit()).toBeUndefined();
  await stack.verify(Object.fromEntries(failing.map((id) => [id, 'failed'])));
}, 180_000);
