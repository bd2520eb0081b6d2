import { readFileSync } from 'node:fs';
import { readSettings, SettingsError, settingsMarkdown, settingsTable } from '@spillway/settings';
import fc from 'fast-check';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

test('docs/settings.md is what the table says (else: npm run build && node scripts/settings-doc.mjs)', () => {
  expect(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')).toBe(settingsMarkdown());
});

test('an empty environment gives the defaults', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 7420,
    open: false,
    lockMs: 10_000,
    deadAfterMs: 3000,
    maxReplications: 1_000_000,
  });
  expect(settings.redisUrl).toBeUndefined();
  expect(settings.threads).toBeGreaterThanOrEqual(1);
});

test('an empty variable is an unset one', () => {
  const empty = Object.fromEntries(Object.values(settingsTable).map(({ variable }) => [variable, '']));
  expect(readSettings(empty)).toEqual(readSettings({}));
});

test('every bad variable is named, with what was needed and what was got', () => {
  const problems = problemsOf({ SPILLWAY_PORT: '7x', SPILLWAY_THREADS: '0', SPILLWAY_OPEN: 'yes', SPILLWAY_LOG_LEVEL: 'loud' });
  expect(problems).toEqual([
    'SPILLWAY_PORT needs a whole number from 0 to 65535, got "7x"',
    'SPILLWAY_OPEN needs 0 or 1, got "yes"',
    'SPILLWAY_THREADS needs a whole number from 1 to 1024, got "0"',
    'SPILLWAY_LOG_LEVEL needs fatal, error, warn, info, debug, trace or silent, got "loud"',
  ]);
});

test('only digits are a number', () => {
  for (const bad of ['1e3', '0x10', '-1', '1.5', ' 7', '1_000', 'Infinity', '99999999999999999999']) {
    expect(problemsOf({ SPILLWAY_PORT: bad })).toHaveLength(1);
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => readSettings({ SPILLWAY_PORT: String(port) }).port === port),
  );
});

test('a Redis address that does not fit is refused without repeating its password', () => {
  const [problem] = problemsOf({ REDIS_URL: 'http://user:hunter2@host' });
  expect(problem).toMatch(/^REDIS_URL needs an address such as redis:/);
  expect(problem).not.toContain('hunter2');
  expect(readSettings({ REDIS_URL: 'rediss://:secret@db.internal:6380/2' }).redisUrl).toBe('rediss://:secret@db.internal:6380/2');
});

test('an address beyond loopback needs SPILLWAY_OPEN=1', () => {
  for (const host of ['127.0.0.1', 'localhost', '::1']) expect(problemsOf({ SPILLWAY_HOST: host })).toEqual([]);
  for (const host of ['0.0.0.0', '::', 'example.org', '127.0.0.1.example.org']) {
    expect(problemsOf({ SPILLWAY_HOST: host })).toHaveLength(1);
    expect(problemsOf({ SPILLWAY_HOST: host, SPILLWAY_OPEN: '1' })).toEqual([]);
  }
});

test('a worker is never thought dead by its lock before its heartbeat', () => {
  expect(problemsOf({ SPILLWAY_LOCK_MS: '2000' })).toEqual([
    'SPILLWAY_DEAD_AFTER_MS needs to be below SPILLWAY_LOCK_MS (2000), got 3000',
  ]);
  expect(problemsOf({ SPILLWAY_HEARTBEAT_MS: '2000' })).toHaveLength(1);
});

test('variables start with SPILLWAY_, but REDIS_URL, and none is listed twice', () => {
  const variables = Object.values(settingsTable).map(({ variable }) => variable);
  expect(new Set(variables).size).toBe(variables.length);
  expect(variables.filter((name) => !name.startsWith('SPILLWAY_'))).toEqual(['REDIS_URL']);
});
