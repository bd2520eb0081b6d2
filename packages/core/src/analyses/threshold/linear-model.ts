import { EstimationError } from '../../errors.js';
import { demeanBy } from '../../linalg/demean.js';
import { type LeastSquares, leastSquares } from '../../linalg/least-squares.js';
import { dot } from '../../linalg/vector.js';
import type { ThresholdSample } from './sample.js';

/** A regressor of the model: a term, in one regime or (null) in all. */
export interface Slope {
  readonly term: string;
  /** counts from 1 */
  readonly regime: number | null;
}

/** Columns after the within transform, and what they are. */
export interface WithinDesign {
  readonly slopes: readonly Slope[];
  readonly columns: readonly Float64Array[];
}

export interface WithinFit extends LeastSquares {
  readonly design: WithinDesign;
  /** rows − entities − slopes */
  readonly residualDf: number;
}

/** A sum of squares below this share of the outcome's is rounding: residuals of some 1e-11 of the outcome. */
const perfectFitTolerance = 1e-22;

/** The outcome less its entity means; refused when nothing is left. */
export function withinOutcome(sample: ThresholdSample): Float64Array {
  const within = demeanBy(sample.entity, sample.entities, sample.outcome.values);
  if (dot(within, within) === 0) {
    throw new EstimationError(
      'constant_outcome',
      `the outcome ${sample.outcome.name} does not vary over time within any entity: the effects explain all of it`,
    );
  }
  return within;
}

/** The model without a threshold: regressors first, then the regime regressors with one slope each. */
export function linearDesign(sample: ThresholdSample): WithinDesign {
  const variables = [...sample.regressors, ...sample.regimeRegressors];
  return {
    slopes: variables.map(({ name }) => ({ term: name, regime: null })),
    columns: variables.map(({ values }) => demeanBy(sample.entity, sample.entities, values)),
  };
}

/**
 * The model with thresholds γ₁ < γ₂ < …: regime 1 is q ≤ γ₁, regime 2 is γ₁ < q ≤ γ₂, and so on; r enters as r·1(regime).
 * @see Hansen (1999), eq. 1
 */
export function thresholdDesign(sample: ThresholdSample, thresholds: readonly number[]): WithinDesign {
  const common = linearDesign({ ...sample, regimeRegressors: [] });
  const regime = regimesOf(sample.threshold.values, thresholds);
  const slopes = [...common.slopes];
  const columns = [...common.columns];
  for (const { name, values } of sample.regimeRegressors) {
    for (let g = 0; g <= thresholds.length; g++) {
      slopes.push({ term: name, regime: g + 1 });
      columns.push(
        demeanBy(
          sample.entity,
          sample.entities,
          values.map((value, row) => (regime[row] === g ? value : 0)),
        ),
      );
    }
  }
  return { slopes, columns };
}

/** Regime of each row, from 0: how many thresholds lie below q. */
export function regimesOf(q: Float64Array, thresholds: readonly number[]): Uint32Array {
  return Uint32Array.from(q, (value) => thresholds.filter((threshold) => value > threshold).length);
}

/**
 * Fits a design to the within-transformed outcome.
 * @throws EstimationError `too_few_rows`, `collinear_regressors` (named), `perfect_fit`
 */
export function fitWithin(sample: ThresholdSample, design: WithinDesign, outcome: Float64Array): WithinFit {
  const residualDf = sample.rows - sample.entities - design.columns.length;
  if (residualDf <= 0) {
    throw new EstimationError(
      'too_few_rows',
      `the model has ${sample.entities} entity effects and ${design.columns.length} slopes and needs more rows than that, ` +
        `got ${sample.rows}`,
    );
  }
  const fit = leastSquares(design.columns, outcome);
  if (fit.collinear.length > 0) throw collinear(design, fit.collinear);
  if (fit.ssr <= perfectFitTolerance * dot(outcome, outcome)) {
    throw new EstimationError(
      'perfect_fit',
      `${sample.outcome.name} is an exact combination of the regressors and the entity effects: no variation is left to test`,
    );
  }
  return { ...fit, design, residualDf };
}

function collinear({ slopes, columns }: WithinDesign, which: readonly number[]): EstimationError {
  const absorbed = which.filter((j) => columns[j].every((value) => value === 0));
  const others = which.filter((j) => !absorbed.includes(j));
  const words = [
    ...(absorbed.length > 0 ? [`${namesOf(slopes, absorbed)} does not vary over time within entities`] : []),
    ...(others.length > 0 ? [`${namesOf(slopes, others)} is a combination of the regressors before it and the effects`] : []),
  ];
  return new EstimationError('collinear_regressors', `every regressor needs variation of its own: ${words.join('; ')}`);
}

const namesOf = (slopes: readonly Slope[], which: readonly number[]) => which.map((j) => slopeName(slopes[j])).join(', ');

/** `L.c`, or `L.c in regime 2`. */
export function slopeName({ term, regime }: Slope): string {
  return regime === null ? term : `${term} in regime ${regime}`;
}
