export { fieldBytes } from './blob.js';
export { type Adopter, type Driver, makeDriver } from './driver.js';
export { type Events, type JobEvent, makeEvents } from './events.js';
export { makeJanitor } from './janitor.js';
export type { JobRecord, StoredState } from './job-records.js';
export { type Jobs, makeJobs, type NewJob, type Submitted } from './jobs.js';
export { checkTenant, type JobRef } from './keys.js';
export type { AnySpec, IngestSpec, JobKind, RenderSpec, ResultRenderSpec } from './kinds.js';
export { type Gauges, type Meters, makeMeters, type ServiceState } from './meters.js';
export { counterField, type MetricDefinition, type MetricName, metricTable } from './metric-table.js';
export { type Message, makeOutbox, type Outbox, type Settled } from './outbox.js';
export {
  checkPolicy,
  connectForRequests,
  connectForWork,
  isFull,
  isOutage,
  makeRoom,
  makeStoreHealth,
  type Readiness,
  UnfitRedis,
} from './redis.js';
export type { NewResource, ResourceKind, ResourceRecord, Resources } from './resources.js';
export { makeScripts, type Scripts } from './scripts.js';
export { makeStores, type Stores } from './stores.js';
export { parseTaskId, type Step, type Task, taskId } from './task.js';
export { makeReceiver, makeSender, type Receiver, type Sender } from './transport.js';
export type { Uploads } from './uploads.js';
export { type Begun, type Go, makeWork, type StrikeKind, type Work } from './work.js';
