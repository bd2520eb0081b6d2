import { healthyItems, startShortStack, sweepOf } from '../harness/failing-items.js';
import type { FaultStack } from '../harness/fault-stack.js';

/* Items of a sweep that end their whole process, and heavy ones, which are planned, computed in pieces and combined. */
let stack: FaultStack;
beforeAll(async () => {
  stack = await startShortStack();
});
afterAll(() => stack?.stop());

test('an item that kills the whole process of its worker fails alone too', async () => {
  const list = healthyItems.map((one, k) => (k === 7 ? { ...one, fails: 'kills-process' } : one));
  const { result } = await sweepOf(stack, list);
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([[7, 'crashed']]);
  expect(result.counts).toMatchObject({ fitted: 39, failed: 1 });
});

test('so do heavy items that kill it while they are planned or combined', async () => {
  const kills = (rounds: number, where: string) => ({ rounds, fails: 'kills-process', where });
  const { result } = await sweepOf(stack, [{ rounds: 300 }, kills(301, 'plan'), kills(302, 'combine'), { rounds: 303 }], {
    shards: 4,
    declared: 1,
  });
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([
    [1, 'crashed'],
    [2, 'crashed'],
  ]);
  expect(result.counts).toMatchObject({ fitted: 2, failed: 2 });
});

test('heavy items, computed in pieces, fail alone wherever they end their thread: planned, in a piece, combined', async () => {
  const heavy = [1, 2, 3, 4, 5].map((k) => ({ rounds: 200 + k }));
  const list = [
    heavy[0],
    { ...heavy[1], fails: 'exits', where: 'plan' },
    { ...heavy[2], fails: 'memory', where: 'run', at: 2 },
    { ...heavy[3], fails: 'exits', where: 'combine' },
    heavy[4],
  ];
  const shape = { shards: 4, declared: 1 };
  const { end, result } = await sweepOf(stack, list, shape);
  expect(end.progress.total).toBe(17); // four in four pieces, and one that could not be planned
  expect(result.failures.map(({ item, code }) => [item, code])).toEqual([
    [1, 'crashed'],
    [2, 'out_of_memory'],
    [3, 'crashed'],
  ]);
  const { result: undisturbed } = await sweepOf(stack, heavy, shape);
  expect(result.items.estimate).toEqual(undisturbed.items.estimate.map((value, k) => (k % 4 === 0 ? value : null)));
});
