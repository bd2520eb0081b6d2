import { readSettings } from '@spillway/settings';
import { startWorker } from '@spillway/worker';
import { pino } from 'pino';
import { registry } from './toy-analyses.mjs';

/* A worker with the toy analysis beside the real ones. */
const settings = readSettings(process.env);
const registryUrl = new URL('./toy-analyses.mjs', import.meta.url).href;
const worker = await startWorker({
  settings,
  redisUrl: settings.redisUrl,
  log: pino({ level: settings.logLevel }),
  registry,
  registryUrl,
});
process.on('SIGTERM', () => {
  setTimeout(() => process.exit(1), settings.shutdownMs).unref();
  void worker.stop().then(() => process.exit(0));
});
