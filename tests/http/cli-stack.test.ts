import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@spillway/stack';

/* The built command and a whole stack: Redis, API and a worker as processes. */

const root = new URL('../..', import.meta.url).pathname;
let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-cli-stack-'));
  stack = await startStack({ redis: {}, workers: 1, threads: 2, logs: { folder } });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** @param interruptAt  Ctrl-C once stderr says this */
function spillway(args: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'apps/cli/bin/spillway.js'), ...args], { cwd: root });
  const stdout: Buffer[] = [];
  let stderr = '';
  let interrupted = false;
  child.stdout.on('data', (piece) => stdout.push(piece));
  child.stderr.on('data', (piece) => {
    stderr += piece;
    if (!interrupted && interruptAt?.test(stderr)) interrupted = child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr })));
}

const paramsWith = (replications: number) => ({
  formula: 'inv ~ capital | firm',
  thresholdVariable: 'L.value',
  regimeRegressors: ['value'],
  trim: 0.1,
  bootstrap: { replications },
});
const run = (replications: number) => [
  ...['run', 'threshold', '--data', 'data/grunfeld.csv', '--entity', 'firm', '--time', 'year'],
  ...['--params', JSON.stringify(paramsWith(replications))],
];

test('a run here and a run through the service print the same bytes and the same tables', async () => {
  const here = await spillway([...run(199), '--json']);
  const there = await spillway([...run(199), '--json', '--url', stack.apiUrl]);
  expect([here.code, there.code]).toEqual([0, 0]);
  expect(JSON.parse(here.stdout.toString()).tests[0].bootstraps[0].replications).toBe(199);
  expect(there.stdout.equals(here.stdout)).toBe(true);
  const tables = [await spillway(run(199)), await spillway([...run(199), '--url', stack.apiUrl])];
  expect(tables[1].stdout.toString()).toBe(tables[0].stdout.toString());
  expect(tables[0].stdout.toString()).toContain('Threshold estimate');
});

test('what is refused here is refused there, in the same words', async () => {
  const params = { ...paramsWith(9), formula: 'inv ~ captial | firm', thresholdVariable: 'L.valu' };
  const args = [...run(9).slice(0, -1), JSON.stringify(params)];
  const [here, there] = [await spillway(args), await spillway([...args, '--url', stack.apiUrl])];
  expect([here.code, there.code]).toEqual([2, 2]);
  const reasons = ({ stderr }: Ended) => stderr.split('\n').slice(1);
  expect(reasons(there)).toEqual(reasons(here));
  expect(reasons(here).join('\n')).toMatch(/captial[\s\S]*did you mean "capital"/);
});

test('datasets: upload, list, show, remove', async () => {
  const at = ['--url', stack.apiUrl];
  const upload = ['datasets', 'upload', 'data/cigar.csv', '--entity', 'state', '--time', 'year'];
  const uploaded = JSON.parse((await spillway([...upload, '--json', ...at])).stdout.toString());
  expect(uploaded).toMatchObject({ name: 'cigar.csv', rows: 1380, balanced: true });
  expect((await spillway(['datasets', 'list', ...at])).stdout.toString()).toContain(uploaded.id);
  expect((await spillway(['datasets', 'show', uploaded.id, ...at])).stdout.toString()).toMatch(/entities {2}46 by state: 1 … 51/);
  expect((await spillway(['datasets', 'rm', uploaded.id, ...at])).code).toBe(0);
  expect((await spillway(['datasets', 'show', uploaded.id, ...at])).code).toBe(2);

  const file = join(folder, 'twice.csv');
  writeFileSync(file, 'firm,year,x\na,1,2\na,1,3\n');
  const twice = await spillway(['datasets', 'upload', file, '--entity', 'firm', '--time', 'year', ...at]);
  expect(twice.code).toBe(2);
  expect(twice.stderr).toMatch(/a.*1/);
});

test('Ctrl-C cancels the job, and a retry takes it up again', async () => {
  const at = ['--url', stack.apiUrl];
  // two regressors by regime, which no search prunes, and 220 rows: minutes of work, however fast the machine
  const long = { ...paramsWith(999_999), formula: 'inv ~ 0 | firm', regimeRegressors: ['value', 'capital'] };
  const stopped = await spillway([...run(0).slice(0, -1), JSON.stringify(long), ...at], /[1-9][\d,]*\/[\d,]+ replications/);
  expect(stopped.code).toBe(1);
  const id = /stopped; job (\w+) is cancelled\n$/.exec(stopped.stderr)![1];
  const cancelled = JSON.parse((await spillway(['jobs', 'show', id, '--json', ...at])).stdout.toString());
  expect(cancelled.state).toBe('cancelled');
  const retried = JSON.parse((await spillway(['jobs', 'retry', id, '--json', ...at])).stdout.toString());
  expect(retried.epoch).toBeGreaterThan(cancelled.epoch);
  expect((await spillway(['jobs', 'cancel', id, ...at])).stdout.toString()).toMatch(/state +cancelled/);
  expect((await spillway(['jobs', 'watch', id, ...at])).code).toBe(1);
});

test('weights go the same way, here and there: by name, one made of another', async () => {
  const weights = [
    '--weights',
    'near=data/usa48_queen_edges.csv',
    '--weights',
    'rich=data/produc.csv?kind=economic-scaled&of=near&id=state&value=gsp&time=year&base=1970',
  ];
  const params = { formula: 'log(gsp) ~ log(pc) + W(log(pc), near) + W(log(pc), rich) | state + year' };
  const asked = [
    ...['run', 'panel-regression', '--data', 'data/produc.csv', '--entity', 'state', '--time', 'year', ...weights],
    ...['--params', JSON.stringify(params), '--json'],
  ];
  const [here, there] = [await spillway(asked), await spillway([...asked, '--url', stack.apiUrl])];
  expect([here.stderr, here.code, there.code]).toEqual([here.stderr, 0, 0]);
  expect(there.stdout.equals(here.stdout)).toBe(true);

  const url = ['--url', stack.apiUrl];
  const shown = await spillway(['weights', 'upload', 'data/usa48_queen_edges.csv?kind=edge-list', ...url]);
  expect(shown.stdout.toString()).toContain('214; neighbours 1 to 8');
  const listed = JSON.parse((await spillway(['weights', 'list', '--json', ...url])).stdout.toString());
  expect(listed.data).toHaveLength(2);
  const gal = await spillway(['weights', 'convert', 'data/usa48_queen_edges.csv', '--to', 'gal']);
  expect(gal.stdout.toString()).toMatch(/^0 48 spillway id\nALABAMA 4\n/);
});

test('jobs: list, show, watch, result; Ctrl-C leaves a watched job alone; who is not there is said', async () => {
  const url = ['--url', stack.apiUrl];
  const told = await spillway([...run(299), '--json', ...url]);
  const id = /job ([0-9a-f]{32})/.exec(told.stderr)![1];
  expect((await spillway(['jobs', 'list', ...url])).stdout.toString()).toMatch(new RegExp(`${id} +threshold +succeeded`));
  const shown = JSON.parse((await spillway(['jobs', 'show', id, '--json', ...url])).stdout.toString());
  expect(shown).toMatchObject({ id, state: 'succeeded', analysis: 'threshold' });
  expect((await spillway(['jobs', 'result', id, '--json', ...url])).stdout.equals(told.stdout)).toBe(true);
  expect((await spillway(['jobs', 'watch', id, ...url])).code).toBe(0);

  const asked = { ...paramsWith(999_998), formula: 'inv ~ 0 | firm', regimeRegressors: ['value', 'capital'] };
  const long = spillway([...run(0).slice(0, -1), JSON.stringify(asked), ...url]);
  const begun = async (): Promise<string> => {
    const { data } = JSON.parse((await spillway(['jobs', 'list', '--json', ...url])).stdout.toString());
    const running = data.find(({ state }: { state: string }) => state === 'running');
    return running?.id ?? begun();
  };
  const other = await begun();
  const watched = await spillway(['jobs', 'watch', other, ...url], /replications/);
  expect(watched).toMatchObject({ code: 1, stderr: expect.stringMatching(`stopped watching; job ${other} goes on`) });
  expect((await spillway(['jobs', 'cancel', other, ...url])).stdout.toString()).toMatch(/state +cancelled/);
  expect((await long).code).toBe(1);

  const unknown = await spillway(['jobs', 'show', 'nope', ...url]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no job nope') });
  const gone = await spillway(['datasets', 'list', '--url', 'http://127.0.0.1:9']);
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot reach http:\/\/127\.0\.0\.1:9.*spillway serve/) });
});
