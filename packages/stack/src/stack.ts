import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, type Exit, exitInWords, startChild } from './child.js';
import { freePort } from './ports.js';
import { type PrivateRedis, requireUsableRedis, type StartRedisOptions, startRedis } from './redis.js';

export interface StackOptions {
  /** Address of a Redis to use, or how to start a private one. */
  redis: string | StartRedisOptions;
  /** Port of the API on the loopback; omitted or 0: a free one. */
  apiPort?: number;
  workers: number;
  /** Computing threads of each worker. */
  threads: number;
  /** The programs of the processes; omitted: the built API and worker. For those who add analyses of their own. */
  programs?: { readonly api: string; readonly worker: string };
  /** More settings for the processes, by variable. */
  env?: Readonly<Record<string, string>>;
  /** Where the processes' logs go: this process's own output, or `<folder>/api.log`, `worker-1.log`, … */
  logs: 'inherit' | { folder: string };
  /** From SIGTERM to SIGKILL when the stack stops; somewhat above the processes' own deadline. */
  stopMs?: number;
  /** Aborting stops what was started so far and rejects. */
  signal?: AbortSignal;
}

/** A running stack. Nothing is restarted: whoever wants that watches `died`. */
export interface Stack {
  readonly apiUrl: string;
  readonly redisUrl: string;
  readonly redis: PrivateRedis | undefined;
  readonly api: Child;
  readonly workers: readonly Child[];
  /** Resolves when a process of the stack ends that nobody stopped, with its name and end in words. */
  readonly died: Promise<string>;
  /** One more worker like the others. */
  addWorker(): Promise<Child>;
  /** Workers hand back their work, the API finishes its answers, then Redis ends. When it resolves no process is left. */
  stop(): Promise<void>;
}

const built = (app: string): string => fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));

/**
 * Starts Redis (unless one is named), the built API and workers as processes, and waits until the API says it is ready.
 *
 * @throws Error if a Redis is named that may evict, a process ends before the stack is ready, or `signal` aborts; nothing is left running then
 */
export async function startStack({
  apiPort,
  workers,
  threads,
  programs = { api: built('api'), worker: built('worker') },
  env,
  logs,
  stopMs = 25_000,
  signal,
  ...options
}: StackOptions): Promise<Stack> {
  const children: Child[] = [];
  const crew: Child[] = [];
  let redis: PrivateRedis | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await Promise.all(children.map((child) => child.stop(stopMs)));
      await redis?.stop();
    })();
    return stopping;
  };
  let onDeath: (words: string) => void = () => {};
  const died = new Promise<string>((resolve) => {
    onDeath = resolve;
  });
  const watch = (name: string, exited: Promise<Exit>) => {
    void exited.then((exit) => !stopping && onDeath(`${name} ${exitInWords(exit)}`));
  };

  try {
    if (logs !== 'inherit') await mkdir(logs.folder, { recursive: true });
    if (typeof options.redis === 'string') await requireUsableRedis(options.redis);
    else {
      redis = await startRedis(options.redis);
      watch('redis', redis.exited);
    }
    signal?.throwIfAborted();
    const redisUrl = redis?.url ?? String(options.redis);
    const port = apiPort || (await freePort());
    const start = async (name: string, program: string): Promise<Child> => {
      const child = await startChild({
        name,
        program: process.execPath,
        args: [program],
        env: { ...env, REDIS_URL: redisUrl, SPILLWAY_PORT: String(port), SPILLWAY_THREADS: String(threads) },
        output: logs === 'inherit' ? 'inherit' : { file: join(logs.folder, `${name.replace(' ', '-')}.log`) },
      });
      children.push(child);
      watch(name, child.exited);
      return child;
    };
    const addWorker = async (): Promise<Child> => {
      const worker = await start(`worker ${crew.length + 1}`, programs.worker);
      crew.push(worker);
      return worker;
    };

    const api = await start('api', programs.api);
    while (crew.length < workers) await addWorker();
    const apiUrl = `http://127.0.0.1:${port}`;
    await untilReady(apiUrl, children, signal);
    return { apiUrl, redisUrl, redis, api, workers: crew, died, addWorker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Polls `/readyz`: the API is up, and it reaches a Redis that is fit. */
async function untilReady(apiUrl: string, children: readonly Child[], signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + 60_000;
  let last = 'no answer yet';
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    for (const child of children) {
      const exit = child.exit();
      if (exit) throw new Error(`${child.name} ${exitInWords(exit)} before the stack was ready\n${child.lastWords()}`.trimEnd());
    }
    try {
      const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (response.ok) return;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = String((error as Error).cause ?? error);
    }
    await sleep(50);
  }
  throw new Error(`the API did not become ready within 60 s; /readyz said: ${last}`);
}
