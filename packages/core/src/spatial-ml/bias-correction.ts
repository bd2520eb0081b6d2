import { EstimationError } from '../errors.js';
import { dot } from '../linalg/vector.js';
import { expectedCovariance } from './covariance.js';
import { atParameters, type Demeaning, type MlEquation, type MlFit, type MlPanel, type SpatialPart } from './equation.js';
import type { SpatialColumns } from './filtered-regression.js';
import { type PeriodOperator, propagation } from './propagation.js';

/**
 * First-order correction of the direct estimates for concentrated effects: with time effects θ + T·I⁻¹a,
 * a = (1ᵀH1/N, 0, 1ᵀK1/N, 1/(2σ²)) (1/(1 − ρ) with rows that sum to one), then with individual effects σ²·T/(T − 1).
 *
 * @see Lee & Yu (2010), Journal of Econometrics 154, 165–185, on the direct approach; Elhorst (2014), Spatial Econometrics, ch. 3
 */
export function biasCorrected(
  direct: MlFit,
  equation: MlEquation,
  panel: MlPanel,
  demeaning: Demeaning,
  columns: SpatialColumns,
): MlFit {
  const { lag, error } = equation;
  const { units, periods, entityEffects, timeEffects } = panel;
  if (!panel.balanced) return scoreCorrected(direct, equation, panel, demeaning, columns);
  const k = direct.coefficients.length;
  const size = k + (lag === null ? 0 : 1) + (error === null ? 0 : 1);
  let step: Float64Array = new Float64Array(size);
  let sigma2 = direct.sigma2;
  if (timeEffects) {
    const a = new Float64Array(size + 1);
    a[size] = 1 / (2 * sigma2);
    if (lag !== null || error !== null) {
      const { h, k: spread } = propagation(lag?.one ?? null, error?.one ?? null, direct.rho ?? 0, direct.lambda ?? 0);
      const one = new Float64Array(units).fill(1);
      const mean = (operator: PeriodOperator) => dot(operator.apply(one), one) / units;
      if (h !== null) a[0] = mean(h);
      if (spread !== null) a[size - 1] = mean(spread);
    }
    const covariance = expectedCovariance(direct, equation, panel, 'direct', demeaning);
    const moved = a.map((_, i) => periods * a.reduce((sum, value, j) => sum + covariance.get(i, j) * value, 0));
    step = moved.slice(0, size);
    sigma2 += moved[size];
  }
  if (entityEffects) sigma2 *= periods / (periods - 1);
  const first = lag === null ? 0 : 1;
  const rho = lag === null ? null : direct.rho! + step[0];
  const lambda = error === null ? null : direct.lambda! + step[size - 1];
  const coefficients = direct.coefficients.map((b, j) => b + step[first + j]);
  requireInside(rho, lag);
  requireInside(lambda, error);
  return {
    ...direct,
    rho,
    lambda,
    coefficients,
    sigma2,
    ...atParameters(columns, rho ?? 0, lambda ?? 0, coefficients),
    correction: step,
  };
}

function requireInside(value: number | null, part: SpatialPart | null): void {
  if (value === null || part === null) return;
  const { lower, upper } = part.determinant.bounds;
  if (value > lower && value < upper) return;
  throw new EstimationError(
    'spatial_parameter_at_bound',
    `the bias correction leads to ${value.toPrecision(4)}, outside (${lower.toPrecision(4)}, ${upper.toPrecision(4)}): take approach: transformation or direct`,
  );
}

/**
 * The same where units differ between periods, models without spatial errors: M what the effects leave, r their dimensions,
 *
 *   E[∂log Lᶜ/∂ρ] ≈ n/(n − r)·tr(MG) − tr G
 *
 * of the likelihood concentrated over β and σ² is taken out with the covariance of (ρ, β); then σ² = SSR/(n − r). It is 0 for entity
 * effects of a balanced panel, as in Lee & Yu's first result.
 */
function scoreCorrected(
  direct: MlFit,
  equation: MlEquation,
  panel: MlPanel,
  demeaning: Demeaning,
  columns: SpatialColumns,
): MlFit {
  const { lag } = equation;
  const { units: n, absorbed, within } = panel;
  const k = direct.coefficients.length;
  let [rho, coefficients] = [direct.rho, direct.coefficients];
  let step: Float64Array = new Float64Array(k);
  if (lag !== null && rho !== null) {
    const { h } = propagation(lag.one, null, rho, 0);
    let [all, left] = [0, 0];
    const e = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      e[j] = 1;
      const image = h!.apply(e);
      all += image[j];
      left += within(image)[j];
      e[j] = 0;
    }
    const score = (n / (n - absorbed)) * left - all;
    const covariance = expectedCovariance(direct, equation, panel, 'direct', demeaning);
    step = Float64Array.from({ length: k + 1 }, (_, i) => -covariance.get(i, 0) * score);
    rho += step[0];
    requireInside(rho, lag);
    coefficients = coefficients.map((b, j) => b + step[j + 1]);
  }
  const found = atParameters(columns, rho ?? 0, 0, coefficients);
  const sigma2 = dot(found.residuals, found.residuals) / (n - absorbed);
  return { ...direct, rho, coefficients, sigma2, ...found, correction: step };
}
