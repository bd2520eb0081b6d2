import type { Matrix } from 'ml-matrix';
import { chiSquaredUpper } from '../distributions/chi-squared.js';
import type { ChiSquaredTest } from '../instruments/overidentification.js';
import { dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';

/**
 * Test of spatial dependence left in the residuals of two-stage least squares, χ²(1):
 *
 *   AK = d²/(τ tr(WᵀW + WW) + 4 s⁻² (eᵀWZ)B(eᵀWZ)ᵀ),   d = eᵀWe/s²,   s² = eᵀe/(τN),   B = (ẐᵀẐ)⁻¹
 *
 * τ periods; T − 1 after individual effects, which take one dimension and commute with W (not after period effects).
 *
 * @param z      regressors Z, within the effects
 * @param trace  tr(WᵀW + WW) of one period
 * @see Anselin & Kelejian (1997), International Regional Science Review 20, 153–182; spreg's `ak_test`
 */
export function anselinKelejianTest(
  w: SparseRows,
  e: Float64Array,
  z: readonly Float64Array[],
  bread: Matrix,
  trace: number,
  units: number,
  tau: number,
): ChiSquaredTest {
  const s2 = dot(e, e) / (tau * units);
  // eᵀWZ = (Wᵀe)ᵀZ: the lags of Z, as spreg takes them
  const scores = z.map((x) => dot(e, spatialLag(w, x)));
  let estimation = 0;
  for (const [j, a] of scores.entries()) for (const [l, b] of scores.entries()) estimation += a * b * bread.get(j, l);
  const d = dot(e, spatialLag(w, e)) / s2;
  const statistic = (d * d) / (tau * trace + (4 * estimation) / s2);
  return { statistic, df: 1, p: chiSquaredUpper(statistic, 1) };
}
