import type { Grouping } from '../../../effects/grouping.js';
import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { PhiloxStream } from '../../../random/stream.js';
import { assignmentOfRank, drawAssignment, type PathAssignments, pathAssignments } from '../../../resampling/path-assignments.js';
import { reassignedTreatment, reassignedWidth } from '../../../resampling/reassigned-treatment.js';
import { type Model, treatmentModel } from '../model.js';
import { type MethodOf, mostEnumerated } from '../params.js';
import type { PlaceboResult } from '../result.js';
import { type Method, type RunUnit, reassignSeconds, streams } from './method.js';
import { placeboSummary } from './placebo.js';
import { adoption } from './placebo-in-time.js';

type Request = MethodOf<'placebo-in-space'>;

interface Context {
  readonly exact: boolean;
  readonly assignments: number;
  /** null when rows are shuffled */
  readonly movable: number | null;
  readonly byStart: boolean;
}

/** Units when assignments are enumerated if there are few. */
export const unitsOf = (replications: number, assignments: number) =>
  assignments <= Math.max(replications, mostEnumerated) ? assignments : replications;

/** @throws EstimationError `nothing_to_exchange` */
export function exchangeablePaths(model: Model, strata: Grouping | null): PathAssignments {
  const { sample, treatment, entityName, treatmentName } = model;
  const paths = pathAssignments(treatment, sample.entity, sample.time, { strata, adoption: startsIfAny(model) });
  if (paths.count > 1) return paths;
  throw new EstimationError(
    'nothing_to_exchange',
    `no two levels of ${entityName}${paths.byStart ? '' : ' that are observed in the same periods'}${strata === null ? '' : ' and are of one stratum'} have different paths of ${treatmentName}: there is no other assignment`,
  );
}

/** Starts of a treatment that is 0, then 1 and stays; null of any other. */
function startsIfAny(model: Model) {
  try {
    return { start: adoption(model).start, calendar: model.sample.calendar };
  } catch (error) {
    if (error instanceof EstimationError) return null;
    throw error;
  }
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
    paths.assign(donor, x);
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
    return { units, seconds: reassignSeconds(panel.rows, formula.regressors.length) };
  },

  plan({ replications, shuffle }, { model }) {
    const { sample } = model;
    const paths = shuffle === 'rows' ? null : exchangeablePaths(model, null);
    const assignments = paths?.count ?? Number.POSITIVE_INFINITY;
    const units = unitsOf(replications, assignments);
    return {
      context: { exact: units === assignments, assignments, movable: paths?.movable ?? null, byStart: paths?.byStart ?? false },
      units,
      width: reassignedWidth,
      secondsPerUnit: reassignSeconds(sample.rows, sample.regressors.length),
    };
  },

  start({ shuffle }, { exact }, given, seed) {
    const { model } = given();
    if (shuffle === 'rows') return shuffleRows(model, new PhiloxStream(seed, streams.rows));
    return reassignPaths(model, exchangeablePaths(model, null), exact, 0, new PhiloxStream(seed, streams.space));
  },

  combine({ shuffle }, { exact, assignments, movable, byStart }, given, numbers) {
    const { model } = given;
    const rule =
      shuffle === 'rows'
        ? `Values of ${model.treatmentName} are shuffled over all rows.`
        : byStart
          ? `Each ${model.entityName} gets the start of ${model.treatmentName} of another; entities are not all observed in the same periods.`
          : `Each ${model.entityName} gets the whole path of ${model.treatmentName} of one observed in the same periods.`;
    return placeboSummary(given, numbers, {
      method: 'placebo-in-space',
      label: shuffle === 'rows' ? 'Placebo, single rows shuffled' : 'Placebo in space',
      rule,
      exact,
      assignments,
      movable,
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
