import {
  combineJob,
  decodePanel,
  encodePanel,
  Interrupted,
  isEnough,
  panelFromCsv,
  panelHash,
  partialResult,
  planJob,
  previewPanel,
  type Registry,
  runShard,
  summarizePanel,
} from '@spillway/core';
import type { CallName, Calls } from './calls.js';
import { memoryWatch } from './memory-watch.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { Control } from './shared.js';

type Answering = {
  readonly [Name in CallName]: (asked: Calls[Name]['asked'], control: Control) => Outcome<Calls[Name]['answered']>;
};

/** The calls over these analyses. Nothing is kept from one to the next: the dataset comes with the call. */
export function callsOn(registry: Registry, heapMb: number): Answering {
  const watchMemory = memoryWatch(heapMb);
  return {
    ingest: ({ bytes, options }) =>
      outcomeOf(() => {
        const panel = panelFromCsv(bytes, options);
        const dataset = encodePanel(panel);
        return { hash: panelHash(dataset), dataset, summary: summarizePanel(panel), preview: previewPanel(panel) };
      }),
    plan: ({ spec, dataset }) => outcomeOf(() => planJob(registry, spec, { panel: decodePanel(dataset) })),
    shard: ({ spec, dataset, context, shard }, control) =>
      outcomeOf(() => {
        return runShard(registry, spec, { panel: decodePanel(dataset) }, context, shard, (units) => {
          control.count(units);
          if (control.stopped) throw new Interrupted();
          watchMemory();
        });
      }),
    enough: ({ spec, context, parts }) => outcomeOf(() => isEnough(registry, spec, context, parts)),
    partial: ({ spec, context, parts }) => outcomeOf(() => partialResult(registry, spec, context, parts)),
    combine: ({ spec, dataset, context, parts }) =>
      outcomeOf(() => combineJob(registry, spec, { panel: decodePanel(dataset) }, context, parts)),
  };
}
