import { startApi } from '@spillway/api';
import { runProcess } from '@spillway/settings';
import { pino } from 'pino';
import { registry } from './toy-analyses.mjs';

/* The API with the toy analysis beside the real ones; SPILLWAY_TEST_CORE makes it one of another build. */
const build = process.env.SPILLWAY_TEST_CORE === undefined ? {} : { core: process.env.SPILLWAY_TEST_CORE };
await runProcess(({ settings, redisUrl }) =>
  startApi({ settings, redisUrl, log: pino({ level: settings.logLevel }), registry, ...build }),
);
