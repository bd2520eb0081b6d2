import { runProcess } from '@spillway/settings';
import { pino } from 'pino';
import { startWorker } from './worker.js';

await runProcess(({ settings, redisUrl }) =>
  startWorker({ settings, redisUrl, log: pino({ name: 'worker', level: settings.logLevel }) }),
);
