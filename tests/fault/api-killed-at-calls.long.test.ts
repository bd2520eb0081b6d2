import { apiTrial, everyCall } from '../harness/kill-trials.js';

test.each(['before', 'after'] as const)(
  'T3 the API killed %s each of its calls of Redis: what it said yes to ends, once, in the same bytes',
  async (when) => {
    const trials = await everyCall('the API', apiTrial, when, 1);
    expect(trials.length).toBeGreaterThan(15);
  },
  1_800_000,
);
