import { Matrix, solve } from 'ml-matrix';
import { dot } from '../linalg/vector.js';
import { spatialLag, transposedLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import { columnSquares, homoskedasticMoments } from './error-moments.js';
import { momentTraces } from './moment-covariance.js';
import type { ErrorMoments } from './moments-minimum.js';

export interface JointInputs {
  readonly m: SparseRows;
  readonly lambda: number;
  /** residuals of the outcome equation */
  readonly u: Float64Array;
  /** (I − λM)Z */
  readonly zStar: readonly Float64Array[];
  /** the projection of Z* (or, before the filter, of Z) on the instruments, and the inverse of its cross-product */
  readonly fitted: readonly Float64Array[];
  readonly bread: Matrix;
  readonly moments: ErrorMoments;
  readonly kind: 'heteroskedastic' | 'homoskedastic';
  /** count that δ is estimated; false where δ does not move the moments: all regressors exogenous */
  readonly estimationEffect: boolean;
  /** u come from the equation before the filter (step 1c) */
  readonly unfiltered: boolean;
}

export interface JointCovariance {
  /** ε = (I − λM)u */
  readonly innovations: Float64Array;
  /** Ψ⁻¹, the optimal weighting of the two moments */
  readonly momentInverse: Matrix;
  /** (K + 1) × (K + 1), λ last */
  readonly covariance: Matrix;
}

/**
 * Joint covariance of δ̂ and λ̂.
 *
 *   Ψ_rs = (tr[(A_r + A_rᵀ)Σ(A_s + A_sᵀ)Σ]/2 + a_rᵀΣa_s)/n,   a_r = −Ẑ(ẐᵀẐ)⁻¹Z*ᵀ(A_r + A_rᵀ)ε,   J = Γ(1, 2λ)ᵀ
 *   Var δ̂ = B ẐᵀΣẐ B,  Var λ̂ = (JᵀΨ⁻¹J)⁻¹/n,  Cov = B ẐᵀΣa Ψ⁻¹J (JᵀΨ⁻¹J)⁻¹/n,   B = (ẐᵀẐ)⁻¹
 *
 * Σ = diag(ε²); homoskedastic: σ²I, with the third and fourth moments of ε for the diagonal of A₁.
 *
 * @see Kelejian & Prucha (2010), theorem 3; Arraiz, Drukker, Kelejian & Prucha (2010), eqs. 13–17; Drukker, Egger & Prucha (2013),
 *   theorem 2
 */
export function jointErrorCovariance(inputs: JointInputs): JointCovariance {
  const { m, lambda, u, zStar, fitted, bread, moments, kind, estimationEffect, unfiltered } = inputs;
  const n = u.length;
  const mu = spatialLag(m, u);
  const e = u.map((value, i) => value - lambda * mu[i]);
  const squares = columnSquares(m);
  const homoskedastic = kind === 'homoskedastic';
  const sigma2 = dot(e, e) / n;
  const s = homoskedastic ? new Float64Array(n).fill(1) : e.map((value) => value * value);
  const d = homoskedastic ? dot(m.values, m.values) / n : 0;
  const v = homoskedastic ? 1 / (1 + d * d) : 1;

  const a = [0, 1].map((r) => {
    if (!estimationEffect) return new Float64Array(n);
    const image = r === 0 ? firstForm(m, e, squares, kind, d, v) : secondForm(m, e);
    const alpha = bread.mmul(Matrix.columnVector(zStar.map((z) => -dot(z, image)))).getColumn(0);
    const column = new Float64Array(n);
    for (const [k, x] of fitted.entries()) for (let i = 0; i < n; i++) column[i] += alpha[k] * x[i];
    return unfiltered ? inverseTransposed(m, column, lambda) : column;
  });
  const traces = momentTraces(m, s);
  const psi = new Matrix(2, 2);
  const weighted = (x: Float64Array, y: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += s[i] * x[i] * y[i];
    return sum;
  };
  let third: Float64Array[] = [];
  if (homoskedastic) {
    let [mu3, mu4] = [0, 0];
    for (let i = 0; i < n; i++) {
      mu3 += e[i] ** 3;
      mu4 += e[i] ** 4;
    }
    [mu3, mu4] = [mu3 / n, mu4 / n];
    const diagonal = squares.map((c) => v * (c - d)); // of A₁; that of A₂ is zero
    const kurtosis = mu4 - 3 * sigma2 * sigma2;
    const fourth = sigma2 * sigma2;
    const total = traces.offDiagonal + traces.diagonal;
    psi.set(
      0,
      0,
      (fourth * 2 * v * v * (total - n * d * d) +
        sigma2 * dot(a[0], a[0]) +
        kurtosis * dot(diagonal, diagonal) +
        2 * mu3 * dot(a[0], diagonal)) /
        n,
    );
    psi.set(0, 1, (fourth * 2 * v * traces.cross + sigma2 * dot(a[0], a[1]) + mu3 * dot(a[1], diagonal)) / n);
    psi.set(1, 1, (fourth * traces.lag + sigma2 * dot(a[1], a[1])) / n);
    // Σa + μ₃ diag A, what Ẑ meets in the covariance of δ̂ and λ̂
    third = [a[0].map((value, i) => sigma2 * value + mu3 * diagonal[i]), a[1].map((value) => sigma2 * value)];
  } else {
    psi.set(0, 0, (2 * traces.offDiagonal + weighted(a[0], a[0])) / n);
    psi.set(0, 1, (2 * traces.cross + weighted(a[0], a[1])) / n);
    psi.set(1, 1, (traces.lag + weighted(a[1], a[1])) / n);
    third = a.map((column) => column.map((value, i) => s[i] * value));
  }
  psi.set(1, 0, psi.get(0, 1));
  const momentInverse = solve(psi, Matrix.eye(2));

  const gamma = moments.gamma;
  const j = Matrix.columnVector([gamma.get(0, 0) + 2 * lambda * gamma.get(0, 1), gamma.get(1, 0) + 2 * lambda * gamma.get(1, 1)]);
  const omega = 1 / j.transpose().mmul(momentInverse).mmul(j).get(0, 0);
  const K = zStar.length;
  const covariance = new Matrix(K + 1, K + 1);
  const meat = new Matrix(K, K);
  for (let k = 0; k < K; k++) {
    for (let l = 0; l <= k; l++) {
      const value = homoskedastic ? sigma2 * dot(fitted[k], fitted[l]) : weighted(fitted[k], fitted[l]);
      meat.set(k, l, value);
      meat.set(l, k, value);
    }
  }
  covariance.setSubMatrix(bread.mmul(meat).mmul(bread), 0, 0);
  const cross = estimationEffect
    ? bread
        .mmul(new Matrix(fitted.map((x) => third.map((column) => dot(x, column)))))
        .mmul(momentInverse)
        .mmul(j)
        .mul(omega / n)
    : Matrix.zeros(K, 1);
  for (let k = 0; k < K; k++) {
    covariance.set(k, K, cross.get(k, 0));
    covariance.set(K, k, cross.get(k, 0));
  }
  covariance.set(K, K, omega / n);
  return { innovations: e, momentInverse, covariance };
}

/** (A₁ + A₁ᵀ)ε = 2A₁ε. */
function firstForm(
  m: SparseRows,
  e: Float64Array,
  squares: Float64Array,
  kind: JointInputs['kind'],
  d: number,
  v: number,
): Float64Array {
  const image = transposedLag(m, spatialLag(m, e));
  return kind === 'homoskedastic'
    ? image.map((value, i) => 2 * v * (value - d * e[i]))
    : image.map((value, i) => 2 * (value - squares[i] * e[i]));
}

/** (M + Mᵀ)ε. */
function secondForm(m: SparseRows, e: Float64Array): Float64Array {
  const [out, back] = [spatialLag(m, e), transposedLag(m, e)];
  return out.map((value, i) => value + back[i]);
}

/** (I − λMᵀ)⁻¹x by its series. */
function inverseTransposed(m: SparseRows, x: Float64Array, lambda: number): Float64Array {
  const sum = Float64Array.from(x);
  let term = x;
  const scale = Math.sqrt(dot(x, x));
  for (let p = 0; p < 2_000; p++) {
    term = transposedLag(m, term).map((value) => value * lambda);
    for (let i = 0; i < sum.length; i++) sum[i] += term[i];
    if (Math.sqrt(dot(term, term)) <= 1e-14 * scale) break;
  }
  return sum;
}

/**
 * Variance of λ̂ of the moments of 1999 after least squares, homoskedastic errors: (J₁ᵀJ₁)⁻¹J₁ᵀΦJ₁(J₁ᵀJ₁)⁻¹/n with the two moments
 * of which σ² is eliminated; δ̂ does not move it.
 *
 * @see Kelejian & Prucha (2004), Journal of Econometrics 118; spatialreg's `GMerrorsar`, which this follows: the factor of its
 *   first moment is the root of that of Drukker et al.
 */
export function kelejianPrucha2004Variance(m: SparseRows, u: Float64Array, lambda: number): number {
  const n = u.length;
  const d = dot(m.values, m.values) / n;
  const root = 1 / Math.sqrt(1 + d * d);
  const v = 1 / (1 + d * d);
  const { gamma } = homoskedasticMoments(m, u);
  const j = [0, 1].map((r) => (gamma.get(r, 0) + 2 * lambda * gamma.get(r, 1)) * (r === 0 ? root / v : 1));
  const mu = spatialLag(m, u);
  const e = u.map((value, i) => value - lambda * mu[i]);
  const fourth = (dot(e, e) / n) ** 2;
  const { offDiagonal, diagonal, cross, lag } = momentTraces(m, new Float64Array(n).fill(1));
  const phi11 = (fourth * 2 * root * root * (offDiagonal + diagonal - n * d * d)) / n;
  const phi12 = (fourth * 2 * root * cross) / n;
  const phi22 = (fourth * lag) / n;
  const jj = j[0] * j[0] + j[1] * j[1];
  return (j[0] * j[0] * phi11 + 2 * j[0] * j[1] * phi12 + j[1] * j[1] * phi22) / (jj * jj) / n;
}
