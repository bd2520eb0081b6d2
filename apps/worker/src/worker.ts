import { randomUUID } from 'node:crypto';
import { coreIdentity, registry as coreRegistry, type Registry } from '@spillway/core';
import { type Compute, Pool, SoloCompute } from '@spillway/pool';
import {
  checkPolicy,
  connectForWork,
  makeDriver,
  makeEvents,
  makeJanitor,
  makeMeters,
  makeOutbox,
  makeReceiver,
  makeScripts,
  makeSender,
  makeStores,
  makeWork,
  type Task,
} from '@spillway/queue';
import { logSerializers, type Settings } from '@spillway/settings';
import type { Logger } from 'pino';
import { makeAdopter } from './adopt.js';
import { makeHands } from './hands.js';
import { makeInputs } from './inputs.js';
import { Meter, measuredCompute, measuredWork, reportEveryMs } from './meter.js';
import { makeParts } from './parts.js';
import { startWebhooks } from './webhooks/webhooks.js';

export interface WorkerOptions {
  readonly settings: Settings;
  readonly redisUrl: string;
  readonly log: Logger;
  /** default: the analyses of the core; with other ones, the module that exports them, for the threads */
  readonly registry?: Registry;
  readonly registryUrl?: string;
  /** default: that of this build on this Node */
  readonly core?: string;
}

/** A worker process: one BullMQ Worker on a pool of threads, and one for what must run alone. */
export async function startWorker({
  settings,
  redisUrl,
  log: given,
  registry = coreRegistry,
  registryUrl,
  core = coreIdentity(process.versions.node),
}: WorkerOptions) {
  const log = given.child({}, { serializers: logSerializers });
  const incarnation = randomUUID();
  const redis = connectForWork(redisUrl);
  const subscriber = connectForWork(redisUrl);
  await checkPolicy(redis);

  const rendererUrl = import.meta.resolve('@spillway/render');
  const where = { heapMb: settings.threadHeapMb, rendererUrl, ...(registryUrl === undefined ? {} : { registryUrl }) };
  const pool = new Pool({ threads: settings.threads, ...where });
  const soloCompute = new SoloCompute(where);
  const scripts = makeScripts(redis);
  const sender = makeSender(redis);
  const stores = makeStores(redis, scripts);
  const meter = new Meter(settings.threads);
  const meters = makeMeters(redis, scripts);
  const work = measuredWork(makeWork(redis, scripts, incarnation), meter);
  const inputs = makeInputs(stores, work);
  const parts = makeParts(work);
  const janitor = makeJanitor(redis, scripts, settings);
  const driver = makeDriver(scripts, sender, settings, janitor, makeAdopter(work, registry, core, log));
  const events = makeEvents(subscriber);

  events.listenToAll((event) => {
    if (event.state === 'succeeded' || event.state === 'failed' || event.state === 'cancelled') parts.drop(event);
  });

  const onError = (error: unknown) => {
    meter.count('transport_errors_total');
    log.warn({ err: error }, 'redis or transport');
  };
  const stopped = async (task: Task) => {
    const seconds = await work.secondsSinceCancel(task).catch(() => null);
    if (seconds !== null) meter.observe('cancel_latency_seconds', Math.max(0, seconds));
  };
  const take = (queue: string, concurrency: number, compute: Compute, solo: boolean) => {
    const hands = makeHands({
      work,
      stores,
      inputs,
      parts,
      compute,
      registry,
      log,
      events,
      solo,
      stopped,
      stepWallMs: settings.stepWallMs,
    });
    const receiver = makeReceiver({
      redis,
      settings,
      queue: `${queue}.${core}`,
      concurrency,
      handle: hands.handle,
      left: (task) =>
        void driver
          .drive(task, { full: hands.wasUndone(task) })
          .catch(onError)
          .finally(() => hands.followed(task)),
      onError,
      onStalled: () => meter.count('stalled_total'),
      onLocksLost: (tasks) => meter.count('lock_lost_total', {}, tasks),
    });
    return { hands, receiver, running: receiver.run().catch(onError) };
  };

  await work.beat(core, settings.threads, []);
  const taking = [
    take('work', settings.threads, measuredCompute(pool, meter), false),
    take('solo', 1, measuredCompute(soloCompute, meter), true),
  ];
  let beating = true;
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const beats = (async () => {
    while (beating) {
      await work
        .beat(
          core,
          settings.threads,
          taking.flatMap(({ hands }) => hands.held()),
        )
        .catch(onError);
      await new Promise((resolve) => setTimeout(resolve, settings.heartbeatMs));
    }
  })();
  const report = async () => {
    const { counters, gauges } = meter.read();
    await meters.report(incarnation, counters, gauges);
  };
  const reports = (async () => {
    while (beating) {
      await report().catch(onError);
      await Promise.race([left, deadline(reportEveryMs)]);
    }
    await report().catch(onError);
  })();
  const stopDriver = driver.start(onError);
  const webhooks = startWebhooks({ outbox: makeOutbox(redis, scripts), settings, log, onError });
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
    leave();
    await Promise.race([webhooks?.stop(), deadline(2_000)]);
    await Promise.race([Promise.all([beats, reports]), deadline(2_000)]); // without Redis the last ones wait
    meter.close();
    for (const { hands } of taking) hands.close();
    await Promise.race([work.retire(taking.flatMap(({ hands }) => hands.undone())).catch(onError), deadline(2_000)]);
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
