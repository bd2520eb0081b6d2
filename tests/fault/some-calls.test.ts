import { type FaultStack, startFaultStack } from '../harness/fault-stack.js';
import { apiTrial, quick, workerTrial } from '../harness/kill-trials.js';

/* T3 at a few calls; the long tests have them all. */

let stack: FaultStack;
afterEach(() => stack?.stop());

test('T3 a worker killed at some of its calls of Redis', async () => {
  stack = await startFaultStack({ workers: 0, env: quick });
  expect((await workerTrial(stack, 17, 'after')).killed).toBe(true);
  expect((await workerTrial(stack, 36, 'before')).killed).toBe(true);
});

test('T3 the API killed at one of its calls of Redis', async () => {
  stack = await startFaultStack({ workers: 1, env: quick });
  expect((await apiTrial(stack, 12, 'after')).killed).toBe(true);
});
