import type { Inputs, Shard } from '../analyses/analysis.js';
import type { Registry } from '../analyses/registry.js';
import { type CombinedJob, combineJob, isEnough, planJob, runShard } from './execute.js';
import type { JobSpec } from './spec.js';

export interface RunLocallyOptions {
  /** another way to cut the job, for tests: the numbers must not change */
  readonly recut?: (shards: readonly Shard[]) => readonly Shard[];
  /** the order in which shards are computed, for tests */
  readonly order?: (shards: readonly number[]) => readonly number[];
}

/** Runs a whole job on this thread: the same five steps as a worker, parts through bytes as on the wire. */
export function runLocally(registry: Registry, spec: JobSpec, inputs: Inputs, options: RunLocallyOptions = {}): CombinedJob {
  const { layout, context } = planJob(registry, spec, inputs);
  const shards = options.recut?.(layout.shards) ?? layout.shards;
  const numbers = shards.map((_, k) => k);
  const parts: Uint8Array[] = [];
  const checkpoints = options.recut || options.order ? [] : [...layout.checkpoints];
  for (const k of options.order?.(numbers) ?? numbers) {
    parts[k] = runShard(registry, spec, inputs, context, shards[k], () => {});
    if (checkpoints[0] === k + 1) {
      checkpoints.shift();
      if (isEnough(registry, spec, context, parts)) break;
    }
  }
  return combineJob(registry, spec, inputs, context, parts);
}
