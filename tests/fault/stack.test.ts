import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askRedis, type Stack, startRedis, startStack } from '@spillway/stack';

const logs = mkdtempSync(join(tmpdir(), 'spillway-stack-'));
afterAll(() => rmSync(logs, { recursive: true, force: true }));

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const processesOf = ({ api, workers, redis }: Stack) => [
  api.pid,
  ...workers.map(({ pid }) => pid),
  ...(redis ? [redis.pid] : []),
];

test('a stack is ready when it is there, says who died, and leaves no process', async () => {
  const stack = await startStack({ redis: {}, workers: 2, threads: 1, logs: { folder: logs } });
  const pids = processesOf(stack);
  try {
    expect(pids).toHaveLength(4);
    expect((await fetch(`${stack.apiUrl}/livez`)).status).toBe(200);
    const [, second] = stack.workers;
    second?.kill('SIGKILL');
    expect(await stack.died).toBe('worker 2 was ended by SIGKILL');
    const third = await stack.addWorker();
    expect(third.name).toBe('worker 3');
    pids.push(third.pid);
  } finally {
    await stack.stop();
  }
  expect(pids.filter(lives)).toEqual([]);
});

test('a setting that stops the API is told, and what had started is stopped', async () => {
  const redis = await startRedis();
  try {
    const options = { redis: redis.url, workers: 1, threads: 1, logs: { folder: logs } };
    await expect(startStack({ ...options, env: { SPILLWAY_HOST: '0.0.0.0' } })).rejects.toThrow(
      /^(api|worker 1) exited with code 1 before the stack was ready\n[\s\S]*SPILLWAY_HOST needs a loopback address/,
    );
  } finally {
    await redis.stop();
  }
});

test('asked to stop while it starts, it stops what it started', async () => {
  const controller = new AbortController();
  controller.abort(new Error('asked to stop'));
  await expect(
    startStack({ redis: {}, workers: 1, threads: 1, logs: { folder: logs }, signal: controller.signal }),
  ).rejects.toThrow('asked to stop');
});

test('a service tells where its Redis is without its password, and which file has that, for its owner only', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'spillway-serve-'));
  const main = fileURLToPath(new URL('../../apps/cli/bin/spillway.js', import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '', SPILLWAY_DATA_DIR: dataDir, SPILLWAY_LOG_LEVEL: 'warn' };
  const args = [main, 'serve', '--port', '0', '--workers', '1', '--threads', '1'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const up = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
        if (/^workers /m.test(said)) resolve();
      });
    }
    child.once('close', () => reject(new Error(said)));
  });
  try {
    await up;
    const [, address, file] = /^Redis +(\S+) \(.*; its password is in (.+)\)$/m.exec(said) ?? [];
    const { url } = JSON.parse(readFileSync(file, 'utf8'));
    const { username, password, protocol, host } = new URL(url);
    expect({ username, address }).toEqual({ username: '', address: `${protocol}//${host}` });
    expect(password).not.toBe('');
    expect(said).not.toContain(password);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(await askRedis(url, [['PING']])).toEqual([{ ok: 'PONG' }]);
  } finally {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'close');
    rmSync(dataDir, { recursive: true, force: true });
  }
});
