import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { solvePositiveDefinite } from '../linalg/cholesky.js';
import { crossProduct } from '../linalg/gram.js';
import { dot } from '../linalg/vector.js';
import { type PreparedEquation, residualsAt } from './equation.js';
import { divisorMatrix, inverseResidualCovariance, type ResidualDivisor, residualCovariance } from './residual-covariance.js';

export interface SurOptions {
  readonly divisor: ResidualDivisor;
  /** degrees of freedom of the effects, the same in every equation */
  readonly absorbed: number;
  /** steps of FGLS at most; 1 is the two-step estimator */
  readonly maxIterations: number;
  /** the largest change of a coefficient, in its standard errors, at which iteration ends */
  readonly tolerance: number;
}

/** Coefficients of all equations one after another, those of an equation in the order of its kept columns. */
export interface SurFit {
  readonly coefficients: Float64Array;
  /** (Xᵀ(Σ⁻¹ ⊗ I)X)⁻¹, Σ that of the last step */
  readonly covariance: Matrix;
  /** of each equation, length n */
  readonly residuals: readonly Float64Array[];
  /** Σ that weighted the last step: of the least-squares residuals if there was one step */
  readonly weighting: Matrix;
  readonly inverseWeighting: Matrix;
  /** Σ of `residuals` */
  readonly sigma: Matrix;
  readonly iterations: number;
}

/**
 * Seemingly unrelated regressions by feasible generalised least squares.
 *
 *   β = (Xᵀ(Σ̂⁻¹ ⊗ I)X)⁻¹ Xᵀ(Σ̂⁻¹ ⊗ I)y,   Σ̂ of least-squares residuals, then of its own until nothing moves if asked
 *
 * Solved in the orthonormal bases of the equations, so that collinear or badly scaled regressors cost no digits; iterated to the
 * end it is maximum likelihood when the divisor is n.
 *
 * @throws EstimationError `singular_residual_covariance`, `no_convergence`
 * @see Zellner (1962), JASA 57, 348–368; Oberhofer & Kmenta (1974), Econometrica 42, for the iteration
 */
export function surFit(equations: readonly PreparedEquation[], options: SurOptions): SurFit {
  const names = equations.map(({ name }) => name);
  const divisors = divisorMatrix(equations, options.absorbed, options.divisor);
  const products = productsOf(equations);
  let residuals = equations.map((equation) => residualsAt(equation, equation.leastSquares));
  let before: Float64Array | null = null;
  for (let step = 1; ; step++) {
    const weighting = residualCovariance(residuals, divisors);
    const inverseWeighting = inverseResidualCovariance(weighting, names);
    const { gamma, covariance: inBasis } = generalisedLeastSquares(products, inverseWeighting);
    residuals = equations.map((equation, i) => residualsAt(equation, gamma[i]));
    const transform = blockDiagonal(equations.map(({ toCoefficients }) => toCoefficients));
    const coefficients = Float64Array.from(transform.mmul(Matrix.columnVector(gamma.flatMap((block) => [...block]))).to1DArray());
    const covariance = symmetric(transform.mmul(inBasis).mmul(transform.transpose()));
    const change = before === null ? Number.POSITIVE_INFINITY : largestChange(before, coefficients, covariance);
    if (options.maxIterations === 1 || change <= options.tolerance) {
      const sigma = residualCovariance(residuals, divisors);
      return { coefficients, covariance, residuals, weighting, inverseWeighting, sigma, iterations: step };
    }
    if (step >= options.maxIterations) {
      throw new EstimationError(
        'no_convergence',
        `iterated SUR: after ${step} steps a coefficient still moves by ${change.toExponential(1)} of its standard error, need ${options.tolerance}`,
      );
    }
    before = coefficients;
  }
}

interface Products {
  /** Q_iᵀQ_j */
  readonly bases: readonly (readonly Matrix[])[];
  /** Q_iᵀy_j */
  readonly outcomes: readonly (readonly Float64Array[])[];
}

function productsOf(equations: readonly PreparedEquation[]): Products {
  return {
    bases: equations.map((a, i) =>
      equations.map((b, j) => (i === j ? Matrix.eye(a.basis.length) : crossProduct(a.basis, b.basis))),
    ),
    outcomes: equations.map(({ basis }) => equations.map(({ outcome }) => Float64Array.from(basis, (q) => dot(q, outcome)))),
  };
}

function generalisedLeastSquares({ bases, outcomes }: Products, inverse: Matrix) {
  const sizes = bases.map((row, i) => row[i].rows);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, k) => sum + k, 0));
  const K = sizes.reduce((sum, k) => sum + k, 0);
  const normal = new Matrix(K, K);
  const right = new Matrix(K, 1);
  for (const [i, row] of bases.entries()) {
    for (const [j, block] of row.entries()) {
      const weight = inverse.get(i, j);
      for (let a = 0; a < block.rows; a++) {
        for (let b = 0; b < block.columns; b++) normal.set(starts[i] + a, starts[j] + b, weight * block.get(a, b));
        right.set(starts[i] + a, 0, right.get(starts[i] + a, 0) + weight * outcomes[i][j][a]);
      }
    }
  }
  const covariance = solvePositiveDefinite(normal, Matrix.eye(K));
  const solution = solvePositiveDefinite(normal, right);
  const gamma = sizes.map((k, i) => Float64Array.from({ length: k }, (_, a) => solution.get(starts[i] + a, 0)));
  return { gamma, covariance };
}

function blockDiagonal(blocks: readonly Matrix[]): Matrix {
  const K = blocks.reduce((sum, { rows }) => sum + rows, 0);
  const result = new Matrix(K, K);
  let at = 0;
  for (const block of blocks) {
    for (let a = 0; a < block.rows; a++) for (let b = 0; b < block.columns; b++) result.set(at + a, at + b, block.get(a, b));
    at += block.rows;
  }
  return result;
}

function symmetric(matrix: Matrix): Matrix {
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < i; j++) {
      const mean = (matrix.get(i, j) + matrix.get(j, i)) / 2;
      matrix.set(i, j, mean);
      matrix.set(j, i, mean);
    }
  }
  return matrix;
}

function largestChange(before: Float64Array, now: Float64Array, covariance: Matrix): number {
  return now.reduce((largest, b, j) => Math.max(largest, Math.abs(b - before[j]) / Math.sqrt(covariance.get(j, j))), 0);
}
