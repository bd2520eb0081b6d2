export type {
  AnalysisDetail,
  AnalysisEntry,
  Dataset,
  Job,
  JobList,
  JobState,
  Progress,
  SubmitJob,
  Weights,
} from '@spillway/contracts';
export { endStates } from '@spillway/contracts';
export * from './client.js';
export * from './event-stream.js';
export { ConnectionError, ProblemError } from './problem-error.js';
export type { RetryPolicy } from './request.js';
export type { WatchOptions } from './watch.js';
