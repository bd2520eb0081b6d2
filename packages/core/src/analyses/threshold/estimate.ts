import { EstimationError } from '../../errors.js';
import { basisOf, orthonormalBasis } from '../../linalg/orthonormal-basis.js';
import {
  type Candidates,
  candidateRule,
  candidatesByPlaces,
  candidatesByRows,
  leastEntities,
  leastRowsPastSlopes,
  type Ordered,
  orderedBy,
} from './candidates.js';
import { fitWithin, linearDesign, thresholdDesign, type WithinFit, withinOutcome } from './linear-model.js';
import type { Conventions, Scale } from './programs.js';
import type { ThresholdSample } from './sample.js';
import { searchThreshold } from './search.js';
import { type PreparedStage, prepareStage, type Stage } from './stage.js';
import { type Within, withinOf } from './within.js';

/** A search for one more threshold: every candidate's sum of squares, the best of them and its test statistic. */
export interface StageFit {
  /** thresholds of the model searched for: those held fixed and one more */
  readonly thresholdCount: number;
  /** thresholds held fixed, ascending */
  readonly fixed: readonly number[];
  /** an earlier threshold searched again given the later one; no test of its own */
  readonly refines: boolean;
  /** the model with these alone: the null of the stage's test */
  readonly restricted: WithinFit;
  readonly stage: Stage;
  readonly prepared: PreparedStage;
  /** value of each candidate, ascending */
  readonly values: Float64Array;
  readonly ssrNull: number;
  readonly ssr: Float64Array;
  /** place of the estimate among the candidates */
  readonly best: number;
  readonly estimate: number;
  /** F = (S₀ − S₁) / (S₁ / denominator) */
  readonly f: number;
}

export interface ThresholdFit {
  readonly within: Within;
  /** the outcome without its effects, on the fitted rows */
  readonly outcome: Float64Array;
  readonly linear: WithinFit;
  readonly model: WithinFit;
  /** searches in their order: first, second, first refined, third */
  readonly searches: readonly StageFit[];
  /** those that add a threshold, by number of thresholds */
  readonly stages: readonly StageFit[];
  /** thresholds of the model, ascending */
  readonly thresholds: readonly number[];
  /** for each of them the search that its confidence set comes from */
  readonly located: readonly StageFit[];
  /** σ̂² = S / denominator in F and LR */
  readonly denominator: number;
  readonly distinctValues: number;
}

export interface EstimateOptions {
  readonly thresholdCount: number;
  /** least share of the rows in each regime, by stage */
  readonly trims: readonly number[];
  readonly conventions: Conventions;
  /** thresholds that stand in for the estimates of the first stages, in the order of the stages */
  readonly given: readonly number[];
}

/**
 * Least-squares estimate of a panel threshold regression, one threshold after another: the first alone, the second given the first,
 * the first again given the second, the third given these two.
 *
 *   y_it = μ_i + x_it'β + r_it'δ₁ 1(q_it ≤ γ₁) + r_it'δ₂ 1(γ₁ < q_it ≤ γ₂) + … + e_it
 *
 * F of a stage takes its sum of squares before the refinement that follows, and the refined one of the stage before.
 *
 * @throws EstimationError `too_few_entities`, `constant_outcome`, `collinear_regressors`, `too_few_rows`, `perfect_fit`,
 *   `too_few_threshold_values`, `no_candidates`, `not_a_candidate`, `program_needs_balance`
 * @see Hansen (1999), §3 and §6
 */
export function estimateThreshold(sample: ThresholdSample, options: EstimateOptions): ThresholdFit {
  const { thresholdCount, conventions, given } = options;
  if (sample.entities < 2) {
    throw new EstimationError('too_few_entities', `a panel needs at least 2 entities with complete rows, got ${sample.entities}`);
  }
  const within = withinOf(sample, conventions.lastPeriod);
  const outcome = withinOutcome(sample, within);
  const linear = fitWithin(sample, within, linearDesign(sample, within), outcome);
  const ordered = orderedBy(sample.threshold.values);
  if (ordered.distinct.length <= 2) {
    throw new EstimationError(
      'too_few_threshold_values',
      `the threshold variable ${sample.threshold.name} needs more than 2 distinct values, got ${ordered.distinct.length}` +
        (ordered.distinct.length === 2 ? '; with two values interact the regressor with it instead' : ''),
    );
  }
  const denominator = scaleOf(conventions.scale, sample, within);
  const searched = within.dropsLast ? within.isometric(sample.outcome.values) : outcome;
  const fitted = (thresholds: readonly number[]) =>
    thresholds.length === 0 ? linear : fitThresholds(sample, { within, outcome, linear }, thresholds, conventions);
  const search = (stage: number, found: readonly number[], refines: boolean) => {
    const fixed = [...found].sort((a, b) => a - b);
    const input = { within, searched, restricted: fitted(fixed), ordered, stage, denominator, fixed, refines };
    return addThreshold(sample, input, options, refines ? undefined : given[stage - 1]);
  };

  const first = search(1, [], false);
  const searches = [first];
  const stages = [first];
  const located = [first];
  if (thresholdCount >= 2) {
    const second = search(2, [first.estimate], false);
    searches.push(second);
    stages.push(second);
    located.push(second);
    if (given.length === 0) {
      located[0] = search(2, [second.estimate], true);
      searches.push(located[0]);
    }
  }
  if (thresholdCount >= 3) {
    const third = search(3, [located[0].estimate, located[1].estimate], false);
    searches.push(third);
    stages.push(third);
    located.push(third);
  }
  located.sort((a, b) => a.estimate - b.estimate);
  const thresholds = located.map(({ estimate }) => estimate);
  return {
    within,
    outcome,
    linear,
    model: fitted(thresholds),
    searches,
    stages,
    thresholds,
    located,
    denominator,
    distinctValues: ordered.distinct.length,
  };
}

/** The model with given thresholds, ascending. */
export function fitThresholds(
  sample: ThresholdSample,
  { within, outcome, linear }: Pick<ThresholdFit, 'within' | 'outcome' | 'linear'>,
  thresholds: readonly number[],
  { rule }: Conventions,
): WithinFit {
  return fitWithin(sample, within, thresholdDesign(sample, within, thresholds, rule), outcome, linear.factor);
}

function scaleOf(scale: Scale, { rows, entities, periods, timeEffects }: ThresholdSample, within: Within): number {
  switch (scale) {
    case 'within': // n(T − 1) when balanced, with the last period dropped or not; less the time effects if there are any
      return timeEffects ? rows - within.fitDf : rows - entities;
    case 'rows-less-periods':
      return rows - periods;
    case 'rows':
      return rows;
  }
}

interface StageInput {
  readonly within: Within;
  /** the outcome without its effects, on all rows */
  readonly searched: Float64Array;
  /** the model without the new threshold */
  readonly restricted: WithinFit;
  readonly ordered: Ordered;
  /** from 1 */
  readonly stage: number;
  readonly denominator: number;
  /** thresholds already in the model, ascending */
  readonly fixed: readonly number[];
  readonly refines: boolean;
}

/** Searches one more threshold given those already there. */
function addThreshold(sample: ThresholdSample, input: StageInput, options: EstimateOptions, given: number | undefined): StageFit {
  const { within, searched, restricted, fixed, denominator, refines } = input;
  const { values, ends } = stageCandidates(sample, input, options);
  const stage = stageOf(sample, within, restricted, { values, ends }, input.ordered.order);
  const prepared = prepareStage(stage);
  if (prepared.unidentified === values.length) throw unidentified(sample, input.stage);
  const { ssrNull, ssr, best: least } = searchThreshold(prepared, searched, within.score);
  const best = given === undefined ? least : candidateAt(values, observedAt(input.ordered, given, options.conventions), input);
  return {
    thresholdCount: fixed.length + 1,
    fixed,
    refines,
    restricted,
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

function unidentified({ regimeRegressors }: ThresholdSample, stage: number): EstimationError {
  const names = regimeRegressors.map(({ name }) => name).join(', ');
  return new EstimationError(
    'collinear_regressors',
    `at no candidate for threshold ${stage} do the slopes of ${names} below and above have variation of their own: it is a combination ` +
      'of the other regressors and the effects, or, within entities, less than one part in 100,000 of their size',
  );
}

function stageCandidates(
  sample: ThresholdSample,
  { restricted, ordered, stage, fixed }: StageInput,
  { trims, conventions, given }: EstimateOptions,
): Candidates {
  const trim = trims[stage - 1];
  const { grid } = conventions;
  const rule = candidateRule(trim, sample.rows, restricted.design.columns.length);
  const observed = given.slice(stage - 1, stage).map((value) => observedAt(ordered, value, conventions));
  const byPlaces = conventions.room === 'grid-places' && grid !== null;
  const candidates = byPlaces
    ? candidatesByPlaces(ordered, { grid, firstTrim: trims[0], trim, fixed, rule: conventions.rule, also: observed })
    : candidatesByRows(ordered, sample.entity, fixed, rule, grid);
  if (candidates.ends.length > 0) return candidates;
  const held = fixed.length === 0 ? '' : ` beside ${fixed.map((value) => value.toPrecision(5)).join(' and ')}`;
  throw new EstimationError(
    'no_candidates',
    byPlaces
      ? `no place of a grid of ${grid} quantiles is left for threshold ${stage}${held} by a trim of ${trim}`
      : `no value of ${sample.threshold.name}${held} leaves ${rule.rows} rows (the larger of trim × rows and slopes + ` +
          `${leastRowsPastSlopes}) of at least ${leastEntities} entities in each regime, of ${sample.rows} rows of ${sample.entities} entities`,
  );
}

function stageOf(
  { rows, entities, entity, regimeRegressors }: ThresholdSample,
  within: Within,
  { design, factor }: WithinFit,
  { ends }: Candidates,
  order: Uint32Array,
): Stage {
  const { dropsLast, absorbedColumns } = within;
  const columns = dropsLast ? design.raw.map((column) => within.isometric(column)) : design.columns;
  const asFitted = !dropsLast && absorbedColumns.length === 0;
  const basis = asFitted ? basisOf(factor) : orthonormalBasis([...absorbedColumns, ...columns]).basis;
  return {
    rows,
    entities,
    entity,
    basis: joined(basis),
    ...(dropsLast ? { dropsLast: true as const, scores: joined(basis.map((column) => within.score(column))) } : {}),
    regime: joined(regimeBasis(regimeRegressors.map(({ values }) => values))),
    order: order.slice(0, ends[ends.length - 1] + 1),
    ends,
  };
}

/**
 * Columns with the span of the regime regressors. Only the span matters to a search, for z(γ) of any columns rA is z(γ)A, and means
 * that are large beside the variation make regressors as they are nearly equal to one another.
 */
function regimeBasis(columns: readonly Float64Array[]): readonly Float64Array[] {
  if (columns.length === 1) return columns;
  const { basis, collinear } = orthonormalBasis(columns);
  return collinear.length === 0 ? basis : columns;
}

/** The observed value that splits the rows as a given one does. */
function observedAt({ distinct }: Ordered, given: number, { rule }: Conventions): number {
  const near = (value: number) => Math.abs(value - given) <= 1e-12 * Math.abs(given);
  const found =
    rule === 'at-most'
      ? distinct.findLast((value) => value <= given || near(value))
      : distinct.find((value) => value >= given || near(value));
  return found ?? Number.NaN;
}

function candidateAt(values: Float64Array, observed: number, { stage }: StageInput): number {
  const at = values.indexOf(observed);
  if (at >= 0) return at;
  throw new EstimationError(
    'not_a_candidate',
    `the threshold given for stage ${stage} splits the rows where no candidate does: candidates lie from ${values[0]} to ` +
      `${values[values.length - 1]}, and leave enough rows in each regime`,
  );
}

function joined(columns: readonly Float64Array[]): Float64Array {
  const rows = columns[0].length;
  const all = new Float64Array(columns.length * rows);
  for (const [j, column] of columns.entries()) all.set(column, j * rows);
  return all;
}
