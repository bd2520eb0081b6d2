import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type MetricDefinition, type MetricName, metricTable, type ServiceState } from '@spillway/queue';
import type { NextFunction, Request, Response } from 'express';
import { Counter, Histogram, type MetricValue, Registry } from 'prom-client';

type Sample = MetricValue<string> & { readonly metricName?: string };

const loopTickMs = 100;
const loopWindowMs = 10_000;
/** Two who ask within this time see the same: reading every unfinished job costs something. */
const serviceEveryMs = 1_000;

/** The metrics of this process, and, read out of Redis when somebody asks, those of the whole service. */
export function makeMetrics(readService: () => Promise<ServiceState>) {
  const own = new Registry();
  const requests = new Counter({
    name: 'spillway_http_requests_total',
    help: 'Requests answered by this process',
    labelNames: ['method', 'route', 'status'],
    registers: [own],
  });
  const durations = new Histogram({
    name: 'spillway_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer, event streams left out',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30],
    registers: [own],
  });

  /** Counts what is answered. Whatever is not on the table of routes has one label together. */
  function countRequests(req: Request, res: Response, next: NextFunction): void {
    const began = performance.now();
    res.once('close', () => {
      const route = String(res.locals.route ?? 'other');
      const method = ['GET', 'HEAD', 'POST', 'DELETE'].includes(req.method) ? req.method : 'other';
      requests.inc({ method, route, status: res.statusCode });
      if (!route.endsWith('/events')) durations.observe({ method, route }, (performance.now() - began) / 1_000);
    });
    next();
  }

  const loop = monitorEventLoopDelay({ resolution: loopTickMs });
  loop.enable();
  let lag = readLoop();
  const looking = setInterval(() => {
    lag = readLoop();
    loop.reset();
  }, loopWindowMs).unref();
  function readLoop() {
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - loopTickMs / 1_000) || 0;
    return { p50: seconds(loop.percentile(50)), p99: seconds(loop.percentile(99)), max: seconds(loop.max) };
  }

  let last: { at: number; state: Promise<ServiceState> } | undefined;
  function service(): Promise<ServiceState> {
    if (!last || performance.now() - last.at > serviceEveryMs) last = { at: performance.now(), state: readService() };
    return last.state;
  }

  /** In Prometheus' text format. When Redis does not answer it says so, and this process' own. */
  async function text(): Promise<string> {
    const state = await service().catch(() => null);
    const { user, system } = process.cpuUsage();
    const samples = state ? serviceSamples(state) : new Map<MetricName, Sample[]>();
    const add = (name: MetricName, ...more: Sample[]) => samples.set(name, [...(samples.get(name) ?? []), ...more]);
    add('redis_up', { value: state ? 1 : 0, labels: {} });
    add('event_loop_lag_seconds', ...lagSamples('api', lag));
    add('cpu_seconds_total', { value: (user + system) / 1e6, labels: { role: 'api' } });
    add('resident_bytes', { value: process.memoryUsage.rss(), labels: { role: 'api' } });
    const shared = new Registry();
    for (const [name, values] of samples) {
      const { type, help } = metricTable[name] as MetricDefinition;
      const metric = { name: `spillway_${name}`, type, help, values };
      shared.registerMetric({ ...metric, get: async () => metric } as never);
    }
    return `${await own.metrics()}\n${await shared.metrics()}`;
  }

  return { countRequests, text, contentType: own.contentType, close: () => clearInterval(looking) };
}
export type Metrics = ReturnType<typeof makeMetrics>;

const lagSamples = (role: string, lag: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(lag).map(([stat, value]) => ({ value, labels: { role, stat } }));

function serviceSamples(state: ServiceState): Map<MetricName, Sample[]> {
  const { workers, jobs, redis } = state;
  const samples = new Map<MetricName, Sample[]>();
  const set = (name: MetricName, ...values: Sample[]) => samples.set(name, values);
  const one = (value: number): Sample => ({ value, labels: {} });
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = workers.reduce((sum, worker) => sum + Math.min(worker.busySlots, worker.slots), 0);
  const worst = (stat: 'p50' | 'p99' | 'max') => Math.max(0, ...workers.map((worker) => worker.loopLagSeconds[stat]));

  set('jobs', ...Object.entries(jobs).map(([name, value]) => ({ value, labels: { state: name } })));
  set('jobs_homeless', one(state.homeless));
  set('webhooks_pending', one(state.webhooksPending));
  set('backlog_cpu_seconds', one(state.backlogCpuSeconds));
  set('queue_oldest_age_seconds', one(state.oldestAgeSeconds));
  set('queue_depth', ...state.depth.map(({ queue, state: list, tasks }) => ({ value: tasks, labels: { queue, state: list } })));
  set('workers', one(workers.length));
  set('pool_slots', { value: busy, labels: { state: 'busy' } }, { value: slots - busy, labels: { state: 'idle' } });
  set('event_loop_lag_seconds', ...lagSamples('worker', { p50: worst('p50'), p99: worst('p99'), max: worst('max') }));
  set('resident_bytes', {
    value: workers.reduce((sum, worker) => sum + worker.residentBytes, 0),
    labels: { role: 'worker' },
  });
  set('redis_used_bytes', one(redis.usedBytes));
  set('redis_max_bytes', one(redis.maxBytes));
  set('aof_enabled', one(redis.aofEnabled ? 1 : 0));
  set('aof_last_write_ok', one(redis.aofLastWriteOk ? 1 : 0));

  for (const [name, values] of totalSamples(state.totals)) set(name, ...values);
  return samples;
}

interface Total {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What has been counted in Redis, by metric. A counter without labels that has not counted yet is 0: alerts on it work from the start. */
function totalSamples(totals: ServiceState['totals']): Map<MetricName, Sample[]> {
  const byName = new Map<string, Total[]>();
  for (const [field, value] of Object.entries(totals)) {
    const [name, ...pairs] = field.split('|');
    const labels = Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
    byName.set(name, [...(byName.get(name) ?? []), { labels, value }]);
  }
  const samples = new Map<MetricName, Sample[]>();
  for (const [name, definition] of Object.entries(metricTable) as [MetricName, MetricDefinition][]) {
    if (definition.type === 'histogram') samples.set(name, histogramSamples(name, definition.buckets ?? [], byName));
    if (definition.type !== 'counter') continue;
    const counted = (byName.get(name) ?? []).map(({ labels, value }): Sample => ({ labels, value }));
    samples.set(name, counted.length === 0 && definition.labels.length === 0 ? [{ value: 0, labels: {} }] : counted);
  }
  return samples;
}

/** Every bucket of every set of labels, those that have counted nothing too. */
function histogramSamples(name: MetricName, buckets: readonly number[], byName: ReadonlyMap<string, Total[]>): Sample[] {
  return (byName.get(`${name}_count`) ?? []).flatMap(({ labels, value: count }) => {
    const like = (total: Total) => Object.entries(labels).every(([label, value]) => total.labels[label] === value);
    const within = (le: string) =>
      byName.get(`${name}_bucket`)?.find((total) => total.labels.le === le && like(total))?.value ?? 0;
    const bucket = (le: string, value: number) => ({ value, labels: { ...labels, le }, metricName: `spillway_${name}_bucket` });
    return [
      ...buckets.map((bound) => bucket(String(bound), within(String(bound)))),
      bucket('+Inf', count),
      { value: byName.get(`${name}_sum`)?.find(like)?.value ?? 0, labels, metricName: `spillway_${name}_sum` },
      { value: count, labels, metricName: `spillway_${name}_count` },
    ];
  });
}
