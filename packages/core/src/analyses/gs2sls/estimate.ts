import { waldTest } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import type { InstrumentedModel } from '../../instruments/model.js';
import { hansenTest, sarganTest } from '../../instruments/overidentification.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import { PhiloxStream } from '../../random/stream.js';
import { squaredCorrelation } from '../../spatial/squared-correlation.js';
import { aboutWeights } from '../../spatial/weights-fields.js';
import { anselinKelejianTest } from '../../spatial-iv/anselin-kelejian.js';
import type { Multipliers } from '../../spatial-iv/multipliers.js';
import { weightsMoments } from '../../weights/moments.js';
import {
  andersonRubinResult,
  attempt,
  coefficientRows,
  endogeneityResult,
  firstStageResults,
  fResult,
  type Instrumented,
  identificationResult,
} from '../iv/diagnostics.js';
import { adequacyRows } from './adequacy.js';
import { conventions } from './conventions.js';
import { diagnosticErrors, type FittedModel, fitModel } from './model.js';
import { lazyMultipliers, modelEffects, singleton } from './model-effects.js';
import type { Gs2slsParams } from './params.js';
import { covarianceOf } from './programs.js';
import type { Gs2slsResult, ModelResult } from './result.js';
import type { SpatialSample } from './sample.js';
import { verdict, warningsFor } from './verdict.js';

/** Streams of the seed: draws of effects, one a model, and the bootstrap. */
export const effectsStream = 16;
export const bootstrapStream = 0;

/** Everything but the bootstrap. */
export function spatialEstimates(params: Gs2slsParams, sample: SpatialSample, seed: number): Gs2slsResult {
  const fits = params.models.map((model) => fitModel(params, sample, model));
  const multipliers = lazyMultipliers(sample);
  const models = fits.map(
    (fit, k): ModelResult => modelResult(params, sample, fit, multipliers, new PhiloxStream(seed, effectsStream + k)),
  );
  const { data, names } = sample;
  const answers: Omit<Gs2slsResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'> = {
    models,
    weights: aboutWeights(names.weights, sample.lagAbout),
    errorWeights: names.errorWeights === names.weights ? null : aboutWeights(names.errorWeights, sample.errorAbout),
    program: params.program,
    covariance: covarianceOf(params, sample.periods > 1),
    level: params.level,
    sample: {
      rows: sample.rows,
      entities: sample.entity.levels,
      periods: sample.periods,
      dropped: [...sample.dropped],
      balanced: sample.balanced,
      clusters: sample.cluster === null ? null : { name: sample.cluster.name, count: sample.cluster.levels },
      absorbed: sample.absorbed,
      cutLinks: sample.cutLinks,
    },
    variables: {
      outcome: names.outcome,
      exogenous: data.exogenous.map(({ name }) => name),
      endogenous: data.endogenous.map(({ name }) => name),
      outside: data.outside.map(({ name }) => name),
      effects: [...names.effects],
      random: params.effects === 'random',
    },
  };
  return {
    ...answers,
    adequacy: adequacyRows(sample, fits),
    verdict: verdict(answers),
    conventions: conventions(params, sample, fits, answers),
    warnings: warningsFor(answers, sample),
  };
}

function modelResult(
  params: Gs2slsParams,
  sample: SpatialSample,
  fit: FittedModel,
  multipliers: () => Multipliers,
  stream: PhiloxStream,
): ModelResult {
  const { regressors, coefficients, covariance, df, columns, first, components, lambda } = fit;
  const rows = coefficientRows(
    regressors.map(({ name }) => name),
    coefficients,
    covariance,
    { df, level: params.level },
  );
  const outcome = components !== null && lambda !== null ? fit.design.outcome.values : columns.outcome;
  const space = first.space;
  return {
    model: fit.model,
    coefficients: rows.map((row, k) => ({ ...row, role: regressors[k].role })),
    lambda: lambdaResult(params, sample, fit),
    sigma2: fit.sigma2,
    ssr: fit.residuals.reduce((sum, u) => sum + u * u, 0),
    squaredCorrelation: squaredCorrelation(outcome, fit.residuals),
    components: components === null ? null : { ...components },
    effects: modelEffects(params, sample, fit, multipliers, stream),
    instruments: space === null ? [] : columns.names.instruments.filter((_, k) => !space.collinearInstruments.includes(k)),
    collinear: [
      ...fit.design.exogenous.filter((_, k) => !columns.keptExogenous.includes(k)).map(({ name }) => name),
      ...(space?.collinearInstruments ?? []).map((k) => columns.names.instruments[k]),
    ],
    ...diagnostics(params, fit),
    anselinKelejian: anselinKelejian(sample, fit),
    waldLags: waldOfLags(fit),
    bootstrap: null,
  };
}

function lambdaResult({ level }: Gs2slsParams, sample: SpatialSample, { lambda, df, rules }: FittedModel): ModelResult['lambda'] {
  if (lambda === null) return null;
  const { estimate, variance, filter, atBound } = lambda;
  const given = variance === null ? Number.NaN : variance;
  // λ̂ is asymptotically normal whatever the rule of the coefficients
  const [row] = coefficientRows(['λ'], [estimate], singleton(given), { df: rules.normal ? df : Number.POSITIVE_INFINITY, level });
  const { term: _, ...rest } = row;
  const note =
    variance !== null
      ? {}
      : {
          note:
            sample.absorbed > 0
              ? 'no standard error: residuals within effects depend on one another; use the bootstrap'
              : 'no standard error with these moments or errors; use the bootstrap, or heteroskedastic moments with robust errors',
        };
  return { ...rest, filter, atBound, ...note };
}

function diagnostics(
  { level }: Gs2slsParams,
  { first, columns, sizes, errors, rules, df, regressors }: FittedModel,
): Pick<ModelResult, 'firstStages' | 'identification' | 'overidentification' | 'endogeneity' | 'andersonRubin'> {
  const { space } = first;
  if (space === null) {
    return { firstStages: [], identification: null, overidentification: null, endogeneity: null, andersonRubin: null };
  }
  const structure = diagnosticErrors(errors);
  const { outcome, endogenous, exogenous, instruments } = columns;
  const model: InstrumentedModel = { outcome, endogenous, exogenous, instruments };
  const of: Instrumented = {
    model,
    space,
    sizes,
    errors: structure,
    regressors: [...endogenous, ...space.exogenous],
    regressorNames: regressors.map(({ name }) => name),
    instrumentNames: columns.names.instruments.filter((_, k) => !space.collinearInstruments.includes(k)),
    twoStage: first,
    smallSample: rules.small,
    level,
    df,
  };
  const dof = space.basis.length - endogenous.length;
  return {
    firstStages: firstStageResults(of),
    identification: identificationResult(of),
    overidentification:
      structure.kind === 'classical'
        ? attempt('Sargan', dof, () => sarganTest(space, first.residuals, sizes))
        : attempt('Hansen J', dof, () => hansenTest(space, outcome, of.regressors, first.residuals, structure, sizes)),
    endogeneity: endogeneityResult(of, columns.names.endogenous),
    andersonRubin: andersonRubinResult(of),
  };
}

/** After 2SLS of a model without spatial errors: is there spatial dependence left in its residuals? */
function anselinKelejian(
  sample: SpatialSample,
  { lambda, components, columns, first }: FittedModel,
): ModelResult['anselinKelejian'] {
  const { effectWeights, data, momentScale, balanced, entity } = sample;
  if (lambda !== null || components !== null || data.lagWeights === null || effectWeights === null) return null;
  const name = 'Anselin–Kelejian';
  const none = (note: string) => ({ name, statistic: Number.NaN, df: 1, pValue: Number.NaN, note });
  if (momentScale.periodEffects) return none('not given after period effects, which do not commute with the weights');
  if (!balanced && sample.absorbed > 0) return none('not given with effects in a panel that is not balanced');
  const { traceWW, traceWtW } = weightsMoments(effectWeights);
  const units = balanced ? entity.levels : sample.rows;
  const tau = balanced ? momentScale.divisor / units : 1;
  return attempt(name, 1, () =>
    anselinKelejianTest(
      data.lagWeights!,
      first.residuals,
      [...columns.endogenous, ...columns.exogenous],
      first.bread,
      traceWW + traceWtW,
      units,
      tau,
    ),
  );
}

/** All coefficients of WX and WD: does the Durbin model say more than the one without? */
function waldOfLags({ regressors, coefficients, covariance, errors, sizes }: FittedModel): ModelResult['waldLags'] {
  const places = regressors.flatMap(({ role }, k) => (role === 'lagged exogenous' || role === 'lagged endogenous' ? [k] : []));
  if (places.length === 0) return null;
  const df2 = errors.kind === 'cluster' ? errors.count - 1 : sizes.rows - sizes.regressors - sizes.absorbed;
  try {
    return fResult(
      waldTest(
        places.map((k) => coefficients[k]),
        subMatrix(covariance, places),
        df2,
      ),
    );
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { statistic: Number.NaN, df1: places.length, df2, pValue: Number.NaN };
  }
}
