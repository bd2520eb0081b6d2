import { absorb } from '../../effects/absorb.js';
import { type Grouping, isNested } from '../../effects/grouping.js';
import { effectsRank } from '../../effects/rank.js';
import { EstimationError } from '../../errors.js';
import { type Dropped, type ModelFrame, modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import type { Formula } from '../../formula/syntax.js';
import { isLagged } from '../../spatial/durbin.js';
import { refuseAbsentUnits, requireVariation, weightsOnFrame } from '../../spatial/stack-weights.js';
import type { SpatialData } from '../../spatial-iv/design.js';
import { type MomentScale, periodMomentScale } from '../../spatial-iv/error-moments.js';
import { traceShare } from '../../spatial-iv/moment-covariance.js';
import { rowSums, type SparseRows, type Weights } from '../../weights/weights.js';
import type { Inputs } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { alignedChoice } from '../chosen-weights.js';
import { type Gs2slsParams, modelParts } from './params.js';
import { covarianceOf } from './programs.js';
import { what } from './request.js';

/** Everything a model is fitted on. */
export interface SpatialSample {
  readonly data: SpatialData;
  readonly names: {
    readonly outcome: string;
    readonly weights: string | null;
    readonly errorWeights: string | null;
    readonly effects: readonly string[];
  };
  /** the weights of one period, or in blocks of all rows when periods differ in their units: what effects are made of */
  readonly effectWeights: SparseRows | null;
  /** W as aligned to the units there are */
  readonly lagAbout: Weights | null;
  readonly errorAbout: Weights | null;
  readonly rowSumsDiffer: boolean;
  readonly durbin: readonly number[];
  readonly durbinEndogenous: readonly number[];
  readonly within: (x: Float64Array) => Float64Array;
  /** dimensions that effects take, those across clusters, and whether these numbers are exact */
  readonly absorbed: number;
  readonly absorbedAcrossClusters: number;
  readonly absorbedExact: boolean;
  readonly momentScale: MomentScale;
  readonly rows: number;
  readonly entity: Grouping;
  readonly entityLabels: readonly string[];
  readonly periods: number;
  readonly balanced: boolean;
  readonly cluster: (Grouping & { readonly name: string }) | null;
  readonly kernel: SparseRows | null;
  /** links to units without a row in the period, cut */
  readonly cutLinks: number;
  readonly dropped: readonly Dropped[];
  readonly notes: readonly string[];
}

/**
 * The rows of the models, W on them, and what their effects do.
 * @throws EstimationError `unbalanced_panel`, `weights_mismatch`, `no_complete_rows`, `constant_outcome`, `too_few_clusters`
 */
export function spatialSample(params: Gs2slsParams, inputs: Inputs): SpatialSample {
  const { panel } = inputs;
  const formula = parseFormula(params.formula, '/formula');
  const covariance = covarianceOf(params, panel.time.labels.length > 1);
  const spatial = params.weights !== undefined || params.models.some((model) => model !== 'iv');
  const lag = spatial ? alignedChoice(params.weights, inputs, params.unmatched, what) : null;
  const hasErrors = params.models.some((model) => modelParts[model].error);
  const other =
    hasErrors && params.errorWeights !== undefined && params.errorWeights !== lag?.name
      ? alignedChoice(params.errorWeights, inputs, params.unmatched, what)
      : null;
  const kernel = covariance === 'hac' ? alignedChoice(params.kernel, inputs, 'cut', 'spatial HAC errors') : null;
  const named = new Map([...(inputs.weights ?? [])].map(([name, matrix]) => [name, name === lag?.name ? lag.weights : matrix]));

  const clustered = covariance === 'cluster';
  const { effects, endogenous, instruments } = formula;
  const frame = asEstimation(() =>
    modelFrame(
      panel,
      {
        outcome: formula.outcome,
        regressors: formula.regressors,
        extra: [...endogenous, ...instruments],
        effects: clustered ? [...effects, params.cluster] : effects,
      },
      named,
    ),
  );
  const stacks = stackedOn(frame, params, {
    lag: lag?.weights ?? null,
    error: other?.weights ?? null,
    kernel: kernel?.weights ?? null,
  });
  const groupings = frame.effects.map(({ codes, labels }): Grouping => ({ codes, levels: labels.length }));
  const factors = groupings.slice(0, effects.length);
  const absorption = absorb(factors);
  const cluster = clustered ? { ...groupings[effects.length], name: params.cluster } : null;
  if (cluster !== null && cluster.levels < 2) {
    throw new EstimationError(
      'too_few_clusters',
      `clustered errors need at least 2 clusters, ${params.cluster} has ${cluster.levels}`,
    );
  }
  requireVariation(frame.outcome, factors.length > 0, absorption.apply);
  const nested = cluster === null ? [] : factors.filter((factor) => isNested(factor, cluster));
  const entity: Grouping = { codes: frame.entity, levels: frame.entityLabels.length };
  const periods = frame.timeLabels.length;
  const sums = stacks.oneLag === null ? new Float64Array(1) : rowSums(stacks.oneLag);
  const { durbin, durbinEndogenous } = durbinPlaces(params, formula, frame);
  return {
    data: {
      outcome: frame.outcome,
      exogenous: frame.regressors,
      constant: formula.intercept && effects.length === 0,
      endogenous: frame.extra.slice(0, endogenous.length),
      outside: frame.extra.slice(endogenous.length),
      lagWeights: stacks.lag,
      errorWeights: hasErrors ? (stacks.error ?? stacks.lag) : null,
    },
    names: {
      outcome: frame.outcome.name,
      weights: lag?.name ?? null,
      errorWeights: other?.name ?? (hasErrors ? (lag?.name ?? null) : null),
      effects,
    },
    effectWeights: stacks.balanced ? stacks.oneLag : stacks.lag,
    lagAbout: stacks.oneLag,
    errorAbout: stacks.oneError,
    rowSumsDiffer: sums.some((sum) => Math.abs(sum - sums[0]) > 1e-12 * Math.abs(sums[0])),
    durbin,
    durbinEndogenous,
    within: absorption.apply,
    absorbed: absorption.absorbed,
    absorbedAcrossClusters: absorption.absorbed - effectsRank(nested).rank,
    absorbedExact: absorption.exact,
    momentScale: scaleOfMoments(stacks.oneError ?? stacks.oneLag, factors, frame, absorption.absorbed),
    rows: frame.rows.length,
    entity,
    entityLabels: frame.entityLabels,
    periods,
    balanced: frame.rows.length === entity.levels * periods,
    cluster,
    kernel: stacks.kernel,
    cutLinks: stacks.cut,
    dropped: frame.dropped,
    notes: stacks.notes,
  };
}

/** W, M and the kernel on the rows of a frame, and cut to the units it has. */
function stackedOn(
  frame: ModelFrame,
  { unbalanced }: Gs2slsParams,
  given: { lag: Weights | null; error: Weights | null; kernel: Weights | null },
) {
  const notes: string[] = [];
  const refused = unbalanced === 'refuse';
  const main = given.lag ?? given.error;
  if (main !== null && refused) refuseAbsentUnits(main, frame.entityLabels);
  let cut = 0;
  const stack = (weights: Weights | null, refuse: boolean) => {
    if (weights === null) return { one: null, all: null };
    const on = weightsOnFrame(weights, frame, refuse);
    if (on.one.labels.length < weights.labels.length) notes.push(...on.one.about.notes.slice(-1));
    cut += on.cut;
    return on;
  };
  const lag = stack(given.lag, refused);
  const error = stack(given.error, true);
  const kernel = stack(given.kernel, false);
  return {
    lag: lag.all,
    error: error.all,
    kernel: kernel.all,
    oneLag: lag.one,
    oneError: error.one,
    balanced: cut === 0,
    cut,
    notes,
  };
}

function durbinPlaces({ durbin }: Gs2slsParams, { regressors, endogenous }: Formula, frame: ModelFrame) {
  const chosen = isLagged(durbin);
  return {
    durbin: frame.regressors.flatMap((_, k) => (chosen(regressors[frame.regressorTerms[k]]) ? [k] : [])),
    durbinEndogenous: endogenous.flatMap((term, k) => (chosen(term) ? [k] : [])),
  };
}

/** Effects of the entities, of the periods, or both change the moments of the errors as they say; others by their dimensions. */
function scaleOfMoments(m: SparseRows | null, factors: readonly Grouping[], frame: ModelFrame, absorbed: number): MomentScale {
  const n = frame.rows.length;
  const plain = { divisor: n - absorbed, trace: m === null ? 0 : traceShare(m), lagTrace: 0, periodEffects: false };
  if (m === null || factors.length === 0) return { ...plain, divisor: n };
  const time: Grouping = { codes: frame.time, levels: frame.timeLabels.length };
  const entity: Grouping = { codes: frame.entity, levels: frame.entityLabels.length };
  const same = (a: Grouping, b: Grouping) => isNested(a, b) && isNested(b, a);
  if (time.levels < 2 || !factors.some((factor) => same(factor, time))) return plain;
  const units = factors.some((factor) => same(factor, entity));
  return periodMomentScale(m, units ? time.levels - 1 : time.levels);
}
