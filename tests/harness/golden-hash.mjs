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

const read = (name) => readFileSync(new URL(`../../data/${name}`, import.meta.url));

/** The version of the analysis, and the hash of its result without the name of the build that made it. */
export function goldenHash({ analysis, data, file, weights, params }) {
  const panel = panelFromCsv(read(data), file);
  const made = weights && weightsFromFile(read(weights.file), weightsOptions.parse(weights.options));
  const request = {
    analysis,
    dataset: panelHash(encodePanel(panel)),
    ...(made && { weights: weightsHash(encodeWeights(made)) }),
    seed: 1,
    params,
  };
  const spec = makeSpec(registry, request, 'golden');
  const inputs = inputsOf(panel, made && new Map([['W', made]]));
  return { version: spec.version, sha256: sha256(runLocally(registry, spec, inputs).result) };
}
