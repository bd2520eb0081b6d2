import type { MomentKind } from '../../spatial-iv/error-step.js';
import type { Gs2slsParams, SpatialCovariance, SpatialModel } from './params.js';
import { modelParts } from './params.js';

/** What programs differ in, decided for one model. */
export interface Rules {
  readonly order: number;
  readonly outsideOrder: number;
  /** null: when rows of W differ in their sum */
  readonly lagConstant: boolean | null;
  readonly small: boolean;
  /** degrees of freedom of absorbed effects count in small-sample factors */
  readonly countEffects: boolean;
  /** the normal in place of Student's t */
  readonly normal: boolean;
  readonly moments: MomentKind;
  readonly step1c: boolean;
  /** σ² of the classical covariance after a filter: of its residuals, of the first step's, or that of the moments */
  readonly variance: 'residuals' | 'first-step' | 'moments';
}

export interface Setting {
  readonly covariance: SpatialCovariance;
  /** periods > 1 */
  readonly panel: boolean;
  /** effects are absorbed */
  readonly fixed: boolean;
  /** further endogenous regressors */
  readonly endogenous: boolean;
}

/** @see the sources of the analysis: each program's documentation and code, checked against its numbers */
export function rulesOf(params: Gs2slsParams, model: SpatialModel, { covariance, fixed, endogenous }: Setting): Rules {
  const { program, instruments, smallSample } = params;
  const { durbin, error, lag } = modelParts[model];
  const extra = durbin ? 1 : 0;
  const modern: MomentKind = covariance === 'classical' ? 'homoskedastic' : 'heteroskedastic';
  const classic: MomentKind = 'kelejian-prucha-1999';
  // splm's within error model is R's lm of the filtered rows
  const splmVariance = error && !(fixed && !lag && !endogenous) ? ('moments' as const) : ('residuals' as const);
  const own = {
    order: 2 + extra,
    outsideOrder: 2,
    lagConstant: null,
    small: true,
    countEffects: true,
    normal: false,
    moments: fixed ? classic : modern,
    variance: 'residuals' as const,
  };
  const of = {
    spillway: own,
    stata: { ...own, lagConstant: true, small: false, countEffects: false, normal: true, moments: fixed ? classic : modern },
    splm: {
      ...own,
      outsideOrder: 0,
      lagConstant: false,
      countEffects: false,
      normal: true,
      moments: classic,
      variance: splmVariance,
    },
    spreg: {
      ...own,
      order: 1 + extra,
      outsideOrder: 1,
      lagConstant: false,
      small: false,
      countEffects: false,
      normal: true,
      moments: covariance === 'classical' || fixed ? classic : modern,
    },
    spatialreg: {
      ...own,
      small: covariance === 'classical',
      countEffects: false,
      normal: true,
      moments: classic,
      variance: error && !lag ? ('first-step' as const) : ('residuals' as const),
    },
  }[program];
  return {
    ...of,
    order: instruments.order ?? of.order,
    outsideOrder: instruments.outsideOrder ?? of.outsideOrder,
    lagConstant: instruments.lagConstant ?? of.lagConstant,
    small: smallSample ?? of.small,
    normal: smallSample === undefined ? of.normal : !smallSample,
    moments: params.moments ?? of.moments,
    step1c: params.step1c,
  };
}

/** What is assumed of the errors when the request does not say. */
export function covarianceOf({ covariance, program }: Gs2slsParams, panel: boolean): SpatialCovariance {
  if (covariance !== undefined) return covariance;
  if (program !== 'spillway') return 'classical';
  return panel ? 'cluster' : 'robust';
}
