import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '@spillway/cli';
import { coreIdentity, encodePanel, makeSpec, panelFromCsv, panelHash, type Registry, runLocally } from '@spillway/core';

const root = new URL('../..', import.meta.url).pathname;
const fixtures = join(root, 'tests/fixtures/cli');
const { registry } = (await import(join(fixtures, 'registry.mjs'))) as { registry: Registry };

let folder: string;
let file: string;

const cells = (firm: string, year: number, x: number, flat: number) => `${firm},${year},${x},${flat}\n`;
const csv = `firm,year,invest,flat\n${['a', 'b', 'c']
  .flatMap((firm, i) => [2001, 2002, 2003].map((year, t) => cells(firm, year, Math.sin(7 * i + t), 5)))
  .join('')}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'));
  file = join(folder, 'panel.csv');
  writeFileSync(file, csv);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The built command with the fixture's analyses, as a process. */
function start(args: readonly string[], script = join(fixtures, 'spillway.mjs')): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (piece) => stdout.push(piece));
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr })),
  );
  return { child, ended };
}

const spillway = (...args: string[]) => start(args).ended;

/** The same without a process, for what needs no thread: some hundred times faster. */
async function inProcess(...args: string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(piece, _, done) {
        written[name] += piece;
        done();
      },
    });
  const code = await runCommandLine(args, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    stdin: Readable.from([]),
    signal: new AbortController().signal,
    env: {},
    registryUrl: join(fixtures, 'registry.mjs'),
  });
  return { code, stdout: Buffer.from(written.stdout), stderr: written.stderr };
}

const runArgs = (params: unknown, ...more: string[]) => [
  'run',
  'bootstrap-mean',
  '--data',
  file,
  '--entity',
  'firm',
  '--time',
  'year',
  '--params',
  typeof params === 'string' ? params : JSON.stringify(params),
  ...more,
];

/** Resolves when the process has written this to stderr. */
function says(child: ChildProcess, words: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve) =>
    child.stderr!.on('data', (piece) => {
      text += piece;
      if (words.test(text)) resolve();
    }),
  );
}

describe('run, here', () => {
  test('--json prints the bytes of runLocally, for any number of threads', async () => {
    const panel = panelFromCsv(new TextEncoder().encode(csv), { entity: 'firm', time: 'year' });
    const dataset = panelHash(encodePanel(panel));
    const params = { column: 'invest', replications: 500 };
    const spec = makeSpec(registry, { analysis: 'bootstrap-mean', dataset, params, seed: 7 }, coreIdentity(process.version));
    const expected = Buffer.from(runLocally(registry, spec, { panel }).result);
    for (const threads of ['1', '3']) {
      const { code, stdout } = await spillway(...runArgs(params, '--seed', '7', '--threads', threads, '--json'));
      expect(code).toBe(0);
      expect(stdout.equals(expected)).toBe(true);
    }
  });

  test('tables on stdout, progress and the seed on stderr', async () => {
    const { code, stdout, stderr } = await spillway(...runArgs({ column: 'invest' }));
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      /^Bootstrap mean\n\nMean\n─+\n +estimate\n─+\nmean +-?\d\.\d{3}\n +\(0\.\d{3}\)\n─+\n99 replications\.\n$/,
    );
    expect(stderr).toMatch(/^9 rows, 3 entities, 3 periods; seed \d+ \(derived\)\n/);
    expect(stderr).toMatch(/99\/99 replications/);
    expect(stderr).not.toContain('\u001b');
  });

  test('params come from a file, data from standard input, tables in other formats', async () => {
    const params = join(folder, 'params.json');
    writeFileSync(params, '\ufeff{"column": "invest"}');
    const { child, ended } = start(runArgs(`@${params}`, '--data', '-', '--format', 'latex'));
    child.stdin!.end(csv);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('\\begin{tabular}{lr}');
  });

  test.each([
    ['a wrong column', () => runArgs({ column: 'invets' }), /\/params\/column: no column "invets".*did you mean "invest"/],
    ['a webhook without a service', () => [...runArgs({}), '--webhook', 'https://example.org/'], /--webhook needs --url/],
    ['params that are no JSON', () => runArgs('{column: 1}'), /--params is not JSON/],
    ['params that are a list', () => runArgs('[1]'), /must be a JSON object, got a list/],
    ['a missing file', () => [...runArgs({}), '--data', 'nowhere.csv'], /cannot read nowhere\.csv: there is no such file/],
    ['a missing params file', () => runArgs('@nowhere.json'), /cannot read nowhere\.json/],
    [
      'an unknown analysis',
      () => runArgs({}).with(1, 'bootstrap-meen'),
      /no analysis named "bootstrap-meen".*did you mean "bootstrap-mean"/,
    ],
    ['a missing option', () => ['run', 'bootstrap-mean'], /required option '--data <file>'/],
    ['a seed that is none', () => runArgs({ column: 'invest' }, '--seed', '-1'), /--seed.*whole number/],
    ['a decimal mark that is none', () => runArgs({ column: 'invest' }, '--decimal', ';'), /--decimal.*choices/],
    ['an unknown command', () => ['rnu'], /unknown command 'rnu'[\s\S]*run/],
    ['an unknown option', () => ['jobs', 'list', '--jsn'], /unknown option '--jsn'[\s\S]*--json/],
  ])('%s is wrong input', async (_, args, words) => {
    const { code, stdout, stderr } = await inProcess(...args());
    expect(stderr).toMatch(words);
    expect(code).toBe(2);
    expect(stdout).toHaveLength(0);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('everything wrong with file and params is said at once', async () => {
    const { code, stderr } = await spillway(...runArgs({ column: 'invest', replications: 0, extra: 1 }, '--entity', 'frim'));
    expect(code).toBe(2);
    expect(stderr).toContain('3 reasons');
    expect(stderr).toMatch(/\/params\/replications: /);
    expect(stderr).toMatch(/"extra"/);
    expect(stderr).toMatch(/no column "frim".*did you mean "firm"/);
  });

  test('a caret stays under its character', async () => {
    const { code, stderr } = await spillway(...runArgs({ column: 'y ~ x' }));
    expect(code).toBe(2);
    const lines = stderr.split('\n');
    const at = lines.findIndex((line) => line.trim() === '^');
    expect(lines[at].indexOf('^')).toBe(lines[at - 1].indexOf('~'));
  });

  test('data that cannot give the number are a failure, with a stack only when asked', async () => {
    const { code, stdout, stderr } = await spillway(...runArgs({ column: 'flat' }));
    expect(code).toBe(1);
    expect(stdout).toHaveLength(0);
    expect(stderr).toMatch(/spillway: "flat" needs two different values, got 5 everywhere \(constant\)\n$/);
    const verbose = await spillway('--verbose', ...runArgs({ column: 'flat' }));
    expect(verbose.stderr).toMatch(/^\s+at /m);
  });

  test('Ctrl-C stops a long run', async () => {
    const { child, ended } = start(runArgs({ column: 'invest', replications: 1e9 }));
    await says(child, /\/1,000,000,000 replications/);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(stdout).toHaveLength(0);
    expect(stderr).toMatch(/spillway: stopped; nothing was kept\n$/);
  });
});

describe('analyses', () => {
  test('the list, and all about one', async () => {
    const list = await inProcess('analyses');
    expect(list.stdout.toString()).toMatch(/bootstrap-mean +1 +The mean of a column/);
    const one = await inProcess('analyses', 'bootstrap-mean');
    expect(one.stdout.toString()).toMatch(
      / {2}replications {2}\(whole number from 1 to 1000000000; default 99\)\n {6}how often rows are drawn\n/,
    );
    expect(one.stdout.toString()).toMatch(/ {2}draw\.rows {2}\("all" \| "half"; default "all"\)/);
    expect(one.stdout.toString()).toContain('Efron (1979)');
  });

  test('--json is the catalogue', async () => {
    const { stdout } = await inProcess('analyses', 'bootstrap-mean', '--json');
    const entry = JSON.parse(stdout.toString());
    expect(entry).toMatchObject({ name: 'bootstrap-mean', version: 1, params: { type: 'object', required: ['column'] } });
    expect(JSON.parse((await inProcess('analyses', '--json')).stdout.toString()).data).toHaveLength(1);
  });

  test('an unknown one is wrong input', async () => {
    const { code, stderr } = await inProcess('analyses', 'bootstrap');
    expect(code).toBe(2);
    expect(stderr).toContain('bootstrap-mean');
  });

  test('the command of the package starts and shows its help', async () => {
    const { code, stdout } = await start(['--help'], join(root, 'apps/cli/bin/spillway.js')).ended;
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('Exit codes: 0 done, 1 failed, 2 wrong input.');
  });
});
