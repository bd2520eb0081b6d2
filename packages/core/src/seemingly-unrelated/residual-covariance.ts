import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { choleskyInPlace, solvePositiveDefinite } from '../linalg/cholesky.js';
import { crossProduct } from '../linalg/gram.js';
import { dot } from '../linalg/vector.js';
import type { PreparedEquation } from './equation.js';

/**
 * What e_iᵀe_j is divided by. Stored in params: never rename.
 *
 * n: Stata's sureg, systemfit's noDfCor. geomean: √((n − p_i)(n − p_j)), systemfit's default, Stata's dfk. max: n − max(p_i, p_j).
 * theil: n − p_i − p_j + tr(P_iP_j), unbiased under one Σ; the matrix can then be indefinite.
 */
export const residualDivisors = ['n', 'geomean', 'max', 'theil'] as const;
export type ResidualDivisor = (typeof residualDivisors)[number];

/**
 * Divisor of each e_iᵀe_j.
 * @param absorbed  degrees of freedom of the effects, the same in every equation; p_i counts them
 */
export function divisorMatrix(equations: readonly PreparedEquation[], absorbed: number, rule: ResidualDivisor): Matrix {
  const n = equations[0].outcome.length;
  const p = equations.map(({ basis }) => basis.length + absorbed);
  const M = equations.length;
  const result = new Matrix(M, M);
  for (let i = 0; i < M; i++) for (let j = 0; j < M; j++) result.set(i, j, divisor(i, j));
  return result;

  function divisor(i: number, j: number): number {
    switch (rule) {
      case 'n':
        return n;
      case 'geomean':
        return Math.sqrt((n - p[i]) * (n - p[j]));
      case 'max':
        return n - Math.max(p[i], p[j]);
      case 'theil':
        return n - p[i] - p[j] + absorbed + sharedDimensions(equations[i], equations[j]);
    }
  }
}

/** tr(P_iP_j) = ‖Q_iᵀQ_j‖²: k if both span the same space, 0 if they are at right angles. */
export function sharedDimensions(a: PreparedEquation, b: PreparedEquation): number {
  return crossProduct(a.basis, b.basis)
    .to1DArray()
    .reduce((sum, value) => sum + value * value, 0);
}

/** Σ̂: e_iᵀe_j over its divisor. */
export function residualCovariance(residuals: readonly Float64Array[], divisors: Matrix): Matrix {
  const M = residuals.length;
  const sigma = new Matrix(M, M);
  for (let i = 0; i < M; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(residuals[i], residuals[j]) / divisors.get(i, j);
      sigma.set(i, j, value);
      sigma.set(j, i, value);
    }
  }
  return sigma;
}

export function correlationOf(covariance: Matrix): Matrix {
  const M = covariance.rows;
  const result = new Matrix(M, M);
  for (let i = 0; i < M; i++)
    for (let j = 0; j < M; j++)
      result.set(i, j, i === j ? 1 : covariance.get(i, j) / Math.sqrt(covariance.get(i, i) * covariance.get(j, j)));
  return result;
}

/** What an equation's residuals must keep beside those before it, as a share of their variance. */
const dependent = 1e-10;

/**
 * Σ̂⁻¹.
 * @throws EstimationError `singular_residual_covariance` naming the equation whose residuals are a combination of others'
 */
export function inverseResidualCovariance(sigma: Matrix, names: readonly string[]): Matrix {
  const M = sigma.rows;
  const pivot = choleskyInPlace(Float64Array.from(correlationOf(sigma).to1DArray()), M, dependent);
  if (pivot < M) {
    throw new EstimationError(
      'singular_residual_covariance',
      `the residual covariance across equations has no inverse: the residuals of ${names[pivot]} are a combination of those of ${names.slice(0, pivot).join(', ')}. ` +
        'One equation repeats others (shares that add up to one, the same outcome in other units), or there are too few rows for so many equations: leave one out',
    );
  }
  return solvePositiveDefinite(sigma, Matrix.eye(M));
}
