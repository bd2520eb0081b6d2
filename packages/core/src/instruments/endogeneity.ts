import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { fUpper } from '../distributions/f.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { type ErrorStructure, momentCovariance, type SampleSizes, statisticScales } from './error-structure.js';
import type { FTest } from './first-stage.js';
import { linearGmm } from './gmm.js';
import { type InstrumentSpace, lessProjection, project, residualOn } from './model.js';
import type { ChiSquaredTest } from './overidentification.js';

/**
 * May these endogenous regressors be taken as exogenous? Difference of two J: with them as further instruments less without,
 * both weighted by the Σ̂ of the first, so that it cannot be negative. χ²(number tested).
 *
 * Under classical errors it is the Durbin–Wu–Hausman test with the error variance of the restricted model.
 *
 * @param regressors  X = [Y X₁], columns
 * @param tested      which columns of Y
 * @throws EstimationError `singular_moments` with fewer clusters than instruments
 * @see Hayashi (2000), proposition 3.7 and §3.8; Stata's `ivreg2, endog()` (e(estat))
 */
export function endogeneityTest(
  space: InstrumentSpace,
  outcome: Float64Array,
  regressors: readonly Float64Array[],
  tested: readonly number[],
  errors: ErrorStructure,
  sizes: SampleSizes,
): ChiSquaredTest {
  const own = [...space.exogenousBasis, ...space.basis];
  const more: Float64Array[] = [];
  for (const j of tested) {
    // what Y_j adds to the instruments: nothing when it is among them
    const left = residualOn([...own, ...more], space.firstStageResiduals[j]);
    const norm = Math.sqrt(dot(left, left));
    if (norm > 1e-10) more.push(left.map((value) => value / norm));
  }
  const all = [...own, ...more];
  // two-stage least squares is least squares of the coordinates in a basis of the instruments
  const restricted = leastSquares(
    regressors.map((x) => project(all, x)),
    project(all, outcome),
  ).coefficients;
  const residuals = lessProjection(regressors, restricted, outcome);

  const sigma = momentCovariance(all, residuals, errors);
  const inner = sigma.subMatrix(0, own.length - 1, 0, own.length - 1);
  const { chi2 } = statisticScales(errors, sizes);
  const withThem = linearGmm(outcome, regressors, all, sigma).criterion;
  const without = linearGmm(outcome, regressors, own, inner).criterion;
  const statistic = Math.max(0, withThem - without) * chi2;
  return { statistic, df: tested.length, p: chiSquaredUpper(statistic, tested.length) };
}

/**
 * Wu–Hausman F: the first-stage residuals V added to least squares of y on X, classical errors; F(p, n − K − p − a).
 *
 * @see Wu (1973); Hausman (1978), eq. 2.18; R's `summary(ivreg, diagnostics = TRUE)`
 */
export function wuHausmanTest({ outcome, endogenous, firstStageResiduals }: InstrumentSpace, sizes: SampleSizes): FTest {
  const short = leastSquares(endogenous, outcome);
  const long = leastSquares([...endogenous, ...firstStageResiduals], outcome);
  const df1 = long.rank - short.rank;
  const df2 = sizes.rows - sizes.regressors - sizes.absorbed - df1;
  const statistic = (short.ssr - long.ssr) / df1 / (long.ssr / df2);
  return { statistic, df1, df2, p: fUpper(statistic, df1, df2) };
}
