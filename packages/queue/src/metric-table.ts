/** A metric of the whole service, without the `spillway_` before its name. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** upper bounds in seconds */
  readonly buckets?: readonly number[];
}

const counter = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'counter', help, labels });
const gauge = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'gauge', help, labels });
const histogram = (buckets: readonly number[], help: string, ...labels: string[]): MetricDefinition => ({
  type: 'histogram',
  help,
  labels,
  buckets,
});

/** Every metric that is counted in Redis or by workers. Base units; a label has few values, never an id. */
export const metricTable = {
  jobs_accepted_total: counter('Jobs that were new, or began a new life', 'kind'),
  jobs_ended_total: counter('Jobs that have ended', 'kind', 'outcome'),
  jobs: gauge('Unfinished jobs', 'state'),
  jobs_homeless: gauge('Unfinished jobs that no living worker can compute: their core has none'),
  backlog_cpu_seconds: gauge('CPU time, as estimated at the door, that unfinished jobs still need'),
  queue_oldest_age_seconds: gauge(
    'Longest that an unfinished job of which nothing is being computed has waited, since it was accepted or last moved on',
  ),
  queue_depth: gauge("Tasks in BullMQ's lists", 'queue', 'state'),
  workers: gauge('Living worker processes'),
  pool_slots: gauge('Computing slots of living workers', 'state'),
  shards_total: counter('Computed shards by what became of them', 'outcome'),
  shard_recomputed_total: counter('Shards computed although their part was there: the price of redelivery'),
  shard_duration_seconds: histogram(
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    'Wall time of a shard in its thread',
    'analysis',
  ),
  strikes_total: counter('Steps that failed, by how', 'kind'),
  stalled_total: counter('Tasks that BullMQ took from a worker whose lock had run out'),
  lock_lost_total: counter("Locks of BullMQ's that a worker could not renew"),
  transport_errors_total: counter('Errors of Redis or BullMQ that a worker has seen'),
  webhooks_total: counter('Attempts to send a webhook, by what became of the webhook', 'outcome'),
  webhooks_pending: gauge('Webhooks that have not arrived yet and are not given up'),
  cancel_latency_seconds: histogram(
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
    'From the cancellation of a job to the stop of a thread that computed it, by the clock of Redis',
  ),
  event_loop_lag_seconds: gauge('Delay of the event loop in the last seconds; of workers, the worst one', 'role', 'stat'),
  cpu_seconds_total: counter('CPU time used', 'role'),
  resident_bytes: gauge('Resident memory; of workers, all together', 'role'),
  redis_up: gauge('1 when Redis answered'),
  redis_used_bytes: gauge('Memory that Redis uses'),
  redis_max_bytes: gauge('Memory that Redis may use; 0: no limit'),
  aof_enabled: gauge('1 when Redis keeps an append-only file'),
  aof_last_write_ok: gauge('1 when the last write of the append-only file worked'),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricTable;

/** How a counter with its labels is named in Redis: `name|label=value|…`. */
export const counterField = (name: string, labels: Readonly<Record<string, string>> = {}): string =>
  [name, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)].join('|');
