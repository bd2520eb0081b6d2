import { randomUUID } from 'node:crypto';
import { coreIdentity, registry as coreRegistry, type Registry } from '@spillway/core';
import { type Compute, Pool, SoloCompute } from '@spillway/pool';
import {
  checkPolicy,
  connectForWork,
  makeDatasets,
  makeDriver,
  makeEvents,
  makeReceiver,
  makeScripts,
  makeSender,
  makeWork,
} from '@spillway/queue';
import type { Settings } from '@spillway/settings';
import type { Logger } from 'pino';
import { makeHands } from './hands.js';
import { makeInputs } from './inputs.js';

export interface WorkerOptions {
  readonly settings: Settings;
  readonly redisUrl: string;
  readonly log: Logger;
  /** default: the analyses of the core; with other ones, the module that exports them, for the threads */
  readonly registry?: Registry;
  readonly registryUrl?: string;
}

/** A worker process: one BullMQ Worker on a pool of threads, and one for what must run alone. */
export async function startWorker({ settings, redisUrl, log, registry = coreRegistry, registryUrl }: WorkerOptions) {
  const core = coreIdentity(process.versions.node);
  const incarnation = randomUUID();
  const redis = connectForWork(redisUrl);
  const subscriber = connectForWork(redisUrl);
  await checkPolicy(redis);

  const where = registryUrl === undefined ? {} : { registryUrl };
  const pool = new Pool({ threads: settings.threads, ...where });
  const soloCompute = new SoloCompute(where);
  const scripts = makeScripts(redis);
  const sender = makeSender(redis);
  const driver = makeDriver(scripts, sender, settings);
  const datasets = makeDatasets(redis, scripts);
  const work = makeWork(redis, scripts, incarnation);
  const inputs = makeInputs(datasets, work);
  const events = makeEvents(subscriber);

  const onError = (error: unknown) => log.warn({ err: error }, 'redis or transport');
  const take = (queue: string, concurrency: number, compute: Compute, solo: boolean) => {
    const hands = makeHands({ work, datasets, inputs, compute, registry, log, events, solo });
    const receiver = makeReceiver({
      redis,
      settings,
      queue: `${queue}.${core}`,
      concurrency,
      handle: hands.handle,
      left: (task) => void driver.drive(task, { full: hands.wasStruck(task) }).catch(onError),
      onError,
    });
    return { hands, receiver, running: receiver.run().catch(onError) };
  };

  await work.beat(core, settings.threads);
  let beating = true;
  const beats = (async () => {
    while (beating) {
      await work.beat(core, settings.threads).catch(onError);
      await new Promise((resolve) => setTimeout(resolve, settings.heartbeatMs));
    }
  })();
  const stopDriver = driver.start(onError);
  const taking = [take('work', settings.threads, pool, false), take('solo', 1, soloCompute, true)];
  log.info({ core, incarnation, threads: settings.threads }, 'worker started');

  /** Hands back what is in hand, without a mark against anybody, and leaves by its own deadline. */
  async function stop(): Promise<void> {
    stopDriver();
    for (const { hands } of taking) hands.letGo();
    const closed = Promise.all(taking.map(({ receiver }) => receiver.close()));
    const late = await Promise.race([closed.then(() => false), deadline(settings.shutdownMs / 2)]);
    if (late) {
      log.warn('tasks did not stop in time: leaving without them');
      await Promise.race([Promise.all(taking.map(({ receiver }) => receiver.drop())), deadline(1_000)]);
    }
    beating = false;
    await beats;
    for (const { hands } of taking) hands.close();
    await Promise.race([work.retire().catch(onError), deadline(2_000)]);
    await Promise.all([pool.close(), soloCompute.close()]);
    await Promise.race([sender.close().catch(onError), deadline(1_000)]);
    redis.disconnect();
    subscriber.disconnect();
    log.info('worker stopped');
  }

  return { incarnation, core, stop };
}

/** True after so many milliseconds; does not keep the process alive. */
const deadline = (ms: number) => new Promise<true>((resolve) => setTimeout(() => resolve(true), ms).unref());
