/**
 * `node scripts/golden.mjs`: computes every request of tests/fixtures/golden.json again and writes the hashes of the results. A
 * changed hash wants a raised `version` of its analysis, and a line under "Numbers changed" in the change log.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { goldenHash } from '../tests/harness/golden-hash.mjs';

const path = new URL('../tests/fixtures/golden.json', import.meta.url);
const entries = JSON.parse(readFileSync(path, 'utf8'));
const written = entries.map((entry) => ({ ...entry, ...goldenHash(entry) }));
writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
