import { everyCall, workerTrial } from '../harness/kill-trials.js';

test('T3 a worker killed before each of its calls of Redis: every job ends, once, in the same bytes', async () => {
  const trials = await everyCall('a worker', workerTrial, 'before', 0);
  expect(trials.length).toBeGreaterThan(40);
}, 1_800_000);
