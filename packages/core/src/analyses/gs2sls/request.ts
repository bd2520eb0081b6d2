import { absorb } from '../../effects/absorb.js';
import { type Grouping, isNested } from '../../effects/grouping.js';
import { effectsRank } from '../../effects/rank.js';
import { EstimationError, type Problem } from '../../errors.js';
import { type Dropped, type ModelFrame, modelFrame } from '../../formula/frame.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { printName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import { spatialLagsOf } from '../../formula/weights.js';
import { type SpatialData, stackWeights } from '../../spatial-iv/design.js';
import { type MomentScale, periodMomentScale } from '../../spatial-iv/error-moments.js';
import { traceShare } from '../../spatial-iv/moment-covariance.js';
import { didYouMean } from '../../suggest.js';
import { alignWeights } from '../../weights/align.js';
import { rowSums, type SparseRows, type Weights } from '../../weights/weights.js';
import type { InputInfo, Inputs } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { alignedChoice, weightsProblems } from '../chosen-weights.js';
import { readTermName } from '../iv/request.js';
import { type Gs2slsParams, modelParts } from './params.js';
import { covarianceOf } from './programs.js';

const what = 'spatial models';

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: Gs2slsParams, info: InputInfo): Problem[] {
  const { panel, weights } = info;
  const formula = parseFormula(params.formula, '/formula');
  const spatial = params.weights !== undefined || params.models.some((model) => model !== 'iv');
  const errors = params.models.some((model) => modelParts[model].error);
  return [
    ...checkFormula(formula, panel, weights),
    ...(spatial ? weightsProblems(params.weights, info, '/weights', what) : []),
    ...(errors && params.errorWeights !== undefined ? weightsProblems(params.errorWeights, info, '/errorWeights', what) : []),
    ...shapeProblems(params, formula),
    ...durbinProblems(params, formula),
    ...effectProblems(params, formula, info),
    ...errorProblems(params, info),
  ];
}

function shapeProblems(params: Gs2slsParams, { outcome, regressors, endogenous, instruments }: Formula): Problem[] {
  const problems: Problem[] = [];
  const refuse = (code: string, message: string, pointer = '/formula') => problems.push({ pointer, code, message });
  for (const term of [outcome, ...regressors, ...endogenous]) {
    if (spatialLagsOf(term).length > 0) {
      refuse(
        'lag_in_formula',
        `${termName(term)} has a spatial lag of its own: the models add Wy and WX themselves (durbin says which), so that their effects are right`,
      );
    }
  }
  for (const term of [...endogenous, ...instruments]) {
    if (term.factors.some(({ kind }) => kind === 'levels')) {
      refuse(
        'several_columns',
        `${termName(term)} is several columns: an endogenous regressor or an instrument is one; make dummies first`,
      );
    }
  }
  if (instruments.length < endogenous.length) {
    refuse(
      'too_few_instruments',
      `${endogenous.length} endogenous regressors need at least as many instruments outside the equation, got ${instruments.length}`,
    );
  }
  const places = new Map<string, string>([[termName(outcome), 'the outcome']]);
  for (const [place, terms] of [
    ['an exogenous regressor', regressors],
    ['an endogenous regressor', endogenous],
    ['an instrument', instruments],
  ] as const) {
    for (const term of terms) {
      const before = places.get(termName(term));
      if (before !== undefined) refuse('term_twice', `${termName(term)} is ${before} and ${place}: it can be one of them`);
      places.set(termName(term), place);
    }
  }
  const lagged = params.models.filter((model) => modelParts[model].lag);
  if (lagged.length > 0 && regressors.length === 0 && instruments.length === 0) {
    refuse(
      'no_instruments',
      `${lagged.join(', ')}: Wy is instrumented by spatial lags of exogenous regressors or outside instruments, and there are none`,
    );
  }
  if (params.instruments.optimal && params.models.some((model) => modelParts[model].error || !modelParts[model].lag)) {
    refuse('optimal_instruments', 'optimal instruments are for the models sar and sdm', '/instruments/optimal');
  }
  return problems;
}

function durbinProblems({ durbin, models }: Gs2slsParams, { regressors, endogenous }: Formula): Problem[] {
  const lagged = models.filter((model) => modelParts[model].durbin);
  if (durbin === 'all') {
    if (lagged.length === 0 || regressors.length + endogenous.length > 0) return [];
    return [
      { pointer: '/durbin', code: 'nothing_to_lag', message: `${lagged.join(', ')} need a regressor to lag, and there is none` },
    ];
  }
  const known = [...regressors, ...endogenous].map(termName);
  return durbin.flatMap((text, k) => {
    const name = readTermName(text);
    if (known.includes(name)) return [];
    const message = `${text} is not among the regressors ${known.join(', ')}${didYouMean(text, known)}`;
    return [{ pointer: `/durbin/${k}`, code: 'not_a_regressor', message }];
  });
}

function effectProblems(params: Gs2slsParams, { effects }: Formula, { panel }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  if (params.effects === 'random') {
    if (effects.length > 0) {
      problems.push({
        pointer: '/effects',
        code: 'random_and_fixed',
        message: `random effects take a formula without absorbed effects, and it has ${effects.map(printName).join(', ')}`,
      });
    }
    if (panel.time.count < 2) {
      problems.push({
        pointer: '/effects',
        code: 'one_period',
        message: 'random effects need at least 2 periods, and the data have one',
      });
    }
    if (params.unbalanced === 'submatrix') {
      problems.push({
        pointer: '/unbalanced',
        code: 'unbalanced_panel',
        message: 'random effects with spatial terms need a balanced panel: leave submatrix out',
      });
    }
    if (params.bootstrap.replications > 0) {
      problems.push({
        pointer: '/bootstrap',
        code: 'bootstrap_random',
        message: 'the bootstrap is for pooled and fixed-effects models',
      });
    }
    if (params.instruments.optimal) {
      problems.push({
        pointer: '/instruments/optimal',
        code: 'optimal_instruments',
        message: 'optimal instruments are for pooled and fixed-effects models',
      });
    }
  }
  return problems;
}

function errorProblems(params: Gs2slsParams, info: InputInfo): Problem[] {
  const problems: Problem[] = [];
  const { panel, weights } = info;
  const known = meanings(panel);
  const kind = covarianceOf(params, panel.time.count > 1);
  if (kind === 'cluster' && !known.has(params.cluster)) {
    const message = `there is no column "${params.cluster}" to cluster by${didYouMean(params.cluster, known.keys())}`;
    problems.push({ pointer: '/cluster', code: 'unknown_column', message });
  }
  if (kind === 'hac') {
    if (params.kernel === undefined) {
      problems.push({
        pointer: '/kernel',
        code: 'kernel_needed',
        message: 'spatial HAC errors need a kernel: weights of the job of kind kernel, not normalised, named by kernel',
      });
    } else {
      problems.push(...weightsProblems(params.kernel, info, '/kernel', 'spatial HAC errors'));
      const summary = weights?.get(params.kernel);
      if (summary !== undefined && summary.normalisation !== 'none') {
        problems.push({
          pointer: '/kernel',
          code: 'normalised_kernel',
          message: `the kernel ${params.kernel} is normalised (${summary.normalisation}): k_ij must be values of the kernel itself`,
        });
      }
    }
  }
  if (params.unbalanced === 'submatrix' && params.models.some((model) => modelParts[model].error)) {
    problems.push({
      pointer: '/unbalanced',
      code: 'unbalanced_error',
      message: 'submatrix is for models without spatial errors: their moments need the same units in every period',
    });
  }
  return problems;
}

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
  requireVariation(frame, factors.length > 0, absorption.apply);
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
  const periods = frame.timeLabels.length;
  const notes: string[] = [];
  const there = new Set(frame.entityLabels);
  const gone = (given.lag ?? given.error)?.labels.filter((label) => !there.has(label)) ?? [];
  if (gone.length > 0 && unbalanced === 'refuse' && (given.lag ?? given.error)!.labels.length > frame.entityLabels.length) {
    throw new EstimationError(
      'unbalanced_panel',
      `${gone.length} units have no complete row (${gone.slice(0, 5).join(', ')}${gone.length > 5 ? ', …' : ''}), so their neighbours’ lags are not known: ` +
        'fill the gaps, cut them from data and weights, or say unbalanced: submatrix',
    );
  }
  let cut = 0;
  const stack = (weights: Weights | null, refuse: boolean) => {
    if (weights === null) return { one: null, all: null };
    const one = alignWeights(weights, frame.entityLabels, { unused: 'cut' });
    if (one.labels.length < weights.labels.length) notes.push(...one.about.notes.slice(-1));
    if (one.columns.length === 0) {
      throw new EstimationError(
        'no_links',
        'the weights have no link between units of the data: nothing spatial can be estimated',
      );
    }
    const stacked = stackWeights(one, frame.entity, frame.time, periods, one.about.normalisation === 'row');
    if (stacked.absent !== null && refuse) {
      const { row, neighbour } = stacked.absent;
      const [unit, period] = [frame.entityLabels[frame.entity[row]], frame.timeLabels[frame.time[row]]];
      throw new EstimationError(
        'unbalanced_panel',
        `${unit} lacks its neighbour ${frame.entityLabels[neighbour]} in ${period}, so its spatial lags are not known: fill the gap, drop the period or ` +
          'the units, or say unbalanced: submatrix, which takes the neighbours there are',
      );
    }
    cut += stacked.cut;
    return { one, all: stacked.weights };
  };
  const lag = stack(given.lag, unbalanced === 'refuse');
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

function requireVariation(frame: ModelFrame, swept: boolean, within: (x: Float64Array) => Float64Array): void {
  const outcome = within(frame.outcome.values);
  if (outcome.every((value) => value === (swept ? 0 : outcome[0]))) {
    throw new EstimationError(
      'constant_outcome',
      `${frame.outcome.name} does not vary${swept ? ' within the effects' : ''}: there is nothing to explain`,
    );
  }
}

function durbinPlaces({ durbin }: Gs2slsParams, { regressors, endogenous }: Formula, frame: ModelFrame) {
  const wanted = durbin === 'all' ? null : new Set(durbin.map((text) => termName(parseTerm(text))));
  const chosen = (term: Term) => wanted === null || wanted.has(termName(term));
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
