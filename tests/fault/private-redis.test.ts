import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askRedis, findRedisServer, requireUsableRedis, startRedis } from '@spillway/stack';

const folders: string[] = [];
const folder = () => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'spillway-private-redis-')));
  folders.push(path);
  return path;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** Zombies count as gone: they have ended, and wait only for an init that reads their exit. */
const lives = async (pid: number): Promise<boolean> => {
  const ps = spawn('ps', ['-o', 'stat=', '-p', String(pid)]);
  let stat = '';
  ps.stdout.on('data', (chunk) => {
    stat += chunk;
  });
  await once(ps, 'close');
  return stat.trim() !== '' && !stat.trim().startsWith('Z');
};
const untilGone = async (pid: number): Promise<void> => {
  while (await lives(pid)) await sleep(50);
};

test('what a private Redis was given outlives its SIGKILL, and its folder is never shared', async () => {
  const dir = folder();
  const first = await startRedis({ dir });
  expect(await askRedis(first.url, [['SET', 'kept', 'yes']])).toEqual([{ ok: 'OK' }]);
  await expect(askRedis(first.url.replace(first.password, 'wrong'), [['GET', 'kept']])).rejects.toThrow('refused the password');
  await expect(startRedis({ dir })).rejects.toThrow(`another Redis runs in ${dir}`);
  await expect(requireUsableRedis(first.url)).resolves.toBeUndefined();

  first.kill('SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
  const second = await startRedis({ dir, port: first.port, password: first.password });
  expect(await askRedis(first.url, [['GET', 'kept']])).toEqual([{ ok: 'yes' }]);
  await first.stop(); // long gone: must not touch the second
  expect(await askRedis(second.url, [['PING']])).toEqual([{ ok: 'PONG' }]);
  await second.stop();
  expect(await lives(second.pid)).toBe(false);
  expect(existsSync(join(dir, 'running.json'))).toBe(false);
});

test('an append-only file torn in a transaction: nothing of it comes back, not at the start after the next either', async () => {
  const dir = folder();
  const file = join(dir, 'appendonlydir', 'appendonly.aof.1.incr.aof');
  const script = ['EVAL', "redis.call('INCR', 'n') redis.call('SET', 'x', string.rep('y', 100)) redis.call('INCR', 'm')", '0'];
  const first = await startRedis({ dir });
  await askRedis(first.url, [script]);
  const whole = statSync(file).size;
  await askRedis(first.url, [script]);
  await first.stop();
  const both = statSync(file).size;
  const bytes = readFileSync(file);
  for (const cut of [whole + 5, whole + 40, Math.round((whole + both) / 2), both - 30, both - 3]) {
    writeFileSync(file, bytes.subarray(0, cut));
    for (let start = 1; start <= 2; start++) {
      const redis = await startRedis({ dir });
      const got = await askRedis(redis.url, [
        ['GET', 'n'],
        ['GET', 'm'],
        ['INCR', 'starts'],
      ]);
      expect(got).toEqual([{ ok: '1' }, { ok: '1' }, { ok: String(start) }]);
      await redis.stop();
    }
  }
});

test('a Redis that may evict is refused', async () => {
  const redis = await startRedis();
  await askRedis(redis.url, [['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']]);
  await expect(requireUsableRedis(redis.url)).rejects.toThrow('its maxmemory-policy is allkeys-lru');
  await redis.stop();
  expect(existsSync(redis.dir)).toBe(false);
  await expect(requireUsableRedis(redis.url)).rejects.toThrow('cannot be reached');
});

test('a parent killed with SIGKILL leaves neither its Redis nor the watchdog', async () => {
  const dir = folder();
  const script = join(dir, 'parent.mjs');
  const stack = new URL('../../packages/stack/dist/index.js', import.meta.url).href;
  writeFileSync(
    script,
    `const { startRedis } = await import(${JSON.stringify(stack)});
     const redis = await startRedis({ dir: ${JSON.stringify(join(dir, 'redis'))} });
     process.stdout.write(redis.pid + '\\n');
     setInterval(() => {}, 1000);`,
  );
  const parent = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line).trim());
  expect(await lives(pid)).toBe(true);
  parent.kill('SIGKILL');
  await untilGone(pid);
  // The folder is free again: the lock of a killed process is taken over.
  const next = await startRedis({ dir: join(dir, 'redis') });
  await next.stop();
});

test('a Redis that cannot start says why', async () => {
  const redis = await startRedis();
  await expect(startRedis({ port: redis.port })).rejects.toThrow(/before it answered:[\s\S]*Address already in use/);
  await redis.stop();
});

/** A folder of programs that only print, to stand on a PATH. */
const programs = (texts: Record<string, string>): string => {
  const bin = folder();
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
};
const says = (kind: string, version: string) => `echo "${kind} server v=${version} sha=00000000:0 bits=64"`;

describe('looking for a Redis', () => {
  test('SPILLWAY_REDIS_SERVER comes first, and is believed', async () => {
    const bin = programs({ 'redis-server': says('Redis', '7.0.15'), mine: says('Valkey', '8.0.1') });
    const env = { PATH: bin, SPILLWAY_REDIS_SERVER: join(bin, 'mine') };
    expect(await findRedisServer({ env, dataDir: folder() })).toEqual({
      path: join(bin, 'mine'),
      version: '8.0.1',
      origin: 'SPILLWAY_REDIS_SERVER',
    });
    const wrong = { ...env, SPILLWAY_REDIS_SERVER: join(bin, 'absent') };
    await expect(findRedisServer({ env: wrong, dataDir: folder() })).rejects.toThrow(
      /^SPILLWAY_REDIS_SERVER=.*absent cannot be used/,
    );
  });

  test('then the PATH, past programs that are too old', async () => {
    const old = programs({ 'redis-server': says('Redis', '6.0.16') });
    const good = programs({ 'valkey-server': says('Valkey', '7.2.8') });
    const found = await findRedisServer({ env: { PATH: `${old}:${good}` }, dataDir: folder() });
    expect(found).toMatchObject({ path: join(good, 'valkey-server'), version: '7.2.8' });
  });

  test('then Homebrew', async () => {
    const prefix = programs({});
    const cellar = join(prefix, 'bin', 'redis-server');
    const bin = programs({
      brew: `case $1 in install) /bin/mkdir -p ${prefix}/bin; printf '#!/bin/sh\\n${says('Redis', '8.2.0').replaceAll('"', '\\"')}\\n' > ${cellar}; /bin/chmod +x ${cellar} ;; --prefix) echo ${prefix} ;; esac`,
    });
    expect(await findRedisServer({ env: { PATH: bin }, dataDir: folder() })).toEqual({
      path: cellar,
      version: '8.2.0',
      origin: 'Homebrew',
    });
  });

  test('else it says what was tried and what to install', async () => {
    const bin = programs({ 'redis-server': says('Redis', '5.0.3') });
    await expect(findRedisServer({ env: { PATH: bin }, dataDir: folder() })).rejects.toThrow(
      /is version 5\.0\.3, needs 6\.2 or later[\s\S]*apt-get install redis-server[\s\S]*SPILLWAY_REDIS_SERVER/,
    );
  });
});
