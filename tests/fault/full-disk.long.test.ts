import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultStack, rounds, startFaultStack, until } from '../harness/fault-stack.js';

const mount = (dir: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir], { stdio: 'ignore' });
const unmount = (dir: string) => execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' });

/** A disk of one's own to fill takes root on Linux. */
function mayMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-mount-'));
  try {
    mount(dir);
    unmount(dir);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

let stack: FaultStack;
let disk: string | undefined;
afterEach(async () => {
  if (disk) unmount(disk); // now, although Redis still runs on it: its folder is about to be removed
  disk = undefined;
  await stack?.stop();
});

(mayMount() ? test : test.skip)(
  'F19 the disk of the append-only file is full: new work is refused, reads are answered, and all goes on when there is room',
  async () => {
    stack = await startFaultStack({ workers: 2 });
    const { dir } = stack.redis;
    stack.redis.kill('SIGTERM');
    await stack.redis.exited;
    const kept = `${dir}-kept`;
    cpSync(dir, kept, { recursive: true });
    mount(dir);
    disk = dir;
    cpSync(kept, dir, { recursive: true });
    await stack.startRedis();
    await until(async () => (await stack.ask('GET', '/readyz')).status === 200);

    const id = await stack.submit({ shards: 12, burn: rounds(0.2) });
    await stack.progressed(id, 2);
    const filler = join(dir, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(16 << 20))).toThrow('ENOSPC');
    const body = { analysis: 'toy', dataset: stack.grunfeld, seed: 2, params: { shards: 2 } };
    const refused = await until(async () => {
      const answer = await stack.ask('POST', '/v1/jobs', body);
      return answer.status === 503 && answer;
    });
    expect(JSON.parse(refused.text).code).toBe('storage_full');
    const ready = await stack.ask('GET', '/readyz');
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('append-only file');
    expect((await stack.ask('GET', `/v1/jobs/${id}`)).status).toBe(200);

    rmSync(filler);
    await until(async () => (await stack.ask('GET', '/readyz')).status === 200);
    expect(await stack.ended(id)).toMatchObject({ state: 'succeeded', ran: { retried: 0 } });
    expect(await stack.store.exists(`{spillway}:t:local:sus:${id}`)).toBe(0);
    await stack.submit({ shards: 2 }, 2);
    await stack.verify();
    expect(stack.crew.map((worker) => worker.exit())).toEqual([undefined, undefined]);
  },
);
