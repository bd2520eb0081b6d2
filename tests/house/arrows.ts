import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, relative } from 'node:path';
import { type Module, parseSync } from '@swc/core';

/** Which rooms a room may use. The house has no other arrows, and apps are used by nobody. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  contracts: [],
  settings: [],
  pool: ['core'],
  render: ['core'],
  queue: ['core', 'settings'],
  client: ['contracts'],
  stack: ['settings'],
  api: ['core', 'queue', 'contracts', 'settings'],
  worker: ['core', 'pool', 'render', 'queue', 'settings'],
  cli: ['core', 'pool', 'render', 'client', 'stack'],
  dashboard: ['client'],
};

/** Only this room may say these names: the others ask it. */
const keepers: Readonly<Record<string, string>> = { ioredis: 'queue', bullmq: 'queue', piscina: 'pool', express: 'api' };

/** These load a registry of analyses whose address their caller hands them (tests start them with more); nobody else imports what is not written out. */
const loaders = new Set(['pool', 'cli']);

/** The core is functions of numbers: these Node modules do not exist for it. */
const coreModules = new Set(['crypto']);
/** Nor do these names: what they give differs from machine to machine and from run to run. */
const coreGlobals = new Set([
  'process',
  'console',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'Worker',
]);
const coreCalls = new Set(['Date.now', 'Math.random', 'crypto.randomUUID', 'crypto.getRandomValues']);

export interface Room {
  name: string;
  /** `packages/core`, `apps/api`. */
  folder: string;
  dependencies: readonly string[];
  /** Rooms its tsconfig.json refers to, by name. */
  references: readonly string[];
  /** Path below `src` → text. */
  sources: ReadonlyMap<string, string>;
}

/** Reads every package and app below `root`. */
export function readHouse(root: string): Room[] {
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  return ['packages', 'apps'].flatMap((wing) =>
    readdirSync(join(root, wing)).map((name): Room => {
      const folder = join(root, wing, name);
      const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = json(join(folder, 'package.json'));
      const { references = [] } = json(join(folder, 'tsconfig.json'));
      const files = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.(ts|tsx|mts)$/.test(file),
      );
      return {
        name,
        folder: relative(root, folder),
        dependencies: Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }),
        references: references.map(({ path }: { path: string }) => posix.basename(path)),
        sources: new Map(files.map((file) => [file, readFileSync(join(folder, 'src', file), 'utf8')])),
      };
    }),
  );
}

/** Stands for the name of an import that is only known when it runs. */
const COMPUTED = '(computed)';

/** Every place where the house is not as it says it is, as `folder: what`. */
export function brokenArrows(house: readonly Room[]): string[] {
  const problems: string[] = [];
  for (const room of house) {
    const allowed = arrows[room.name];
    const broken = (what: string, file?: string) => problems.push(`${room.folder}${file ? `/src/${file}` : ''}: ${what}`);
    if (!allowed) {
      broken('has no line in the table of arrows');
      continue;
    }
    const rooms = room.dependencies
      .filter((name) => name.startsWith('@spillway/'))
      .map((name) => name.slice('@spillway/'.length));
    for (const used of rooms) if (!allowed.includes(used)) broken(`depends on ${used}`);
    for (const used of room.references) if (!allowed.includes(used)) broken(`its tsconfig.json refers to ${used}`);
    for (const used of rooms) if (!room.references.includes(used)) broken(`depends on ${used} without a project reference`);
    for (const used of room.references) if (!rooms.includes(used)) broken(`refers to ${used} without depending on it`);
    for (const [name, keeper] of Object.entries(keepers)) {
      if (keeper !== room.name && room.dependencies.includes(name)) broken(`depends on ${name}, which only ${keeper} may`);
    }
    for (const [file, text] of room.sources) for (const what of brokenIn(room, file, text)) broken(what, file);
  }
  return problems;
}

function brokenIn(room: Room, file: string, text: string): string[] {
  const problems: string[] = [];
  const { imports, names } = readModule(text, file);
  for (const from of imports) {
    if (from === COMPUTED) {
      if (!loaders.has(room.name)) problems.push('imports something whose name is only known when it runs');
      continue;
    }
    if (from.startsWith('.')) {
      if (
        posix.join('src', posix.dirname(file), from).startsWith('..') ||
        !posix.join('src', posix.dirname(file), from).startsWith('src')
      ) {
        problems.push(`reaches out of its room: ${from}`);
      }
      continue;
    }
    const bare = from.replace(/^node:/, '');
    if (from.startsWith('node:') || builtinModules.includes(bare.split('/')[0] ?? '')) {
      if (room.name === 'core' && !coreModules.has(bare)) problems.push(`core imports ${from}`);
      continue;
    }
    const [name, deep] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(from)?.slice(1) ?? [from];
    if (name?.startsWith('@spillway/') && deep) problems.push(`imports the inside of a room: ${from}`);
    if (name && !room.dependencies.includes(name)) problems.push(`imports ${name}, which its package.json does not name`);
  }
  if (room.name === 'core') {
    for (const name of names) if (coreGlobals.has(name) || coreCalls.has(name)) problems.push(`core uses ${name}`);
  }
  return problems;
}

/** What a source imports, and the free-standing names and `Object.member` pairs in it. */
export function readModule(text: string, file: string): { imports: string[]; names: Set<string> } {
  const imports: string[] = [];
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) visit(child);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, source, callee, object, property, value, ...rest } = node as Record<string, never> & { type?: string };
    if (type === 'ImportDeclaration' || type === 'ExportAllDeclaration' || type === 'ExportNamedDeclaration') {
      const from = (source as { value?: string } | null)?.value;
      if (from !== undefined) imports.push(from);
    }
    if (type === 'CallExpression' && (callee as { type: string }).type === 'Import') {
      const [argument] = (rest as unknown as { arguments: { expression: { type: string; value?: string } }[] }).arguments;
      imports.push(argument?.expression.type === 'StringLiteral' ? String(argument.expression.value) : COMPUTED);
    }
    if (type === 'TsImportType') imports.push((rest as unknown as { argument: { value: string } }).argument.value);
    if (type === 'Identifier') names.add(value as string);
    if (type === 'MemberExpression') {
      const [left, right] = [object, property] as { type: string; value: string }[];
      if (left?.type === 'Identifier' && right?.type === 'Identifier') names.add(`${left.value}.${right.value}`);
      visit(object);
      if (right?.type === 'Computed') visit(property); // a member's name is not a free-standing one
      return;
    }
    for (const [key, child] of Object.entries(node)) if (key !== 'span' && !(key === 'key' && type !== 'Computed')) visit(child);
  };
  const module: Module = parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' });
  visit(module.body);
  return { imports, names };
}
