import type { Job, JobList, ProblemBody } from '@spillway/contracts';
import { dataFile, type Service, startService } from '../harness/service.js';

let service: Service;
let grunfeld: string;
let cigar: string;

beforeAll(async () => {
  service = await startService();
  grunfeld = await service.grunfeld();
  cigar = (await service.upload(dataFile('cigar.csv'), 'entity=state&time=year&name=cigarettes')).body.id;
});
afterAll(() => service.stop());

const example = {
  formula: 'log(sales) ~ log(pimin/cpi) | state',
  thresholdVariable: 'log(ndi/cpi)',
  regimeRegressors: ['log(price/cpi)'],
  bootstrap: { replications: 199 },
};

test('a threshold job from submission to result', async () => {
  const submitted = await service.post('/v1/jobs', { analysis: 'threshold', dataset: cigar, seed: 7, params: example });
  expect(submitted.status).toBe(202);
  expect(submitted.headers.get('location')).toBe(`/v1/jobs/${submitted.body.id}`);

  const job = await service.ended(submitted.body.id);
  expect(job).toMatchObject({
    state: 'succeeded',
    seed: 7,
    failure: null,
    // 2 methods × 199, and as many again for the check with period effects
    progress: { done: 796, total: 796, unit: 'replications' },
  });

  const { status, headers, body } = await service.get<Record<string, never>>(`/v1/jobs/${job.id}/result`);
  expect(status).toBe(200);
  expect(headers.get('etag')).toBe(`"${job.result?.sha256}"`);
  expect(body).toMatchObject({
    thresholds: [{ estimate: expect.any(Number), intervals: [{ level: 0.95 }] }],
    tests: [{ thresholdCount: 1, bootstraps: [{ method: 'residual-blocks', replications: 199 }, { method: 'wild-entity' }] }],
    provenance: { analysis: 'threshold', version: 1, dataset: cigar, seed: 7 },
  });

  const again = await service.get(`/v1/jobs/${job.id}/result`, { 'if-none-match': headers.get('etag')! });
  expect(again.status).toBe(304);

  const report = await service.get<{ tables: unknown[]; figures: unknown[] }>(`/v1/jobs/${job.id}/report`);
  expect(report.body.tables.length).toBeGreaterThan(0);
  expect(report.body.figures.length).toBeGreaterThan(0);
});

test('equal submissions are one job, and an ended one is answered at once', async () => {
  const first = await service.submitToy(grunfeld, { shards: 3 });
  const second = await service.submitToy(grunfeld, { rounds: 1000, shards: 3 });
  expect(second.body.id).toBe(first.body.id);
  await service.ended(first.body.id);
  const third = await service.submitToy(grunfeld, { shards: 3 });
  expect(third.status).toBe(200);
  expect(third.body.state).toBe('succeeded');
});

test('the default seed is derived, printed and gives the same job as when it is given', async () => {
  const derived = await service.post('/v1/jobs', { analysis: 'toy', dataset: grunfeld, params: { shards: 2 } });
  const given = await service.post('/v1/jobs', {
    analysis: 'toy',
    dataset: grunfeld,
    seed: derived.body.seed,
    params: { shards: 2 },
  });
  expect(given.body.id).toBe(derived.body.id);
});

test('events: a snapshot, changes, the end; coming back with the last id is told to stop', async () => {
  const { body: job } = await service.submitToy(grunfeld, { shards: 12, rounds: 20_000_000 });
  const response = await fetch(`${service.url}/v1/jobs/${job.id}/events`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text(); // the terminal event closes the stream
  const events = text.split('\n\n').filter((block) => block.includes('event: job'));
  const seen = events.map(
    (block) =>
      JSON.parse(
        block
          .split('\n')
          .find((line) => line.startsWith('data: '))!
          .slice(6),
      ) as Job,
  );
  expect(seen.at(-1)).toMatchObject({ state: 'succeeded', progress: { done: 12, total: 12 } });
  const done = seen.map((status) => status.progress.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));

  const last = /id: (\d+)/.exec(events.at(-1)!)![1];
  const back = await fetch(`${service.url}/v1/jobs/${job.id}/events`, { headers: { 'last-event-id': last } });
  expect(back.status).toBe(204);
});

test('cancel ends a running job, twice is once, and an ended job cannot be cancelled', async () => {
  const { body: job } = await service.submitToy(grunfeld, { shards: 200, rounds: 50_000_000 });
  const cancelled = await service.post(`/v1/jobs/${job.id}/cancel`);
  expect(cancelled).toMatchObject({ status: 202, body: { state: 'cancelled' } });
  expect((await service.post(`/v1/jobs/${job.id}/cancel`)).status).toBe(202);
  const result = await service.get<ProblemBody>(`/v1/jobs/${job.id}/result`);
  expect(result).toMatchObject({ status: 409, body: { code: 'not_ready' } });

  const { body: ended } = await service.submitToy(grunfeld, { shards: 1 });
  await service.ended(ended.id);
  expect((await service.post(`/v1/jobs/${ended.id}/cancel`)).status).toBe(409);
});

test('a cancelled job is taken up again by submitting or retrying it', async () => {
  const params = { shards: 30, rounds: 20_000_000 };
  const { body: job } = await service.submitToy(grunfeld, params);
  await service.post(`/v1/jobs/${job.id}/cancel`);
  const again = await service.post(`/v1/jobs/${job.id}/retry`);
  expect(again.status).toBe(202);
  expect(again.body.epoch).toBeGreaterThan(job.epoch);
  expect((await service.ended(job.id)).state).toBe('succeeded');
});

test('data that cannot give the number fail for good, with a code and words', async () => {
  const { body } = await service.submitToy(grunfeld, { fails: 'estimation', at: 2 });
  expect(await service.ended(body.id)).toMatchObject({
    state: 'failed',
    failure: { code: 'toy_failure', message: 'shard 2 cannot be done' },
  });
  expect((await service.submitToy(grunfeld, { fails: 'estimation', at: 2 })).status).toBe(200);
  expect((await service.post(`/v1/jobs/${body.id}/retry`)).body.code).toBe('final_failure');
  expect((await service.get<ProblemBody>(`/v1/jobs/${body.id}/result`)).body.code).toBe('toy_failure');
});

test('early stop decides at a checkpoint of the ordered prefix, however the shards arrive', async () => {
  const checkpoints = [2, 4, 6, 8, 10, 12, 14, 16];
  const all = await service.submitToy(grunfeld, { shards: 16 });
  await service.ended(all.body.id);
  const { values } = (await service.get<{ values: number[] }>(`/v1/jobs/${all.body.id}/result`)).body;
  const enough = checkpoints.find((c) => values.slice(0, c).reduce((sum, value) => sum + value, 0) % 2 === 0)!;

  const early = await service.submitToy(grunfeld, { shards: 16, checkpoints });
  expect((await service.ended(early.body.id)).state).toBe('succeeded');
  const stopped = (await service.get<{ values: number[] }>(`/v1/jobs/${early.body.id}/result`)).body.values;
  expect(stopped).toEqual(values.slice(0, enough));
});

test('jobs are listed newest first, a page at a time, each once', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { body: JobList } = await service.get<JobList>(`/v1/jobs?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.body.data.map((job) => job.id));
    cursor = page.body.nextCursor;
  }
  expect(seen.length).toBeGreaterThan(4);
  expect(new Set(seen).size).toBe(seen.length);
});

test('a job can be forgotten once it has ended', async () => {
  const { body } = await service.submitToy(grunfeld, { shards: 1, rounds: 77 });
  await service.ended(body.id);
  expect((await service.ask('DELETE', `/v1/jobs/${body.id}`)).status).toBe(204);
  expect((await service.get(`/v1/jobs/${body.id}`)).status).toBe(404);
});

test('Idempotency-Key: the same body is the same job, another body is refused', async () => {
  const body = { analysis: 'toy', dataset: grunfeld, seed: 3, params: { shards: 2 } };
  const first = await service.post('/v1/jobs', body, { 'idempotency-key': '"k-1"' });
  const again = await service.post('/v1/jobs', body, { 'idempotency-key': 'k-1' });
  expect(again.body.id).toBe(first.body.id);
  const other = await service.post('/v1/jobs', { ...body, seed: 4 }, { 'idempotency-key': 'k-1' });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
});

test('the service describes itself, and its example runs', async () => {
  const document = await service.get<{ openapi: string; paths: Record<string, unknown> }>('/openapi.json');
  expect(document.body.openapi).toBe('3.1.0');
  expect(Object.keys(document.body.paths)).toContain('/v1/jobs/{id}/result');
  expect((await service.get('/docs/')).status).toBe(200);
  expect((await service.get('/livez')).status).toBe(200);
  expect((await service.get('/readyz')).status).toBe(200);

  const { body } = await service.get<{ params: object; example: { dataset: string; params: Record<string, unknown> } }>(
    '/v1/analyses/threshold',
  );
  expect(body.params).toMatchObject({ type: 'object', properties: { formula: expect.anything() } });
  expect(body.example.dataset).toBe('cigar.csv');
  const params = { ...body.example.params, bootstrap: { replications: 99 } };
  const { status, body: job } = await service.post('/v1/jobs', { analysis: 'threshold', dataset: cigar, params });
  expect(status).toBe(202);
  expect((await service.ended(job.id)).state).toBe('succeeded');
});
