import { EstimationError } from '../../errors.js';
import { orthonormalBasis } from '../../linalg/orthonormal-basis.js';
import { ascendingOrder, candidateEnds, candidateRule, countDistinct, leastEntities, leastRowsPastSlopes } from './candidates.js';
import { fitWithin, linearDesign, thresholdDesign, type WithinDesign, type WithinFit, withinOutcome } from './linear-model.js';
import type { ThresholdSample } from './sample.js';
import { searchThreshold } from './search.js';
import { type PreparedStage, prepareStage, type Stage } from './stage.js';

/** A threshold added to a model: every candidate's sum of squares, the best of them and its test statistic. */
export interface StageFit {
  readonly stage: Stage;
  readonly prepared: PreparedStage;
  /** value of each candidate, ascending */
  readonly values: Float64Array;
  readonly ssrNull: number;
  readonly ssr: Float64Array;
  readonly best: number;
  readonly estimate: number;
  /** F = (S₀ − S₁) / (S₁ / denominator) */
  readonly f: number;
}

export interface ThresholdFit {
  /** the within-transformed outcome */
  readonly outcome: Float64Array;
  readonly linear: WithinFit;
  readonly model: WithinFit;
  readonly stages: readonly StageFit[];
  readonly thresholds: readonly number[];
  /** Σ(T_i − 1), n(T − 1) when balanced: σ̂² = S / denominator in F and LR */
  readonly denominator: number;
  readonly distinctValues: number;
}

/**
 * Least-squares estimate of a panel threshold regression with entity effects, every distinct value a candidate.
 *
 *   y_it = μ_i + x_it'β + r_it'δ₁ 1(q_it ≤ γ) + r_it'δ₂ 1(q_it > γ) + e_it,   γ̂ = argmin S(γ)
 *
 * @param trim  least share of the rows in each regime
 * @throws EstimationError `too_few_entities`, `constant_outcome`, `collinear_regressors`, `too_few_rows`, `perfect_fit`,
 *   `too_few_threshold_values`, `no_candidates`
 * @see Hansen (1999), §3; the trim is of rows, not of quantiles
 */
export function estimateThreshold(sample: ThresholdSample, trim: number): ThresholdFit {
  if (sample.entities < 2) {
    throw new EstimationError('too_few_entities', `a panel needs at least 2 entities with complete rows, got ${sample.entities}`);
  }
  const outcome = withinOutcome(sample);
  const linear = fitWithin(sample, linearDesign(sample), outcome);
  const order = ascendingOrder(sample.threshold.values);
  const distinctValues = countDistinct(order, sample.threshold.values);
  if (distinctValues <= 2) {
    throw new EstimationError(
      'too_few_threshold_values',
      `the threshold variable ${sample.threshold.name} needs more than 2 distinct values, got ${distinctValues}; ` +
        'with two values interact the regressor with it instead',
    );
  }
  const denominator = sample.rows - sample.entities;
  const first = addThreshold(sample, { outcome, design: linear.design, order, trim, denominator, fixed: [] });
  const thresholds = [first.estimate];
  const model = fitWithin(sample, thresholdDesign(sample, thresholds), outcome);
  return { outcome, linear, model, stages: [first], thresholds, denominator, distinctValues };
}

interface StageInput {
  readonly outcome: Float64Array;
  /** the model without the new threshold */
  readonly design: WithinDesign;
  readonly order: Uint32Array;
  readonly trim: number;
  readonly denominator: number;
  /** thresholds already in the model, ascending */
  readonly fixed: readonly number[];
}

/** Searches one more threshold given those already there. */
function addThreshold(sample: ThresholdSample, { outcome, design, order, trim, denominator, fixed }: StageInput): StageFit {
  const q = sample.threshold.values;
  const rule = candidateRule(trim, sample.rows, design.columns.length);
  const ends = candidateEnds(order, q, sample.entity, fixed, rule);
  if (ends.length === 0) {
    throw new EstimationError(
      'no_candidates',
      `no value of ${sample.threshold.name} leaves ${rule.rows} rows (the larger of trim × rows and slopes + ` +
        `${leastRowsPastSlopes}) of at least ${leastEntities} entities in each regime, of ${sample.rows} rows of ${sample.entities} entities`,
    );
  }
  const { rows, entities, entity, regimeRegressors } = sample;
  const stage: Stage = {
    rows,
    entities,
    entity,
    basis: joined(orthonormalBasis(design.columns).basis),
    regime: joined(regimeRegressors.map(({ values }) => values)),
    order: order.slice(0, ends[ends.length - 1] + 1),
    ends,
  };
  const prepared = prepareStage(stage);
  const { ssrNull, ssr, best } = searchThreshold(prepared, outcome);
  const values = Float64Array.from(ends, (end) => q[order[end]]);
  return {
    stage,
    prepared,
    values,
    ssrNull,
    ssr,
    best,
    estimate: values[best],
    f: (ssrNull - ssr[best]) / (ssr[best] / denominator),
  };
}

function joined(columns: readonly Float64Array[]): Float64Array {
  const rows = columns[0].length;
  const all = new Float64Array(columns.length * rows);
  for (const [j, column] of columns.entries()) all.set(column, j * rows);
  return all;
}
