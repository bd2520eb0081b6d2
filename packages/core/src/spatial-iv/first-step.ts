import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { instrumentedCovariance } from '../instruments/covariance.js';
import type { ErrorStructure, SampleSizes } from '../instruments/error-structure.js';
import { covarianceFactor, type InstrumentedFit, kClass } from '../instruments/k-class.js';
import { type InstrumentSpace, instrumentSpace } from '../instruments/model.js';
import { leastSquares } from '../linalg/least-squares.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import type { SparseRows } from '../weights/weights.js';
import type { SpatialDesign } from './design.js';
import { hacCovariance } from './hac.js';

/** The design with its effects taken out: every column within. */
export interface WithinDesign {
  readonly outcome: Float64Array;
  /** [Wy D WD] */
  readonly endogenous: readonly Float64Array[];
  /** [X WX 1], of full rank */
  readonly exogenous: readonly Float64Array[];
  readonly instruments: readonly Float64Array[];
  readonly names: {
    readonly endogenous: readonly string[];
    readonly exogenous: readonly string[];
    readonly instruments: readonly string[];
  };
  /** places in the design of the exogenous columns kept */
  readonly keptExogenous: readonly number[];
}

/**
 * @param within  takes the fixed effects out of a column; applied after lags are formed
 * @throws EstimationError `collinear_lag` naming WX that X and the effects make up
 */
export function withinDesign(design: SpatialDesign, within: (x: Float64Array) => Float64Array): WithinDesign {
  const columns = design.exogenous.map(({ values }) => within(values));
  const { kept } = orthonormalBasis(columns);
  const keeps = (role: string, of: number) =>
    kept.some((k) => design.exogenous[k].role === role && design.exogenous[k].of === of);
  // a lag may go with its regressor, which the effects hold; alone it may not
  const lost = design.exogenous.filter(
    ({ role, of }, k) => role === 'lagged exogenous' && !kept.includes(k) && keeps('exogenous', of),
  );
  if (lost.length > 0) {
    throw new EstimationError(
      'collinear_lag',
      `${lost.map(({ name }) => name).join(', ')} ${lost.length === 1 ? 'is a combination' : 'are combinations'} of the regressors, effects and other lags: ` +
        'leave it out of durbin, or take other weights',
    );
  }
  return {
    outcome: within(design.outcome.values),
    endogenous: design.endogenous.map(({ values }) => within(values)),
    exogenous: kept.map((k) => columns[k]),
    instruments: design.instruments.map(({ values }) => within(values)),
    names: {
      endogenous: design.endogenous.map(({ name }) => name),
      exogenous: kept.map((k) => design.exogenous[k].name),
      instruments: design.instruments.map(({ name }) => name),
    },
    keptExogenous: kept,
  };
}

/** Errors of the coefficients: those of `instruments`, or a kernel over space. */
export type SpatialErrors = ErrorStructure | { readonly kind: 'hac'; readonly kernel: SparseRows };

export interface FirstStep extends InstrumentedFit {
  /** null without endogenous regressors: least squares */
  readonly space: InstrumentSpace | null;
}

/** Two-stage least squares of the equation as it stands, or least squares when nothing is endogenous. */
export function firstStep({ outcome, endogenous, exogenous, instruments, names }: WithinDesign): FirstStep {
  if (endogenous.length > 0) {
    const space = instrumentSpace({ outcome, endogenous, exogenous, instruments }, names);
    return { ...kClass(space, outcome, 1), space };
  }
  if (exogenous.length === 0) throw new EstimationError('no_regressors', 'the model has no regressor that varies');
  const fit = leastSquares(exogenous, outcome);
  return {
    coefficients: fit.coefficients,
    residuals: fit.residuals,
    ssr: fit.ssr,
    bread: fit.inverseGram,
    fitted: exogenous,
    space: null,
  };
}

/** What small-sample factors count, for a model's step. */
export type FactorRule = { readonly small: boolean; readonly sizes: SampleSizes };

/** Covariance of the coefficients of a 2SLS fit under any of the error structures. */
export function spatialCovariance(fit: InstrumentedFit, errors: SpatialErrors, { small, sizes }: FactorRule): Matrix {
  if (errors.kind !== 'hac') return instrumentedCovariance(fit, errors, sizes, small);
  const factor = covarianceFactor({ kind: 'robust' }, sizes, small);
  return hacCovariance(fit.fitted, fit.residuals, fit.bread, errors.kernel, factor);
}
