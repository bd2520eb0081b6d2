import { readFileSync } from 'node:fs';
import {
  encodePanel,
  encodeWeights,
  inputsOf,
  makeSpec,
  panelFromCsv,
  panelHash,
  registry,
  runLocally,
  sha256,
  weightsFromFile,
  weightsHash,
  weightsOptions,
} from '@spillway/core';

interface Golden {
  readonly analysis: string;
  readonly version: number;
  readonly data: string;
  readonly file: { readonly entity: string; readonly time: string };
  readonly weights?: { readonly file: string; readonly options: unknown };
  readonly params: unknown;
  readonly sha256: string;
}

const root = new URL('../..', import.meta.url);
const entries: Golden[] = JSON.parse(readFileSync(new URL('tests/fixtures/golden.json', root), 'utf8'));

/*
 * Results that must not change by themselves: when one does, the analysis' version must have been raised, for jobs of the old
 * version are cached under their ids. `node scripts/golden.mjs` writes the new hashes.
 */
test.each(entries)('$analysis $version on $data', ({ analysis, version, data, file, weights, params, sha256: expected }) => {
  const panel = panelFromCsv(readFileSync(new URL(`data/${data}`, root)), file);
  const made =
    weights && weightsFromFile(readFileSync(new URL(`data/${weights.file}`, root)), weightsOptions.parse(weights.options));
  const request = {
    analysis,
    dataset: panelHash(encodePanel(panel)),
    ...(made && { weights: weightsHash(encodeWeights(made)) }),
    seed: 1,
    params,
  };
  const spec = makeSpec(registry, request, 'golden');
  const inputs = inputsOf(panel, made && new Map([['W', made]]));
  expect({ version: spec.version, sha256: sha256(runLocally(registry, spec, inputs).result) }).toEqual({
    version,
    sha256: expected,
  });
});

test('every analysis has a golden result', () => {
  expect([...new Set(entries.map((entry) => entry.analysis))].sort()).toEqual([...registry.keys()].sort());
});
