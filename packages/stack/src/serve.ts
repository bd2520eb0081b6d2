import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { readSettings } from '@spillway/settings';
import { findRedisServer } from './find-redis.js';
import { isFree } from './ports.js';
import type { PrivateRedis } from './redis.js';
import { onStopRequest } from './signals.js';
import { type Stack, startStack } from './stack.js';

export interface ServeOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Told what happens, a line at a time. */
  tell: (line: string) => void;
}

export interface StartFromSettingsOptions extends ServeOptions {
  /**
   * `service`: the port must be free, a private Redis keeps its data below SPILLWAY_DATA_DIR, logs go to our own output.
   * `visit`: another port will do, a private Redis is forgotten at the end, logs go to files below SPILLWAY_DATA_DIR.
   */
  purpose: 'service' | 'visit';
  signal?: AbortSignal;
}

/**
 * Starts a whole stack as the settings say, and tells its addresses.
 *
 * @throws SettingsError, or Error if something cannot be started
 */
export async function startFromSettings({ env, tell, purpose, signal }: StartFromSettingsOptions): Promise<Stack> {
  const settings = readSettings(env);
  const { redisUrl, workers, shutdownMs } = settings;
  const dataDir = resolve(settings.dataDir);
  const free = settings.port === 0 || (await isFree(settings.port));
  if (!free && purpose === 'service') {
    throw new Error(
      `port ${settings.port} is taken: is Spillway running already? SPILLWAY_PORT names another one, 0 takes any that is free`,
    );
  }
  await mkdir(dataDir, { recursive: true });
  // Threads are for one worker; nobody said how many, so the workers share the cores.
  const threads = env.SPILLWAY_THREADS ? settings.threads : Math.max(1, Math.floor(availableParallelism() / workers));
  const server = redisUrl === undefined ? await findRedisServer({ env, dataDir, tell }) : undefined;
  const stack = await startStack({
    redis: redisUrl ?? { server: server?.path ?? '', ...(purpose === 'service' ? { dir: join(dataDir, 'redis') } : {}) },
    apiPort: free ? settings.port : 0,
    workers,
    threads,
    logs: purpose === 'service' ? 'inherit' : { folder: join(dataDir, 'logs') },
    stopMs: shutdownMs + 5000,
    ...(signal ? { signal } : {}),
  });
  tell(`API      ${stack.apiUrl} (its pages: ${stack.apiUrl}/docs)`);
  tell(`Redis    ${stack.redis ? `${stack.redis.address} (${inWords(server, stack.redis)})` : 'REDIS_URL'}`);
  tell(`workers  ${workers} × ${threads} thread${threads === 1 ? '' : 's'}`);
  if (purpose === 'visit') tell(`logs     ${join(dataDir, 'logs')}`);
  return stack;
}

/** What is told of a private Redis: to read a password over a shoulder, or in a log, is easier than in a file. */
const inWords = (server: { version: string; origin: string } | undefined, { dir, lockFile }: PrivateRedis) =>
  `${server?.version}, ${server?.origin}; data in ${dir}; its password is in ${lockFile}`;

/**
 * The whole stack on this machine, in the foreground, until it is told to stop: a private Redis with an append-only file
 * below SPILLWAY_DATA_DIR (unless REDIS_URL names one), the API and SPILLWAY_WORKERS workers.
 *
 * @returns the exit code: 0 when told to stop, 1 when a process of the stack died
 * @throws SettingsError, or Error if something cannot be started
 */
export async function serve({ env, tell }: ServeOptions): Promise<number> {
  const stopRequest = onStopRequest();
  try {
    const stack = await startFromSettings({ env, tell, purpose: 'service', signal: stopRequest.signal });
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
