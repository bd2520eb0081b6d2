import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebian } from './unpack-debian.js';

const run = promisify(execFile);

/** A Redis or Valkey program that runs on this machine. */
export interface RedisServer {
  path: string;
  version: string;
  /** Where it came from, in words. */
  origin: string;
}

export interface FindRedisOptions {
  /** The environment: SPILLWAY_REDIS_SERVER, PATH. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where a downloaded package is unpacked and found again. */
  dataDir: string;
  /** Told what is being done when it takes time (a download). */
  tell?: (words: string) => void;
}

const NAMES = ['redis-server', 'valkey-server'];
/** BullMQ asks for 6.2: older ones lack commands its scripts use best. */
const OLDEST: readonly [number, number] = [6, 2];

/**
 * Finds a Redis server program, or gets one without touching the system where that is possible. In this order:
 * SPILLWAY_REDIS_SERVER; `redis-server` or `valkey-server` on the PATH; Debian's package unpacked below `dataDir`
 * (no root needed, nothing installed, no service started); as root, that package installed; Homebrew.
 * A REDIS_URL comes before all of these and is the caller's business.
 *
 * @throws Error saying what was tried and what to install
 */
export async function findRedisServer({ env, dataDir, tell = () => {} }: FindRedisOptions): Promise<RedisServer> {
  const named = env.SPILLWAY_REDIS_SERVER;
  if (named) {
    const version = await versionOf(named);
    if (version instanceof Error) throw new Error(`SPILLWAY_REDIS_SERVER=${named} cannot be used: ${version.message}`);
    return { path: named, version, origin: 'SPILLWAY_REDIS_SERVER' };
  }
  const tried: string[] = [];
  const firstOf = async (paths: readonly string[], origin: string): Promise<RedisServer | undefined> => {
    for (const path of paths) {
      const version = await versionOf(path);
      if (!(version instanceof Error)) return { path, version, origin };
      tried.push(`${path}: ${version.message}`);
    }
    return undefined;
  };
  const onPath = () =>
    firstOf(
      NAMES.flatMap((name) => whichAll(name, env)),
      'found on the PATH',
    );
  const attempt = async (what: string, act: () => Promise<RedisServer | undefined>): Promise<RedisServer | undefined> => {
    try {
      return await act();
    } catch (error) {
      tried.push(`${what}: ${wordsOf(error)}`);
      return undefined;
    }
  };

  const apt = whichAll('apt-get', env).length > 0 && whichAll('dpkg-deb', env).length > 0;
  const found =
    (await onPath()) ??
    (apt
      ? await attempt("Debian's package, unpacked", async () => {
          const path = await unpackDebian({ folder: join(dataDir, 'redis-package'), names: NAMES, env, tell });
          return firstOf([path], `Debian's package unpacked in ${dataDir}`);
        })
      : undefined) ??
    (apt && process.getuid?.() === 0
      ? await attempt("Debian's package, installed", async () => {
          tell('installing redis-server with apt-get');
          const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
          await run('apt-get', ['update'], { env: aptEnv });
          await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env: aptEnv });
          return onPath();
        })
      : undefined) ??
    (await attempt('Homebrew', async () => {
      if (whichAll('brew', env).length === 0) return undefined;
      tell('installing redis with Homebrew');
      await run('brew', ['install', 'redis'], { env: { ...env } });
      const prefix = (await run('brew', ['--prefix', 'redis'], { env: { ...env } })).stdout.trim();
      return firstOf([join(prefix, 'bin', 'redis-server')], 'Homebrew');
    }));
  if (found) return found;
  throw new Error(
    [
      `no Redis ${OLDEST.join('.')} or later was found, nor could one be fetched.`,
      ...tried.map((line) => `  tried ${line}`),
      'Install one (Debian, Ubuntu: apt-get install redis-server; Fedora: dnf install valkey; Alpine: apk add redis; macOS: brew install redis),',
      'or name a program in SPILLWAY_REDIS_SERVER, or a running Redis in REDIS_URL.',
    ].join('\n'),
  );
}

/** Every executable of that name on the PATH, in its order. */
function whichAll(name: string, env: FindRedisOptions['env']): string[] {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return existsSync(path);
      } catch {
        return false;
      }
    });
}

/** `7.0.15`, or why this program will not do. */
async function versionOf(path: string): Promise<string | Error> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    const [, version, major, minor] = /\bv=((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
    if (!version) return new Error(`is not a Redis or Valkey server (it says ${JSON.stringify(stdout.slice(0, 80))})`);
    const old = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
    return old ? new Error(`is version ${version}, needs ${OLDEST.join('.')} or later`) : version;
  } catch (error) {
    return new Error(wordsOf(error));
  }
}

/** The last line of what a failed program wrote, or the error's own words. */
function wordsOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return stderr?.trim().split('\n').at(-1) || message?.split('\n')[0] || String(error);
}
