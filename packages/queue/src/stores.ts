import type { PanelSummary, WeightsSummary } from '@spillway/core';
import type { Redis } from 'ioredis';
import { makeResources, type Resources } from './resources.js';
import type { Scripts } from './scripts.js';
import { makeUploads, type Uploads } from './uploads.js';

/** Where what jobs read is kept. */
export interface Stores {
  readonly datasets: Resources<PanelSummary>;
  readonly weights: Resources<WeightsSummary>;
  readonly uploads: Uploads;
}

export const makeStores = (redis: Redis, scripts: Scripts): Stores => ({
  datasets: makeResources(redis, scripts, 'datasets'),
  weights: makeResources(redis, scripts, 'weights'),
  uploads: makeUploads(redis),
});
