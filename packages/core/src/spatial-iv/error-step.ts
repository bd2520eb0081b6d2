import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { covarianceFactor, type InstrumentedFit } from '../instruments/k-class.js';
import { combine, type InstrumentSpace, project } from '../instruments/model.js';
import { leastSquares } from '../linalg/least-squares.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { addScaled, dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import type { SpatialDesign } from './design.js';
import {
  classicMoments,
  columnSquares,
  heteroskedasticMoments,
  homoskedasticMoments,
  type MomentScale,
} from './error-moments.js';
import { type FactorRule, type FirstStep, type SpatialErrors, spatialCovariance, type WithinDesign } from './first-step.js';
import { jointErrorCovariance, kelejianPrucha2004Variance } from './joint-covariance.js';
import { type ErrorMoments, minimiseMoments } from './moments-minimum.js';

/** Stored in params: never rename. */
export const momentKinds = ['heteroskedastic', 'homoskedastic', 'kelejian-prucha-1999'] as const;
export type MomentKind = (typeof momentKinds)[number];

export interface ErrorStepOptions {
  readonly moments: MomentKind;
  /** λ is sought in [−bound, bound] */
  readonly bound: number;
  /** a weighted moment step between the first and the filter (Arraiz et al. 2010, step 1c) */
  readonly step1c: boolean;
  /** of the moments of 1999 */
  readonly scale: MomentScale;
  /** effects are absorbed: λ̂ of any moments has no variance here, for residuals within them depend on one another */
  readonly fixed: boolean;
  /** the estimation of δ in the covariance of the moments also where nothing is endogenous */
  readonly estimationEffect: boolean;
  /** of δ under classical errors and the moments of 1999: ε′ε over n or n − k */
  readonly rule: FactorRule;
  readonly errors: SpatialErrors;
  /** σ² of the classical covariance: filtered residuals of δ̂, of the first step over n (spatialreg), or the moments' own (splm) */
  readonly variance: 'residuals' | 'first-step' | 'moments';
}

export interface ErrorStep {
  readonly lambda: number;
  /** λ̃ of the first moment step, which the filter uses */
  readonly filterLambda: number;
  readonly lambdaAtBound: boolean;
  /** σ² of the moments of 1999 */
  readonly momentVariance: number | null;
  readonly coefficients: Float64Array;
  /** u = y − Zδ̂, not filtered */
  readonly residuals: Float64Array;
  /** (I − λM)u */
  readonly innovations: Float64Array;
  /** ẐᵀẐ⁻¹ of the filtered model */
  readonly bread: Matrix;
  readonly sigma2: number;
  /** of δ̂ alone, or with λ̂ last */
  readonly covariance: Matrix;
  /** null: these moments give none */
  readonly lambdaVariance: number | null;
}

/**
 * Generalised spatial two-stage least squares: λ̃ from the residuals of the first step, the spatial Cochrane–Orcutt filter
 * I − λ̃M, two-stage least squares of the filtered equation with the instruments as they are, λ̂ from its residuals with the
 * optimal weighting of the moments.
 *
 *   Z* = Z − λ̃MZ,  δ̂ = (Ẑ*ᵀẐ*)⁻¹Ẑ*ᵀy*,  Ẑ* = P_H Z*
 *
 * @param m       M on the rows
 * @param within  as for the design: the filter is applied to raw columns, whose effects are then taken out
 * @see Kelejian & Prucha (1998); Arraiz, Drukker, Kelejian & Prucha (2010), §3; Drukker, Egger & Prucha (2013), §3; Mutl &
 *   Pfaffermayr (2011) for panels with fixed effects
 */
export function errorStep(
  design: SpatialDesign,
  columns: WithinDesign,
  first: FirstStep,
  m: SparseRows,
  within: (x: Float64Array) => Float64Array,
  options: ErrorStepOptions,
): ErrorStep {
  const z = [...columns.endogenous, ...columns.exogenous];
  const raw = [...design.endogenous, ...columns.keptExogenous.map((k) => design.exogenous[k])];
  const lagged = raw.map(({ values }) => within(spatialLag(m, values)));
  const laggedOutcome = within(spatialLag(m, design.outcome.values));
  const filter = (x: Float64Array, mx: Float64Array, lambda: number) => x.map((value, i) => value - lambda * mx[i]);
  const own = columns.endogenous.length;
  const basisAt = (zStar: readonly Float64Array[]) => filteredBasis(first.space, zStar.slice(own), columns.instruments);
  const moments = momentsOf(m, within, options);

  let lambda = minimiseMoments(moments(first.residuals), null, options.bound);
  const joint = (at: number, u: Float64Array, unfiltered: boolean) => {
    const zStar = unfiltered ? z : z.map((x, k) => filter(x, lagged[k], at));
    const { fitted, bread } = projected(zStar, unfiltered ? basisAt(z) : basisAt(zStar));
    return jointErrorCovariance({
      m,
      lambda: at,
      u,
      zStar: z.map((x, k) => filter(x, lagged[k], at)),
      fitted,
      bread,
      moments: moments(u),
      kind: options.moments === 'homoskedastic' ? 'homoskedastic' : 'heteroskedastic',
      estimationEffect: options.estimationEffect || first.space !== null,
      unfiltered,
    });
  };
  if (options.step1c && options.moments === 'heteroskedastic') {
    const { momentInverse } = joint(lambda.rho, first.residuals, true);
    lambda = minimiseMoments(moments(first.residuals), momentInverse, options.bound);
  }
  const filterLambda = lambda.rho;
  const zStar = z.map((x, k) => filter(x, lagged[k], filterLambda));
  const yStar = filter(columns.outcome, laggedOutcome, filterLambda);
  const fit = filteredFit(yStar, zStar, basisAt(zStar));
  const residuals = residualsOf(columns.outcome, z, fit.coefficients);
  const base = { filterLambda, coefficients: fit.coefficients, residuals, bread: fit.bread };

  if (options.moments === 'kelejian-prucha-1999') {
    const innovations = residualsOf(yStar, zStar, fit.coefficients);
    const stage: InstrumentedFit = { ...fit, residuals: innovations, ssr: dot(innovations, innovations) };
    const { covariance, sigma2 } = filteredCovariance(stage, options, lambda.variances[0], first, m, filterLambda);
    const variance =
      options.errors.kind === 'classical' && first.space === null && !options.fixed
        ? kelejianPrucha2004Variance(m, first.residuals, filterLambda)
        : null;
    return {
      ...base,
      lambda: filterLambda,
      lambdaAtBound: lambda.atBound,
      momentVariance: lambda.variances[0],
      innovations,
      sigma2,
      covariance,
      lambdaVariance: variance,
    };
  }
  const { momentInverse } = joint(filterLambda, residuals, false);
  const final = minimiseMoments(moments(residuals), momentInverse, options.bound);
  const last = joint(final.rho, residuals, false);
  const { innovations } = last;
  const matched = options.errors.kind === (options.moments === 'homoskedastic' ? 'classical' : 'robust');
  const plain = options.errors.kind === 'classical' || options.errors.kind === 'robust';
  const stage: InstrumentedFit = { ...fit, residuals: innovations, ssr: dot(innovations, innovations) };
  return {
    ...base,
    lambda: final.rho,
    lambdaAtBound: final.atBound || lambda.atBound,
    momentVariance: null,
    innovations,
    sigma2: stage.ssr / residuals.length,
    covariance:
      matched && !options.fixed ? last.covariance : filteredCovariance(stage, options, 0, first, m, filterLambda).covariance,
    lambdaVariance: plain && !options.fixed ? last.covariance.get(z.length, z.length) : null,
  };
}

function momentsOf(
  m: SparseRows,
  within: (x: Float64Array) => Float64Array,
  { moments, scale }: ErrorStepOptions,
): (u: Float64Array) => ErrorMoments {
  if (moments === 'homoskedastic') return (u) => homoskedasticMoments(m, u);
  if (moments === 'heteroskedastic') {
    const squares = columnSquares(m);
    return (u) => heteroskedasticMoments(m, u, squares);
  }
  const { trace, divisor, lagTrace, periodEffects } = scale;
  return (u) => classicMoments(m, u, trace, divisor, lagTrace, periodEffects ? within : undefined);
}

/**
 * An orthonormal basis of [X* Z], X* the filtered exogenous regressors, which are their own instruments. With M = W they lie in
 * the span of the first step's instruments, whose basis then serves: looked at, not assumed. Null: nothing is endogenous.
 */
function filteredBasis(
  space: InstrumentSpace | null,
  exogenous: readonly Float64Array[],
  instruments: readonly Float64Array[],
): readonly Float64Array[] | null {
  if (space === null) return null;
  const basis = [...space.exogenousBasis, ...space.basis];
  const inside = exogenous.every((x) => {
    const coordinates = project(basis, x);
    const size = dot(x, x);
    return size - dot(coordinates, coordinates) <= 1e-12 * size;
  });
  return inside ? basis : orthonormalBasis([...exogenous, ...instruments]).basis;
}

/** Ẑ = P_H Z and (ẐᵀẐ)⁻¹; Z itself without a basis. */
function projected(z: readonly Float64Array[], basis: readonly Float64Array[] | null) {
  if (basis === null) return { fitted: z, bread: leastSquares(z, z[0]).inverseGram };
  const coordinates = z.map((x) => project(basis, x));
  return {
    fitted: coordinates.map((c) => combine(basis, c)),
    bread: requireFull(leastSquares(coordinates, coordinates[0]), z.length),
  };
}

function requireFull(fit: ReturnType<typeof leastSquares>, width: number): Matrix {
  if (fit.rank === width) return fit.inverseGram;
  throw new EstimationError(
    'underidentified',
    'after the spatial filter the instruments do not identify every coefficient: more instruments, or a higher order of their lags, are needed',
  );
}

function filteredFit(y: Float64Array, z: readonly Float64Array[], basis: readonly Float64Array[] | null) {
  if (basis === null) {
    const fit = leastSquares(z, y);
    return { coefficients: fit.coefficients, bread: requireFull(fit, z.length), fitted: z };
  }
  const coordinates = z.map((x) => project(basis, x));
  const fit = leastSquares(coordinates, project(basis, y));
  return {
    coefficients: fit.coefficients,
    bread: requireFull(fit, z.length),
    fitted: coordinates.map((c) => combine(basis, c)),
  };
}

/** y − Zδ. */
export function residualsOf(y: Float64Array, z: readonly Float64Array[], delta: ArrayLike<number>): Float64Array {
  const u = Float64Array.from(y);
  for (let k = 0; k < z.length; k++) addScaled(u, -delta[k], z[k]);
  return u;
}

/** Covariance of δ̂ of the filtered equation when it is not joint with λ's. */
function filteredCovariance(
  stage: InstrumentedFit,
  { errors, rule, variance }: ErrorStepOptions,
  ofMoments: number,
  first: FirstStep,
  m: SparseRows,
  lambda: number,
) {
  const sigma2 = (() => {
    if (variance === 'moments') return ofMoments;
    if (variance === 'residuals') return stage.ssr * covarianceFactor({ kind: 'classical' }, rule.sizes, rule.small);
    const e = residualsOf(first.residuals, [spatialLag(m, first.residuals)], [lambda]);
    return dot(e, e) / e.length;
  })();
  if (errors.kind === 'classical') return { covariance: Matrix.mul(stage.bread, sigma2), sigma2 };
  return { covariance: spatialCovariance(stage, errors, rule), sigma2 };
}
