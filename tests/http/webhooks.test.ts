import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Job, jobEnded } from '@spillway/contracts';
import { Redis } from 'ioredis';
import { type Service, startService } from '../harness/service.js';
import { type Receiver, signatureOf, startReceiver } from '../harness/webhook-receiver.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const oldSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

let receiver: Receiver;
let service: Service;
let dataset: string;
beforeAll(async () => {
  receiver = await startReceiver();
  service = await startService({
    workers: 2,
    threads: 1,
    env: {
      NODE_EXTRA_CA_CERTS: receiver.caFile,
      SPILLWAY_WEBHOOK_SECRET: secret,
      SPILLWAY_WEBHOOK_OLD_SECRET: oldSecret,
      SPILLWAY_WEBHOOK_HOSTS: 'localhost',
      SPILLWAY_WEBHOOK_ATTEMPTS: '3',
      SPILLWAY_WEBHOOK_RETRY_MS: '100',
      SPILLWAY_WEBHOOK_TIMEOUT_MS: '1000',
      SPILLWAY_PUBLIC_URL: 'https://spillway.example.org',
    },
  });
  dataset = await service.grunfeld();
});
afterAll(async () => {
  await service?.stop();
  await receiver?.stop();
});

const submit = (params: Record<string, unknown>, webhook: string, seed = 1) =>
  service.post('/v1/jobs', { analysis: 'toy', dataset, seed, params, webhook });

/** The job when nothing is on its way any more. */
async function settled(id: string): Promise<Job> {
  for (;;) {
    const { body } = await service.get<Job>(`/v1/jobs/${id}`);
    if (body.webhooks?.pending === 0) return body;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What the logs say of a job's webhook that was given up: written when everybody can see that it is. */
async function givenUp(id: string): Promise<string[]> {
  for (;;) {
    const logs = readdirSync(service.folder).map((file) => readFileSync(join(service.folder, file), 'utf8'));
    const lines = logs.flatMap((log) => log.split('\n'));
    const found = lines.filter((line) => line.includes('a webhook is given up') && line.includes(id));
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('the end of a job is told, signed with both secrets, without data', async () => {
  const { status, body } = await submit({ tag: 'told' }, receiver.url('/told'));
  expect(status).toBe(202);
  expect(body.webhooks).toBeNull();
  const job = await settled(body.id);
  expect(job.webhooks).toEqual({ pending: 0, delivered: 1, givenUp: 0, problem: null });
  const [one, ...more] = receiver.at('/told');
  expect(more).toEqual([]);
  expect(one.headers).toMatchObject({
    'content-type': 'application/json',
    host: `localhost:${receiver.port}`,
    'webhook-id': `${job.id}.${job.epoch}.succeeded`,
    'webhook-signature': `${signatureOf(secret, one)} ${signatureOf(oldSecret, one)}`,
  });
  expect(Math.abs(Number(one.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(300);
  const at = `https://spillway.example.org/v1/jobs/${job.id}`;
  expect(jobEnded.parse(JSON.parse(one.body))).toEqual({
    type: 'job.succeeded',
    timestamp: job.endedAt,
    data: {
      id: job.id,
      state: 'succeeded',
      epoch: job.epoch,
      links: { job: at, result: `${at}/result`, report: `${at}/report` },
    },
  });
});

test('every submission of a job may name an address; equal ones are told once; one that comes after the end is told by its answer', async () => {
  const params = { shards: 4, rounds: 100_000_000, tag: 'several' };
  const { body } = await submit(params, receiver.url('/several/a'));
  for (const path of ['/several/b', '/several/a']) expect((await submit(params, receiver.url(path))).status).toBe(202);
  expect((await settled(body.id)).webhooks?.delivered).toBe(2);
  expect(
    receiver.received
      .filter(({ path }) => path.startsWith('/several'))
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['/several/a', '/several/b']);
  expect((await submit(params, receiver.url('/several/c'))).status).toBe(200);
  expect((await settled(body.id)).webhooks).toMatchObject({ pending: 0, delivered: 2 });
});

test('a cancelled job and a failed one are told of too', async () => {
  const cancelled = await submit({ shards: 50, rounds: 200_000_000, tag: 'cancelled' }, receiver.url('/cancelled'));
  await service.post(`/v1/jobs/${cancelled.body.id}/cancel`);
  const failed = await submit({ fails: 'estimation', tag: 'failed' }, receiver.url('/failed'));
  for (const [{ body }, state] of [
    [cancelled, 'cancelled'],
    [failed, 'failed'],
  ] as const) {
    await settled(body.id);
    const { type, data } = jobEnded.parse(JSON.parse(receiver.at(`/${state}`)[0].body));
    expect(type).toBe(`job.${state}`);
    expect(Object.keys(data.links)).toEqual(['job']);
  }
});

test('a receiver that is down, then up: the same id and body again, another timestamp', async () => {
  await receiver.close();
  const { body } = await submit({ tag: 'down' }, receiver.url('/down'));
  const redis = new Redis(service.stack.redisUrl);
  try {
    while ((await redis.hgetall('{spillway}:totals'))['webhooks_total|outcome=again'] === undefined);
  } finally {
    redis.disconnect();
  }
  receiver.answers.set('/down', [500]);
  await receiver.open();
  expect((await settled(body.id)).webhooks).toMatchObject({ delivered: 1, givenUp: 0 });
  const [first, second] = receiver.at('/down');
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(second.body).toBe(first.body);
});

test.each([
  ['a server error', [500, 500, 500, 500], 3, 'answered 500'],
  ['410 Gone', [410], 1, 'answered 410'],
  ['a redirection, which is not followed', [302, 302, 302, 302], 3, 'answered 302'],
])('given up after %s, and it is seen', async (name, answers, attempts, problem) => {
  const path = `/${encodeURIComponent(name)}`;
  receiver.answers.set(path, [...answers]);
  const { body } = await submit({ tag: name }, receiver.url(path));
  expect((await settled(body.id)).webhooks).toEqual({ pending: 0, delivered: 0, givenUp: 1, problem });
  expect(receiver.at(path)).toHaveLength(attempts);
  expect(receiver.at('/elsewhere')).toEqual([]);
  const lines = await givenUp(body.id);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain(path); // the path may be a secret of the receiver's
  const { body: metrics } = await service.get<string>('/metrics');
  expect(metrics).toMatch(/spillway_webhooks_total\{outcome="given_up"\} [1-9]/);
  expect(metrics).toMatch(/spillway_webhooks_pending 0/);
});

test('who does not answer is let go', async () => {
  receiver.answers.set('/silent', ['silence']);
  const { body } = await submit({ tag: 'silent' }, receiver.url('/silent'));
  expect((await settled(body.id)).webhooks).toMatchObject({ delivered: 1 });
  expect(receiver.at('/silent')).toHaveLength(2);
});

test('the process that sends knows no Redis and no secret', async () => {
  const children = service.stack.workers.flatMap(({ pid }) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  const senders = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('post-process'));
  expect(senders.length).toBeGreaterThan(0);
  for (const pid of senders) {
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => entry.split('=')[0]);
    expect(names).toContain('NODE_EXTRA_CA_CERTS');
    expect(names.filter((name) => !/^(NODE_.*|SSL_CERT_(FILE|DIR)|)$/.test(name))).toEqual([]);
  }
});

test.each([
  ['http://localhost/hook', 'https://'],
  ['https://user:word@localhost/hook', 'password'],
  ['https://example.org/hook', 'none of them'],
  ['not an address', 'such as https://'],
])('%s is refused at the door', async (webhook, words) => {
  const { status, body } = await submit({ tag: 'refused' }, webhook);
  expect([status, body.code]).toEqual([422, 'bad_webhook']);
  expect(body.errors).toEqual([expect.objectContaining({ pointer: '/webhook', detail: expect.stringContaining(words) })]);
});

test('a job tells at most 16 addresses', async () => {
  const params = { shards: 50, rounds: 200_000_000, tag: 'many' };
  const answers = [];
  for (let k = 0; k < 17; k++) answers.push(await submit(params, receiver.url(`/many/${k}`)));
  expect(answers.map(({ status }) => status)).toEqual([...Array(16).fill(202), 422]);
  expect(answers[16].body.code).toBe('too_many_webhooks');
  expect((await submit(params, receiver.url('/many/0'))).status).toBe(202);
  await service.post(`/v1/jobs/${answers[0].body.id}/cancel`);
  expect((await settled(answers[0].body.id)).webhooks?.delivered).toBe(16);
});

test('the OpenAPI document tells of it', async () => {
  const { body } = await service.get<{ webhooks: Record<string, { post: { requestBody: object } }> }>('/openapi.json');
  expect(JSON.stringify(body.webhooks['job-ended'].post.requestBody)).toContain('job.succeeded');
});

test('without a secret the field is refused', async () => {
  const other = await startService({ workers: 1, threads: 1 });
  try {
    const id = await other.grunfeld();
    const body = { analysis: 'toy', dataset: id, seed: 1, params: {}, webhook: 'https://example.org/hook' };
    const answer = await other.post('/v1/jobs', body);
    expect([answer.status, answer.body.code]).toEqual([422, 'no_webhooks']);
    expect(answer.body.detail).toContain('SPILLWAY_WEBHOOK_SECRET');
  } finally {
    await other.stop();
  }
});
