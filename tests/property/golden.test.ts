import { readFileSync } from 'node:fs';
import { registry } from '@spillway/core';
import { type Golden, goldenHash } from '../harness/golden-hash.mjs';

const entries: Golden[] = JSON.parse(readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'));

/*
 * Results that must not change by themselves: when one does, the analysis' version must have been raised, for jobs of the old
 * version are cached under their ids. `node scripts/golden.mjs` writes the new hashes.
 */
test.each(entries)('$analysis $version on $data', (entry) => {
  expect(goldenHash(entry)).toEqual({ version: entry.version, sha256: entry.sha256 });
});

test('every analysis has a golden result', () => {
  expect([...new Set(entries.map((entry) => entry.analysis))].sort()).toEqual([...registry.keys()].sort());
});
