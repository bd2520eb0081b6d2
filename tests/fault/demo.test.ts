import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askRedis } from '@spillway/stack';

const module = new URL('../../apps/cli/dist/demo.js', import.meta.url).href;

/** The demo in a process of its own, as `npm run demo` runs it after the build. */
async function runDemo(keep: boolean, whenUp: (kill: (signal: NodeJS.Signals) => void) => void = () => {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'spillway-demo-'));
  const code = `const { demo } = await import(${JSON.stringify(module)}); process.exitCode = await demo({ env: process.env, keep: ${keep} });`;
  const env = { ...process.env, NODE_OPTIONS: '', SPILLWAY_PORT: '0', SPILLWAY_DATA_DIR: dataDir };
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    const before = said.out;
    said.out += chunk;
    if (!before.includes('stays up') && said.out.includes('stays up')) whenUp((signal) => void child.kill(signal));
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const [exitCode] = await once(child, 'close');
  rmSync(dataDir, { recursive: true, force: true });
  const api = /^API +(\S+)/m.exec(said.err)?.[1] ?? '';
  const redis = /^Redis +(\S+)/m.exec(said.err)?.[1] ?? '';
  return { exitCode, ...said, api, redis };
}

const expectGone = async ({ api, redis }: { api: string; redis: string }) => {
  await expect(fetch(`${api}/livez`)).rejects.toThrow('fetch failed');
  await expect(askRedis(redis, [['PING']])).rejects.toThrow('cannot be reached');
};

test('the demo asks through HTTP, draws progress, prints tables, and leaves nothing', async () => {
  const demo = await runDemo(false);
  expect(demo.err).toMatch(/([\d,]+)\/\1 replications/);
  expect(demo.out).toContain('Threshold tests (bootstrap)');
  expect(demo.out).toContain('99,999');
  expect(demo.out).toContain('46 entities × 30 periods');
  expect(demo.exitCode).toBe(0);
  await expectGone(demo);
}, 120_000);

test('kept up, it prints its addresses, and Ctrl-C, even twice, stops it cleanly', async () => {
  const demo = await runDemo(true, (kill) => {
    kill('SIGINT');
    kill('SIGINT'); // npm passes on what the terminal has sent already
  });
  expect(demo.out).toContain(`The stack stays up: API ${demo.api}, Redis ${demo.redis}`);
  expect(demo.redis).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/); // no password on the screen
  expect(demo.exitCode).toBe(0);
  await expectGone(demo);
}, 120_000);
