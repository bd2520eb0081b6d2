import { readFileSync } from 'node:fs';
import { type FaultStack, startFaultStack, until } from '../harness/fault-stack.js';
import { type Receiver, startReceiver } from '../harness/webhook-receiver.js';

let receiver: Receiver;
let stack: FaultStack;
beforeAll(async () => {
  receiver = await startReceiver();
  stack = await startFaultStack({
    workers: 0,
    env: {
      NODE_EXTRA_CA_CERTS: receiver.caFile,
      SPILLWAY_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      SPILLWAY_WEBHOOK_HOSTS: 'localhost',
      SPILLWAY_WEBHOOK_RETRY_MS: '50',
      SPILLWAY_WEBHOOK_TIMEOUT_MS: '500',
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
});

async function submit(tag: string): Promise<string> {
  const params = { shards: 2, tag };
  return stack.submit(params, 1, receiver.url(`/${tag}`));
}

/** The process that a worker has forked to send. */
function senderOf(worker: number): number {
  const children = readFileSync(`/proc/${worker}/task/${worker}/children`, 'utf8').trim().split(' ');
  const sender = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('post-process'));
  if (sender === undefined) throw new Error('nobody sends');
  return Number(sender);
}

/** Every message that has come to a path is about one end, by one id. */
async function expectOneId(id: string, path: string, atLeast: number): Promise<void> {
  const { epoch, webhooks } = await until(async () => {
    const job = await stack.job(id);
    return job.webhooks?.pending === 0 && job;
  });
  expect(webhooks).toMatchObject({ delivered: 1, givenUp: 0 });
  const came = receiver.at(path);
  expect(came.length).toBeGreaterThanOrEqual(atLeast);
  expect(new Set(came.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([`${id}.${epoch}.succeeded`]));
  expect(new Set(came.map(({ body }) => body)).size).toBe(1);
}

/** One worker that kills itself, then one as they are. */
async function afterKill(kill: string, tag: string): Promise<string> {
  const victim = await stack.startWorker({ SPILLWAY_TEST_KILL: kill }, './killing-worker.mjs');
  const id = await submit(tag);
  await victim.exited;
  const healer = await stack.startWorker();
  expect(await stack.ended(id)).toMatchObject({ state: 'succeeded' });
  await until(async () => (await stack.job(id)).webhooks?.pending === 0);
  await healer.stop(10_000);
  return id;
}

test.each(['put-result:after', 'finish:before', 'finish:after'])(
  'F12 a worker killed while combining (%s): one webhook id, whatever is delivered twice',
  async (kill) => {
    const tag = kill.replace(':', '-');
    await expectOneId(await afterKill(kill, tag), `/${tag}`, 1);
    await stack.verify();
  },
);

test.each([
  ['claim-messages:after', 1],
  ['settle-message:before', 2],
  ['settle-message:after', 1],
] as const)('a worker killed while it sends (%s): another one sends it', async (kill, atLeast) => {
  const tag = kill.replace(':', '-');
  await expectOneId(await afterKill(kill, tag), `/${tag}`, atLeast);
  await stack.verify();
});

test('the sending process killed while it sends: it is sent again', async () => {
  const worker = await stack.startWorker();
  receiver.answers.set('/sender', ['silence']);
  const id = await submit('sender');
  await until(() => receiver.at('/sender').length === 1);
  process.kill(senderOf(worker.pid), 'SIGKILL');
  await expectOneId(id, '/sender', 2);
  await stack.verify();
  await worker.stop(10_000);
});

test('Redis killed and started again with messages under way: all of them arrive', async () => {
  const worker = await stack.startWorker();
  await receiver.close();
  const ids = [await submit('outage-1'), await submit('outage-2')];
  for (const id of ids) await stack.ended(id);
  stack.redis.kill('SIGKILL');
  await receiver.open();
  await stack.startRedis();
  for (const [k, id] of ids.entries()) await expectOneId(id, `/outage-${k + 1}`, 1);
  await stack.verify();
  await worker.stop(10_000);
});
