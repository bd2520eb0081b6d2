import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { clusterProducts, productSolver } from './cluster-products.js';

/**
 * Leave-one-cluster-out jackknife covariance of OLS coefficients (CV3).
 *
 *   V = (G−1)/G · Σ_g (β̂₋g − β̂)(β̂₋g − β̂)ᵀ,   β̂₋g = (XᵀX − X_gᵀX_g)⁻¹ (Xᵀy − X_gᵀy_g)
 *
 * Effects nested in the clusters may have been absorbed: without a cluster the within transform of the others is the same.
 * Effects that are not must stand in X as dummies, for their means move when a cluster goes. A dummy (or any column) that the
 * other clusters do not identify is left out of β̂₋g; one of the first `wanted` columns must not be.
 *
 * @param columns   k columns of length n, after the within transform of nested effects
 * @param y         likewise
 * @param wanted    β̂'s first columns that V is of; the dummies come after them
 * @returns wanted×wanted
 * @throws EstimationError `too_few_clusters`; `not_identified` if a coefficient rests on one cluster alone
 * @see MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38, eq. 12 (around β̂)
 */
export function clusterJackknifeCovariance(
  columns: readonly Float64Array[],
  y: Float64Array,
  wanted: number,
  cluster: Uint32Array,
  clusters: number,
): Matrix {
  if (clusters < 2) throw new EstimationError('too_few_clusters', `the jackknife needs G ≥ 2 clusters, got ${clusters}`);
  const k = columns.length;
  const products = clusterProducts(columns, y, cluster, clusters);
  const total = new Float64Array((k + 1) ** 2);
  for (const product of products) for (let e = 0; e < total.length; e++) total[e] += product[e];
  const solver = productSolver(k, wanted, total);
  const fit = (product: Float64Array, rows: string): Float64Array => {
    const missing = solver.solve(product);
    if (missing >= 0) {
      throw new EstimationError(
        'not_identified',
        `coefficient ${missing} cannot be estimated from ${rows}: the jackknife has no value`,
      );
    }
    return solver.coefficients;
  };

  const beta = fit(total, 'all rows').slice(0, wanted);
  const V = new Matrix(wanted, wanted);
  const without = new Float64Array(total.length);
  for (const [g, product] of products.entries()) {
    for (let e = 0; e < without.length; e++) without[e] = total[e] - product[e];
    const left = fit(without, `all but cluster ${g}`);
    for (let j = 0; j < wanted; j++) {
      for (let l = 0; l < wanted; l++) V.set(j, l, V.get(j, l) + (left[j] - beta[j]) * (left[l] - beta[l]));
    }
  }
  return V.mul((clusters - 1) / clusters);
}
