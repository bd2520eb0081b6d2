import {
  combineJob,
  decodeInputs,
  decodeWeights,
  encodePanel,
  encodeWeights,
  Interrupted,
  isEnough,
  joinParts,
  panelFromCsv,
  panelHash,
  partialResult,
  planJob,
  previewPanel,
  previewWeights,
  type Registry,
  runShard,
  summarizePanel,
  summarizeWeights,
  weightsFromFile,
  weightsHash,
} from '@spillway/core';
import type { CallName, Calls } from './calls.js';
import { memoryWatch } from './memory-watch.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { Control } from './shared.js';

/** Rendering is another module's, and takes its time: see `rendering`. */
type Answering = {
  readonly [Name in Exclude<CallName, 'render'>]: (
    asked: Calls[Name]['asked'],
    control: Control,
  ) => Outcome<Calls[Name]['answered']>;
};

/** The calls over these analyses. Nothing is kept from one to the next: the dataset comes with the call. */
export function callsOn(registry: Registry, heapMb: number): Answering {
  const watchMemory = memoryWatch(heapMb);
  const counting = (control: Control) => (units: number) => {
    control.count(units);
    if (control.stopped) throw new Interrupted();
    watchMemory();
  };
  return {
    ingest: ({ bytes, options }) =>
      outcomeOf(() => {
        const panel = panelFromCsv(bytes, options);
        const encoded = encodePanel(panel);
        return { hash: panelHash(encoded), bytes: encoded, summary: summarizePanel(panel), preview: previewPanel(panel) };
      }),
    weigh: ({ bytes, options, others }) =>
      outcomeOf(() => {
        const known = new Map(Object.entries(others).map(([name, other]) => [name, decodeWeights(other)]));
        const weights = weightsFromFile(bytes, options, known);
        const encoded = encodeWeights(weights);
        return {
          hash: weightsHash(encoded),
          bytes: encoded,
          summary: summarizeWeights(weights),
          preview: previewWeights(weights),
        };
      }),
    plan: ({ spec, inputs, lost = [] }, control) =>
      outcomeOf(() => planJob(registry, spec, decodeInputs(inputs), { progress: counting(control), lost: new Map(lost) })),
    shard: ({ spec, inputs, context, shard, lost = [] }, control) =>
      outcomeOf(() => runShard(registry, spec, decodeInputs(inputs), context, shard, counting(control), new Map(lost))),
    join: ({ spec, parts }) => outcomeOf(() => joinParts(registry, spec, parts)),
    enough: ({ spec, context, parts }) => outcomeOf(() => isEnough(registry, spec, context, parts)),
    partial: ({ spec, context, parts }) => outcomeOf(() => partialResult(registry, spec, context, parts)),
    combine: ({ spec, inputs, context, parts, lost = [] }, control) =>
      outcomeOf(() =>
        combineJob(registry, spec, decodeInputs(inputs), context, parts, { progress: counting(control), lost: new Map(lost) }),
      ),
  };
}
