import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { printFormula } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import { type Kao, kao } from '../../unit-roots/kao.js';
import { plugInBandwidth } from '../../unit-roots/long-run-variance.js';
import { calendarSeries, isBalanced } from '../../unit-roots/series.js';
import { asEstimation } from '../as-estimation.js';
import { fewestPeriodsForKao } from './limits.js';
import type { UnitRootsParams } from './params.js';
import type { CointegrationResult } from './result.js';

/** @throws EstimationError `unbalanced`, `too_few_periods`, `no_complete_rows` and those of `kao` */
export function cointegrationTests({ cointegration }: UnitRootsParams, panel: Panel): CointegrationResult | null {
  if (cointegration === undefined) return null;
  const formula = parseFormula(cointegration.formula, '/cointegration/formula');
  const frame = asEstimation(() => modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors }));
  const onPanel = (values: Float64Array) => {
    const all = new Float64Array(panel.rows).fill(Number.NaN);
    for (const [i, row] of frame.rows.entries()) all[row] = values[i];
    return calendarSeries(panel, all);
  };
  const outcome = onPanel(frame.outcome.values);
  if (!isBalanced(outcome)) {
    const counts = outcome.map(({ count }) => count);
    throw new EstimationError(
      'unbalanced',
      `Kao’s tests need every entity to have the same periods without gaps; entities have ${Math.min(...counts)} to ${Math.max(...counts)} complete rows`,
    );
  }
  const [N, T] = [outcome.length, outcome[0].count];
  const least = 2 * cointegration.lags + 4;
  if (T < least) {
    throw new EstimationError(
      'too_few_periods',
      `Kao’s ADF form with ${cointegration.lags} lags needs at least ${least} periods, there are ${T}`,
    );
  }
  const regressors = frame.regressors.map(({ values }) => onPanel(values));
  const bandwidth = cointegration.bandwidth ?? plugInBandwidth(T);
  const found = kao(
    outcome.map(({ values }, i) => ({ outcome: values, regressors: regressors.map((series) => series[i].values) })),
    cointegration.lags,
    bandwidth,
  );
  return {
    formula: printFormula(formula),
    outcome: frame.outcome.name,
    regressors: frame.regressors.map(({ name }, j) => ({ name, slope: found.slopes[j] })),
    entities: N,
    periods: T,
    lags: cointegration.lags,
    bandwidth,
    rho: found.rho,
    tRho: found.tRho,
    adfCoefficient: found.adfCoefficient,
    tAdf: found.tAdf,
    variance: found.variance,
    longRunVariance: found.longRunVariance,
    tests: entriesOf(found),
    status: T < fewestPeriodsForKao ? 'too short' : 'ok',
  };
}

const entriesOf = ({ adf, modifiedDfT, modifiedDfRho, dfT, dfRho }: Kao): CointegrationResult['tests'] => [
  { name: 'kao-adf', title: 'ADF', ...adf },
  { name: 'kao-df-t', title: 'DF*_t', ...modifiedDfT },
  { name: 'kao-df-rho', title: 'DF*_ρ', ...modifiedDfRho },
  { name: 'kao-df-t-exogenous', title: 'DF_t, strictly exogenous regressors', ...dfT },
  { name: 'kao-df-rho-exogenous', title: 'DF_ρ, strictly exogenous regressors', ...dfRho },
];
