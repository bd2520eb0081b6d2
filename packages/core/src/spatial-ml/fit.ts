import { EstimationError } from '../errors.js';
import { biasCorrected } from './bias-correction.js';
import {
  type Approach,
  atParameters,
  counted,
  type Demeaning,
  jacobianOf,
  likelihoodColumns,
  type MlEquation,
  type MlFit,
  type MlPanel,
} from './equation.js';
import { filteredRegression } from './filtered-regression.js';
import { maximise } from './maximise.js';

/**
 * (Quasi) maximum likelihood of y = ρWy + Xβ + effects + u, u = λMu + ε, concentrated over β, σ² and the effects:
 *
 *   log L = T·(log|I − ρW| + log|I − λM|) − (n/2)·log(2πσ²) − SSR/(2σ²),   σ² = SSR/n
 *
 * direct: n = NT. transformation (individual effects): T − 1 in place of T. transformation (time effects): N − 1 in place of N, and
 * log|I − ρW| − log(1 − ρc) with c the sum of every row of W. bias-corrected: direct estimates and their first-order correction.
 *
 * @throws EstimationError `spatial_parameter_at_bound`, `no_convergence`, `perfect_fit`, `unequal_row_sums`, `too_few_rows`
 * @see Lee & Yu (2010), Journal of Econometrics 154, 165–185; Elhorst (2014), Spatial Econometrics, ch. 3. Held to likelihoods of explicit dummies and explicit
 *   orthonormal deviations by tests
 */
export function fitSpatialMl(equation: MlEquation, panel: MlPanel, approach: Approach, demeaning: Demeaning): MlFit {
  const { lag, error } = equation;
  const counts = counted(panel, approach);
  requireEqualSums(equation, panel, approach);
  if (counts.observations <= equation.x.length + 2) {
    throw new EstimationError(
      'too_few_rows',
      `the likelihood counts ${counts.observations} observations, and has ${equation.x.length} coefficients: more rows are needed`,
    );
  }
  const columns = likelihoodColumns(equation, panel, demeaning);
  const { rho, lambda, value, fit, maxima } = maximise(
    counts.observations,
    lag === null ? null : jacobianOf(lag, counts.periods, counts.centred),
    error === null ? null : jacobianOf(error, counts.periods, counts.centred),
    filteredRegression(columns),
  );
  const n = counts.observations;
  const found = atParameters(columns, rho, lambda, fit.coefficients);
  const direct: MlFit = {
    rho: lag === null ? null : rho,
    lambda: error === null ? null : lambda,
    coefficients: fit.coefficients,
    sigma2: fit.ssr / n,
    logLikelihood: value - (n / 2) * (Math.log((2 * Math.PI) / n) + 1),
    observations: n,
    ...found,
    maxima,
    correction: null,
    kappa: null,
  };
  return approach === 'bias-corrected' ? biasCorrected(direct, equation, panel, demeaning, columns) : direct;
}

function requireEqualSums({ lag, error }: MlEquation, { timeEffects }: MlPanel, approach: Approach): void {
  if (!timeEffects) return;
  const unequal = [lag, error].some((part) => part !== null && part.rowSum === null);
  if (unequal && (approach === 'transformation' || error !== null)) {
    throw new EstimationError(
      'unequal_row_sums',
      `${approach === 'transformation' ? 'the transformation of time effects needs' : 'spatial errors with time effects need'} weights whose rows all have the same sum: ` +
        'normalise them by rows (units without neighbours have a sum of 0), ' +
        (approach === 'transformation' ? 'or take approach: bias-corrected' : 'or leave the time effects out'),
    );
  }
}
