import { EstimationError } from '../../errors.js';
import { demeanBy, withinTransform } from '../../linalg/demean.js';
import { twoWayWithin } from '../../linalg/two-way-within.js';
import type { LastPeriod } from './programs.js';
import type { ThresholdSample } from './sample.js';

/**
 * The transform that takes the fixed effects out, in the two forms that are needed: `fit` for slopes and their errors, on the rows
 * that they are fitted on; `isometric` for searches and bootstraps, on all rows. Sums of squares and products of transformed
 * columns are the same in both.
 */
export interface Within {
  fit(column: Float64Array): Float64Array;
  isometric(column: Float64Array): Float64Array;
  /**
   * What a regressor as it is must be multiplied by: zᵀ score(v) = isometric(z)ᵀ v for v = isometric(…). The same array where
   * the within transform is a projection.
   */
  score(transformed: Float64Array): Float64Array;
  /** columns that the effects add to those of the model in a search, entity effects apart: time dummies within entities */
  readonly absorbedColumns: readonly Float64Array[];
  /** entity of each row that slopes are fitted on */
  readonly fitEntity: Uint32Array;
  /** degrees of freedom that the effects take from these rows */
  readonly fitDf: number;
  /** of which time effects */
  readonly timeDf: number;
  /** the author's program: each entity's last period is dropped after the means are taken out */
  readonly dropsLast: boolean;
}

export function withinOf(sample: ThresholdSample, lastPeriod: LastPeriod): Within {
  if (lastPeriod === 'dropped') return dropLastWithin(sample);
  return sample.timeEffects ? twoWay(sample) : oneWay(sample);
}

function oneWay({ entity, entities }: ThresholdSample): Within {
  const within = once(withinTransform(entity, entities));
  return {
    fit: within,
    isometric: within,
    score: (column) => column,
    absorbedColumns: [],
    fitEntity: entity,
    fitDf: entities,
    timeDf: 0,
    dropsLast: false,
  };
}

/** A transform that keeps what it made of a column: regressors with one slope stand in every model of a fit. */
function once(transform: (column: Float64Array) => Float64Array): (column: Float64Array) => Float64Array {
  const made = new WeakMap<Float64Array, Float64Array>();
  return (column) => {
    const known = made.get(column) ?? transform(column);
    made.set(column, known);
    return known;
  };
}

/** Entity and time effects. The stage knows entity effects only: the time dummies stand among its regressors. */
function twoWay({ rows, entity, entities, time, periods }: ThresholdSample): Within {
  const both = twoWayWithin(entity, entities, time, periods);
  const within = once((column) => both.apply(column));
  const dummies = Array.from({ length: periods - 1 }, (_, t) =>
    demeanBy(
      entity,
      entities,
      Float64Array.from({ length: rows }, (_row, row) => (time[row] === t + 1 ? 1 : 0)),
    ),
  );
  return {
    fit: within,
    isometric: within,
    score: (column) => column,
    absorbedColumns: dummies,
    fitEntity: entity,
    fitDf: both.absorbed,
    timeDf: both.absorbed - entities,
    dropsLast: false,
  };
}

/**
 * Means over all T periods taken out, then the last period dropped: D, (T − 1) × T, D y = (y_1 − ȳ, …, y_{T−1} − ȳ).
 *
 * DᵀD = M − m mᵀ with M the within transform and m = M e_T, so its symmetric root is R = M − (1 − 1/√T) u uᵀ, u = m/‖m‖:
 * Ry keeps T rows and all products, ‖Ry‖ = ‖Dy‖, and a drawn residual vector in one form is a drawn one in the other.
 *
 * @see the program in the archive of Hansen (1999), and R's pdR, function `tr`
 */
function dropLastWithin({ rows, entity, entities, timeEffects }: ThresholdSample): Within {
  const T = rows / entities;
  if (!Number.isInteger(T) || T < 3 || timeEffects) {
    throw new EstimationError(
      'program_needs_balance',
      `dropping each entity’s last period wants a balanced panel of at least 3 periods and entity effects alone, got ${rows} rows of ` +
        `${entities} entities${timeEffects ? ' with time effects' : ''}; ask for lastPeriod "kept"`,
    );
  }
  const isLast = (row: number) => row % T === T - 1;
  const root = (column: Float64Array) => {
    const y = demeanBy(entity, entities, column);
    // u'y = (T/(T − 1))^½ · y_T for y with mean zero, and u = (T/(T − 1))^½ · (e_T − 1/T)
    const c = (1 - 1 / Math.sqrt(T)) * (T / (T - 1));
    for (let first = 0; first < rows; first += T) {
      const along = c * y[first + T - 1];
      for (let t = 0; t < T; t++) y[first + t] -= along * ((t === T - 1 ? 1 : 0) - 1 / T);
    }
    return y;
  };
  return {
    fit: (column) => demeanBy(entity, entities, column).filter((_, row) => !isLast(row)),
    isometric: root,
    score: root,
    absorbedColumns: [],
    fitEntity: entity.filter((_, row) => !isLast(row)),
    fitDf: 0, // a row an entity is gone already: subtracting the effects again is the program's slip
    timeDf: 0,
    dropsLast: true,
  };
}
