import type { Shard } from '../analyses/analysis.js';

/**
 * Cuts `units` equal pieces of work into consecutive shards of about `seconds` of CPU each by the cost model.
 * @param secondsPerUnit estimated CPU seconds of one unit: from params and sizes, never from a clock
 */
export function cutUnits(units: number, secondsPerUnit: number, seconds = 0.5): Shard[] {
  const perShard = Math.max(1, Math.floor(seconds / secondsPerUnit));
  const shards: Shard[] = [];
  for (let first = 0; first < units; first += perShard) shards.push({ first, count: Math.min(perShard, units - first) });
  return shards;
}

/** The one shard of a light analysis. */
export const wholeJob: readonly Shard[] = [{ first: 0, count: 1 }];
