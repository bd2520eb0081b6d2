import { readFileSync } from 'node:fs';
import {
  encodePanel,
  makeSpec,
  panelFromCsv,
  panelHash,
  registry,
  runLocally,
  sha256,
  weightsFromFile,
  weightsOptions,
} from '@spillway/core';

interface Golden {
  readonly analysis: string;
  readonly version: number;
  readonly data: string;
  readonly file: { readonly entity: string; readonly time: string };
  readonly weights?: { readonly data: string; readonly options: unknown };
  readonly params: unknown;
  readonly sha256: string;
}

const root = new URL('../..', import.meta.url);
const entries: Golden[] = JSON.parse(readFileSync(new URL('tests/fixtures/golden.json', root), 'utf8'));

const weightsOf = ({ data, options }: NonNullable<Golden['weights']>) =>
  weightsFromFile(readFileSync(new URL(`data/${data}`, root)), weightsOptions.parse(options));

/*
 * Results that must not change by themselves: when one does, the analysis' version must have been raised, for jobs of the old
 * version are cached under their ids. `node scripts/golden.mjs` writes the new hashes.
 */
test.each(entries)('$analysis $version on $data', ({ analysis, version, data, file, weights, params, sha256: expected }) => {
  const panel = panelFromCsv(readFileSync(new URL(`data/${data}`, root)), file);
  const spec = makeSpec(registry, { analysis, dataset: panelHash(encodePanel(panel)), seed: 1, params }, 'golden');
  const inputs = weights === undefined ? { panel } : { panel, weights: new Map([['W', weightsOf(weights)]]) };
  expect({ version: spec.version, sha256: sha256(runLocally(registry, spec, inputs).result) }).toEqual({
    version,
    sha256: expected,
  });
});

test('every analysis has a golden result', () => {
  expect([...new Set(entries.map((entry) => entry.analysis))].sort()).toEqual([...registry.keys()].sort());
});
