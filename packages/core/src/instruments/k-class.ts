import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { solvePositiveDefinite } from '../linalg/cholesky.js';
import { leastSquares } from '../linalg/least-squares.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { addScaled, dot } from '../linalg/vector.js';
import { clusterCount, type ErrorStructure, type SampleSizes } from './error-structure.js';
import { combine, type InstrumentSpace, project } from './model.js';

export interface InstrumentedFit {
  /** endogenous regressors first, then the exogenous ones kept */
  readonly coefficients: Float64Array;
  /** û = y − Yβ̂ − X₁γ̂ with Y itself, not its fitted values */
  readonly residuals: Float64Array;
  readonly ssr: number;
  /** H⁻¹, H = Xᵀ(I − κM_Z)X, X = [Y X₁], M_Z the residuals on all instruments */
  readonly bread: Matrix;
  /** X̂ = [QΠ + X₁Γ, X₁], the fitted values of X on all instruments: columns of the scores */
  readonly fitted: readonly Float64Array[];
}

/**
 * k-class estimator: β̂ = (Xᵀ(I − κM_Z)X)⁻¹ Xᵀ(I − κM_Z)y. κ = 1 is two-stage least squares, κ = 0 ordinary least squares,
 * κ = `limlKappa` limited information maximum likelihood.
 *
 * With X₁ partialled out: (ΠᵀΠ + (1 − κ)VᵀV) β̂ = ΠᵀQᵀy + (1 − κ)VᵀM₁y; γ̂ is least squares of y − Yβ̂ on X₁.
 *
 * @throws EstimationError `not_positive_definite` when the instruments leave a direction of Y without any variation
 * @see Hayashi (2000), Econometrics, eq. 8.6.13; Davidson & MacKinnon (1993), eq. 18.39
 */
export function kClass(space: InstrumentSpace, outcome: Float64Array, kappa: number): InstrumentedFit {
  const { projections, firstStageResiduals: V, endogenous, exogenous, onExogenous, basis } = space;
  const p = endogenous.length;
  const h = new Matrix(p, p);
  const right = new Matrix(p, 1);
  for (let j = 0; j < p; j++) {
    for (let l = 0; l < p; l++) h.set(j, l, dot(projections[j], projections[l]) + (1 - kappa) * dot(V[j], V[l]));
    right.set(j, 0, dot(projections[j], space.outcomeProjection) + (1 - kappa) * dot(V[j], space.outcome));
  }
  const beta = solvePositiveDefinite(h, right).getColumn(0);
  const inverse = solvePositiveDefinite(h, Matrix.eye(p));

  const residuals = Float64Array.from(space.outcome);
  for (let j = 0; j < p; j++) addScaled(residuals, -beta[j], endogenous[j]);
  const own = leastSquares(exogenous, outcome);
  const gamma = Float64Array.from(own.coefficients, (value, l) =>
    beta.reduce((left, b, j) => left - b * onExogenous[j].coefficients[l], value),
  );
  const fitted = endogenous.map((_, j) => {
    const column = combine(basis, projections[j]);
    for (const [l, x] of exogenous.entries()) addScaled(column, onExogenous[j].coefficients[l], x);
    return column;
  });
  return {
    coefficients: Float64Array.from([...beta, ...gamma]),
    residuals,
    ssr: dot(residuals, residuals),
    bread: fullInverse(
      inverse,
      onExogenous.map(({ coefficients }) => coefficients),
      own.inverseGram,
    ),
    fitted: [...fitted, ...exogenous],
  };
}

/** Inverse of H from A, its block for Y with X₁ partialled out: [A, −AΓᵀ; −ΓA, (X₁ᵀX₁)⁻¹ + ΓAΓᵀ]. */
function fullInverse(a: Matrix, gammas: readonly Float64Array[], exogenousInverse: Matrix): Matrix {
  const p = a.rows;
  const k1 = exogenousInverse.rows;
  const full = new Matrix(p + k1, p + k1);
  for (let j = 0; j < p; j++) for (let l = 0; l < p; l++) full.set(j, l, a.get(j, l));
  for (let m = 0; m < k1; m++) {
    const row = Array.from({ length: p }, (_, l) => gammas.reduce((sum, gamma, j) => sum + gamma[m] * a.get(j, l), 0));
    for (let l = 0; l < p; l++) {
      full.set(p + m, l, -row[l]);
      full.set(l, p + m, -row[l]);
    }
    for (let q = 0; q < k1; q++) {
      const value = exogenousInverse.get(m, q) + gammas.reduce((sum, gamma, l) => sum + row[l] * gamma[q], 0);
      full.set(p + m, p + q, value);
    }
  }
  return full;
}

/**
 * κ of LIML: least root of |[y Y]ᵀ(M₁ − κM_Z)[y Y]| = 0, which is 1/(1 − ρ²) for the least canonical correlation ρ between
 * [y Y] and Z given X₁. Exactly identified: 1.
 *
 * @throws EstimationError `perfect_fit` when y is a combination of Y and X₁
 * @see Anderson & Rubin (1949); Hayashi (2000), eq. 8.6.16
 */
export function limlKappa({ outcome, endogenous, basis }: InstrumentSpace): number {
  if (basis.length === endogenous.length) return 1;
  const { basis: own, collinear } = orthonormalBasis([...endogenous, outcome]);
  if (collinear.length > 0) throw new EstimationError('perfect_fit', 'LIML needs an outcome that the regressors do not make up');
  const correlations = own.map((column) => project(basis, column));
  const squares = new Matrix(correlations.map((a) => correlations.map((b) => dot(a, b))));
  const least = Math.min(...new EigenvalueDecomposition(squares, { assumeSymmetric: true }).realEigenvalues);
  return 1 / (1 - Math.max(0, least));
}

/**
 * κ of Fuller's modification: κ_LIML − α/(n − L − a), a the dimensions absorbed. With α = 1 it is nearly unbiased and, unlike LIML,
 * has moments.
 *
 * @throws EstimationError `too_few_rows`
 * @see Fuller (1977), Econometrica 45; Stata's `ivreg2, fuller(1)`
 */
export function fullerKappa(liml: number, alpha: number, { rows, instruments, absorbed }: SampleSizes): number {
  return liml - alpha / requirePositive(rows - instruments - absorbed);
}

/**
 * The factor of a covariance made from `bread` and uncorrected scores, as in Stata's `ivreg2`.
 *
 * | errors | large sample | small |
 * |---|---|---|
 * | classical (s² = ssr · factor) | 1/(n − a) | 1/(n − K − a) |
 * | robust | n/(n − a) | n/(n − K − a) |
 * | cluster | 1 | G/(G−1) · (n−1)/(n − K − c) |
 *
 * a: dimensions absorbed; c: those of effects across clusters, plus 1 for the constant when there are any effects
 * (`xtreg, fe`, fixest).
 */
export function covarianceFactor(
  errors: ErrorStructure,
  { rows: n, regressors: K, absorbed, absorbedAcrossClusters }: SampleSizes,
  small: boolean,
): number {
  if (errors.kind === 'cluster') {
    if (!small) return 1;
    const lost = K + absorbedAcrossClusters + (absorbed > 0 ? 1 : 0);
    const G = clusterCount(errors);
    return (G / (G - 1)) * ((n - 1) / requirePositive(n - lost));
  }
  const df = requirePositive(n - absorbed - (small ? K : 0));
  return (errors.kind === 'classical' ? 1 : n) / df;
}

function requirePositive(df: number): number {
  if (df > 0) return df;
  throw new EstimationError('too_few_rows', `errors need more rows than parameters, got ${df} degrees of freedom`);
}
