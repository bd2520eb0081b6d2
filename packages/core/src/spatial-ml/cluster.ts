import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import type { MlEquation, MlFit, MlPanel } from './equation.js';
import { type Propagation, propagation } from './propagation.js';

/**
 * Covariance of (ρ, β, λ, σ²) that is robust to anything among the errors of one unit: I⁻¹BI⁻¹·N/(N − 1), with I the expected information.
 *
 * The score is linear and quadratic in the errors, ε_i those of unit i over the periods:
 *
 *   s = Σ_i g_i + Σ_{i<j} q_ij ε_iᵀε_j/σ²,   q_ij = (h_ij + h_ji, 0, k_ij + k_ji, 0)
 *   g_i = (η_iᵀε_i/σ² + h_ii(ε_iᵀε_i/σ² − m), x_iᵀε_i/σ², k_ii(ε_iᵀε_i/σ² − m), (ε_iᵀε_i/σ² − m)/(2σ²)),   m = n/N
 *
 * and its terms are uncorrelated when units are independent: B = Σ_i g_i g_iᵀ + Σ_{i<j} q_ij q_ijᵀ (ε_iᵀε_j)²/σ⁴. Scores of rows added up by
 * unit, as xsmle adds them, leave Σ h_ij h_ji out.
 *
 * @param information  its inverse
 * @param mean  η, the mean of QRWy; null without Wy
 * @throws EstimationError `too_few_clusters`
 * @see White (1982), Econometrica 50; Kelejian & Prucha (2001), Journal of Econometrics 104, on linear-quadratic forms
 */
export function clusterCovarianceMl(
  fit: MlFit,
  { lag, error }: MlEquation,
  { units: N, entity }: MlPanel,
  information: Matrix,
  mean: Float64Array | null,
): Matrix {
  if (N < 2) throw new EstimationError('too_few_clusters', `clustered errors need at least 2 units, got ${N}`);
  const { residuals: e, sigma2, observations, columns } = fit;
  const byUnit: number[][] = Array.from({ length: N }, () => []);
  for (let row = 0; row < e.length; row++) byUnit[entity[row]].push(row);
  const slopes = [...(mean === null ? [] : [mean]), ...columns.x];
  const size = slopes.length + (error === null ? 1 : 2);
  const last = size - 1;
  const meat = new Matrix(size, size);
  const spread: Propagation =
    lag === null && error === null
      ? { units: N, h: null, k: null }
      : propagation(lag?.one ?? null, error?.one ?? null, fit.rho ?? 0, fit.lambda ?? 0);
  const period = periodsOf(byUnit, e);
  const unit = new Float64Array(N);
  const g = new Float64Array(size);
  for (let i = 0; i < N; i++) {
    unit[i] = 1;
    const h = spread.h === null ? null : { to: spread.h.apply(unit), from: spread.h.applyTransposed(unit) };
    const k = spread.k === null ? null : { to: spread.k.apply(unit), from: spread.k.applyTransposed(unit) };
    unit[i] = 0;
    slopes.forEach((column, s) => {
      g[s] = byUnit[i].reduce((sum, row) => sum + column[row] * e[row], 0) / sigma2;
    });
    const own = inner(period[i], period[i]) / sigma2 - observations / N;
    if (h !== null) g[0] += h.to[i] * own;
    if (k !== null) g[last - 1] = k.to[i] * own;
    g[last] = own / (2 * sigma2);
    for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) meat.set(a, b, meat.get(a, b) + g[a] * g[b]);
    for (let j = 0; j < i; j++) {
      const q = [h === null ? 0 : h.to[j] + h.from[j], k === null ? 0 : k.to[j] + k.from[j]];
      if (q[0] === 0 && q[1] === 0) continue;
      const square = (inner(period[i], period[j]) / sigma2) ** 2;
      const places = [0, last - 1];
      for (const a of [0, 1]) {
        for (const b of [0, 1]) {
          if (q[a] !== 0 && q[b] !== 0) {
            meat.set(places[a], places[b], meat.get(places[a], places[b]) + q[a] * q[b] * square);
          }
        }
      }
    }
  }
  return information
    .mmul(meat)
    .mmul(information)
    .mul(N / (N - 1));
}

/** ε_i of every unit, in the order of its periods. */
const periodsOf = (byUnit: readonly (readonly number[])[], e: Float64Array) =>
  byUnit.map((rows) => Float64Array.from(rows, (row) => e[row]));

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}
