import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Service, startService } from '../harness/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ env: { SPILLWAY_LOG_LEVEL: 'trace' } });
});
afterAll(() => service?.stop());

type Line = Record<string, unknown> & { readonly msg?: string };

const logText = () =>
  readdirSync(service.folder)
    .filter((file) => file.endsWith('.log'))
    .map((file) => readFileSync(join(service.folder, file), 'utf8'))
    .join('\n');
const linesOf = (process: string): Line[] =>
  readFileSync(join(service.folder, `${process}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** The line when it is there: a process' output may come a moment later than its answer. */
async function lineOf(process: string, fits: (line: Line) => boolean): Promise<Line> {
  for (;;) {
    const found = linesOf(process).find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a trace that comes with a request goes with its job to the worker', async () => {
  const dataset = await service.grunfeld();
  const { status, headers, body } = await service.post(
    '/v1/jobs',
    { analysis: 'toy', dataset, seed: 1, params: { shards: 3 } },
    { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'mine.1' },
  );
  expect(status).toBe(202);
  expect(headers.get('x-request-id')).toBe('mine.1');
  await service.ended(body.id);
  expect(await lineOf('api', ({ msg, job }) => msg === 'job submitted' && job === body.id)).toMatchObject({
    trace_id: trace,
    outcome: 'new',
  });
  expect(await lineOf('api', ({ req }) => (req as { id?: string } | undefined)?.id === 'mine.1')).toMatchObject({
    trace_id: trace,
    req: { method: 'POST', path: '/v1/jobs' },
    res: { status: 202 },
  });
  expect(await lineOf('worker-1', ({ msg, job }) => msg === 'a job is computed' && job === body.id)).toMatchObject({
    trace_id: trace,
  });
});

test.each([
  ['none', undefined],
  ['all zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['of a version that is none', `ff-${trace}-00f067aa0ba902b7-01`],
  ['not a traceparent', `x"\\u0000 ${trace}`],
])('a traceparent that is %s: the job gets a trace of its own', async (_what, traceparent) => {
  const dataset = await service.grunfeld();
  const id = `r.${Math.random()}`.slice(0, 20);
  const headers = { 'x-request-id': id, ...(traceparent === undefined ? {} : { traceparent }) };
  await service.ask('POST', '/v1/jobs', JSON.stringify({ analysis: 'toy', dataset, params: {} }), {
    'content-type': 'application/json',
    ...headers,
  });
  const line = await lineOf('api', ({ req }) => (req as { id?: string } | undefined)?.id === id);
  expect(line.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(line.trace_id).not.toBe(trace);
  expect(line.trace_id).not.toBe('0'.repeat(32));
});

test('a request id that is none is replaced', async () => {
  const { headers } = await service.get('/v1/jobs', { 'x-request-id': 'a b{c}' });
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('no value, cell, name or formula of anybody is logged, at any level, whatever goes wrong', async () => {
  const values = [3141.59265, 271.8281828, 57.7215664, 66.2607015, 14.1421356, 17.3205081];
  const cells = ['=HYPERLINK("http://evil.example")', 'Alice Confidential', 'unreadable-cell'];
  const csv = [
    'patient,year,salarypaid,hoursworked',
    ...values.map(
      (value, i) => `${i < 3 ? JSON.stringify(cells[0]).replaceAll('\\"', '""') : cells[1]},${1990 + i},${value},${value * 2}`,
    ),
  ].join('\n');
  const { status, body } = await service.upload(csv, 'entity=patient&time=year&name=SecretStudy');
  expect(status).toBe(201);
  await service.get(`/v1/datasets/${body.id}/preview`);

  // refused: a cell that cannot be read, names that do not exist, a body that does not parse
  expect((await service.upload(csv.replace('271.8281828', cells[2]), 'entity=patient&time=year')).status).toBe(422);
  expect((await service.upload(csv, 'entity=secretcolumn&time=year')).status).toBe(422);
  const formula = 'log(salarypaid) ~ hoursworked | patient';
  const ask = (params: object) => service.post('/v1/jobs', { analysis: 'threshold', dataset: body.id, seed: 1, params });
  expect((await ask({ formula: `${formula} + nosuchname`, thresholdVariable: 'hoursworked' })).status).toBeGreaterThanOrEqual(
    400,
  );
  const broken = await service.ask('POST', '/v1/jobs', `{"analysis": "threshold", "formula": "${formula}", 3141.59265}`, {
    'content-type': 'application/json',
    authorization: 'Bearer topsecretkey',
    'idempotency-key': 'secretidempotency',
    cookie: 'session=secretcookie',
  });
  expect(broken.status).toBe(400);
  // done, or failed for what the data are
  const asked = await ask({
    formula,
    thresholdVariable: 'hoursworked',
    regimeRegressors: ['hoursworked'],
    bootstrap: { replications: 99 },
  });
  if (asked.status === 202) await service.ended(asked.body.id);
  // failed because of a bug
  const failing = await service.submitToy(body.id, { shards: 2, fails: 'throws', tag: cells[1] });
  expect((await service.ended(failing.body.id)).state).toBe('failed');

  // a Redis that refuses what it is given: the refused commands carry parts, specs and files
  const redis = new Redis(service.stack.redisUrl);
  const running = await service.submitToy(body.id, { shards: 60, rounds: 20_000_000, tag: cells[1] });
  await redis.config('SET', 'maxmemory', '1');
  const refused = await ask({ formula, thresholdVariable: 'salarypaid' });
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect((await service.upload(`${csv}\n${cells[1]},2001,1,2`, 'entity=patient&time=year')).status).toBe(503);
  await lineOf('worker-1', ({ err }) => /OOM/.test((err as { message?: string } | undefined)?.message ?? ''));
  await redis.config('SET', 'maxmemory', '0');
  redis.disconnect();
  await service.ended(running.body.id);

  const log = logText();
  expect(log.length).toBeGreaterThan(10_000);
  expect(log).not.toContain('"args"'); // of a failed command: bytes of parts and files, which no search for text would find
  const secrets = [
    ...values.flatMap((value) => [String(value), String(value * 2)]),
    ...cells,
    'HYPERLINK',
    'Alice',
    'SecretStudy',
    'salarypaid',
    'hoursworked',
    'secretcolumn',
    'topsecretkey',
    'secretidempotency',
    'secretcookie',
    service.stack.redis?.password,
  ];
  expect(secrets.filter((secret) => secret !== undefined && log.includes(secret))).toEqual([]);
});
