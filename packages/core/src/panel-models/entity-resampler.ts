import type { Grouping } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { gather } from '../linalg/vector.js';
import type { PhiloxStream } from '../random/stream.js';
import { entityBootstrap } from './entity-bootstrap.js';
import type { LinearFit } from './linear-fit.js';
import { type RandomEffectsFit, randomEffectsFit } from './random-effects.js';
import type { PanelSample } from './sample.js';
import type { UnbalancedRule, VarianceMethod } from './variance-components.js';

/** A model fitted again on N entities drawn with replacement from N. */
export interface EntityResampler {
  readonly entities: number;
  /**
   * Coefficients in the order of the fit, the constant first if it has one; the array is overwritten by the next draw.
   * @returns null if the entities drawn do not identify them all
   */
  draw(random: PhiloxStream): Float64Array | null;
}

/** Draws entities and hands their numbers over; draws that do not identify a slope are null. */
function resampler(entities: number, refit: (counts: Uint32Array, drawn: Uint32Array) => Float64Array): EntityResampler {
  const counts = new Uint32Array(entities);
  const drawn = new Uint32Array(entities);
  return {
    entities,
    draw(random) {
      random.indices(entities, drawn);
      counts.fill(0);
      for (let i = 0; i < drawn.length; i++) counts[drawn[i]]++;
      try {
        return refit(counts, drawn);
      } catch (error) {
        if (error instanceof EstimationError) return null;
        throw error;
      }
    },
  };
}

/**
 * Pooled, between and first-difference models: their transformed rows belong to one entity each and do not change with the draw,
 * so that cross-products are all that is needed.
 */
export function transformedResampler(fit: LinearFit): EntityResampler {
  const { columns, outcome, entity } = fit;
  const { refit } = entityBootstrap(
    { rows: outcome.length, entity, time: entity, calendar: outcome, outcome, regressors: columns },
    [],
  );
  return resampler(entity.levels, refit);
}

/**
 * Fixed effects: slopes by `entityBootstrap`, each copy of an entity with an effect of its own; the constant ȳ − x̄'b of the rows
 * drawn.
 * @throws EstimationError `too_many_levels` of effects that change with the draw
 */
export function withinResampler(sample: PanelSample, effects: readonly Grouping[], fit: LinearFit): EntityResampler {
  const regressors = fit.kept.map((j) => sample.regressors[j]);
  const { refit } = entityBootstrap({ ...sample, regressors }, effects);
  if (!fit.constant) return resampler(sample.entity.levels, refit);
  const sums = [...regressors, sample.outcome].map((x) => entitySums(sample, x));
  const totals = entitySums(sample, undefined);
  const found = new Float64Array(regressors.length + 1);
  return resampler(sample.entity.levels, (counts) => {
    const slopes = refit(counts);
    found.set(slopes, 1);
    let weight = 0;
    let sum = 0;
    for (let e = 0; e < counts.length; e++) {
      let own = sums[slopes.length][e];
      for (let j = 0; j < slopes.length; j++) own -= slopes[j] * sums[j][e];
      sum += counts[e] * own;
      weight += counts[e] * totals[e];
    }
    found[0] = sum / weight;
    return found;
  });
}

function entitySums({ entity, rows, weights }: PanelSample, x: Float64Array | undefined): Float64Array {
  const sums = new Float64Array(entity.levels);
  for (let i = 0; i < rows; i++) sums[entity.codes[i]] += (weights?.[i] ?? 1) * (x?.[i] ?? 1);
  return sums;
}

/** Random effects: variance components are estimated anew, so the model is fitted on the rows drawn. */
export function randomEffectsResampler(
  sample: PanelSample,
  fit: RandomEffectsFit,
  method: VarianceMethod,
  unbalanced: UnbalancedRule,
): EntityResampler {
  const kept = { ...sample, regressors: fit.kept.map((j) => sample.regressors[j]) };
  const starts = new Uint32Array(sample.entity.levels + 1);
  for (let i = 0; i < sample.rows; i++) starts[sample.entity.codes[i] + 1]++;
  for (let e = 1; e < starts.length; e++) starts[e] += starts[e - 1];
  return resampler(sample.entity.levels, (_, drawn) => {
    const again = randomEffectsFit(rowsDrawn(kept, starts, drawn), method, unbalanced);
    if (again.kept.length < kept.regressors.length)
      throw new EstimationError('not_identified', 'a slope is not identified by the entities drawn');
    return again.coefficients;
  });
}

/** The rows of entities drawn, each copy an entity of its own; rows of an entity are neighbours. */
function rowsDrawn(sample: PanelSample, starts: Uint32Array, drawn: Uint32Array): PanelSample {
  let count = 0;
  for (const e of drawn) count += starts[e + 1] - starts[e];
  const rows = new Uint32Array(count);
  const codes = new Uint32Array(count);
  let next = 0;
  for (const [copy, e] of drawn.entries()) {
    for (let row = starts[e]; row < starts[e + 1]; row++, next++) {
      rows[next] = row;
      codes[next] = copy;
    }
  }
  const { weights } = sample;
  return {
    rows: count,
    entity: { codes, levels: drawn.length },
    time: { codes: rows.map((row) => sample.time.codes[row]), levels: sample.time.levels },
    calendar: gather(sample.calendar, rows),
    outcome: gather(sample.outcome, rows),
    regressors: sample.regressors.map((x) => gather(x, rows)),
    ...(weights === undefined ? {} : { weights: gather(weights, rows), frequency: sample.frequency }),
  };
}
