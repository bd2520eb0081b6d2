import { sumOf } from '../../linalg/vector.js';
import type { StageFit, ThresholdFit } from './estimate.js';
import type { ThresholdSample } from './sample.js';

/**
 * η̂² by which LR is divided where error variances may change with the threshold variable:
 *
 *   η² = E[(δ'r)² e² | q = γ] / (σ² E[(δ'r)² (1 − 1/T_i) | q = γ]),
 *
 * δ the change of the slopes at γ, e the residuals within entities, whose variance is σ²(1 − 1/T_i) when errors are alike, and then
 * η² = 1. Both expectations by a Nadaraya–Watson regression on q with Epanechnikov's kernel and bandwidth 2.344 σ_q n^(−1/5).
 *
 * @param located  the search that located the threshold
 * @see Hansen (2000), "Sample splitting and threshold estimation", Econometrica 68, §3.4; the factor 1 − 1/T_i is that of the within
 *   transform, which the paper's cross-section has not
 */
export function scaleParameter(sample: ThresholdSample, fit: ThresholdFit, located: StageFit): number {
  const { rows, entity, entities, threshold, regimeRegressors } = sample;
  const q = threshold.values;
  const delta = slopeChange(sample, fit, located.estimate);
  const residuals = fit.model.residuals; // on all rows: asked for only where no row is dropped
  const periods = new Uint32Array(entities);
  for (let row = 0; row < rows; row++) periods[entity[row]]++;

  const bandwidth = 2.344 * standardDeviation(q) * rows ** -0.2;
  let [spread, expected] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const u = (q[row] - located.estimate) / bandwidth;
    if (Math.abs(u) > 1) continue;
    let jump = 0;
    for (let l = 0; l < delta.length; l++) jump += delta[l] * regimeRegressors[l].values[row];
    const weight = (1 - u * u) * jump * jump;
    spread += weight * residuals[row] ** 2;
    expected += weight * (1 - 1 / periods[entity[row]]);
  }
  return spread / ((fit.model.ssr / fit.denominator) * expected);
}

/** Change of each regime regressor's slope at a threshold of the model. */
function slopeChange(
  { regressors, regimeRegressors }: ThresholdSample,
  { model, thresholds }: ThresholdFit,
  at: number,
): number[] {
  const g = thresholds.indexOf(at);
  const regimes = thresholds.length + 1;
  return regimeRegressors.map((_, l) => {
    const slope = (regime: number) => model.coefficients[regressors.length + l * regimes + regime];
    return slope(g + 1) - slope(g);
  });
}

function standardDeviation(x: Float64Array): number {
  const mean = sumOf(x) / x.length;
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += (x[i] - mean) ** 2;
  return Math.sqrt(squares / x.length);
}
