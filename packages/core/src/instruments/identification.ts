import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { dot } from '../linalg/vector.js';
import { type ErrorStructure, momentCovariance, type SampleSizes, statisticScales } from './error-structure.js';
import { combine, type InstrumentSpace, lessProjection, project } from './model.js';
import type { ChiSquaredTest } from './overidentification.js';
import { quadraticForm } from './quadratic-form.js';

export interface Identification {
  /** least canonical correlation between Y and Z given X₁, squared */
  readonly leastCorrelation2: number;
  /** Cragg–Donald F: least eigenvalue of (VᵀV)⁻¹ΠᵀΠ, times (n − L − a)/K₂ */
  readonly craggDonald: number;
  /** under classical errors Anderson's canonical correlations LM, else Kleibergen–Paap rk LM; H₀: rank p − 1, df K₂ − p + 1 */
  readonly underidentification: ChiSquaredTest;
  /** Kleibergen–Paap rk Wald F; under classical errors it is Cragg–Donald's */
  readonly kleibergenPaap: number;
}

/**
 * Do the instruments move every combination of the endogenous regressors?
 *
 * With w the canonical variate of M₁Y that Z explains least and U₂ the part of span(Q) that the other p − 1 do not use,
 *
 *   rk = hᵀ Σ̂⁻¹ h,   h = U₂ᵀQᵀw,   Σ̂ the `momentCovariance` of QU₂ and w (LM) or w − QQᵀw (Wald).
 *
 * This is Kleibergen & Paap's statistic for rank p − 1: theirs multiplies U₂ and w by orthogonal matrices, which a quadratic
 * form does not see.
 *
 * @see Kleibergen & Paap (2006), Journal of Econometrics 133, theorem 1; Cragg & Donald (1993), Econometric Theory 9; Anderson
 *   (1951); scales as in Stata's `ivreg2` (e(idstat), e(cdf), e(widstat))
 */
export function identification(space: InstrumentSpace, errors: ErrorStructure, sizes: SampleSizes): Identification {
  const { basis, endogenous } = space;
  const p = endogenous.length;
  const K2 = basis.length;
  const df = K2 - p + 1;
  const scale = statisticScales(errors, sizes);

  const { variate, moments, others } = leastCanonicalVariate(space);
  const explained = dot(moments, moments);
  const left = lessProjection(basis, moments, variate);
  const unexplained = dot(left, left);
  // instruments that fit Y to rounding: no limit
  const ratio = unexplained > 1e-26 ? explained / unexplained : Number.POSITIVE_INFINITY;
  const craggDonald = (ratio * sizes.rows * classicalScale(errors, sizes)) / K2;

  // U₂: what is left of R^K₂ besides the p − 1 directions in use
  const unit = Array.from({ length: K2 }, (_, j) => Float64Array.from({ length: K2 }, (__, i) => (i === j ? 1 : 0)));
  const complement = orthonormalBasis([...others, ...unit]).basis.slice(p - 1, p - 1 + df);
  const rotated = complement.map((u) => combine(basis, u));
  const h = project(rotated, variate);
  const rk = (e: Float64Array) => quadraticForm(h, momentCovariance(rotated, e, errors));

  const lm = rk(variate) * scale.chi2;
  return {
    leastCorrelation2: explained / dot(variate, variate),
    craggDonald,
    underidentification: { statistic: lm, df, p: chiSquaredUpper(lm, df) },
    kleibergenPaap: ratio === Number.POSITIVE_INFINITY ? ratio : (rk(left) * scale.f) / K2,
  };
}

/** (n − L − a)/n; with clusters a counts effects across clusters only, as in `xtivreg2`. */
function classicalScale(errors: ErrorStructure, sizes: SampleSizes): number {
  const absorbed = errors.kind === 'cluster' ? sizes.absorbedAcrossClusters : sizes.absorbed;
  return statisticScales({ kind: 'classical' }, { ...sizes, absorbed }).f;
}

/** w of unit length, Qᵀw, and the left singular directions (length K₂) of the p − 1 larger canonical correlations. */
function leastCanonicalVariate({ basis, endogenous }: InstrumentSpace) {
  const own = orthonormalBasis(endogenous).basis;
  const correlations = own.map((column) => project(basis, column));
  const squares = new Matrix(correlations.map((a) => correlations.map((b) => dot(a, b))));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(squares, { assumeSymmetric: true });
  const ascending = Array.from(realEigenvalues.keys()).sort((a, b) => realEigenvalues[a] - realEigenvalues[b]);
  const [least, ...rest] = ascending.map((index) => eigenvectorMatrix.getColumn(index));
  const variate = combine(own, least);
  return { variate, moments: project(basis, variate), others: rest.reverse().map((v) => combine(correlations, v)) };
}
