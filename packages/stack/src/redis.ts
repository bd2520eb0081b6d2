import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, exitInWords, startChild } from './child.js';
import { findRedisServer } from './find-redis.js';
import { isRunning } from './is-running.js';
import { mendAppendOnlyFile } from './mend-append-only-file.js';
import { freePort } from './ports.js';
import { askRedis } from './resp.js';
import { guardFolder } from './watchdog.js';

export interface StartRedisOptions {
  /** Where it keeps its data. Omitted: a temporary folder, removed by `stop`. */
  dir?: string;
  /** Omitted: a free one. Always on 127.0.0.1. */
  port?: number;
  /** Omitted: a fresh random one, which stands in `url`. */
  password?: string;
  /** Append-only file; true unless said otherwise. */
  appendonly?: boolean;
  /** When the append-only file reaches the disk. Redis process deaths lose nothing either way; `always` outlives a power cut. */
  appendfsync?: 'everysec' | 'always';
  /** Bytes Redis may use; omitted: as many as it needs. What it does at the limit is always `noeviction`. */
  maxmemory?: number;
  /** The program; omitted: `findRedisServer` with this process's environment. */
  server?: string;
  /** How long it may take to load its data. */
  readyMs?: number;
}

/** A Redis of our own, gone with this process at the latest. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** `url` without the password: may be shown */
  readonly address: string;
  /** JSON whose `url` has the password, readable by its owner only, as long as it runs */
  readonly lockFile: string;
  readonly dir: string;
  readonly pid: number;
  /** Resolves when it ends, whoever ended it. */
  readonly exited: Child['exited'];
  kill(signal: NodeJS.Signals): void;
  /** Ends it (SIGTERM: the append-only file is flushed), and removes its folder if it was temporary. */
  stop(): Promise<void>;
}

/**
 * Starts a private Redis: loopback only, behind a password, appendonly, noeviction, with its output in `<dir>/redis.log`.
 * A second one in the same folder is refused, for two would write one append-only file. Of a file that a power cut has torn, the end is taken off first.
 *
 * To start it again after a kill with what it had: `startRedis({ dir, port, password })`.
 *
 * @throws Error if there is no program, the folder is in use, or Redis ends before it answers (with its last words)
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<PrivateRedis> {
  const temporary = options.dir === undefined;
  const folder = options.dir ?? (await mkdtemp(join(tmpdir(), 'spillway-redis-')));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dir = await realpath(folder);
  const server = options.server ?? (await findRedisServer({ env: process.env, dataDir: '.spillway' })).path;
  const password = options.password ?? randomBytes(18).toString('base64url');

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`;
    const lockFile = join(dir, 'running.json');
    const unlock = await lockFolder(dir, lockFile, url);
    mendAppendOnlyFile(dir);
    const child = await startChild({
      name: 'redis',
      program: server,
      args: ['-'], // its settings come by standard input: a password in the arguments is everybody's to read
      output: { file: join(dir, 'redis.log') },
      input: configuration({ ...options, dir, port, password }),
    });
    if (temporary) guardFolder(dir);
    try {
      await untilAnswering(child, url, options.readyMs ?? 60_000);
      return {
        url,
        port,
        password,
        address: `redis://127.0.0.1:${port}`,
        lockFile,
        dir,
        pid: child.pid,
        exited: child.exited.finally(unlock),
        kill: child.kill,
        async stop() {
          await child.stop(10_000);
          unlock();
          if (temporary) await rm(dir, { recursive: true, force: true });
        },
      };
    } catch (error) {
      await child.stop(2000);
      unlock();
      // Somebody took the free port between our look and Redis's bind.
      if (options.port === undefined && attempt < 5 && child.lastWords().includes('Address already in use')) continue;
      if (temporary) await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }
}

type Configured = StartRedisOptions & Required<Pick<StartRedisOptions, 'dir' | 'port' | 'password'>>;

const configuration = ({ dir, port, password, appendonly = true, appendfsync = 'everysec', maxmemory = 0 }: Configured): string =>
  [
    'bind 127.0.0.1',
    'protected-mode yes',
    `port ${port}`,
    `requirepass ${JSON.stringify(password)}`,
    `dir ${JSON.stringify(dir)}`,
    'daemonize no',
    'save ""',
    `appendonly ${appendonly ? 'yes' : 'no'}`,
    `appendfsync ${appendfsync}`,
    'maxmemory-policy noeviction',
    `maxmemory ${maxmemory}`,
    '',
  ].join('\n');

async function untilAnswering(child: Child, url: string, readyMs: number): Promise<void> {
  const deadline = performance.now() + readyMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const ended = child.exit();
    if (ended) throw new Error(`Redis ${exitInWords(ended)} before it answered:\n${child.lastWords()}`);
    const [reply] = await askRedis(url, [['PING']], 1000).catch(() => []);
    if (reply && 'ok' in reply) return;
    if (performance.now() > deadline) throw new Error(`Redis did not answer within ${readyMs} ms:\n${child.lastWords()}`);
    await Promise.race([sleep(pause), child.exited]);
  }
}

/**
 * One Redis a folder. The lock is a file with the address of the Redis that has it; it is held while that Redis answers,
 * or while the process that wrote it may still be starting it. A lock left by a killed process is taken over.
 */
async function lockFolder(dir: string, path: string, url: string): Promise<() => void> {
  const mine = JSON.stringify({ url, owner: process.pid, id: randomUUID() });
  const deadline = performance.now() + 5000; // a Redis whose owner was just killed is about to end
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => {
        if (readLock(path)?.text === mine) rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = readLock(path);
    if (!held) continue;
    if (!(await answers(held.url)) && !(held.ageMs < STARTING_MS && isRunning(held.owner))) rmSync(path, { force: true });
    else if (performance.now() < deadline) await sleep(100);
    else throw new Error(`another Redis runs in ${dir} (process ${held.owner} started it): stop that one first`);
  }
}

/** Longer than a Redis takes from its lock to its first answer, even one that loads gigabytes. */
const STARTING_MS = 60_000;

function readLock(path: string): { text: string; url: string; owner: number; ageMs: number } | undefined {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    const text = readFileSync(path, 'utf8');
    try {
      return { text, ageMs, ...JSON.parse(text) };
    } catch {
      return { text, ageMs, url: '', owner: 0 }; // cut off by a kill: nobody's
    }
  } catch {
    return undefined;
  }
}

const answers = (url: string): Promise<boolean> =>
  askRedis(url, [['PING']], 500).then(
    () => true,
    () => false,
  );

/**
 * Refuses a Redis that may throw away what it was given: any maxmemory-policy but noeviction.
 *
 * @throws Error if it cannot be reached, is older than 6.2 or has another policy
 */
export async function requireUsableRedis(url: string): Promise<void> {
  const [memory, server] = await askRedis(url, [
    ['INFO', 'memory'],
    ['INFO', 'server'],
  ]);
  if (!memory || !server || 'refused' in memory || 'refused' in server) {
    const words = [memory, server].map((reply) => (reply && 'refused' in reply ? reply.refused : '')).join(' ');
    throw new Error(`Redis does not say how it is set up: ${words.trim()}`);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory.ok)?.[1];
  if (policy !== 'noeviction') {
    throw new Error(
      `REDIS_URL is refused: its maxmemory-policy is ${policy ?? 'unknown'}, which lets Redis drop jobs it has accepted; needs noeviction (CONFIG SET maxmemory-policy noeviction, and the same in its configuration file)`,
    );
  }
  const version = /^redis_version:(\S+)/m.exec(server.ok)?.[1] ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2)))
    throw new Error(`REDIS_URL is refused: its version is ${version}, needs 6.2 or later`);
}
