import { type FaultStack, startFaultStack, until } from './fault-stack.js';

/** At which side of a call of Redis a process is killed: Redis never sees the call, or has done it and nobody knows. */
export type When = 'before' | 'after';

/** How a trial went: killed or not, and milliseconds from the death to the end of its jobs. */
export interface Trial {
  readonly killed: boolean;
  readonly healMs: number;
}

/** The dead are noticed soon. */
export const quick = { SPILLWAY_DEAD_AFTER_MS: '900', SPILLWAY_HEARTBEAT_MS: '200' };

/** With this seed the toy goes on at its checkpoint. */
const goesOn = 1;

/** Ended, by the record itself: a question to the API would be another call of Redis. */
async function recordEnded(stack: FaultStack, ids: readonly string[]): Promise<true> {
  return until(async () => {
    const states = await Promise.all(ids.map((id) => stack.store.hget(`{spillway}:t:local:job:${id}`, 'state')));
    return states.every((state) => ['succeeded', 'failed', 'cancelled'].includes(state ?? ''));
  });
}

/** A light job, whose steps are fused, and one of two chunks with a question between them. */
async function submitTwo(stack: FaultStack, tag: string): Promise<string[]> {
  return [await stack.submit({ shards: 2, tag }), await stack.submit({ shards: 4, declared: 1, checkpoints: [2], tag }, goesOn)];
}

/** Two jobs in the hands of a worker that is killed at its n-th call of Redis; then a worker as they are. */
export async function workerTrial(stack: FaultStack, n: number, when: When): Promise<Trial> {
  const victim = await stack.startWorker({ SPILLWAY_TEST_KILL: `${n}:${when}` }, './killing-worker.mjs');
  const ids = await submitTwo(stack, `worker ${n} ${when}`);
  const killed = await Promise.race([victim.exited.then(() => true), recordEnded(stack, ids).then(() => false)]);
  const died = performance.now();
  if (!killed) victim.kill('SIGKILL');
  await victim.exited;
  const healer = await stack.startWorker();
  await recordEnded(stack, ids);
  const healMs = performance.now() - died;
  await stack.verify();
  healer.kill('SIGKILL');
  await healer.exited;
  return { killed, healMs };
}

/** Submissions, a cancellation and a retry through an API that is killed at its n-th call of Redis; then an API as they are. */
export async function apiTrial(stack: FaultStack, n: number, when: When): Promise<Trial> {
  await stack.api.stop(5_000);
  await stack.startApi({ SPILLWAY_TEST_KILL: `${n}:${when}` }, './killing-api.mjs');
  const victim = stack.api;
  const tag = `api ${n} ${when}`;
  const session = (async () => {
    const ids = await submitTwo(stack, tag);
    const cancelled = await stack.submit({ shards: 2, tag: `${tag}, cancelled` });
    const answers = [
      await stack.insist('POST', `/v1/jobs/${cancelled}/cancel`),
      await stack.insist('POST', `/v1/jobs/${cancelled}/retry`),
    ];
    for (const { status } of answers) expect([202, 409]).toContain(status); // 409: it had succeeded before
    return recordEnded(stack, [...ids, cancelled]);
  })();
  const killed = await Promise.race([victim.exited.then(() => true), session.then(() => false)]);
  const died = performance.now();
  if (!killed) victim.kill('SIGKILL'); // else it would die of the checker's questions
  await stack.startApi();
  await session;
  const healMs = performance.now() - died;
  await stack.verify();
  return { killed, healMs };
}

/**
 * Trial n = 1, 2, … until one comes through without a kill: then there is no call left at which it could be killed. The trials are
 * dealt out to a few stacks, for most of their time is waiting.
 */
export async function everyCall(what: string, trial: typeof workerTrial, when: When, workers: number): Promise<Trial[]> {
  const lanes = 3;
  const trials: Trial[] = [];
  const lane = async (first: number) => {
    const stack = await startFaultStack({ workers, env: quick });
    try {
      for (let n = first; ; n += lanes) {
        const one = await trial(stack, n, when);
        if (!one.killed) return;
        trials.push(one);
      }
    } finally {
      await stack.stop();
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, k) => lane(k + 1)));
  const heals = trials.map(({ healMs }) => Math.round(healMs)).sort((a, b) => a - b);
  const at = (share: number) => heals[Math.floor(share * (heals.length - 1))];
  process.stderr.write(
    `${what} killed ${when} a call of Redis: ${heals.length} kills, healed in ${at(0.5)} ms (p50), ${at(0.95)} ms (p95), ${at(1)} ms (most)\n`,
  );
  return trials;
}
