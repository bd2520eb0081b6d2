import { Redis } from 'ioredis';
import { type Service, startService } from '../harness/service.js';

let service: Service;
let redis: Redis;
beforeAll(async () => {
  service = await startService({ workers: 1, threads: 1, env: { SPILLWAY_DRAIN_MS: '2000', SPILLWAY_EMPTIED_MS: '1000' } });
  redis = new Redis(service.stack.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await service?.stop();
});

const ready = () => service.get<{ status: string }>('/readyz').then(({ status, body }) => [status, body.status] as const);

test('ready, and alive', async () => {
  expect(await ready()).toEqual([200, 'ready']);
  expect((await service.get('/livez')).status).toBe(200);
});

test('a Redis that may evict is not one to be ready with', async () => {
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await ready()).toEqual([503, expect.stringContaining('allkeys-lru')]);
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await ready()).toEqual([200, 'ready']);
});

test('a Redis without an append-only file: ready, and it is said', async () => {
  await redis.config('SET', 'appendonly', 'no');
  expect(await ready()).toEqual([200, expect.stringContaining('append-only')]);
  await redis.config('SET', 'appendonly', 'yes');
});

test('an emptied Redis: not ready for a while, for what was promised is lost; then it is taken as it is', async () => {
  expect((await ready())[0]).toBe(200);
  await redis.flushall();
  expect(await ready()).toEqual([503, expect.stringContaining('emptied')]);
  for (let last = 0; last !== 200; last = (await ready())[0]);
});

test('a Redis that does not answer: not ready, but alive, for a restart would not help', async () => {
  service.stack.redis?.kill('SIGSTOP');
  try {
    expect(await ready()).toEqual([503, expect.stringContaining('not answered')]);
    expect((await service.get('/livez')).status).toBe(200);
  } finally {
    service.stack.redis?.kill('SIGCONT');
  }
  for (let last = 0; last !== 200; last = (await ready())[0]);
});

test('full of data: no new work and no uploads, everything else goes on', async () => {
  const dataset = await service.grunfeld();
  const { body: running } = await service.submitToy(dataset, { shards: 20, rounds: 20_000_000 });
  const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
  await redis.config('SET', 'maxmemory', String(Math.ceil(used / 0.9)));
  const full = { status: 503, code: 'storage_full' };
  for (let code = ''; code !== 'storage_full'; code = (await service.submitToy(dataset, { shards: 1 }, 2)).body.code); // looked up now and then
  const refused = await service.submitToy(dataset, { shards: 1 }, 3);
  expect(refused.body).toMatchObject(full);
  expect(refused.headers.get('retry-after')).toBe('10');
  expect((await service.upload('firm,year,x\n1,1990,2\n1,1991,3\n', 'entity=firm&time=year')).body).toMatchObject(full);
  expect((await service.get(`/v1/jobs/${running.id}`)).status).toBe(200);
  expect((await ready())[0]).toBe(200);
  expect((await service.ended(running.id)).state).toBe('succeeded');
  expect((await service.get(`/v1/jobs/${running.id}/result`)).status).toBe(200);
  await redis.config('SET', 'maxmemory', '0');
  for (let status = 503; status === 503; status = (await service.submitToy(dataset, { shards: 1 }, 3)).status);
});

test('told to stop, it says so first and answers meanwhile; then it is gone', async () => {
  service.stack.api.kill('SIGTERM');
  for (let detail = ''; detail !== 'shutting down'; detail = (await ready())[1]);
  expect((await service.get('/v1/jobs')).status).toBe(200);
  expect(await service.stack.api.exited).toEqual({ code: 0, signal: null });
  await expect(service.get('/livez')).rejects.toThrow();
});
