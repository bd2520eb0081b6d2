import { readSettings, SettingsError } from '@spillway/settings';
import { pino } from 'pino';
import { startApi } from './start.js';

/** The API until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = pino({ name: 'api', level: settings.logLevel });
  if (settings.redisUrl === undefined) throw new SettingsError(['REDIS_URL is needed by the API']);
  const api = await startApi({ settings, redisUrl: settings.redisUrl, log });

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), settings.shutdownMs).unref();
    void api.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
