import { Matrix } from 'ml-matrix';
import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import type { PreparedEquation } from '../../seemingly-unrelated/equation.js';
import type { SurFit } from '../../seemingly-unrelated/sur-fit.js';
import type { SurSample } from './sample.js';

/**
 * Cluster-robust covariance of FGLS coefficients, Σ̂ taken as known.
 *
 *   V_c = G/(G−1) · V (Σ_g s_g s_gᵀ) V,   s_g = Σ_{i∈g} Σ_j σ^{aj} x_ia e_ij for the coefficients of equation a
 *
 * @throws EstimationError `too_few_clusters` if G < 2
 * @see Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd ed., §7.4.2 (the robust variance of FGLS)
 */
export function clusteredCovariance(
  { equations }: SurSample,
  prepared: readonly PreparedEquation[],
  { residuals, inverseWeighting, covariance }: SurFit,
  { codes, levels: G, name }: Grouping & { readonly name: string },
): Matrix {
  if (G < 2) throw new EstimationError('too_few_clusters', `clustered errors need at least 2 clusters, ${name} has ${G}`);
  const K = covariance.rows;
  const scores = new Matrix(G, K);
  let at = 0;
  for (const [a, { kept }] of prepared.entries()) {
    const weighted = new Float64Array(codes.length);
    for (const [j, e] of residuals.entries()) for (let i = 0; i < e.length; i++) weighted[i] += inverseWeighting.get(a, j) * e[i];
    for (const c of kept) {
      const x = equations[a].columns[c];
      for (let i = 0; i < x.length; i++) scores.set(codes[i], at, scores.get(codes[i], at) + x[i] * weighted[i]);
      at++;
    }
  }
  const meat = scores.transpose().mmul(scores);
  return covariance
    .mmul(meat)
    .mmul(covariance)
    .mul(G / (G - 1));
}
