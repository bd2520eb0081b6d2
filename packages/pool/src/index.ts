export type { Calls, Ingested } from './calls.js';
export type { CallOptions, Compute } from './compute.js';
export { ComputationError } from './outcome.js';
export { Pool, type PoolOptions } from './pool.js';
export { type JobProgress, type RunJobOptions, runJob } from './run-job.js';
export { toShared } from './shared.js';
export { SoloCompute } from './solo.js';
export { sparing } from './sparing.js';
export { ThreadDeath } from './thread-death.js';
