import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesOf, ConnectionError, EventStreamReader, type Job, ProblemError, SpillwayClient } from '@spillway/client';
import fc from 'fast-check';

type Route = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

let server: Server;
let base: string;
let route: Route;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    route(request, response, Buffer.concat(pieces));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const jobWith = (state: Job['state'], done: number): Job => ({
  id: 'j1',
  state,
  epoch: 1,
  analysis: 'threshold',
  version: 1,
  core: 'c',
  dataset: 'd',
  params: {},
  seed: 1,
  cost: { cpuSeconds: 1, bytes: 1, arithmetic: '' },
  progress: { done, total: 10, unit: 'replications', perSecond: null, etaSeconds: null, partial: null },
  failure: null,
  result: null,
  createdAt: null,
  startedAt: null,
  endedAt: null,
  webhooks: null,
  ran: { shards: 1, recomputed: 0, retried: 0 },
});
const data = {
  id: 'abc',
  name: 'x',
  createdAt: '2026-01-01T00:00:00Z',
  bytes: 3,
  rows: 1,
  entity: { name: 'firm', count: 1, first: 'a', last: 'a' },
  time: { name: 'year', unit: 'integer', step: 1, count: 1, first: '1', last: '1' },
  balanced: true,
  periodsPerEntity: { min: 1, max: 1 },
  gaps: 0,
  columns: [],
};

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'Content-Type': type, ...headers }).end(JSON.stringify(value, null, 1));
}

const problem = (status: number, code: string) => ({ type: 'about:blank', title: 't', status, code, detail: `no: ${code}` });

async function statesOf(jobs: AsyncIterable<Job>): Promise<string[]> {
  const seen: string[] = [];
  for await (const job of jobs) seen.push(`${job.state} ${job.progress.done}`);
  return seen;
}

test('an upload sends the bytes as they are and waits until they have been read', async () => {
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 97, 44, 98, 10, 0, 255]);
  let asked = 0;
  route = (request, response, body) => {
    const url = new URL(request.url!, base);
    if (request.method === 'POST') {
      expect(url.pathname + url.search).toBe('/v1/datasets?entity=firm+%26+co&time=year&delimiter=%3B');
      expect(request.headers['content-type']).toBe('text/csv');
      expect([...body]).toEqual([...bytes]);
      return json(response, 202, { upload: 'u1', state: 'queued' }, { Location: '/v1/uploads/u1', 'Retry-After': '0' });
    }
    expect(url.pathname).toBe('/v1/uploads/u1');
    asked++;
    return asked < 3 ? json(response, 202, { upload: 'u1', state: 'active' }, { 'Retry-After': '0' }) : json(response, 200, data);
  };
  const dataset = await new SpillwayClient(`${base}/`).uploadDataset(bytes, {
    entity: 'firm & co',
    time: 'year',
    delimiter: ';',
  });
  expect(dataset.id).toBe('abc');
  expect(asked).toBe(3);
  expect(Buffer.from(bytesOf(dataset)).toString()).toBe(JSON.stringify(data, null, 1));
});

test('503 is repeated as asked, with the same body, and only so often', async () => {
  const bodies: string[] = [];
  route = (_, response, body) => {
    bodies.push(body.toString());
    if (bodies.length < 3) return json(response, 503, problem(503, 'redis_unreachable'), { 'Retry-After': '0' });
    return json(response, 202, jobWith('queued', 0));
  };
  const submission = { analysis: 'threshold', dataset: 'd', params: { formula: 'y ~ x | firm' } };
  const job = await new SpillwayClient(base).submitJob(submission);
  expect(job.state).toBe('queued');
  expect(bodies).toEqual(Array(3).fill(JSON.stringify(submission)));

  let attempts = 0;
  route = (_, response) => {
    attempts++;
    json(response, 503, problem(503, 'storage_full'), { 'Retry-After': '0' });
  };
  await expect(new SpillwayClient(base, { retry: { retries: 2 } }).getJob('j1')).rejects.toMatchObject({ code: 'storage_full' });
  expect(attempts).toBe(3);
});

test('a refusal carries the problem, other errors their status, and no answer the reason', async () => {
  const errors = [{ pointer: '/params/trim', code: 'trim_too_large', detail: 'trim must be below 0.5' }];
  route = (_, response) => json(response, 422, { ...problem(422, 'refused'), errors });
  const client = new SpillwayClient(base, { retry: { timeoutMs: 5_000 } });
  const refused = await client.getJob('j1').catch((error) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect(refused.problem.errors).toEqual(errors);

  route = (_, response) => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>');
  await expect(client.getJob('j1')).rejects.toMatchObject({ status: 502, code: 'http_502' });

  route = (request) => request.socket.destroy();
  await expect(client.getJob('j1')).rejects.toBeInstanceOf(ConnectionError);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(client.getJob('j1')).rejects.toThrow(/cannot reach http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

test('a result is its exact bytes', async () => {
  const text = '{"a": 1e-05,\n "b":0.10000000000000001}';
  route = (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
  const { bytes, value } = await new SpillwayClient(base).getResult('j1');
  expect(Buffer.from(bytes).toString()).toBe(text);
  expect(value).toEqual({ a: 1e-5, b: 0.1 });
});

const events = (response: ServerResponse) => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
const event = (id: number, job: Job) => `id: ${id}\nevent: progress\ndata: ${JSON.stringify(job)}\n\n`;

test('a watch takes the stream up where it broke off, and ends with the job', async () => {
  const resumedFrom: (string | undefined)[] = [];
  route = (request, response) => {
    if (!request.url!.endsWith('/events')) return json(response, 200, jobWith('running', 4));
    resumedFrom.push(request.headers['last-event-id'] as string | undefined);
    events(response);
    if (resumedFrom.length === 1) {
      response.write('retry: 1\n\n');
      response.write(event(3, jobWith('running', 2)) + event(7, jobWith('running', 4)) + event(8, jobWith('running', 4)), () =>
        request.socket.destroy(),
      );
    } else response.write(`: heartbeat\n\n${event(9, jobWith('running', 9))}${event(10, jobWith('succeeded', 10))}`);
  };
  expect(await statesOf(new SpillwayClient(base).watchJob('j1', { pollMs: 1 }))).toEqual([
    'running 2',
    'running 4',
    'running 9',
    'succeeded 10',
  ]);
  expect(resumedFrom).toEqual([undefined, '8']);
});

test('without an event stream a watch asks, through short outages', async () => {
  const answers = [jobWith('queued', 0), null, jobWith('queued', 0), jobWith('running', 5), null, jobWith('failed', 5)];
  let streams = 0;
  route = (request, response) => {
    if (request.url!.endsWith('/events')) {
      streams++;
      return json(response, 404, problem(404, 'not_found'));
    }
    const next = answers.shift();
    return next ? json(response, 200, next) : json(response, 500, problem(500, 'internal'));
  };
  expect(await statesOf(new SpillwayClient(base).watchJob('j1', { pollMs: 1 }))).toEqual(['queued 0', 'running 5', 'failed 5']);
  expect(streams).toBe(3);
});

test('a stream gone silent is opened again', async () => {
  let streams = 0;
  route = (request, response) => {
    if (!request.url!.endsWith('/events')) return json(response, 200, jobWith('running', 1));
    streams++;
    events(response).write(event(streams, jobWith(streams === 1 ? 'running' : 'cancelled', 1)));
  };
  expect(await statesOf(new SpillwayClient(base).watchJob('j1', { pollMs: 1, silentMs: 50 }))).toEqual([
    'running 1',
    'cancelled 1',
  ]);
  expect(streams).toBe(2);
});

test('a watch of an unknown job throws, and an aborted one stops', async () => {
  route = (_, response) => json(response, 404, problem(404, 'unknown_job'));
  const client = new SpillwayClient(base);
  await expect(statesOf(client.watchJob('nope', { pollMs: 1 }))).rejects.toMatchObject({ code: 'unknown_job' });

  const abort = new AbortController();
  route = (request, response) => {
    if (!request.url!.endsWith('/events')) return json(response, 200, jobWith('running', 1));
    events(response).write(event(1, jobWith('running', 1)));
  };
  const watching = (async () => {
    for await (const _ of client.watchJob('j1', { signal: abort.signal })) abort.abort(new Error('enough'));
  })();
  await expect(watching).rejects.toThrow('enough');
});

test('an event stream reads the same however it is cut', () => {
  const line = fc.constantFrom(
    'data: one',
    'data:two',
    'data',
    'id: 5',
    'id',
    'event: done',
    'retry: 20',
    ': beat',
    'other: x',
    '',
    '',
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 10 }), fc.boolean(), (lines, cuts, mark) => {
      const text = `${mark ? '\ufeff' : ''}${lines.map(([content, end]) => content + end).join('')}\n`;
      const whole = new EventStreamReader().push(text);
      const reader = new EventStreamReader();
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).flatMap((end, i) => reader.push(text.slice(at[i], end)));
      expect(pieces).toEqual(whole);
    }),
  );
  expect(new EventStreamReader().push('id: 1\ndata: a\ndata:  b\n\nid\ndata: c\n\nevent: x\n\n')).toEqual([
    { event: 'message', data: 'a\n b', id: '1' },
    { event: 'message', data: 'c', id: '' },
  ]);
});
