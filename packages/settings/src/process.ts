import { readSettings, SettingsError } from './read.js';
import type { Settings } from './table.js';

/** A part of the stack that has started. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * The life of a process: reads its settings, starts, and on SIGTERM or SIGINT stops, within `SPILLWAY_SHUTDOWN_MS` whatever
 * happens. What keeps it from starting is said on standard error, with exit code 1.
 */
export async function runProcess(start: (given: { settings: Settings; redisUrl: string }) => Promise<Running>): Promise<void> {
  try {
    const settings = readSettings(process.env);
    const { redisUrl, shutdownMs } = settings;
    if (redisUrl === undefined) throw new SettingsError(['REDIS_URL is needed: the address of a Redis']);
    const running = await start({ settings, redisUrl });

    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), shutdownMs).unref();
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
