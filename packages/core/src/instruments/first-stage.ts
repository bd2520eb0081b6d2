import { fUpper } from '../distributions/f.js';
import { inverseGram, leastSquares } from '../linalg/least-squares.js';
import { qr } from '../linalg/qr.js';
import { dot } from '../linalg/vector.js';
import { type ErrorStructure, momentCovariance, type SampleSizes, statisticScales } from './error-structure.js';
import { type InstrumentSpace, lessProjection, project } from './model.js';
import { quadraticForm } from './quadratic-form.js';

export interface FTest {
  readonly statistic: number;
  readonly df1: number;
  readonly df2: number;
  readonly p: number;
}

export interface FirstStage {
  /** share of M₁Y_j's variation that the instruments explain */
  readonly partialR2: number;
  /** the same given that the instruments must explain the other endogenous regressors too */
  readonly sheaPartialR2: number;
  /** the instruments' joint test in the regression of Y_j on X₁ and Z */
  readonly f: FTest;
  /** Sanderson–Windmeijer conditional F */
  readonly sandersonWindmeijer: FTest;
  /** √(SSR/(n − L − a)) */
  readonly rootMse: number;
}

/**
 * What the instruments say of each endogenous regressor.
 *
 * F: Πⱼᵀ Σ̂(Vⱼ)⁻¹ Πⱼ, scaled by `statisticScales` and divided by K₂.
 *
 * Sanderson–Windmeijer: Yⱼ less the two-stage least squares fit on the other endogenous regressors, e = Yⱼ − Y₋ⱼδ̂, in place of
 * Yⱼ, divided by K₂ − p + 1. With one endogenous regressor it is F.
 *
 * Shea: [(YᵀY)⁻¹]ⱼⱼ / [(ΠᵀΠ)⁻¹]ⱼⱼ, X₁ partialled out.
 *
 * @see Sanderson & Windmeijer (2016), Journal of Econometrics 190, eq. 16; Shea (1997); Godfrey (1999); Stata's `ivreg2, ffirst`
 */
export function firstStages(space: InstrumentSpace, errors: ErrorStructure, sizes: SampleSizes): FirstStage[] {
  const { endogenous, projections, firstStageResiduals, basis } = space;
  const { df2: classicalDf } = statisticScales(
    { kind: 'classical' },
    errors.kind === 'cluster' ? { ...sizes, absorbed: 0 } : sizes,
  );
  const total = inverseGram(qr(endogenous));
  const explained = inverseGram(qr(projections));
  return endogenous.map((column, j) => {
    const own = dot(column, column);
    const others = projections.filter((_, l) => l !== j);
    const delta = leastSquares(others, projections[j]).coefficients;
    const conditional = lessProjection(
      endogenous.filter((_, l) => l !== j),
      delta,
      column,
    );
    return {
      partialR2: dot(projections[j], projections[j]) / own,
      // a rank below p is no instrument for some direction: Shea's share is then zero
      sheaPartialR2: explained.rows < endogenous.length ? 0 : total.get(j, j) / explained.get(j, j),
      f: excludedInstruments(basis, column, errors, sizes, basis.length),
      sandersonWindmeijer: excludedInstruments(basis, conditional, errors, sizes, basis.length - others.length),
      rootMse: Math.sqrt(dot(firstStageResiduals[j], firstStageResiduals[j]) / classicalDf),
    };
  });
}

/**
 * Joint test of Q in the regression of x (X₁ partialled out) on Q.
 * @param df1  what the quadratic form is divided by
 */
export function excludedInstruments(
  basis: readonly Float64Array[],
  x: Float64Array,
  errors: ErrorStructure,
  sizes: SampleSizes,
  df1: number,
): FTest {
  const h = project(basis, x);
  const residuals = lessProjection(basis, h, x);
  const scale = statisticScales(errors, sizes);
  // instruments that fit x to rounding, as when x is among them: a test without a limit
  if (dot(residuals, residuals) <= 1e-26 * dot(x, x)) {
    return { statistic: Number.POSITIVE_INFINITY, df1, df2: scale.df2, p: 0 };
  }
  const statistic = (quadraticForm(h, momentCovariance(basis, residuals, errors)) * scale.f) / df1;
  return { statistic, df1, df2: scale.df2, p: fUpper(statistic, df1, scale.df2) };
}
