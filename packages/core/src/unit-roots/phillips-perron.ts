import { EstimationError } from '../errors.js';
import { adfRegression, type Deterministic } from './adf.js';
import { longRunVariance } from './long-run-variance.js';

export interface PhillipsPerron {
  readonly rows: number;
  readonly bandwidth: number;
  /** Z_t */
  readonly t: number;
  /** SSR/n and its long-run counterpart */
  readonly variance: number;
  readonly longRun: number;
}

/**
 * Phillips–Perron test: the t of the Dickey–Fuller regression without lags, corrected for serial correlation,
 *
 *   Z_t = √(γ_0/λ²) t − (λ² − γ_0)/(2λ) · n se(α̂)/s,   γ_0 = SSR/n,  λ² Bartlett, s² = SSR/(n − k).
 *
 * @param bandwidth  m of the kernel
 * @throws EstimationError as `adfRegression`; `gaps` when periods are missing between the first and the last: autocovariances would
 *   be of other distances than they say
 * @see Phillips & Perron (1988), Biometrika 75; Hamilton (1994), Time Series Analysis, eq. 17.6.12; Stata's `pperron`
 */
export function phillipsPerron(y: Float64Array, deterministic: Deterministic, bandwidth: number): PhillipsPerron {
  if (y.some(Number.isNaN)) {
    throw new EstimationError('gaps', 'Phillips–Perron needs every period between the first and the last, and some are missing');
  }
  const plain = adfRegression(y, deterministic, 0);
  const n = plain.rows;
  const variance = plain.ssr / n;
  const longRun = longRunVariance(plain.residuals, bandwidth);
  const s = Math.sqrt(plain.ssr / plain.df);
  const t =
    Math.sqrt(variance / longRun) * plain.t - ((longRun - variance) / (2 * Math.sqrt(longRun))) * ((n * plain.standardError) / s);
  return { rows: n, bandwidth, t, variance, longRun };
}
