import { runProcess } from '@spillway/settings';
import { startWorker } from '@spillway/worker';
import { pino } from 'pino';
import { registry } from './toy-analyses.mjs';

/* A worker with the toy analysis beside the real ones; SPILLWAY_TEST_CORE makes it one of another build. */
const build = process.env.SPILLWAY_TEST_CORE === undefined ? {} : { core: process.env.SPILLWAY_TEST_CORE };
const registryUrl = new URL('./toy-analyses.mjs', import.meta.url).href;
await runProcess(({ settings, redisUrl }) =>
  startWorker({ settings, redisUrl, log: pino({ level: settings.logLevel }), registry, registryUrl, ...build }),
);
