import { Matrix } from 'ml-matrix';
import { crossGroupings, type Grouping } from '../effects/grouping.js';
import { clusterCovariance } from './cluster.js';

export interface TwoWayFactors {
  readonly first: number;
  readonly second: number;
  readonly both: number;
}

/**
 * Two-way cluster-robust covariance, V = V_1 + V_2 − V_12, V_12 clustered by the pairs.
 *
 * V can fail to be positive semidefinite; a negative variance is returned as it is, for the result to say so.
 *
 * @param factors  given G_1, G_2 and G_12: c of each term. Per term is Cameron, Gelbach & Miller's program; one of the smaller G
 *   is fixest's default; 1 is plm's vcovDC
 * @see Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, eq. 2.11; Thompson (2011)
 */
export function twoWayClusterCovariance(
  columns: readonly Float64Array[],
  residuals: Float64Array,
  inverseGram: Matrix,
  first: Grouping,
  second: Grouping,
  factors: (clusters: TwoWayFactors) => TwoWayFactors,
): Matrix {
  const both = crossGroupings(first, second);
  const c = factors({ first: first.levels, second: second.levels, both: both.levels });
  const by = ({ codes, levels }: Grouping, factor: number) =>
    clusterCovariance(columns, residuals, inverseGram, codes, levels, factor);
  return Matrix.sub(Matrix.add(by(first, c.first), by(second, c.second)), by(both, c.both));
}
