import { workerData } from 'node:worker_threads';
import type { Registry } from '@spillway/core';
import { callsOn } from './calls-on.js';

/* The only file that runs on the pool's threads: each export is one call. */

const { registry } = (await import((workerData as { registryUrl: string }).registryUrl)) as { registry: Registry };

export const { ingest, plan, shard, enough, partial, combine } = callsOn(registry);
