import type { CombinedJob, InputBytes, JobSpec, Registry } from '@spillway/core';
import type { Pool } from './pool.js';
import { toShared } from './shared.js';
import { sparing } from './sparing.js';

export interface JobProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** the analysis' partial result as JSON text, or null */
  readonly partial: string | null;
}

export interface RunJobOptions {
  /** the analyses of the pool; with them an item that ends its thread fails alone */
  readonly registry: Registry;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
}

/** How often partial results are computed, at most. */
const partialEveryMs = 1_000;

/** Runs a whole job on the threads of this pool, without Redis: the same steps and bytes as the workers'. */
export async function runJob(
  pool: Pool,
  spec: JobSpec,
  { dataset, weights = {} }: InputBytes,
  options: RunJobOptions,
): Promise<CombinedJob> {
  const { signal, onProgress } = options;
  const compute = sparing(pool, options.registry);
  const inputs = {
    dataset: toShared(dataset),
    weights: Object.fromEntries(Object.entries(weights).map(([name, bytes]) => [name, toShared(bytes)])),
  };
  const { layout, context: fitted } = await compute.call('plan', { spec, inputs }, { signal });
  const context = toShared(fitted);
  const { shards, unit } = layout;
  const total = shards.reduce((sum, shard) => sum + shard.count, 0);

  const parts: Uint8Array[] = [];
  const running = new Map<number, number>(); // shard → units so far
  let recorded = 0;
  let prefix = 0;
  let partial: string | null = null;
  let partialAt = 0;
  const tell = () => {
    const inFlight = [...running.values()].reduce((sum, units) => sum + units, 0);
    onProgress?.({ done: Math.min(total, recorded + inFlight), total, unit, partial });
  };

  const checkpoints = [...layout.checkpoints];
  let target = shards.length;
  let next = 0;
  const abort = new AbortController();
  const either = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
  const onThread = async () => {
    while (next < target) {
      const k = next++;
      const onUnits = (units: number) => {
        running.set(k, units);
        tell();
      };
      parts[k] = await compute.shard({ spec, inputs, context, shard: shards[k] }, { signal: either, onUnits });
      running.delete(k);
      recorded += shards[k].count;
      while (parts[prefix] !== undefined) prefix++;
      while (checkpoints.length > 0 && checkpoints[0] <= prefix && target === shards.length) {
        const checkpoint = checkpoints.shift()!;
        if (await compute.call('enough', { spec, context, parts: parts.slice(0, checkpoint) }, { signal: either }))
          target = checkpoint;
      }
      if (onProgress && performance.now() - partialAt > partialEveryMs) {
        partialAt = performance.now();
        partial = await compute.call('partial', { spec, context, parts: parts.slice(0, prefix) }, { signal: either });
      }
      tell();
    }
  };
  const threads = Array.from({ length: Math.min(pool.threads, shards.length) }, () => onThread());
  try {
    await Promise.all(threads);
  } finally {
    abort.abort(); // one thread's failure stops the others
    await Promise.allSettled(threads);
  }
  return compute.call('combine', { spec, inputs, context, parts: parts.slice(0, target) }, { signal });
}
