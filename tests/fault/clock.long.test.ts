import { type FaultStack, rounds, startFaultStack } from '../harness/fault-stack.js';

let stack: FaultStack;
afterEach(() => stack?.stop());

const skewed = (ms: number, backAfterMs?: number) => ({
  NODE_OPTIONS: `--import ${new URL('../harness/skewed-clock.mjs', import.meta.url).href}`,
  SPILLWAY_TEST_SKEW_MS: String(ms),
  ...(backAfterMs === undefined ? {} : { SPILLWAY_TEST_SKEW_BACK_AFTER_MS: String(backAfterMs) }),
});

test.each([
  ['ten minutes ahead', 600_000, undefined],
  ['ten minutes behind', -600_000, undefined],
  ['ten minutes ahead, then put back', 600_000, 3_000],
] as const)(
  "F13 one worker's clock is %s: nothing expires early, no time is negative, nobody waits",
  async (_name, ms, back) => {
    stack = await startFaultStack({ workers: 1 });
    await stack.startWorker(skewed(ms, back));
    const ids = [];
    for (let seed = 0; seed < 4; seed++) ids.push(await stack.submit({ shards: 8, burn: rounds(0.25), declared: 1 }, seed));
    const seen: number[] = [];
    for (;;) {
      const { progress, state } = await stack.job(ids[0]);
      seen.push(progress.done);
      expect(progress.etaSeconds ?? 0).toBeGreaterThanOrEqual(0);
      expect(progress.perSecond ?? 0).toBeGreaterThanOrEqual(0);
      if (state === 'succeeded') break;
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const victim = stack.crew[0];
    victim.kill('SIGKILL'); // the one with the true clock: the other goes on alone
    for (const id of ids) {
      const { createdAt, startedAt, endedAt } = await stack.ended(id);
      const times = [createdAt, startedAt, endedAt].map((text) => Date.parse(text!));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(Math.abs(times[2] - Date.now())).toBeLessThan(120_000);
      expect(await stack.store.ttl(`{spillway}:t:local:job:${id}`)).toBeGreaterThan(29 * 86_400);
    }
    await stack.verify();
  },
  180_000,
);
