import { Matrix } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { fUpper } from '../distributions/f.js';
import { EstimationError } from '../errors.js';
import { choleskyInPlace, solvePositiveDefinite } from '../linalg/cholesky.js';
import { dot } from '../linalg/vector.js';
import { correlationOf, residualCovariance } from './residual-covariance.js';

export interface IndependenceTest {
  /** n Σ_{i<j} r²_ij */
  readonly statistic: number;
  /** M(M − 1)/2 */
  readonly df: number;
  readonly p: number;
}

/**
 * Breusch & Pagan's LM test that residuals of different equations do not correlate.
 *
 * @param residuals  least-squares ones for the LM test; others give its likeness
 * @param rows       n; less effects absorbed beyond the constant, when there are any
 * @see Breusch & Pagan (1980), Review of Economic Studies 47, 239–253
 */
export function independenceTest(residuals: readonly Float64Array[], rows: number): IndependenceTest {
  const M = residuals.length;
  const correlation = correlationOf(residualCovariance(residuals, Matrix.ones(M, M)));
  let sum = 0;
  for (let i = 0; i < M; i++) for (let j = 0; j < i; j++) sum += correlation.get(i, j) ** 2;
  const df = (M * (M - 1)) / 2;
  return { statistic: rows * sum, df, p: chiSquaredUpper(rows * sum, df) };
}

/** Rb = r, one row a restriction. */
export interface Restrictions {
  readonly R: Matrix;
  readonly r: Float64Array;
}

export interface RestrictionTest {
  /** W = (Rb − r)ᵀ(RVRᵀ)⁻¹(Rb − r), χ²(q) */
  readonly chi2: number;
  readonly q: number;
  readonly chi2P: number;
  /** W/q, F(q, df2) */
  readonly f: number;
  readonly df2: number;
  readonly fP: number;
}

/** A restriction that keeps less than this of itself beside those before it says nothing new. */
const redundant = 1e-10;

/**
 * Wald test of linear restrictions across equations.
 *
 * @param df2  residual degrees of freedom of the system, Mn − K − M·absorbed
 * @throws EstimationError `redundant_restrictions` when one follows from the others, or holds of any coefficients
 */
export function restrictionTest(
  coefficients: Float64Array,
  covariance: Matrix,
  { R, r }: Restrictions,
  df2: number,
): RestrictionTest {
  const q = R.rows;
  const distance = R.mmul(Matrix.columnVector([...coefficients]));
  for (let i = 0; i < q; i++) distance.set(i, 0, distance.get(i, 0) - r[i]);
  const V = R.mmul(covariance).mmul(R.transpose());
  const scaled = Float64Array.from(V.to1DArray(), (value, at) => {
    const [i, j] = [Math.floor(at / q), at % q];
    return value / Math.sqrt(V.get(i, i) * V.get(j, j));
  });
  const pivot = choleskyInPlace(scaled, q, redundant);
  if (pivot < q) {
    throw new EstimationError(
      'redundant_restrictions',
      `restriction ${pivot + 1} of ${q} follows from those before it, or holds whatever the coefficients are`,
    );
  }
  const chi2 = distance.dot(solvePositiveDefinite(V, distance));
  return { chi2, q, chi2P: chiSquaredUpper(chi2, q), f: chi2 / q, df2, fP: fUpper(chi2 / q, q, df2) };
}

/** Σ_ij σ^{ij} a_iᵀb_j: aᵀ(Σ⁻¹ ⊗ I)b. */
export function weightedProduct(inverse: Matrix, a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let sum = 0;
  for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) sum += inverse.get(i, j) * dot(x, y);
  return sum;
}

/**
 * McElroy's R² of a system, Σ of the residuals e: 1 − eᵀ(Σ⁻¹ ⊗ I)e / ỹᵀ(Σ⁻¹ ⊗ I)ỹ, ỹ the outcomes about their means (effects).
 * @see McElroy (1977), Journal of Econometrics 6, 381–387
 */
export function mcElroyR2(inverse: Matrix, residuals: readonly Float64Array[], centred: readonly Float64Array[]): number {
  return 1 - weightedProduct(inverse, residuals, residuals) / weightedProduct(inverse, centred, centred);
}

/** −½nM(1 + ln 2π) − ½n ln det(EᵀE/n): Gaussian, concentrated in Σ. */
export function systemLogLikelihood(residuals: readonly Float64Array[]): number {
  const M = residuals.length;
  const n = residuals[0].length;
  const sigma = residualCovariance(residuals, Matrix.ones(M, M).mul(n));
  const scales = sigma.diagonal();
  const l = Float64Array.from(correlationOf(sigma).to1DArray());
  if (choleskyInPlace(l, M) < M) return Number.POSITIVE_INFINITY;
  const logDet = scales.reduce((sum, variance, i) => sum + Math.log(variance) + 2 * Math.log(l[i * M + i]), 0);
  return (-n * M * (1 + Math.log(2 * Math.PI)) - n * logDet) / 2;
}
