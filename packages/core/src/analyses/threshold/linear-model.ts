import { EstimationError } from '../../errors.js';
import { type LeastSquares, solveLeastSquares } from '../../linalg/least-squares.js';
import { type Qr, qr } from '../../linalg/qr.js';
import { addScaled, dot } from '../../linalg/vector.js';
import type { RegimeRule } from './programs.js';
import type { ThresholdSample } from './sample.js';
import type { Within } from './within.js';

/** A regressor of the model: a term, in one regime or (null) in all. */
export interface Slope {
  readonly term: string;
  /** counts from 1 */
  readonly regime: number | null;
}

/** Columns before and after the within transform, and what they are. */
export interface WithinDesign {
  readonly slopes: readonly Slope[];
  /** as they are, on all rows */
  readonly raw: readonly Float64Array[];
  /** transformed, on the rows that slopes are fitted on */
  readonly columns: readonly Float64Array[];
}

export interface WithinFit extends LeastSquares {
  readonly design: WithinDesign;
  readonly factor: Qr;
  /** fitted rows − degrees of freedom of the effects − slopes */
  readonly residualDf: number;
}

/** A sum of squares below this share of the outcome's is rounding: residuals of some 1e-11 of the outcome. */
const perfectFitTolerance = 1e-22;

/** The outcome less its effects, on the fitted rows; refused when nothing is left. */
export function withinOutcome(sample: ThresholdSample, within: Within): Float64Array {
  const left = within.fit(sample.outcome.values);
  if (dot(left, left) === 0) {
    throw new EstimationError(
      'constant_outcome',
      `the outcome ${sample.outcome.name} does not vary over time within any entity: the effects explain all of it`,
    );
  }
  return left;
}

function designOf(slopes: readonly Slope[], raw: readonly Float64Array[], within: Within): WithinDesign {
  return { slopes, raw, columns: raw.map((column) => within.fit(column)) };
}

/** The model without a threshold: regressors first, then the regime regressors with one slope each. */
export function linearDesign(sample: ThresholdSample, within: Within): WithinDesign {
  const variables = [...sample.regressors, ...sample.regimeRegressors];
  return designOf(
    variables.map(({ name }) => ({ term: name, regime: null })),
    variables.map(({ values }) => values),
    within,
  );
}

/**
 * The model with thresholds γ₁ < γ₂ < …: regime 1 is q ≤ γ₁, regime 2 is γ₁ < q ≤ γ₂, and so on; r enters as r·1(regime).
 * @param rule  `below`: regime 1 is q < γ₁, and so on
 * @see Hansen (1999), eq. 1
 */
export function thresholdDesign(
  sample: ThresholdSample,
  within: Within,
  thresholds: readonly number[],
  rule: RegimeRule,
): WithinDesign {
  const regime = regimesOf(sample.threshold.values, thresholds, rule);
  const slopes: Slope[] = sample.regressors.map(({ name }) => ({ term: name, regime: null }));
  const raw = sample.regressors.map(({ values }) => values);
  for (const { name, values } of sample.regimeRegressors) {
    for (let g = 0; g <= thresholds.length; g++) {
      slopes.push({ term: name, regime: g + 1 });
      const inside = new Float64Array(values.length);
      for (let row = 0; row < values.length; row++) if (regime[row] === g) inside[row] = values[row];
      raw.push(inside);
    }
  }
  return designOf(slopes, raw, within);
}

/** Regime of each row, from 0: how many thresholds lie below q. */
export function regimesOf(q: Float64Array, thresholds: readonly number[], rule: RegimeRule): Uint32Array {
  const regime = new Uint32Array(q.length);
  for (const threshold of thresholds) {
    for (let row = 0; row < q.length; row++) {
      if (rule === 'at-most' ? q[row] > threshold : q[row] >= threshold) regime[row]++;
    }
  }
  return regime;
}

/**
 * Fits a design to the within-transformed outcome.
 * @param begun  the factor of another design: regressors that both begin with are not factored again
 * @throws EstimationError `too_few_rows`, `collinear_regressors` (named), `perfect_fit`
 */
export function fitWithin(
  sample: ThresholdSample,
  within: Within,
  design: WithinDesign,
  outcome: Float64Array,
  begun?: Qr,
): WithinFit {
  const residualDf = outcome.length - within.fitDf - design.columns.length;
  if (residualDf <= 0) {
    throw new EstimationError(
      'too_few_rows',
      `the model has ${within.fitDf} effects and ${design.columns.length} slopes and needs more rows than that, got ${outcome.length}`,
    );
  }
  const factor = qr(design.columns, begun);
  const fit = solveLeastSquares(factor, outcome);
  if (fit.collinear.length > 0) throw collinear(design, fit.collinear, within.timeDf > 0);
  if (fit.ssr <= perfectFitTolerance * dot(outcome, outcome)) {
    throw new EstimationError(
      'perfect_fit',
      `${sample.outcome.name} is an exact combination of the regressors and the effects: no variation is left to test`,
    );
  }
  return { ...fit, design, factor, residualDf };
}

/** y − Xβ̂ on all rows, effects and all. */
export function rawResiduals({ outcome }: ThresholdSample, { design, coefficients }: WithinFit): Float64Array {
  const e = Float64Array.from(outcome.values);
  for (const [j, column] of design.raw.entries()) addScaled(e, -coefficients[j], column);
  return e;
}

function collinear({ slopes, raw, columns }: WithinDesign, which: readonly number[], timeEffects: boolean): EstimationError {
  const empty = which.filter((j) => raw[j].every((value) => value === 0));
  const absorbed = which.filter((j) => !empty.includes(j) && columns[j].every((value) => value === 0));
  const others = which.filter((j) => !empty.includes(j) && !absorbed.includes(j));
  const words = [
    ...(empty.length > 0 ? [`${namesOf(slopes, empty)} is zero in every row`] : []),
    ...(absorbed.length > 0
      ? [
          timeEffects
            ? `${namesOf(slopes, absorbed)} does not vary but between entities or periods, which the effects explain`
            : `${namesOf(slopes, absorbed)} does not vary over time within entities`,
        ]
      : []),
    ...(others.length > 0 ? [`${namesOf(slopes, others)} is a combination of the regressors before it and the effects`] : []),
  ];
  return new EstimationError('collinear_regressors', `every regressor needs variation of its own: ${words.join('; ')}`);
}

const namesOf = (slopes: readonly Slope[], which: readonly number[]) => which.map((j) => slopeName(slopes[j])).join(', ');

/** `L.c`, or `L.c in regime 2`. */
export function slopeName({ term, regime }: Slope): string {
  return regime === null ? term : `${term} in regime ${regime}`;
}
