import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { PhiloxStream } from '../../../random/stream.js';
import {
  assignmentOfRank,
  assignPaths,
  drawAssignment,
  type PathAssignments,
  pathAssignments,
} from '../../../resampling/path-assignments.js';
import { reassignedTreatment, reassignedWidth } from '../../../resampling/reassigned-treatment.js';
import { type Model, treatmentModel } from '../model.js';
import { type MethodOf, mostEnumerated } from '../params.js';
import type { PlaceboResult } from '../result.js';
import { type Method, type RunUnit, refitSeconds, streams } from './method.js';
import { placeboSummary } from './placebo.js';

type Request = MethodOf<'placebo-in-space'>;

interface Context {
  readonly exact: boolean;
  readonly assignments: number;
}

/** Units when assignments are enumerated if there are few. */
export const unitsOf = (replications: number, assignments: number) =>
  assignments <= Math.max(replications, mostEnumerated) ? assignments : replications;

/** @throws EstimationError `nothing_to_exchange` */
export function exchangeablePaths(model: Model, strata: { codes: Uint32Array; levels: number } | null): PathAssignments {
  const paths = pathAssignments(model.treatment, model.sample.entity, model.sample.time, strata);
  if (paths.count > 1) return paths;
  throw new EstimationError(
    'nothing_to_exchange',
    `no two levels of ${model.entityName} that are observed in the same periods${strata === null ? '' : ' and stratum'} have different paths of ${model.treatmentName}: there is no other assignment`,
  );
}

/** The function that hands whole paths around and refits: all assignments in turn, or drawn ones. */
export function reassignPaths(
  model: Model,
  paths: PathAssignments,
  exact: boolean,
  nullValue: number,
  stream: PhiloxStream,
): RunUnit {
  const { fit } = reassignedTreatment(treatmentModel(model), model.cluster, nullValue);
  const donor = new Uint32Array(paths.entities);
  const room = new Uint32Array(paths.entities);
  const x = new Float64Array(model.sample.rows);
  return (unit, out, at) => {
    if (exact) assignmentOfRank(paths, unit, donor);
    else {
      stream.seek(unit);
      drawAssignment(paths, stream, donor, room);
    }
    assignPaths(model.treatment, paths.starts, donor, x);
    fit(x, out, at);
  };
}

/**
 * Placebo in space: the treatment paths of whole entities are handed to entities at random.
 * @see Chen, Qi & Yan (2025), Management World 2 (`didplacebo`, pbounit)
 */
export const placeboInSpace: Method<Request, Context, PlaceboResult> = {
  foresee({ replications, shuffle }, panel, params) {
    const formula = parseFormula(params.formula);
    const units = shuffle === 'paths' ? Math.max(replications, panel.entity.count <= 25 ? mostEnumerated : 0) : replications;
    return { units, seconds: refitSeconds(panel.rows, formula.regressors.length, formula.effects.length) };
  },

  plan({ replications, shuffle }, { model }) {
    const { sample, effects } = model;
    const assignments = shuffle === 'rows' ? Number.POSITIVE_INFINITY : exchangeablePaths(model, null).count;
    const units = unitsOf(replications, assignments);
    return {
      context: { exact: units === assignments, assignments },
      units,
      width: reassignedWidth,
      secondsPerUnit: refitSeconds(sample.rows, sample.regressors.length, effects.length),
    };
  },

  start({ shuffle }, { exact }, given, seed) {
    const { model } = given();
    if (shuffle === 'rows') return shuffleRows(model, new PhiloxStream(seed, streams.rows));
    return reassignPaths(model, exchangeablePaths(model, null), exact, 0, new PhiloxStream(seed, streams.space));
  },

  combine({ shuffle }, { exact, assignments }, given, numbers) {
    const { model } = given;
    const rule =
      shuffle === 'rows'
        ? `Values of ${model.treatmentName} are shuffled over all rows.`
        : `Each ${model.entityName} gets the whole path of ${model.treatmentName} of one observed in the same periods.`;
    return placeboSummary(given, numbers, {
      method: 'placebo-in-space',
      label: shuffle === 'rows' ? 'Placebo, single rows shuffled' : 'Placebo in space',
      rule,
      exact,
      assignments,
    });
  },
};

function shuffleRows(model: Model, stream: PhiloxStream): RunUnit {
  const { fit } = reassignedTreatment(treatmentModel(model), model.cluster, 0);
  const order = new Uint32Array(model.sample.rows);
  const x = new Float64Array(order.length);
  return (unit, out, at) => {
    stream.seek(unit);
    for (let i = 0; i < order.length; i++) order[i] = i;
    stream.shuffle(order);
    for (let i = 0; i < order.length; i++) x[i] = model.treatment[order[i]];
    fit(x, out, at);
  };
}
