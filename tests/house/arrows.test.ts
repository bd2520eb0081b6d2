import { fileURLToPath } from 'node:url';
import { arrows, brokenArrows, type Room, readHouse, readModule } from './arrows.js';

const room = (over: Partial<Room>): Room => ({
  name: 'core',
  folder: 'packages/core',
  dependencies: [],
  references: [],
  sources: new Map(),
  ...over,
});
const source = (text: string) => new Map([['deep/file.ts', text]]);

test('every arrow of the house is one of the table', () => {
  const house = readHouse(fileURLToPath(new URL('../..', import.meta.url)));
  expect(house.length).toBeGreaterThanOrEqual(11);
  expect(house.flatMap(({ sources }) => [...sources.keys()]).length).toBeGreaterThan(50);
  expect(brokenArrows(house)).toEqual([]);
});

test('the table itself has no way back', () => {
  const below = (name: string, above: readonly string[] = []): void => {
    expect(above).not.toContain(name);
    for (const used of arrows[name] ?? []) below(used, [...above, name]);
  };
  for (const name of Object.keys(arrows)) below(name);
});

test.each<[string, Partial<Room>, string]>([
  ['a dependency against the arrows', { dependencies: ['@spillway/queue'], references: ['queue'] }, 'depends on queue'],
  ['a reference against the arrows', { references: ['pool'] }, 'its tsconfig.json refers to pool'],
  ['an app used by a package', { name: 'stack', dependencies: ['@spillway/api'], references: ['api'] }, 'depends on api'],
  ['a room nobody knows', { name: 'utils' }, 'has no line in the table of arrows'],
  [
    'a dependency without its reference',
    { name: 'pool', dependencies: ['@spillway/core'] },
    'depends on core without a project reference',
  ],
  ['a Redis client elsewhere', { name: 'worker', dependencies: ['ioredis'] }, 'depends on ioredis, which only queue may'],
  ['BullMQ elsewhere', { name: 'api', dependencies: ['bullmq'] }, 'depends on bullmq, which only queue may'],
  [
    'a deep import',
    {
      name: 'pool',
      dependencies: ['@spillway/core'],
      references: ['core'],
      sources: source(`import { x } from '@spillway/core/dist/x.js';`),
    },
    'imports the inside of a room: @spillway/core/dist/x.js',
  ],
  [
    'a way around the packages',
    { sources: source(`export * from '../../../queue/src/index.js';`) },
    'reaches out of its room: ../../../queue/src/index.js',
  ],
  [
    'a package that is only there by chance',
    { sources: source(`import type { T } from 'piscina';`) },
    'imports piscina, which its package.json does not name',
  ],
  [
    'an import at run time',
    { sources: source(`const m = await import('bullmq');`) },
    'imports bullmq, which its package.json does not name',
  ],
  [
    'an import of who knows what',
    { sources: source(`await import(name);`) },
    'imports something whose name is only known when it runs',
  ],
  ['files in the core', { sources: source(`import { readFileSync } from 'node:fs';`) }, 'core imports node:fs'],
  [
    'files in the core, without node:',
    { sources: source(`import { readFile } from 'fs/promises';`) },
    'core imports fs/promises',
  ],
  [
    'threads in the core',
    { sources: source(`import { Worker } from 'node:worker_threads';`) },
    'core imports node:worker_threads',
  ],
  ['the environment in the core', { sources: source(`export const seed = Number(process.env.SEED);`) }, 'core uses process'],
  ['the clock in the core', { sources: source(`export const now = () => Date.now();`) }, 'core uses Date.now'],
  [
    'chance in the core',
    { sources: source(`export const draw = () => [1, 2].map(() => Math.random());`) },
    'core uses Math.random',
  ],
  ['a log in the core', { sources: source(`export function f() { console.log('here'); }`) }, 'core uses console'],
])('%s is found', (_what, over, problem) => {
  const broken = room({ folder: `packages/${over.name ?? 'core'}`, ...over });
  expect(brokenArrows([broken]).join('\n')).toContain(problem);
});

test('words in comments, strings, members and keys are not uses', () => {
  const text = `
    // process.env and Date.now() are not for the core
    export const process2 = { process: 'console.log(Math.random())', console: 1 };
    export const f = (job: { process: number }) => job.process + process2.console;
  `;
  expect(brokenArrows([room({ sources: source(text) })])).toEqual([]);
  expect([...readModule(text, 'x.ts').names]).not.toContain('process');
});
