import { EigenvalueDecomposition } from 'ml-matrix';
import { noncentralChiSquaredQuantile } from '../distributions/noncentral-chi-squared.js';
import { dot } from '../linalg/vector.js';
import { type ErrorStructure, momentCovariance, type SampleSizes, statisticScales } from './error-structure.js';
import type { InstrumentSpace } from './model.js';

/** Nagar bias as a share of the worst case: what the critical values of the effective F promise. */
export const effectiveFBiases = [0.05, 0.1, 0.2, 0.3] as const;

export interface EffectiveF {
  readonly statistic: number;
  /** K_eff, the degrees of freedom that the matched χ² has */
  readonly effectiveDf: number;
  readonly criticalValues: readonly { readonly bias: number; readonly value: number }[];
}

/**
 * Effective F of one endogenous regressor: valid with heteroskedastic and clustered errors, where the critical values of the
 * ordinary F and of Stock & Yogo are not.
 *
 *   F_eff = ΠᵀΠ / tr(Ŵ),   Ŵ = Σ̂(V) scaled as F is,   Z in an orthonormal basis
 *
 * Critical value for a Nagar bias of at most τ of the worst case, by the simplified procedure (their bound B ≤ 1, hence x = 1/τ;
 * conservative, and the same for two-stage least squares and LIML): the upper 5 % point of χ²(K_eff, x·K_eff)/K_eff with
 *
 *   K_eff = tr(Ŵ)² (1 + 2x) / (tr(ŴᵀŴ) + 2x tr(Ŵ) λ_max(Ŵ)).
 *
 * With one instrument F_eff is the (robust) F; under classical errors it is F always.
 *
 * @see Montiel Olea & Pflueger (2013), Journal of Business & Economic Statistics 31, §3.2, §4.2; x = 10 and one instrument give their 23.1
 */
export function effectiveF(
  { basis, projections, firstStageResiduals }: InstrumentSpace,
  errors: ErrorStructure,
  sizes: SampleSizes,
): EffectiveF {
  const { f } = statisticScales(errors, sizes);
  const w = momentCovariance(basis, firstStageResiduals[0], errors).div(f);
  const trace = w.trace();
  let squares = 0;
  for (let i = 0; i < w.rows; i++) for (let j = 0; j < w.rows; j++) squares += w.get(i, j) ** 2;
  const largest = Math.max(...new EigenvalueDecomposition(w, { assumeSymmetric: true }).realEigenvalues);
  const df = (x: number) => (trace * trace * (1 + 2 * x)) / (squares + 2 * x * trace * largest);
  return {
    statistic: dot(projections[0], projections[0]) / trace,
    effectiveDf: df(1 / 0.1),
    criticalValues: effectiveFBiases.map((bias) => {
      const x = 1 / bias;
      return { bias, value: noncentralChiSquaredQuantile(0.95, df(x), x * df(x)) / df(x) };
    }),
  };
}
