import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { fQuantile, fUpper } from '../distributions/f.js';
import { dot } from '../linalg/vector.js';
import {
  clusterCount,
  crossMomentCovariance,
  type ErrorStructure,
  momentCovariance,
  type SampleSizes,
  statisticScales,
} from './error-structure.js';
import type { FTest } from './first-stage.js';
import { type InstrumentSpace, lessProjection, project } from './model.js';
import type { ChiSquaredTest } from './overidentification.js';
import { quadraticForm } from './quadratic-form.js';

export interface AndersonRubin {
  readonly f: FTest;
  readonly chi2: ChiSquaredTest;
}

/**
 * H₀: β = b (0 by default) for all endogenous regressors at once, and the instruments are exogenous: valid however weak the
 * instruments are. The instruments' joint test in the reduced form of y − Yb.
 *
 * @see Anderson & Rubin (1949), Annals of Mathematical Statistics 20, §8; Stata's `ivreg2, first` (e(arf), e(archi2))
 */
export function andersonRubinTest(
  { outcome, endogenous, basis }: InstrumentSpace,
  errors: ErrorStructure,
  sizes: SampleSizes,
  b: ArrayLike<number> = new Float64Array(endogenous.length),
): AndersonRubin {
  const K2 = basis.length;
  const scale = statisticScales(errors, sizes);
  const y = lessProjection(endogenous, Float64Array.from(b), outcome);
  const h = project(basis, y);
  const raw = quadraticForm(h, momentCovariance(basis, lessProjection(basis, h, y), errors));
  const f = (raw * scale.f) / K2;
  const chi2 = raw * scale.chi2;
  return {
    f: { statistic: f, df1: K2, df2: scale.df2, p: fUpper(f, K2, scale.df2) },
    chi2: { statistic: chi2, df: K2, p: chiSquaredUpper(chi2, K2) },
  };
}

/**
 * Stock–Wright LM S of the same hypothesis: mᵀΣ̂⁻¹m with m the moments of [X₁ Z] and Σ̂ their covariance, both at the residuals of
 * y on X₁ (γ is not estimated anew with Σ̂, as in `ivreg2`).
 *
 * NaN with no more clusters than instruments and exogenous regressors.
 *
 * @see Stock & Wright (2000), Econometrica 68; Stata's `ivreg2, first` (e(sstat))
 */
export function stockWrightTest(
  { outcome, exogenousBasis, basis }: InstrumentSpace,
  errors: ErrorStructure,
  sizes: SampleSizes,
): ChiSquaredTest {
  const all = [...exogenousBasis, ...basis];
  const raw = quadraticForm(project(all, outcome), momentCovariance(all, outcome, errors));
  const statistic = raw * statisticScales(errors, sizes).chi2;
  return { statistic, df: basis.length, p: chiSquaredUpper(statistic, basis.length) };
}

export interface AndersonRubinSet {
  readonly level: number;
  /** ascending, disjoint; bounds may be infinite. None: every value is rejected, as when the instruments are not exogenous */
  readonly intervals: readonly { readonly lower: number; readonly upper: number }[];
}

/** The Anderson–Rubin F as a function of the one endogenous regressor's coefficient. */
export interface AndersonRubinCurve {
  /** F of H₀: β = b, against F(K₂, df2) */
  at(b: number): FTest;
  /** all b that F does not reject at 1 − level */
  set(level: number): AndersonRubinSet;
}

/**
 * Anderson–Rubin inference on the coefficient of one endogenous regressor x: coverage does not depend on how strong the
 * instruments are. The set is an interval, the whole line, the line without an interval, or nothing.
 *
 *   AR(b) = d(b)ᵀ Σ̂(b)⁻¹ d(b),   d(b) = Qᵀ(y − bx),   Σ̂(b) = Σ̂_yy − b(Σ̂_yx + Σ̂_xy) + b²Σ̂_xx
 *
 * The rows are read once, for d and the three Σ̂. The bounds of the set are roots of |cΣ̂(b) − d(b)d(b)ᵀ| = 0, a polynomial
 * eigenvalue problem of degree two: no grid, no interval is missed. Each is then bisected to the last digits.
 *
 * @returns null when Σ̂ has no inverse: no more clusters than instruments
 * @see Dufour & Taamouti (2005), Econometrica 73, for the classical case; Tisseur & Meerbergen (2001), SIAM Review 43, §3.4
 */
export function andersonRubinCurve(
  { basis, endogenous: [x], outcome: y }: InstrumentSpace,
  errors: ErrorStructure,
  sizes: SampleSizes,
): AndersonRubinCurve | null {
  const K2 = basis.length;
  if (errors.kind === 'cluster' && clusterCount(errors) <= K2) return null;
  const { f, df2 } = statisticScales(errors, sizes);

  // in units in which y and x have the same length: the roots are then of one magnitude
  const unit = Math.sqrt(dot(y, y) / dot(x, x)) || 1;
  const scaledX = x.map((value) => value * unit);
  const [hy, hx] = [project(basis, y), project(basis, scaledX)];
  const [ry, rx] = [lessProjection(basis, hy, y), lessProjection(basis, hx, scaledX)];
  const cross = crossMomentCovariance(basis, ry, rx, errors);
  const form: QuadraticMatrix = {
    constant: momentCovariance(basis, ry, errors),
    linear: Matrix.add(cross, cross.transpose()).mul(-1),
    square: momentCovariance(basis, rx, errors),
  };
  const raw = (b: number) => {
    const sigma = Matrix.add(form.constant, Matrix.mul(form.linear, b)).add(Matrix.mul(form.square, b * b));
    return quadraticForm(lessProjection([hx], Float64Array.of(b), hy), sigma);
  };
  return {
    at: (b) => {
      const statistic = (raw(b / unit) * f) / K2;
      return { statistic, df1: K2, df2, p: fUpper(statistic, K2, df2) };
    },
    set: (level) => {
      const cut = (fQuantile(level, K2, df2) * K2) / f;
      const intervals = acceptedIntervals((b) => raw(b) <= cut, rootCandidates(form, hy, hx, cut));
      return { level, intervals: intervals.map(({ lower, upper }) => ({ lower: lower * unit, upper: upper * unit })) };
    },
  };
}

/** A₀ + bA₁ + b²A₂, symmetric. */
interface QuadraticMatrix {
  readonly constant: Matrix;
  readonly linear: Matrix;
  readonly square: Matrix;
}

/** Real parts of the roots of |cΣ̂(b) − d(b)d(b)ᵀ|, by the companion matrix; those of complex roots do no harm. */
function rootCandidates(form: QuadraticMatrix, hy: Float64Array, hx: Float64Array, cut: number): number[] {
  const K = hy.length;
  const outer = (a: Float64Array, b: Float64Array) => new Matrix(Array.from(a, (left) => Array.from(b, (right) => left * right)));
  const a0 = Matrix.mul(form.constant, cut).sub(outer(hy, hy));
  const a1 = Matrix.mul(form.linear, cut).add(outer(hy, hx)).add(outer(hx, hy));
  const a2 = Matrix.mul(form.square, cut).sub(outer(hx, hx));
  const companion = Matrix.zeros(2 * K, 2 * K);
  companion.setSubMatrix(Matrix.eye(K), 0, K);
  companion.setSubMatrix(solve(a2, a0).mul(-1), K, 0);
  companion.setSubMatrix(solve(a2, a1).mul(-1), K, K);
  return new EigenvalueDecomposition(companion).realEigenvalues.filter(Number.isFinite).sort((a, b) => a - b);
}

/** Between neighbouring candidates acceptance does not change; where it does at one, that is a bound. */
function acceptedIntervals(accepts: (b: number) => boolean, candidates: readonly number[]) {
  const last = candidates.length - 1;
  const probes = [
    candidates[0] - 1 - Math.abs(candidates[0]),
    ...candidates.slice(1).map((value, k) => (value + candidates[k]) / 2),
    candidates[last] + 1 + Math.abs(candidates[last]),
  ];
  const intervals: { lower: number; upper: number }[] = [];
  let open = accepts(probes[0]) ? Number.NEGATIVE_INFINITY : null;
  for (let k = 1; k < probes.length; k++) {
    const inside = accepts(probes[k]);
    if (inside === (open !== null)) continue;
    const bound = bisect(accepts, probes[k - 1], probes[k]);
    if (open === null) open = bound;
    else {
      intervals.push({ lower: open, upper: bound });
      open = null;
    }
  }
  if (open !== null) intervals.push({ lower: open, upper: Number.POSITIVE_INFINITY });
  return intervals;
}

function bisect(accepts: (b: number) => boolean, from: number, to: number): number {
  const at = accepts(from);
  let [low, high] = [from, to];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (accepts(middle) === at) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
