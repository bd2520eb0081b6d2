import { workerData } from 'node:worker_threads';
import type { Registry } from '@spillway/core';
import type { CallName, Calls } from './calls.js';
import { callsOn } from './calls-on.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { rendering } from './rendering.js';
import { Control } from './shared.js';

/* The only file that runs on the pool's threads: each export is one call. */

const { registryUrl, rendererUrl, heapMb } = workerData as { registryUrl: string; rendererUrl: string; heapMb: number };
const { registry } = (await import(registryUrl)) as { registry: Registry };
const calls = { ...callsOn(registry, heapMb), render: rendering(rendererUrl) };

/** A promise that a step has left behind and nobody listens to: it is that step's failure, not the death of the thread in the next. */
let rejected: { reason: unknown } | undefined;
process.on('unhandledRejection', (reason) => {
  rejected ??= { reason };
});

function onThread<Name extends CallName>(name: Name) {
  type Answer = Outcome<Calls[Name]['answered']>;
  const compute = calls[name] as (asked: Calls[Name]['asked'], control: Control) => Answer | Promise<Answer>;
  return async ({ asked, buffer }: { asked: Calls[Name]['asked']; buffer: SharedArrayBuffer }) => {
    const control = new Control(buffer);
    control.begin();
    const outcome = await compute(asked, control);
    await new Promise(setImmediate); // rejections are told of between turns
    const { reason } = rejected ?? {};
    if (rejected === undefined) return outcome;
    rejected = undefined;
    return outcomeOf(() => {
      throw reason;
    });
  };
}

export const ingest = onThread('ingest');
export const weigh = onThread('weigh');
export const plan = onThread('plan');
export const shard = onThread('shard');
export const join = onThread('join');
export const enough = onThread('enough');
export const partial = onThread('partial');
export const combine = onThread('combine');
export const render = onThread('render');
