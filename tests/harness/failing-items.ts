import type { Job } from '@spillway/contracts';
import type { SweepResult } from '@spillway/core';
import { type FaultStack, startFaultStack } from './fault-stack.js';

/** A stack on which little memory and time are left to a step, so that items soon run out of both; what dies is started again. */
export async function startShortStack(): Promise<FaultStack> {
  const stack = await startFaultStack({
    workers: 2,
    threads: 2,
    env: { SPILLWAY_STEP_WALL_MS: '1500', SPILLWAY_THREAD_HEAP_MB: '128' },
  });
  void stack.supervise(2);
  return stack;
}

export const requestOf = (stack: FaultStack, list: readonly object[], params: object) => ({
  analysis: 'sweep',
  dataset: stack.grunfeld,
  seed: 1,
  params: { analysis: 'toy-item', params, list },
});

/** A sweep of these items, which has to succeed whatever they do. */
export async function sweepOf(
  stack: FaultStack,
  list: readonly object[],
  params: object = { shards: 1 },
): Promise<{ end: Job; bytes: string; result: SweepResult }> {
  const { analysis: _, params: body, ...rest } = requestOf(stack, list, params);
  const { status, text } = await stack.insist('POST', '/v1/sweeps', { ...rest, ...body });
  expect(status).toBe(202);
  const end = await stack.ended(JSON.parse(text).id);
  expect(end).toMatchObject({ state: 'succeeded' });
  const bytes = (await stack.insist('GET', `/v1/jobs/${end.id}/result`)).text;
  return { end, bytes, result: JSON.parse(bytes) };
}

export const healthyItems = Array.from({ length: 40 }, (_, k) => ({ rounds: 100 + k }));
