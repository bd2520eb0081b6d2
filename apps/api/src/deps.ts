import type { Registry } from '@spillway/core';
import type { Driver, Events, Jobs, Readiness, Stores } from '@spillway/queue';
import type { Settings } from '@spillway/settings';
import type { Logger } from 'pino';
import { HttpError } from './http-error.js';
import type { Metrics } from './metrics.js';

/** What routes work with. */
export interface Deps extends Stores {
  readonly settings: Settings;
  readonly registry: Registry;
  /** the core whose workers shall compute what is submitted here */
  readonly core: string;
  readonly jobs: Jobs;
  readonly driver: Driver;
  readonly events: Events;
  /** has the store room for new work? */
  readonly room: () => Promise<boolean>;
  /** can the store be asked now, and does it keep what it is given? */
  readonly ready: () => Promise<Readiness>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Whose data this is, until keys exist: one tenant, one owner. */
export const localTenant = 'local';
export const localOwner = 'local';

/** New work is refused before the store is full: what is left is for the work that was taken. */
export async function requireRoom({ room }: Deps): Promise<void> {
  if (!(await room())) throw storageFull();
}

export const storageFull = () =>
  new HttpError(503, 'storage_full', 'the store has no room for new work now; what is under way goes on', {
    retryAfterSeconds: 10,
  });
