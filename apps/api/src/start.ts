import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coreIdentity, registry as coreRegistry, type Registry } from '@spillway/core';
import {
  connectForRequests,
  makeDriver,
  makeEvents,
  makeJanitor,
  makeJobs,
  makeMeters,
  makeRoom,
  makeScripts,
  makeSender,
  makeStoreHealth,
  makeStores,
} from '@spillway/queue';
import { logSerializers, type Settings } from '@spillway/settings';
import type { Logger } from 'pino';
import { makeApp } from './app.js';
import { makeMetrics } from './metrics.js';

export interface ApiOptions {
  readonly settings: Settings;
  readonly redisUrl: string;
  readonly log: Logger;
  /** default: the analyses of the core */
  readonly registry?: Registry;
  /** default: that of this build on this Node */
  readonly core?: string;
}

/** A connection on which nothing moves is closed after so long, or twice that: longer than any answer waits. */
const idleMs = 40_000;

/** An API process. It starts whether or not Redis is there; `/readyz` says when it can work. */
export async function startApi({
  settings,
  redisUrl,
  log: given,
  registry = coreRegistry,
  core = coreIdentity(process.versions.node),
}: ApiOptions) {
  const log = given.child({}, { serializers: logSerializers });
  const redis = connectForRequests(redisUrl);
  const subscriber = connectForRequests(redisUrl);
  const scripts = makeScripts(redis);
  const sender = makeSender(redis);
  const driver = makeDriver(scripts, sender, settings, makeJanitor(redis, scripts, settings));
  const meters = makeMeters(redis, scripts);
  const metrics = makeMetrics(() => meters.read(core));
  const store = makeStoreHealth(redis, settings.emptiedMs, () =>
    log.error('Redis has been emptied: datasets and jobs from before are lost'),
  );
  let draining = false;
  const app = makeApp({
    settings,
    registry,
    core,
    jobs: makeJobs(redis, scripts, settings),
    ...makeStores(redis, scripts),
    driver,
    events: makeEvents(subscriber),
    room: makeRoom(redis),
    ready: async () => (draining ? { ready: false, detail: 'shutting down' } : store.health()),
    metrics,
    log,
  });

  const server = createServer(app);
  server.requestTimeout = 120_000;
  server.timeout = idleMs; // who reads no answer and asks nothing is let go; open event streams beat more often
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  const stopDriver = driver.start((error) => log.warn({ err: error }, 'drive'));
  log.info({ url }, 'api started');

  /** Answers what it has begun to answer, then closes; open event streams are cut, for they come back by themselves. */
  async function stop(): Promise<void> {
    draining = true;
    await new Promise((resolve) => setTimeout(resolve, settings.drainMs));
    stopDriver();
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), Math.min(5_000, settings.shutdownMs / 2));
    await closed;
    clearTimeout(cut);
    await Promise.race([sender.close().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    redis.disconnect();
    subscriber.disconnect();
    metrics.close();
    store.close();
    log.info('api stopped');
  }

  return { url, stop };
}
