/**
 * `node scripts/golden.mjs`: computes every request of tests/fixtures/golden.json again and writes the hashes of the results. A
 * changed hash wants a raised `version` of its analysis, and a line under "Numbers changed" in the change log.
 */
import { readFileSync, writeFileSync } from 'node:fs';
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
} from '../packages/core/dist/index.js';

const root = new URL('..', import.meta.url);
const path = new URL('tests/fixtures/golden.json', root);

/** The hash of a result without the name of the build that made it. */
function goldenHash({ analysis, data, file, weights, params }) {
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
  return sha256(runLocally(registry, spec, inputsOf(panel, made && new Map([['W', made]]))).result);
}

const entries = JSON.parse(readFileSync(path, 'utf8'));
const written = entries.map((entry) => ({ ...entry, version: registry.get(entry.analysis).version, sha256: goldenHash(entry) }));
writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
