import { Matrix, solve } from 'ml-matrix';
import { rowScores } from '../covariance/sandwich.js';
import { combine } from '../instruments/model.js';
import { gram } from '../linalg/gram.js';
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
  const { m, lambda, u, fitted, bread, moments, estimationEffect } = inputs;
  const n = u.length;
  const mu = spatialLag(m, u);
  const innovations = u.map((value, i) => value - lambda * mu[i]);
  const forms = formsOf(inputs);
  const a = [0, 1].map((r) => (estimationEffect ? influence(inputs, forms, innovations, r) : new Float64Array(n)));
  const { psi, third } =
    inputs.kind === 'homoskedastic' ? homoskedasticPsi(m, innovations, a, forms) : robustPsi(m, innovations, a);
  const momentInverse = solve(psi, Matrix.eye(2));

  const { gamma } = moments;
  const j = Matrix.columnVector([0, 1].map((r) => gamma.get(r, 0) + 2 * lambda * gamma.get(r, 1)));
  const omega = 1 / j.transpose().mmul(momentInverse).mmul(j).get(0, 0);
  const K = fitted.length;
  const covariance = new Matrix(K + 1, K + 1);
  covariance.setSubMatrix(bread.mmul(meatOf(inputs, innovations)).mmul(bread), 0, 0);
  if (estimationEffect) {
    const scores = new Matrix(fitted.map((x) => third.map((column) => dot(x, column))));
    const cross = bread
      .mmul(scores)
      .mmul(momentInverse)
      .mmul(j)
      .mul(omega / n);
    for (let k = 0; k < K; k++) {
      covariance.set(k, K, cross.get(k, 0));
      covariance.set(K, k, cross.get(k, 0));
    }
  }
  covariance.set(K, K, omega / n);
  return { innovations, momentInverse, covariance };
}

/** A₁ and A₂ as what they do to ε: v and d are 1 and 0 for the heteroskedastic A₁ = MᵀM − diag(MᵀM). */
interface Forms {
  /** diagonal of MᵀM */
  readonly squares: Float64Array;
  readonly d: number;
  readonly v: number;
}

function formsOf({ m, u, kind }: JointInputs): Forms {
  const d = kind === 'homoskedastic' ? dot(m.values, m.values) / u.length : 0;
  return { squares: columnSquares(m), d, v: kind === 'homoskedastic' ? 1 / (1 + d * d) : 1 };
}

/** a_r, how the moment r moves with each ε through δ̂. */
function influence(
  { m, lambda, zStar, fitted, bread, kind, unfiltered }: JointInputs,
  forms: Forms,
  e: Float64Array,
  r: number,
): Float64Array {
  const image = r === 0 ? firstForm(m, e, forms.squares, kind, forms.d, forms.v) : secondForm(m, e);
  const alpha = bread.mmul(Matrix.columnVector(zStar.map((z) => -dot(z, image)))).getColumn(0);
  const column = combine(fitted, alpha);
  return unfiltered ? inverseTransposed(m, column, lambda) : column;
}

interface Psi {
  readonly psi: Matrix;
  /** Σa, and μ₃ diag A beside it: what Ẑ meets in the covariance of δ̂ and λ̂ */
  readonly third: readonly Float64Array[];
}

const symmetric = (p11: number, p12: number, p22: number) =>
  new Matrix([
    [p11, p12],
    [p12, p22],
  ]);

function robustPsi(m: SparseRows, e: Float64Array, a: readonly Float64Array[]): Psi {
  const n = e.length;
  const s = e.map((value) => value * value);
  const { offDiagonal, cross, lag } = momentTraces(m, s);
  const third = a.map((column) => column.map((value, i) => s[i] * value));
  return {
    psi: symmetric(
      (2 * offDiagonal + dot(a[0], third[0])) / n,
      (2 * cross + dot(a[0], third[1])) / n,
      (lag + dot(a[1], third[1])) / n,
    ),
    third,
  };
}

function homoskedasticPsi(m: SparseRows, e: Float64Array, a: readonly Float64Array[], { squares, d, v }: Forms): Psi {
  const n = e.length;
  const { offDiagonal, diagonal: own, cross, lag } = momentTraces(m, new Float64Array(n).fill(1));
  const sigma2 = dot(e, e) / n;
  const fourth = sigma2 * sigma2;
  let [mu3, mu4] = [0, 0];
  for (let i = 0; i < n; i++) {
    mu3 += e[i] ** 3 / n;
    mu4 += e[i] ** 4 / n;
  }
  const diagonal = squares.map((c) => v * (c - d)); // of A₁; that of A₂ is zero
  const first =
    fourth * 2 * v * v * (offDiagonal + own - n * d * d) +
    sigma2 * dot(a[0], a[0]) +
    (mu4 - 3 * fourth) * dot(diagonal, diagonal) +
    2 * mu3 * dot(a[0], diagonal);
  return {
    psi: symmetric(
      first / n,
      (fourth * 2 * v * cross + sigma2 * dot(a[0], a[1]) + mu3 * dot(a[1], diagonal)) / n,
      (fourth * lag + sigma2 * dot(a[1], a[1])) / n,
    ),
    third: [a[0].map((value, i) => sigma2 * value + mu3 * diagonal[i]), a[1].map((value) => sigma2 * value)],
  };
}

/** ẐᵀΣẐ. */
function meatOf({ fitted, kind }: JointInputs, e: Float64Array): Matrix {
  if (kind === 'homoskedastic') return gram(fitted).mul(dot(e, e) / e.length);
  return gram(rowScores(fitted, e));
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
