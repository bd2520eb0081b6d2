import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { prefix } from './keys.js';

const names = [
  'submit',
  'put-context',
  'commit-plan',
  'release',
  'begin',
  'record',
  'settle',
  'partial',
  'strike',
  'put-result',
  'finish',
  'cancel',
  'forget',
  'put-blob',
  'put-resource',
  'delete-resource',
  'claim-due',
  'beat',
  'retire',
  'measure',
  'rehome',
  'sweep',
  'claim-messages',
  'settle-message',
] as const;
export type ScriptName = (typeof names)[number];

const source = (name: string) => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');
const shared = source('shared');
const lua = new Map(names.map((name) => [name, `${shared}\n${source(name)}`]));

type Argument = string | number | Uint8Array;

/** Runs a script of `lua/` on this connection, by its hash, loading it where the server does not know it. */
export function makeScripts(redis: Redis) {
  for (const [name, text] of lua) redis.defineCommand(`spillway-${name}`, { numberOfKeys: 1, lua: text });
  return <Reply>(name: ScriptName, ...args: Argument[]): Promise<Reply> => {
    const command = (redis as unknown as Record<string, (...given: unknown[]) => Promise<Reply>>)[`spillway-${name}`];
    return command.call(
      redis,
      prefix,
      ...args.map((arg) => (ArrayBuffer.isView(arg) ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength) : arg)),
    );
  };
}
export type Scripts = ReturnType<typeof makeScripts>;
