import { appendOnlyFile, losePower, sizeOf, survivor } from '../harness/append-only.js';
import { makeChance } from '../harness/chance.js';
import { type FaultStack, rounds, sleep, startFaultStack } from '../harness/fault-stack.js';

let stack: FaultStack;
afterEach(() => stack?.stop());

/** Submits without counting on it: a promise of the last moments may be lost with the power. */
async function submit(seed: number) {
  const params = { shards: 3, burn: rounds(0.05), ...(seed % 3 === 0 ? { declared: 1 } : {}) };
  const { status, text } = await stack.ask('POST', '/v1/jobs', { analysis: 'toy', dataset: stack.grunfeld, seed, params });
  expect(status).toBe(202);
  return { id: JSON.parse(text).id as string, params, seed };
}

type Submitted = Awaited<ReturnType<typeof submit>>;

/** A job that is known ends well, in the bytes of a run without faults. Returns those that are known. */
async function expectWhole(jobs: readonly Submitted[]): Promise<Submitted[]> {
  const known: Submitted[] = [];
  for (const job of jobs) {
    const end = await survivor(stack, job.id);
    if (!end) continue;
    known.push(job);
    expect(end.state).toBe('succeeded');
    const { text } = await stack.insist('GET', `/v1/jobs/${job.id}/result`);
    expect(text).toBe(Buffer.from(stack.expected(job.params, job.seed, end.core)).toString());
  }
  return known;
}

test('T7 the append-only file cut at random bytes: every job that is still known ends, in the same bytes', async () => {
  stack = await startFaultStack({ workers: 1 });
  const chance = makeChance(20);
  const dataset = sizeOf(appendOnlyFile(stack));
  for (let round = 0; round < 8; round++) {
    const before = sizeOf(appendOnlyFile(stack));
    const jobs: Submitted[] = [];
    for (let k = 0; k < 6; k++) jobs.push(await submit(100 * round + k));
    await sleep(chance.between(0, 1_500));
    await losePower(stack, (file) => Math.max(dataset, chance.whole(before, sizeOf(file))));
    const known = await expectWhole(jobs);
    // What is lost is a suffix: no job is known that was accepted after one that is not.
    expect(known).toEqual(jobs.slice(0, known.length));
    await stack.verify(); // nothing is left of the lost ones
  }
}, 300_000);

test('F7 power lost under everysec: what is lost was accepted in the last two seconds, and none is there by half', async () => {
  stack = await startFaultStack({ workers: 1 });
  const file = appendOnlyFile(stack);
  // At the worst Redis has synced what had been written two seconds ago.
  const written: { at: number; bytes: number }[] = [];
  const looking = setInterval(() => written.push({ at: performance.now(), bytes: sizeOf(file) }), 20);
  const jobs: (Submitted & { readonly at: number })[] = [];
  for (const until = performance.now() + 6_000; performance.now() < until; await sleep(200)) {
    const submitted = await submit(jobs.length);
    jobs.push({ ...submitted, at: performance.now() });
  }
  const lost = performance.now();
  clearInterval(looking);
  await losePower(stack, () => written.findLast(({ at }) => at < lost - 2_000)!.bytes);
  const known = await expectWhole(jobs);
  const safe = jobs.filter(({ at }) => at < lost - 2_100);
  expect(safe.length).toBeGreaterThan(5);
  expect(known.map(({ id }) => id)).toEqual(expect.arrayContaining(safe.map(({ id }) => id)));
  // Who had a 202 and then a 404 sends it again: the same id.
  for (const { id, params, seed } of jobs) expect(await stack.submit(params, seed)).toBe(id);
  await stack.verify();
}, 120_000);

test('F7 power lost under always: every acknowledged job was in the file at the moment of its answer', async () => {
  stack = await startFaultStack({ workers: 1, redis: { appendfsync: 'always' } });
  const jobs: Submitted[] = [];
  let bytes = 0;
  for (let k = 0; k < 10; k++) {
    jobs.push(await submit(k));
    bytes = sizeOf(appendOnlyFile(stack)); // synced before Redis answered
  }
  await losePower(stack, () => bytes);
  expect((await expectWhole(jobs)).length).toBe(jobs.length);
  await stack.verify();
}, 120_000);
