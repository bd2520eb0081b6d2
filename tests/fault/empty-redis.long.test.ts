import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';
import { dataFile } from '../harness/service.js';

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ workers: 2 });
});
afterAll(() => stack?.stop());

/** A job under way that nobody will be able to end. */
async function doomed(tag: string): Promise<{ id: string; body: object }> {
  const body = { analysis: 'toy', dataset: stack.grunfeld, seed: 1, params: { shards: 40, burn: rounds(0.2), tag } };
  const { status, text } = await stack.ask('POST', '/v1/jobs', body);
  expect(status).toBe(202);
  const { id } = JSON.parse(text);
  await stack.progressed(id, 3);
  return { id, body };
}

/** What was lost is said to be unknown; nothing is made up; the same processes do what is asked anew. */
async function expectAFreshStart({ id, body }: { id: string; body: object }): Promise<void> {
  // It is said, for a while; then the empty Redis is as good as any.
  const unready = await until(async () => {
    const { status, text } = await stack.ask('GET', '/readyz');
    return status === 503 && text.includes('emptied') && text;
  });
  expect(JSON.parse(unready).status).toMatch(/lost/);
  expect(stack.logOf('api')).toContain('Redis has been emptied');
  for (const path of ['', '/result', '/events']) expect((await stack.ask('GET', `/v1/jobs/${id}${path}`)).status).toBe(404);
  await until(async () => (await stack.ask('GET', '/readyz')).status === 200);
  const again = await stack.ask('POST', '/v1/jobs', body);
  expect(again.status).toBe(422);
  expect(JSON.parse(again.text).code).toBe('unknown_dataset');
  expect(await stack.store.exists(`{spillway}:t:local:job:${id}`)).toBe(0);

  const upload = await fetch(`${stack.url}/v1/datasets?entity=firm&time=year`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: dataFile('grunfeld.csv'),
  });
  expect(upload.status).toBe(201);
  await stack.ended(await stack.submit({ shards: 6, burn: rounds(0.1) }, 99));
  await stack.verify(); // also that nothing of the lost job is left
  expect(stack.crew.map((worker) => worker.exit())).toEqual([undefined, undefined]);
}

test('F10 FLUSHALL in the middle of a job: it is unknown, no process ends, and the service goes on', async () => {
  const lost = await doomed('flushed');
  await stack.store.flushall();
  await expectAFreshStart(lost);
});

test('F10 Redis starts with an empty disk: the same', async () => {
  const lost = await doomed('disk lost');
  stack.redis.kill('SIGKILL');
  await stack.redis.exited;
  expect((await stack.ask('GET', '/readyz')).status).toBe(503);
  rmSync(join(stack.redis.dir, 'appendonlydir'), { recursive: true });
  await stack.startRedis();
  await expectAFreshStart(lost);
});
