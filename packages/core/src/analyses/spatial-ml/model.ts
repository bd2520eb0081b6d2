import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../../errors.js';
import { qr } from '../../linalg/qr.js';
import type { EffectTerm } from '../../spatial-iv/effects.js';
import { clusterCovarianceMl } from '../../spatial-ml/cluster.js';
import { expectedCovariance, meanOfLag, observedCovariance } from '../../spatial-ml/covariance.js';
import type { MlEquation, MlFit } from '../../spatial-ml/equation.js';
import { fitSpatialMl } from '../../spatial-ml/fit.js';
import { propagation } from '../../spatial-ml/propagation.js';
import { fitRandomMl } from '../../spatial-ml/random-effects.js';
import { covarianceKind, type MlModel, mlParts, mlWords, type SpatialMlParams } from './params.js';
import type { MlColumn, MlSample } from './sample.js';

/** One model of a request, fitted. */
export interface FittedMl {
  readonly model: MlModel;
  readonly equation: MlEquation;
  /** columns of β, in its order */
  readonly columns: readonly MlColumn[];
  readonly collinear: readonly string[];
  readonly fit: MlFit;
}

export function fitModel({ demeaning, effects }: SpatialMlParams, sample: MlSample, model: MlModel): FittedMl {
  const parts = mlParts[model];
  const asked = sample.columns.filter(({ role }) => parts.durbin || role !== 'lagged exogenous');
  const { kept, collinear } = qr(asked.map(({ values }) => sample.panel.within(values)));
  const columns = kept.map((k) => asked[k]);
  const equation: MlEquation = {
    y: sample.outcome.values,
    x: columns.map(({ values }) => values),
    lag: parts.lag ? sample.lag : null,
    error: parts.error ? sample.error : null,
  };
  return {
    model,
    equation,
    columns,
    collinear: collinear.map((k) => asked[k].name),
    fit: named(model, () =>
      effects === 'random'
        ? fitRandomMl(equation, sample.panel)
        : fitSpatialMl(equation, sample.panel, sample.approach, demeaning),
    ),
  };
}

/** The same, its failure told of the model. */
function named<T>(model: MlModel, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    throw new EstimationError(error.code, `${mlWords[model]}: ${error.message}`, { cause: error });
  }
}

/** Estimates in the order of their covariance: ρ, β, λ, σ², those there are. */
export function estimatesOf({ fit }: FittedMl): number[] {
  const { rho, lambda, coefficients, sigma2 } = fit;
  return [...(rho === null ? [] : [rho]), ...coefficients, ...(lambda === null ? [] : [lambda]), sigma2];
}

/** Of these estimates, by what the request means. */
export function covarianceOf({ demeaning, covariance }: SpatialMlParams, sample: MlSample, { fit, equation }: FittedMl): Matrix {
  // the noise of random effects is quasi-demeaned already, and their panel has no effects to take out
  const { panel, approach } = sample;
  const kind = covarianceKind(covariance, panel.units);
  if (kind === 'observed') return observedCovariance(fit, equation, panel, approach);
  const information = expectedCovariance(fit, equation, panel, approach, demeaning);
  if (kind === 'expected') return information;
  const { h } =
    equation.lag === null ? { h: null } : propagation(equation.lag.one, equation.error?.one ?? null, fit.rho!, fit.lambda ?? 0);
  const mean = h === null ? null : meanOfLag(fit, h, panel, demeaning);
  return clusterCovarianceMl(fit, equation, panel, information, mean);
}

/** Of Student's t: units less one when clustered, the normal else. */
export const dfOf = ({ covariance }: SpatialMlParams, { panel }: MlSample) =>
  covariance === 'cluster' ? panel.units - 1 : Number.POSITIVE_INFINITY;

/** Which coefficients belong to which regressor; places in ρ, β. */
export function effectTerms({ regressors }: MlSample, { columns, fit }: FittedMl): EffectTerm[] {
  const first = fit.rho === null ? 0 : 1;
  const place = (role: MlColumn['role'], of: number) => {
    const at = columns.findIndex((column) => column.role === role && column.of === of);
    return at < 0 ? -1 : at + first;
  };
  return regressors
    .map((name, of) => ({ name, own: place('exogenous', of), lagged: place('lagged exogenous', of) }))
    .filter(({ own, lagged }) => own >= 0 || lagged >= 0);
}
