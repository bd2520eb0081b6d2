import { clusterCovariance, clusterDf, stataClusterFactor } from '../covariance/cluster.js';
import { fUpper } from '../distributions/f.js';
import { groupingOnRows } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import type { FTest } from '../instruments/first-stage.js';
import { leastSquares } from '../linalg/least-squares.js';
import { firstDifferenceFit } from '../panel-models/first-difference.js';
import { isPerfectFit } from '../panel-models/linear-fit.js';
import type { PanelSample } from '../panel-models/sample.js';

export interface WooldridgeTest extends FTest {
  /** coefficient of the lagged residual, −.5 without serial correlation in levels */
  readonly rho: number;
  /** rows of the regression of residuals on their lags */
  readonly rows: number;
}

/**
 * Wooldridge's test of first-order serial correlation: least squares in first differences without a constant, its residuals e on
 * e₋₁ without a constant, errors clustered by entity; F of ρ = −½, against F(1, G − 1).
 *
 * plm's `pwfdtest` has another covariance and other degrees of freedom.
 *
 * @throws EstimationError `too_few_periods` if no entity has three periods in a row; `too_few_clusters`
 * @see Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd ed., §10.6.3; Drukker (2003), Stata Journal
 *   3(2): `xtserial`
 */
export function wooldridgeTest(sample: PanelSample): WooldridgeTest {
  const differences = firstDifferenceFit(sample, false);
  if (isPerfectFit(differences))
    throw new EstimationError('perfect_fit', 'first differences fit perfectly: there are no errors to correlate');
  const { residuals } = differences;
  const rows = differences.sampleRows!;
  const at = Array.from(rows.keys()).filter((i) => i > 0 && rows[i - 1] === rows[i] - 1);
  if (at.length === 0) {
    throw new EstimationError(
      'too_few_periods',
      'the serial correlation test needs an entity with three periods in a row, and there is none',
    );
  }
  const e = Float64Array.from(at, (i) => residuals[i]);
  const lag = Float64Array.from(at, (i) => residuals[i - 1]);
  const cluster = groupingOnRows(
    sample.entity,
    Uint32Array.from(at, (i) => rows[i]),
  );
  const fit = leastSquares([lag], e);
  const factor = stataClusterFactor({ clusters: cluster.levels, rows: e.length, parameters: 1 });
  const V = clusterCovariance([lag], fit.residuals, fit.inverseGram, cluster.codes, cluster.levels, factor);
  const [rho] = fit.coefficients;
  const statistic = (rho + 0.5) ** 2 / V.get(0, 0);
  const df2 = clusterDf(cluster.levels);
  return { statistic, df1: 1, df2, p: fUpper(statistic, 1, df2), rho, rows: e.length };
}
