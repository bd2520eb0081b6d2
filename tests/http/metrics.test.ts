import type { Job } from '@spillway/contracts';
import { type Service, startService } from '../harness/service.js';

let service: Service;
let dataset: string;

beforeAll(async () => {
  service = await startService({ workers: 2, threads: 1 });
  dataset = await service.grunfeld();
});
afterAll(() => service?.stop());

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' text format, strictly: a family is described once, before its samples, and every sample belongs to the last described. */
function parse(text: string): { families: Map<string, string>; samples: Sample[] } {
  const families = new Map<string, string>();
  const samples: Sample[] = [];
  let family = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, described, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (described !== undefined) {
      if (families.has(described)) throw new Error(`${described} is described twice`);
      families.set(described, type);
      family = described;
    } else if (!line.startsWith('# HELP ')) {
      const [, name, pairs = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined || name.replace(/_(bucket|sum|count)$/, '') !== family.replace(/_(sum|count)$/, '')) {
        throw new Error(`not a sample of ${family}: ${line}`);
      }
      const labels = Object.fromEntries([...pairs.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]));
      samples.push({ name, labels, value: Number(value) });
    }
  }
  return { families, samples };
}

const scrape = async () => {
  const { status, headers, body } = await service.get<string>('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parse(body);
};

const sampleOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;

/** Workers report now and then: asks until what is looked for is there. */
async function scrapeUntil(fits: (samples: readonly Sample[]) => boolean): Promise<Sample[]> {
  for (;;) {
    const { samples } = await scrape();
    if (fits(samples)) return samples;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('what the least of a service has to tell is told, in base units, described once, with few labels', async () => {
  const { families, samples } = await scrape();
  for (const name of [
    'queue_oldest_age_seconds',
    'queue_depth',
    'shard_duration_seconds',
    'shards_total',
    'shard_recomputed_total',
    'stalled_total',
    'lock_lost_total',
    'cancel_latency_seconds',
    'event_loop_lag_seconds',
    'redis_used_bytes',
    'aof_last_write_ok',
    'pool_slots',
    'jobs',
    'jobs_ended_total',
    'http_requests_total',
  ]) {
    expect([...families.keys()]).toContain(`spillway_${name}`);
  }
  for (const [name, type] of families) {
    expect(name).toMatch(/^spillway_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|percent)(_|$)/);
  }
  for (const { labels, value } of samples) {
    expect(Number.isFinite(value)).toBe(true);
    for (const label of Object.keys(labels)) {
      expect(['kind', 'outcome', 'state', 'queue', 'analysis', 'role', 'stat', 'method', 'route', 'status', 'le']).toContain(
        label,
      );
    }
  }
  expect(sampleOf(samples, 'spillway_redis_up')).toBe(1);
  expect(sampleOf(samples, 'spillway_aof_enabled')).toBe(1);
  expect(sampleOf(samples, 'spillway_aof_last_write_ok')).toBe(1);
  expect(sampleOf(samples, 'spillway_redis_used_bytes')).toBeGreaterThan(100_000);
});

test('a job is counted once wherever it was computed: accepted, its shards, its end', async () => {
  const { samples: before } = await scrape();
  const { body: job } = await service.submitToy(dataset, { shards: 7, rounds: 1_000_000 });
  await service.ended(job.id);
  await service.submitToy(dataset, { shards: 7, rounds: 1_000_000 }); // answered from what is there
  const recorded = { outcome: 'recorded' };
  const shards = (all: readonly Sample[]) => sampleOf(all, 'spillway_shards_total', recorded) ?? 0;
  const after = await scrapeUntil((all) => shards(all) >= shards(before) + 7);
  expect(shards(after)).toBe(shards(before) + 7);
  const more = (name: string, labels: Record<string, string>) =>
    (sampleOf(after, name, labels) ?? 0) - (sampleOf(before, name, labels) ?? 0);
  expect(more('spillway_jobs_accepted_total', { kind: 'analysis' })).toBe(1);
  expect(more('spillway_jobs_ended_total', { kind: 'analysis', outcome: 'succeeded' })).toBe(1);
  expect(more('spillway_http_requests_total', { method: 'POST', route: '/v1/jobs', status: '202' })).toBe(1);
  expect(more('spillway_http_requests_total', { method: 'POST', route: '/v1/jobs', status: '200' })).toBe(1);

  const toy = { analysis: 'toy' };
  expect(sampleOf(after, 'spillway_shard_duration_seconds_count', toy)).toBe(7);
  const buckets = after.filter(
    ({ name, labels }) => name === 'spillway_shard_duration_seconds_bucket' && labels.analysis === 'toy',
  );
  expect(buckets.map(({ labels }) => labels.le)).toEqual([
    '0.05',
    '0.1',
    '0.25',
    '0.5',
    '1',
    '2.5',
    '5',
    '10',
    '30',
    '60',
    '+Inf',
  ]);
  const counts = buckets.map(({ value }) => value);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts.at(-1)).toBe(7);
  expect(sampleOf(after, 'spillway_shard_duration_seconds_sum', toy)).toBeGreaterThan(0);
});

test('while jobs wait and run it is seen, and a cancellation is timed', async () => {
  const jobs: Job[] = [];
  for (const seed of [1, 2, 3]) {
    jobs.push((await service.submitToy(dataset, { shards: 40, rounds: 2_000_000_000 }, seed)).body);
  }
  const busy = await scrapeUntil(
    (all) =>
      sampleOf(all, 'spillway_pool_slots', { state: 'busy' }) === 2 &&
      (sampleOf(all, 'spillway_queue_oldest_age_seconds') ?? 0) > 0.5,
  );
  expect(sampleOf(busy, 'spillway_workers')).toBe(2);
  expect(sampleOf(busy, 'spillway_pool_slots', { state: 'idle' })).toBe(0);
  const unfinished = ['queued', 'planning', 'running'].map((state) => sampleOf(busy, 'spillway_jobs', { state }) ?? Number.NaN);
  expect(unfinished.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(sampleOf(busy, 'spillway_queue_depth', { queue: 'work', state: 'active' })).toBe(2);
  expect(sampleOf(busy, 'spillway_backlog_cpu_seconds')).toBeGreaterThan(100);
  expect(sampleOf(busy, 'spillway_jobs_homeless')).toBe(0);

  for (const { id } of jobs) expect((await service.post(`/v1/jobs/${id}/cancel`)).status).toBe(202);
  const idle = await scrapeUntil((all) => (sampleOf(all, 'spillway_cancel_latency_seconds_count') ?? 0) >= 2);
  expect(sampleOf(idle, 'spillway_jobs_ended_total', { kind: 'analysis', outcome: 'cancelled' })).toBe(3);
  expect(sampleOf(idle, 'spillway_cancel_latency_seconds_sum')).toBeGreaterThan(0);
  expect(sampleOf(idle, 'spillway_queue_oldest_age_seconds')).toBe(0);
});

test('what workers have counted outlives them, and the dead are not among the living', async () => {
  const before = await scrapeUntil((all) => (sampleOf(all, 'spillway_shards_total', { outcome: 'recorded' }) ?? 0) >= 7);
  await service.stack.workers[0].stop(10_000);
  const after = await scrapeUntil((all) => sampleOf(all, 'spillway_workers') === 1);
  const recorded = { outcome: 'recorded' };
  expect(sampleOf(after, 'spillway_shards_total', recorded)).toBe(sampleOf(before, 'spillway_shards_total', recorded));
  expect(sampleOf(after, 'spillway_pool_slots', { state: 'idle' })).toBe(1);
});

test('without Redis it still answers, and says so', async () => {
  service.stack.redis?.kill('SIGSTOP');
  try {
    const samples = await scrapeUntil((all) => sampleOf(all, 'spillway_redis_up') === 0);
    expect(sampleOf(samples, 'spillway_redis_used_bytes')).toBeUndefined();
    expect(sampleOf(samples, 'spillway_event_loop_lag_seconds', { role: 'api', stat: 'p99' })).toBeGreaterThanOrEqual(0);
  } finally {
    service.stack.redis?.kill('SIGCONT');
  }
  await scrapeUntil((all) => sampleOf(all, 'spillway_redis_up') === 1);
});

test('paths that lead nowhere make no labels', async () => {
  for (const path of ['/nowhere', '/v1/jobs/0123456789abcdef', '/v1/nothing/else']) await service.get(path);
  const { samples } = await scrape();
  const routes = samples.filter(({ name }) => name === 'spillway_http_requests_total').map(({ labels }) => labels.route);
  expect(new Set(routes)).toEqual(
    new Set(['/v1/datasets', '/v1/jobs', '/v1/jobs/{id}', '/v1/jobs/{id}/cancel', '/readyz', '/metrics', 'other']),
  );
});
