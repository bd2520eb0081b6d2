export type { IngestedPanel } from './calls.js';
export { type CallOptions, ComputationError, Pool, type PoolOptions } from './pool.js';
export { type JobProgress, type RunJobOptions, runJob } from './run-job.js';
export { toShared } from './shared.js';
export { type DeathKind, ThreadDeath } from './thread-death.js';
