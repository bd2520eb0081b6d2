import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';

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
  const width = k + 1;
  const all = [...columns, y];
  const products = Array.from({ length: clusters }, () => new Float64Array(width * width));
  for (let j = 0; j < width; j++) {
    for (let l = 0; l <= j; l++) {
      const [a, b] = [all[j], all[l]];
      for (let i = 0; i < y.length; i++) products[cluster[i]][j * width + l] += a[i] * b[i];
    }
  }
  const total = new Float64Array(width * width);
  for (const product of products) for (let e = 0; e < total.length; e++) total[e] += product[e];

  const beta = sweepSolve(total, total, k, wanted, 'all');
  const V = new Matrix(wanted, wanted);
  const without = new Float64Array(width * width);
  for (const [g, product] of products.entries()) {
    for (let e = 0; e < without.length; e++) without[e] = total[e] - product[e];
    const left = sweepSolve(without, total, k, wanted, `all but cluster ${g}`);
    for (let j = 0; j < wanted; j++) {
      for (let l = 0; l < wanted; l++) V.set(j, l, V.get(j, l) + (left[j] - beta[j]) * (left[l] - beta[l]));
    }
  }
  return V.mul((clusters - 1) / clusters);
}

/** A pivot below this share of the column's own sum of squares over all clusters is rounding. */
const noPivot = 1e-11;

/** Coefficients from [XᵀX; yᵀX] in the lower triangle; later columns without a pivot are left out, wanted ones refused. */
function sweepSolve(product: Float64Array, scale: Float64Array, k: number, wanted: number, rows: string): Float64Array {
  const width = k + 1;
  const l = Float64Array.from(product);
  const out = new Uint8Array(k);
  for (let j = 0; j < k; j++) {
    let pivot = l[j * width + j];
    for (let m = 0; m < j; m++) pivot -= l[j * width + m] ** 2;
    if (!(pivot > noPivot * scale[j * width + j])) {
      if (j < wanted) {
        throw new EstimationError(
          'not_identified',
          `coefficient ${j} cannot be estimated from ${rows}: the jackknife has no value`,
        );
      }
      out[j] = 1;
      for (let i = j; i < width; i++) l[i * width + j] = 0;
      continue;
    }
    const root = Math.sqrt(pivot);
    l[j * width + j] = root;
    for (let i = j + 1; i < width; i++) {
      let sum = l[i * width + j];
      for (let m = 0; m < j; m++) sum -= l[i * width + m] * l[j * width + m];
      l[i * width + j] = sum / root;
    }
  }
  const b = new Float64Array(k);
  for (let j = k - 1; j >= 0; j--) {
    if (out[j] === 1) continue;
    let sum = l[k * width + j];
    for (let i = j + 1; i < k; i++) sum -= l[i * width + j] * b[i];
    b[j] = sum / l[j * width + j];
  }
  return b;
}
