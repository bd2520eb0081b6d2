import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { sandwich } from './sandwich.js';

/**
 * One-way cluster-robust covariance of OLS coefficients.
 *
 *   V = c · (XᵀX)⁻¹ (Σ_g s_g s_gᵀ) (XᵀX)⁻¹,   s_g = Σ_{i∈g} x_i û_i
 *
 * c = 1 is CR0 (plm's `vcovHC(method = "arellano", type = "HC0")` when clusters are entities); CR1 is `stataClusterFactor`.
 * The rank of V is at most G − 1 (with a constant or effects within clusters): with fewer clusters than coefficients single
 * standard errors exist and a joint test does not.
 *
 * @param columns      k kept columns of length n, after any within transform
 * @param residuals    û, length n, in units of y
 * @param inverseGram  (XᵀX)⁻¹, k×k
 * @param cluster      length n, cluster[i] ∈ {0, …, clusters − 1}, every index used
 * @param clusters     G
 * @param factor       c, named where it is chosen
 * @returns k×k; entry (j, l) in units y² / (x_j · x_l)
 * @throws EstimationError `too_few_clusters` if G < 2
 * @see Liang & Zeger (1986); Arellano (1987); Cameron & Miller (2015), Journal of Human Resources 50, eq. 11
 */
export function clusterCovariance(
  columns: readonly Float64Array[],
  residuals: Float64Array,
  inverseGram: Matrix,
  cluster: Uint32Array,
  clusters: number,
  factor: number,
): Matrix {
  requireClusters(clusters);
  const scores = columns.map((x) => clusterSums(x, residuals, cluster, clusters));
  return sandwich(scores, inverseGram, factor);
}

/** Σ_{i∈g} x_i û_i of each cluster. */
function clusterSums(x: Float64Array, residuals: Float64Array, cluster: Uint32Array, clusters: number): Float64Array {
  const sums = new Float64Array(clusters);
  for (let i = 0; i < x.length; ) {
    const g = cluster[i];
    let score = sums[g]; // stays in a register while rows of one cluster follow each other, as an entity's do
    for (; i < x.length && cluster[i] === g; i++) score += x[i] * residuals[i];
    sums[g] = score;
  }
  return sums;
}

/**
 * Stata's small-sample factor of a clustered covariance (CR1): c = G/(G−1) · (n−1)/(n−k).
 *
 * `parameters` k decides, and programs differ in it:
 * - pooled `regress, vce(cluster)`: the columns, constant included;
 * - `xtreg, fe vce(cluster)` with effects nested in the clusters: slopes + 1 (`withinClusterFactor`); fixest's default too;
 * - effects that are not nested count: entity and time effects clustered by entity, slopes + 1 + (T − 1); clustered by time,
 *   slopes + N; `areg`, slopes + N;
 * - plm's `vcovHC(type = "sss")`: slopes, no 1 for the constant.
 *
 * @throws EstimationError `too_few_clusters` if G < 2, `too_few_rows` if n ≤ k
 * @see Cameron & Miller (2015), Journal of Human Resources 50, eq. 12; Stata's manual, [R] regress, Methods and formulas
 */
export function stataClusterFactor({ clusters, rows, parameters }: ClusterFactorInput): number {
  requireClusters(clusters);
  if (rows <= parameters) {
    throw new EstimationError(
      'too_few_rows',
      `the clustered factor needs more rows than parameters, got ${rows} and ${parameters}`,
    );
  }
  return (clusters / (clusters - 1)) * ((rows - 1) / (rows - parameters));
}

export interface ClusterFactorInput {
  /** G */
  readonly clusters: number;
  /** n */
  readonly rows: number;
  /** k, constant included */
  readonly parameters: number;
}

/**
 * The factor of Stata's `xtreg, fe vce(cluster)` and fixest's default: c = G/(G−1) · (n−1)/(n−k−1), k slopes; the entity
 * effects, nested in the clusters, are not counted.
 */
export function withinClusterFactor(of: { readonly clusters: number; readonly rows: number; readonly slopes: number }): number {
  return stataClusterFactor({ clusters: of.clusters, rows: of.rows, parameters: of.slopes + 1 });
}

/** Degrees of freedom of t and F with clustered errors: G − 1, as Stata. plm prints those of the residuals instead. */
export function clusterDf(clusters: number): number {
  requireClusters(clusters);
  return clusters - 1;
}

function requireClusters(clusters: number): void {
  if (!(clusters >= 2))
    throw new EstimationError('too_few_clusters', `clustered covariance needs G ≥ 2 clusters, got ${clusters}`);
}
