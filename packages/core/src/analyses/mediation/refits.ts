import { EstimationError } from '../../errors.js';
import { type EntityBootstrap, entityBootstrap } from '../../panel-models/entity-bootstrap.js';
import { PhiloxStream } from '../../random/stream.js';
import type { Equation, Model } from './model.js';
import { type MediationSystem, pathPlaces } from './system.js';

/** All path coefficients again on other choices of entities. */
export interface PathRefits {
  readonly entities: number;
  /** Draw number b: N entities with replacement. The array is overwritten by the next refit; null if a path is not identified. */
  draw(b: number): Float64Array | null;
  /** All entities but one. */
  without(entity: number): Float64Array | null;
}

/**
 * Each equation from the cross-products of its entities, all on the same draw. Stream 0 of the seed, replication b: whoever draws.
 * @throws EstimationError `too_many_levels` of effects that change with the draw
 */
export function pathRefits(model: Model, { structure, mediators, outcome }: MediationSystem, seed: number): PathRefits {
  const { sample } = model.named;
  const N = sample.entity.levels;
  const refits = [...mediators, outcome].map((equation, block) => ({
    ...equationRefit(model, equation),
    ...structure.blocks[block],
    places: pathPlaces(equation, structure.blocks[block].count),
  }));
  const random = new PhiloxStream(seed, 0);
  const drawn = new Uint32Array(N);
  const counts = new Uint32Array(N);
  const found = new Float64Array(structure.width);
  const refit = (again: (of: EntityBootstrap) => Float64Array): Float64Array | null => {
    try {
      for (const { bootstrap, shift, first, count, places } of refits) {
        const slopes = again(bootstrap);
        for (let i = 0; i < count; i++) found[first + i] = slopes[places[i] - shift];
      }
      return found;
    } catch (error) {
      if (error instanceof EstimationError) return null;
      throw error;
    }
  };
  return {
    entities: N,
    draw(b) {
      random.seek(b);
      random.indices(N, drawn);
      counts.fill(0);
      for (let i = 0; i < N; i++) counts[drawn[i]]++;
      return refit((of) => of.refit(counts));
    },
    without: (entity) => refit((of) => of.without(entity)),
  };
}

/** The refits of one equation; `shift`: by how much places in its fit are before those of the refit. */
function equationRefit(
  { named: { sample }, effects }: Model,
  { fit, regressors, outcome }: Equation,
): { readonly bootstrap: EntityBootstrap; readonly shift: number } {
  const kept = fit.kept.map((j) => regressors[j].values);
  if (effects.length === 0) {
    const columns = fit.constant ? [fit.columns[0], ...kept.map(centred)] : kept;
    const y = fit.constant ? centred(outcome.values) : outcome.values;
    return { bootstrap: entityBootstrap({ ...sample, outcome: y, regressors: columns }, []), shift: 0 };
  }
  // the panel's own codes, so that balanced two-way effects are recognised
  const own = effects.map((effect) => {
    const same = (codes: Uint32Array) =>
      codes.length === effect.codes.length && codes.every((code, i) => code === effect.codes[i]);
    if (same(sample.entity.codes)) return sample.entity;
    return same(sample.time.codes) ? sample.time : effect;
  });
  return {
    bootstrap: entityBootstrap({ ...sample, outcome: outcome.values, regressors: kept }, own),
    shift: fit.constant ? 1 : 0,
  };
}

/** A constant stands beside it: slopes are the same, and cross-products keep their digits. */
function centred(x: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  const mean = sum / x.length;
  return x.map((value) => value - mean);
}
