import type { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { PhiloxStream } from '../../random/stream.js';
import { effectsResult } from '../../spatial/effects-result.js';
import { squaredCorrelation } from '../../spatial/squared-correlation.js';
import { aboutWeights } from '../../spatial/weights-fields.js';
import { lagName } from '../../spatial-iv/design.js';
import { type Multipliers, spatialMultipliers } from '../../spatial-iv/multipliers.js';
import { spatialLag } from '../../weights/lag.js';
import { adequacyRows } from './adequacy.js';
import { conventions } from './conventions.js';
import { covarianceOf, dfOf, effectTerms, estimatesOf, type FittedMl, fitModel } from './model.js';
import { mundlakTest } from './mundlak.js';
import { covarianceKind, type MlModel, mlParts, type SpatialMlParams } from './params.js';
import type { MlModelResult, SpatialMlResult } from './result.js';
import type { MlSample } from './sample.js';
import { restrictionTests } from './tests.js';
import { verdict, warningsFor } from './verdict.js';

/** Streams of the seed: draws of effects, one a model. */
const effectsStream = 16;

export function mlEstimates(params: SpatialMlParams, sample: MlSample, seed: number): SpatialMlResult {
  const known = new Map<MlModel, FittedMl>();
  const fitted = (model: MlModel): FittedMl => {
    if (!known.has(model)) known.set(model, fitModel(params, sample, model));
    return known.get(model)!;
  };
  let found: Multipliers | undefined;
  const multipliers = () => {
    found ??= spatialMultipliers(sample.lag!.one);
    return found;
  };
  const notFitted: SpatialMlResult['notFitted'] = [];
  const fits = params.models.flatMap((model, k) => {
    try {
      const fit = fitted(model);
      return [{ fit, covariance: covarianceOf(params, sample, fit) }];
    } catch (error) {
      // the first is what the request is about; others stand beside it
      if (k === 0 || !(error instanceof EstimationError)) throw error;
      notFitted.push({ model, code: error.code, message: error.message });
      return [];
    }
  });
  const models = fits.map(({ fit, covariance }, k) =>
    modelResult(params, sample, fit, covariance, multipliers, new PhiloxStream(seed, effectsStream + k)),
  );
  const { panel } = sample;
  const spatial = params.models.some((model) => mlParts[model].lag || mlParts[model].error);
  const hasErrors = params.models.some((model) => mlParts[model].error);
  const answers: Omit<SpatialMlResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'> = {
    models,
    notFitted,
    tests: fits.flatMap(({ fit, covariance }) => restrictionTests(sample, fit, () => covariance, fitted)),
    approach: sample.approach,
    demeaning: params.demeaning,
    covariance: covarianceKind(params.covariance, panel.units),
    determinant: spatial ? sample.lag!.determinant.method : null,
    weights: sample.lag === null ? null : aboutWeights(sample.lag.name, sample.lag.about),
    errorWeights:
      !hasErrors || sample.error === null || sample.error.name === sample.lag?.name
        ? null
        : aboutWeights(sample.error.name, sample.error.about),
    level: params.level,
    sample: {
      rows: sample.outcome.values.length,
      entities: sample.entityLabels.length,
      periods: sample.periods,
      dropped: [...sample.dropped],
      balanced: panel.balanced,
      cutLinks: sample.cutLinks,
    },
    variables: {
      outcome: sample.outcome.name,
      regressors: [...sample.regressors],
      effects: [...sample.effects],
      random: params.effects === 'random',
    },
  };
  return {
    ...answers,
    adequacy: adequacyRows(answers),
    verdict: verdict(answers),
    conventions: conventions(params, sample, answers),
    warnings: warningsFor(answers, sample),
  };
}

function modelResult(
  params: SpatialMlParams,
  sample: MlSample,
  fitted: FittedMl,
  covariance: Matrix,
  multipliers: () => Multipliers,
  stream: PhiloxStream,
): MlModelResult {
  const { fit, columns, model } = fitted;
  const estimates = estimatesOf(fitted);
  const rows = coefficientTests(estimates, covariance, dfOf(params, sample), params.level).map(
    ({ estimate, standardError, statistic, p, lower, upper }) => ({
      estimate,
      standardError,
      statistic,
      pValue: p,
      lower,
      upper,
    }),
  );
  const names = [
    ...(fit.rho === null ? [] : [{ term: lagName(sample.outcome.name, 1), role: 'lag' as const }]),
    ...columns.map(({ name, role }) => ({ term: name, role })),
  ];
  const parameters = estimates.length + (fit.kappa === null ? 0 : 1);
  const boundsOf = (part: MlSample['lag'], has: boolean) =>
    !has || part === null ? null : [part.determinant.bounds.lower, part.determinant.bounds.upper];
  const corrected = [...names.map(({ term }) => term), ...(fit.lambda === null ? [] : ['λ'])];
  return {
    model,
    coefficients: names.map((name, k) => ({ ...name, ...rows[k] })),
    lambda: fit.lambda === null ? null : rows[names.length],
    sigma2: { estimate: fit.sigma2, standardError: rows[estimates.length - 1].standardError },
    components:
      fit.kappa === null
        ? null
        : {
            idiosyncratic: fit.sigma2,
            entity: (fit.sigma2 * (1 / fit.kappa ** 2 - 1)) / sample.panel.periods,
            theta: 1 - fit.kappa,
          },
    mundlak: mundlakTest(sample, fitted),
    logLikelihood: fit.logLikelihood,
    parameters,
    aic: 2 * parameters - 2 * fit.logLikelihood,
    bic: parameters * Math.log(fit.observations) - 2 * fit.logLikelihood,
    observations: fit.observations,
    squaredCorrelation: correlationOf(sample, fitted),
    maxima: fit.maxima,
    correction: fit.correction === null ? null : corrected.map((term, k) => ({ term, added: fit.correction![k] })),
    bounds: { rho: boundsOf(sample.lag, fit.rho !== null), lambda: boundsOf(sample.error, fit.lambda !== null) },
    effects: effectsResult(
      params,
      {
        terms: effectTerms(sample, fitted),
        rho: fit.rho === null ? -1 : 0,
        coefficients: estimates.slice(0, names.length),
        covariance,
        df: dfOf(params, sample),
      },
      { weights: sample.lag?.one ?? null, labels: sample.panel.balanced ? sample.entityLabels : null, multipliers },
      stream,
    ),
    collinear: [...fitted.collinear],
  };
}

/** Of y and ρWy + Xb, both within the effects. */
function correlationOf({ outcome, panel, lag }: MlSample, { fit, columns }: FittedMl): number {
  const residuals = Float64Array.from(outcome.values);
  if (fit.rho !== null) {
    const wy = spatialLag(lag!.all, outcome.values);
    for (let i = 0; i < residuals.length; i++) residuals[i] -= fit.rho * wy[i];
  }
  columns.forEach(({ values }, j) => {
    for (let i = 0; i < residuals.length; i++) residuals[i] -= fit.coefficients[j] * values[i];
  });
  return squaredCorrelation(panel.within(outcome.values), panel.within(residuals));
}
