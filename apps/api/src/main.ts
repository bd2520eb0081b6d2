import { runProcess } from '@spillway/settings';
import { pino } from 'pino';
import { startApi } from './start.js';

await runProcess(({ settings, redisUrl }) =>
  startApi({ settings, redisUrl, log: pino({ name: 'api', level: settings.logLevel }) }),
);
