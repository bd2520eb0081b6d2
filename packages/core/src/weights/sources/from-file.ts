import { InputError } from '../../errors.js';
import { canonicalEntities } from '../../panel/build.js';
import { quoted } from '../../panel/problems.js';
import { normaliseWeights } from '../normalise.js';
import type { Weights } from '../weights.js';
import { combineWeights, symmetrisedWeights, weightsOfOrder } from './combine.js';
import { contiguityWeights } from './contiguity.js';
import { bandWeights, inverseDistanceWeights, kernelWeights, nearestWeights } from './distance.js';
import { economicWeights, scaledWeights, valuesFromCsv } from './economic.js';
import { weightsFromEdges } from './edges.js';
import { type Feature, readFeatures } from './features.js';
import { weightsFromGal, weightsFromGwt } from './gal.js';
import { weightsFromMatrix } from './matrix.js';
import type { WeightsOptions } from './options.js';
import { readPlaces } from './places.js';

/**
 * Weights from a file as options say: read, taken to an order, made symmetric, combined, normalised, in this order.
 *
 * @param others  weights that the options speak of (`weightsNeeded`)
 * @throws InputError with what is wrong, in the words of the file
 */
export function weightsFromFile(bytes: Uint8Array, options: WeightsOptions, others?: ReadonlyMap<string, Weights>): Weights {
  let weights = read(bytes, options, others);
  if ('order' in options && options.order > 1) weights = weightsOfOrder(weights, options.order, options.cumulative);
  if (options.symmetric) weights = symmetrisedWeights(weights);
  if (options.combineWith !== undefined) {
    const other = otherWeights(others, options.combineWith, '/combineWith');
    const how = options.combineBy === 'mix' ? ({ by: 'mix', share: options.share } as const) : ({ by: 'product' } as const);
    weights = combineWeights(weights, other, how);
  }
  if (options.note !== undefined)
    weights = { ...weights, about: { ...weights.about, notes: [...weights.about.notes, options.note] } };
  return normaliseWeights(weights, options.normalisation, { islands: options.islands });
}

function read(bytes: Uint8Array, options: WeightsOptions, others: ReadonlyMap<string, Weights> | undefined): Weights {
  switch (options.kind) {
    case 'edge-list':
      return weightsFromEdges(bytes, options);
    case 'matrix':
      return weightsFromMatrix(bytes, options);
    case 'gal':
      return weightsFromGal(bytes);
    case 'gwt':
      return weightsFromGwt(bytes);
    case 'queen':
    case 'rook':
      return contiguityWeights(inOrder(readFeatures(bytes, options)), options.kind, options.snap ?? null);
    case 'economic':
      return economicWeights(valuesFromCsv(bytes, options));
    case 'economic-scaled':
      return scaledWeights(otherWeights(others, options.of, '/of'), valuesFromCsv(bytes, options));
    default: {
      const { places, metric } = readPlaces(bytes, options);
      if (options.kind === 'k-nearest') return nearestWeights(places, metric, options.k);
      if (options.kind === 'distance-band') return bandWeights(places, metric, options.band ?? null);
      if (options.kind === 'inverse-distance')
        return inverseDistanceWeights(places, metric, options.power, options.cutoff ?? null);
      const { kernel, bandwidth, neighbours } = options;
      return kernelWeights(places, metric, kernel, bandwidth === undefined ? { neighbours } : { fixed: bandwidth });
    }
  }
}

/** Features in the order of their units, so that snapping does not depend on the order of the file. */
function inOrder(features: readonly Feature[]): Feature[] {
  const { codeOf } = canonicalEntities(features.map(({ label }) => label));
  return features
    .map((feature, k) => ({ feature, code: codeOf[k] }))
    .sort((a, b) => a.code - b.code)
    .map(({ feature }) => feature);
}

function otherWeights(others: ReadonlyMap<string, Weights> | undefined, name: string, pointer: string): Weights {
  const found = others?.get(name);
  if (found === undefined) throw InputError.one('unknown_weights', `there are no weights ${quoted(name)}`, pointer);
  return found;
}
