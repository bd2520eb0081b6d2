import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import { wrongInput } from './failure.js';
import type { Surroundings } from './surroundings.js';

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
    }
    return value;
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
}

/** One character, or the word for one that is hard to type. */
export function delimiter(text: string): string {
  const character = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';' }[text] ?? text;
  if (character.length !== 1) throw new InvalidArgumentError('One character is needed (or the word tab).');
  return character;
}

export function address(text: string): string {
  const withScheme = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) throw new InvalidArgumentError('An address such as http://127.0.0.1:7420 is needed.');
  return withScheme;
}

export const defaultUrl = 'http://127.0.0.1:7420';

export const options = {
  json: () => new Option('--json', 'print the exact bytes of the answer on standard output'),
  url: () => new Option('--url <address>', 'the service to ask').argParser(address).default(defaultUrl),
  entity: () => new Option('--entity <column>', 'column that names the entity').makeOptionMandatory(),
  time: () => new Option('--time <column>', 'column that holds the period').makeOptionMandatory(),
  delimiter: () => new Option('--delimiter <character>', 'between cells; default: found in the header line').argParser(delimiter),
  decimal: () => new Option('--decimal <mark>', 'decimal mark of the file').choices(['.', ',']),
  step: () =>
    new Option('--step <number>', 'what one lag goes back by; default: the greatest common difference').argParser(positiveNumber),
};

/** Options of a file with a panel, as the commands that take one know them. */
export interface PanelFileOptions {
  readonly entity: string;
  readonly time: string;
  readonly delimiter?: string;
  readonly decimal?: '.' | ',';
  readonly step?: number;
}

export function panelFileOptions({ entity, time, delimiter, decimal, step }: PanelFileOptions): PanelFileOptions {
  return {
    entity,
    time,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(step === undefined ? {} : { step }),
  };
}

async function readStdin(around: Surroundings): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of around.stdin) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The bytes of a file; `-` is standard input. */
export async function readInput(around: Surroundings, path: string): Promise<Uint8Array> {
  if (path === '-') return readStdin(around);
  try {
    return await readFile(path);
  } catch (error) {
    const words = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read' };
    const { code, message } = error as NodeJS.ErrnoException;
    throw wrongInput(`cannot read ${path}: ${words[code as keyof typeof words] ?? message}`);
  }
}

/** `--params`: JSON, or `@file` with JSON inside (`@-`: standard input). Always an object. */
export async function readParams(around: Surroundings, text: string): Promise<Record<string, unknown>> {
  const file = text.startsWith('@') ? text.slice(1) : null;
  const json = file === null ? text : new TextDecoder().decode(await readInput(around, file));
  const where = file === null ? '--params' : file === '-' ? 'standard input' : file;
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\ufeff/, ''));
  } catch (error) {
    throw wrongInput(`${where} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongInput(`${where} must be a JSON object, got ${Array.isArray(value) ? 'a list' : JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}
