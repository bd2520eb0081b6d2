import { basename, extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { readInput } from './arguments.js';
import type { Surroundings } from './surroundings.js';

/** A file that weights are made of, and how; as `--weights` gives it. */
export interface WeightsFile {
  /** what formulas call them */
  readonly name: string;
  readonly path: string;
  /** as in the query of `POST /v1/weights`; `kind` is there */
  readonly options: Readonly<Record<string, string>>;
}

export interface WeightsBytes extends WeightsFile {
  readonly bytes: Uint8Array;
}

/** Kinds that a file's name gives away; other files are lists of links. */
const kindOf: Readonly<Record<string, string>> = {
  '.gal': 'gal',
  '.gwt': 'gwt',
  '.geojson': 'queen',
  '.topojson': 'queen',
  '.json': 'queen',
};

const mediaOf: Readonly<Record<string, string>> = {
  '.gal': 'text/plain',
  '.gwt': 'text/plain',
  '.geojson': 'application/geo+json',
  '.topojson': 'application/json',
  '.json': 'application/json',
  '.tsv': 'text/tab-separated-values',
};

export const contentTypeOf = (path: string): string => mediaOf[extname(path).toLowerCase()] ?? 'text/csv';

/** `[name=]file[?kind=…&normalisation=…]`: the options are those of `POST /v1/weights`, in the form of its query. */
export function weightsFile(text: string): WeightsFile {
  const [, name = 'W', path = '', query = ''] = /^(?:([A-Za-z_][\w.]*)=)?([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  if (path === '') throw new InvalidArgumentError('A file is needed, as in W=links.csv?kind=edge-list.');
  const options = Object.fromEntries(new URLSearchParams(query));
  return { name, path, options: { kind: kindOf[extname(path).toLowerCase()] ?? 'edge-list', ...options } };
}

/** For an option that may be given several times. */
export function moreWeights(text: string, before: readonly WeightsFile[] = []): WeightsFile[] {
  const file = weightsFile(text);
  if (before.some(({ name }) => name === file.name))
    throw new InvalidArgumentError(`Two weights are called ${file.name}: give them names, as in W2=${basename(file.path)}.`);
  return [...before, file];
}

export const readWeights = (around: Surroundings, files: readonly WeightsFile[] = []): Promise<WeightsBytes[]> =>
  Promise.all(files.map(async (file) => ({ ...file, bytes: await readInput(around, file.path) })));
