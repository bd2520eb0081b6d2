import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { readSettings } from '@spillway/settings';
import { findRedisServer } from './find-redis.js';
import { isFree } from './ports.js';
import { onStopRequest } from './signals.js';
import { startStack } from './stack.js';

export interface ServeOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Told what happens, a line at a time. */
  tell: (line: string) => void;
}

/** Threads of each worker when `workers` of them share this machine and nobody said otherwise. */
export const threadsEach = (env: ServeOptions['env'], workers: number, threads: number): number =>
  env.SPILLWAY_THREADS ? threads : Math.max(1, Math.floor(availableParallelism() / workers));

/**
 * The whole stack on this machine, in the foreground, until it is told to stop: a private Redis with an append-only file
 * below SPILLWAY_DATA_DIR (unless REDIS_URL names one), the API and SPILLWAY_WORKERS workers.
 *
 * @returns the exit code: 0 when told to stop, 1 when a process of the stack died
 * @throws SettingsError, or Error if something cannot be started
 */
export async function serve({ env, tell }: ServeOptions): Promise<number> {
  const settings = readSettings(env);
  const { port, redisUrl, workers, shutdownMs } = settings;
  if (port !== 0 && !(await isFree(port))) {
    throw new Error(
      `port ${port} is taken: is Spillway running already? Another port can be named in SPILLWAY_PORT (0 takes any free one)`,
    );
  }
  const stopRequest = onStopRequest();
  try {
    const dataDir = resolve(settings.dataDir);
    await mkdir(dataDir, { recursive: true });
    const threads = threadsEach(env, workers, settings.threads);
    const server = redisUrl ? undefined : await findRedisServer({ env, dataDir, tell });
    const stack = await startStack({
      redis: redisUrl ?? { dir: join(dataDir, 'redis'), server: server?.path ?? '' },
      apiPort: port,
      workers,
      threads,
      logs: 'inherit',
      stopMs: shutdownMs + 5000,
      signal: stopRequest.signal,
    });
    tell(`API      ${stack.apiUrl}`);
    tell(`Redis    ${redisUrl ? 'REDIS_URL' : `${stack.redisUrl} (${server?.origin}; data in ${stack.redis?.dir})`}`);
    tell(`workers  ${workers} × ${threads} thread${threads === 1 ? '' : 's'}`);
    const death = await Promise.race([stack.died, stopRequest.asked.then(() => undefined)]);
    tell(death ? `${death}: stopping the rest` : 'stopping');
    await stack.stop();
    return death ? 1 : 0;
  } catch (error) {
    if (stopRequest.signal.aborted) return 0;
    throw error;
  } finally {
    stopRequest.dispose();
  }
}
