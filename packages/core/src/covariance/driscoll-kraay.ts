import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { addScaled, dot } from '../linalg/vector.js';

/**
 * Driscoll–Kraay covariance: the sums of scores by period, with Bartlett weights over `lag` periods.
 *
 *   V = c · (XᵀX)⁻¹ (Γ_0 + Σ_{j=1}^{m} (1 − j/(m+1)) (Γ_j + Γ_jᵀ)) (XᵀX)⁻¹,   Γ_j = Σ_t s_t s_{t−j}ᵀ,   s_t = Σ_{i: t(i)=t} x_i û_i
 *
 * Lags count periods present, in order.
 *
 * @param period   length n, period[i] ∈ {0, …, periods − 1}, in order of time
 * @param lag      m ≥ 0; 0 is clustering by period
 * @param factor   c, named where it is chosen: 1 plm's vcovSCC; T/(T−1)·(n−1)/(n−k−1) Stata's xtscc, fe
 * @throws EstimationError `too_few_periods` if T ≤ lag + 1
 * @see Driscoll & Kraay (1998), Review of Economics and Statistics 80; Hoechle (2007), Stata Journal 7(3), §3
 */
export function driscollKraayCovariance(
  columns: readonly Float64Array[],
  residuals: Float64Array,
  inverseGram: Matrix,
  period: Uint32Array,
  periods: number,
  lag: number,
  factor: number,
): Matrix {
  requirePeriods(periods, lag);
  const k = columns.length;
  const scores = columns.map((x) => {
    const sums = new Float64Array(periods);
    for (let i = 0; i < x.length; i++) sums[period[i]] += x[i] * residuals[i];
    return sums;
  });
  const influence = scores.map((_, j) => {
    const column = new Float64Array(periods);
    for (let l = 0; l < k; l++) addScaled(column, inverseGram.get(l, j), scores[l]);
    return column;
  });
  const V = new Matrix(k, k);
  for (let j = 0; j < k; j++) {
    for (let l = 0; l <= j; l++) {
      let value = dot(influence[j], influence[l]);
      for (let back = 1; back <= lag; back++) {
        let sum = 0;
        for (let t = back; t < periods; t++)
          sum += influence[j][t] * influence[l][t - back] + influence[l][t] * influence[j][t - back];
        value += (1 - back / (lag + 1)) * sum;
      }
      V.set(j, l, factor * value);
      V.set(l, j, factor * value);
    }
  }
  return V;
}

/** Lag of Stata's xtscc when none is given: ⌊4 (T/100)^(2/9)⌋ (Newey & West 1994). */
export function driscollKraayLag(periods: number): number {
  return Math.floor(4 * (periods / 100) ** (2 / 9));
}

/** @throws EstimationError `too_few_periods` if T ≤ lag + 1 */
export function requirePeriods(periods: number, lag: number): void {
  if (periods < 2 || periods <= lag + 1) {
    throw new EstimationError(
      'too_few_periods',
      `Driscoll–Kraay errors with lag ${lag} need T ≥ ${Math.max(2, lag + 2)} periods, got ${periods}`,
    );
  }
}
