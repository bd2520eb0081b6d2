import { absorb } from '../../effects/absorb.js';
import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { type Dropped, modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { ascending } from '../../linalg/vector.js';
import { isLagged } from '../../spatial/durbin.js';
import { requireVariation, weightsOnFrame } from '../../spatial/stack-weights.js';
import { lagName } from '../../spatial-iv/design.js';
import type { Approach, MlPanel, SpatialPart } from '../../spatial-ml/equation.js';
import { type LogDeterminant, logDeterminant } from '../../spatial-ml/log-determinant.js';
import { spatialLag } from '../../weights/lag.js';
import { rowSums, type SparseRows, type Weights } from '../../weights/weights.js';
import type { Inputs } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { alignedChoice } from '../chosen-weights.js';
import { mlParts, type SpatialMlParams } from './params.js';
import { mostUnits, needsWeights, panelEffects, what } from './request.js';

/** A regressor of some model, before effects are taken out. */
export interface MlColumn {
  readonly name: string;
  readonly role: 'exogenous' | 'lagged exogenous' | 'constant';
  /** which regressor it is, or is the lag of; −1 for the constant */
  readonly of: number;
  readonly values: Float64Array;
}

/** W of a part of the models; its log-determinant is prepared when a model asks. */
class NamedPart implements SpatialPart {
  readonly rowSum: number | null;
  #known: LogDeterminant | undefined;

  constructor(
    readonly one: SparseRows,
    readonly all: SparseRows,
    /** of one period, as aligned to the units there are */
    readonly about: Weights,
    readonly name: string,
  ) {
    const sums = rowSums(one);
    const equal = sums.every((sum) => Math.abs(sum - sums[0]) <= 1e-12 * Math.abs(sums[0]));
    this.rowSum = equal ? sums[0] : null;
  }

  get determinant(): LogDeterminant {
    this.#known ??= logDeterminant(this.one);
    return this.#known;
  }
}

export interface MlSample {
  readonly outcome: { readonly name: string; readonly values: Float64Array };
  /** X, WX of those that Durbin models lag, and the constant */
  readonly columns: readonly MlColumn[];
  readonly regressors: readonly string[];
  readonly panel: MlPanel;
  /** all rows of W sum to the same, so that a constant and its lag are one column */
  readonly lag: NamedPart | null;
  readonly error: NamedPart | null;
  readonly effects: readonly ('entity' | 'time')[];
  readonly approach: Approach;
  readonly entityLabels: readonly string[];
  readonly periods: number;
  /** links to units without a row in the period, cut */
  readonly cutLinks: number;
  readonly dropped: readonly Dropped[];
  readonly notes: readonly string[];
}

/**
 * The rows of the models, W on them, and what their effects do.
 * @throws EstimationError `unbalanced_panel`, `weights_mismatch`, `no_links`, `no_complete_rows`, `constant_outcome`, `too_many_units`
 */
export function mlSample(params: SpatialMlParams, inputs: Inputs): MlSample {
  const formula = parseFormula(params.formula, '/formula');
  const chosen = needsWeights(params) ? alignedChoice(params.weights, inputs, params.unmatched, what) : null;
  const hasErrors = params.models.some((model) => mlParts[model].error);
  const other =
    hasErrors && params.errorWeights !== undefined && params.errorWeights !== chosen?.name
      ? alignedChoice(params.errorWeights, inputs, params.unmatched, what)
      : null;
  const frame = asEstimation(() =>
    modelFrame(
      inputs.panel,
      { outcome: formula.outcome, regressors: formula.regressors, effects: formula.effects },
      inputs.weights,
    ),
  );
  const [units, periods] = [frame.entityLabels.length, frame.timeLabels.length];
  const balanced = frame.rows.length === units * periods;
  if (chosen !== null && !balanced && params.unbalanced === 'refuse') {
    throw new EstimationError(
      'unbalanced_panel',
      `${units} × ${periods} rows are needed, and ${frame.rows.length} are complete, so lags of the others’ neighbours are not known: ` +
        'fill the gaps, cut units or periods, or say unbalanced: submatrix',
    );
  }
  if (chosen !== null && (balanced ? units : frame.rows.length) > mostUnits) {
    throw new EstimationError(
      'too_many_units',
      `log|I − ρW| is found exactly, for at most ${mostUnits.toLocaleString('en')} units, and there are ${units.toLocaleString('en')}: gs2sls takes any number`,
    );
  }
  const notes: string[] = [];
  let cutLinks = 0;
  const put = (of: { readonly name: string; readonly weights: Weights } | null) => {
    if (of === null) return null;
    const { one, all, cut } = weightsOnFrame(of.weights, frame, balanced);
    if (one.labels.length < of.weights.labels.length) notes.push(...one.about.notes.slice(-1));
    cutLinks += cut;
    return new NamedPart(balanced ? one : all, all, one, of.name);
  };
  const lag = put(chosen);
  const error = put(other) ?? lag;

  const meant = panelEffects(formula, inputs.panel);
  const factors = frame.effects.map(({ codes, labels }): Grouping => ({ codes, levels: labels.length }));
  const absorption = absorb(factors);
  requireVariation(frame.outcome, factors.length > 0, absorption.apply);
  const panel: MlPanel = {
    ...(balanced
      ? { units, periods, entity: frame.entity, time: frame.time }
      : { units: frame.rows.length, periods: 1, entity: ascending(frame.rows.length), time: new Uint32Array(frame.rows.length) }),
    balanced,
    absorbed: absorption.absorbed,
    entityEffects: meant.includes('entity'),
    timeEffects: meant.includes('time'),
    within: absorption.apply,
  };
  const lagged = isLagged(params.durbin);
  const durbin = params.models.some((model) => mlParts[model].durbin) && lag !== null;
  const constant = formula.intercept && formula.effects.length === 0;
  return {
    outcome: frame.outcome,
    columns: [
      ...frame.regressors.map((column, of): MlColumn => ({ ...column, role: 'exogenous', of })),
      ...(durbin ? frame.regressors : []).flatMap(({ name, values }, of): MlColumn[] =>
        lagged(formula.regressors[frame.regressorTerms[of]])
          ? [{ name: lagName(name, 1), values: spatialLag(lag!.all, values), role: 'lagged exogenous', of }]
          : [],
      ),
      ...(constant
        ? [{ name: '(constant)', values: new Float64Array(frame.rows.length).fill(1), role: 'constant' as const, of: -1 }]
        : []),
    ],
    regressors: frame.regressors.map(({ name }) => name),
    panel,
    lag,
    error,
    effects: (['entity', 'time'] as const).filter((effect) => meant.includes(effect)),
    approach: approachOf(params, panel, [lag, error]),
    entityLabels: frame.entityLabels,
    periods,
    cutLinks,
    dropped: frame.dropped,
    notes,
  };
}

/** What is done about the effects when the request does not say. */
function approachOf(
  { approach, demeaning }: SpatialMlParams,
  { entityEffects, timeEffects, balanced }: MlPanel,
  parts: readonly (SpatialPart | null)[],
): Approach {
  if (!entityEffects && !timeEffects) return 'direct';
  if (approach === 'transformation' && !balanced) {
    throw new EstimationError(
      'unbalanced_transformation',
      'the transformation needs every unit in every period, and some rows are not there: take approach: bias-corrected, or direct',
    );
  }
  if (approach !== undefined) return approach;
  if (!balanced) return 'bias-corrected';
  if (!timeEffects) return 'transformation';
  return demeaning === 'before-lag' || parts.some((part) => part !== null && part.rowSum === null)
    ? 'bias-corrected'
    : 'transformation';
}
