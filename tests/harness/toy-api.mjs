import { startApi } from '@spillway/api';
import { readSettings } from '@spillway/settings';
import { pino } from 'pino';
import { registry } from './toy-analyses.mjs';

/* The API with the toy analysis beside the real ones. */
const settings = readSettings(process.env);
const api = await startApi({ settings, redisUrl: settings.redisUrl, log: pino({ level: settings.logLevel }), registry });
process.on('SIGTERM', () => void api.stop().then(() => process.exit(0)));
