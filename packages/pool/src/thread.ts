import { workerData } from 'node:worker_threads';
import {
  combineJob,
  decodePanel,
  EstimationError,
  encodePanel,
  InputError,
  Interrupted,
  isEnough,
  panelFromCsv,
  panelHash,
  partialResult,
  planJob,
  type Registry,
  runShard,
  summarizePanel,
} from '@spillway/core';
import type { CallName, Calls, Outcome } from './calls.js';
import { Control } from './shared.js';

/*
 * The only file that runs on the pool's threads. Each export is one call of `Calls`; it computes and answers, and keeps
 * nothing between calls: the dataset comes with the call, in shared memory.
 */

const { registry } = (await import((workerData as { registryUrl: string }).registryUrl)) as { registry: Registry };

function answering<Name extends CallName>(compute: (asked: Calls[Name]['asked']) => Calls[Name]['answered']) {
  return (asked: Calls[Name]['asked']): Outcome<Calls[Name]['answered']> => {
    try {
      return { ok: compute(asked) };
    } catch (error) {
      if (error instanceof EstimationError) return { estimation: { code: error.code, message: error.message } };
      if (error instanceof InputError) return { input: error.problems };
      if (error instanceof Interrupted) return { interrupted: true };
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      return { error: { message, stack: stack ?? message } };
    }
  };
}

export const ingest = answering<'ingest'>(({ bytes, options }) => {
  const panel = panelFromCsv(bytes, options);
  const dataset = encodePanel(panel);
  return { hash: panelHash(dataset), dataset, summary: summarizePanel(panel) };
});

export const plan = answering<'plan'>(({ spec, dataset }) => planJob(registry, spec, { panel: decodePanel(dataset) }));

export const shard = answering<'shard'>(({ spec, dataset, context, shard, control: buffer }) => {
  const control = new Control(buffer as SharedArrayBuffer);
  return runShard(registry, spec, { panel: decodePanel(dataset) }, context, shard, (units) => {
    control.count(units);
    if (control.stopped) throw new Interrupted();
  });
});

export const enough = answering<'enough'>(({ spec, context, parts }) => isEnough(registry, spec, context, parts));

export const partial = answering<'partial'>(({ spec, context, parts }) => partialResult(registry, spec, context, parts));

export const combine = answering<'combine'>(({ spec, dataset, context, parts }) =>
  combineJob(registry, spec, { panel: decodePanel(dataset) }, context, parts),
);
