import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { printFormula } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import {
  engleGranger,
  engleGrangerP,
  fewestEngleGrangerRows,
  mostEngleGrangerRegressors,
} from '../../unit-roots/engle-granger.js';
import { fisherTests } from '../../unit-roots/fisher.js';
import { type Kao, kao } from '../../unit-roots/kao.js';
import { plugInBandwidth } from '../../unit-roots/long-run-variance.js';
import { calendarSeries, isBalanced, type Series } from '../../unit-roots/series.js';
import { asEstimation } from '../as-estimation.js';
import { fewestPeriodsForKao } from './limits.js';
import type { UnitRootsParams } from './params.js';
import type { CointegrationResult } from './result.js';

type Request = NonNullable<UnitRootsParams['cointegration']>;

/** Outcome and regressors of the complete rows, by entity. */
interface Regression {
  readonly names: readonly string[];
  readonly outcome: readonly Series[];
  readonly regressors: readonly (readonly Series[])[];
}

/**
 * Engle–Granger entity by entity, and Kao's pooled tests; one that the data cannot give says why.
 *
 * @throws EstimationError `no_complete_rows`
 */
export function cointegrationTests({ cointegration: request }: UnitRootsParams, panel: Panel): CointegrationResult | null {
  if (request === undefined) return null;
  const formula = parseFormula(request.formula, '/cointegration/formula');
  const frame = asEstimation(() => modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors }));
  const onPanel = (values: Float64Array) => {
    const all = new Float64Array(panel.rows).fill(Number.NaN);
    for (const [i, row] of frame.rows.entries()) all[row] = values[i];
    return calendarSeries(panel, all);
  };
  const regression: Regression = {
    names: frame.regressors.map(({ name }) => name),
    outcome: onPanel(frame.outcome.values),
    regressors: frame.regressors.map(({ values }) => onPanel(values)),
  };
  const [residual, pooled] = [
    attempt(() => engleGrangerTests(request, regression)),
    attempt(() => kaoTests(request, regression)),
  ];
  return {
    formula: printFormula(formula),
    outcome: frame.outcome.name,
    regressors: [...regression.names],
    lags: request.lags,
    sample: {
      entities: regression.outcome.length,
      periods: Math.max(...regression.outcome.map(({ count }) => count)),
      rows: frame.rows.length,
      balanced: isBalanced(regression.outcome),
    },
    engleGranger: residual.found,
    engleGrangerNote: residual.note,
    kao: pooled.found,
    kaoNote: pooled.note,
  };
}

function attempt<T>(compute: () => T): { found: T | null; note: string | null } {
  try {
    return { found: compute(), note: null };
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { found: null, note: error.message };
  }
}

type EngleGranger = NonNullable<CointegrationResult['engleGranger']>;

function engleGrangerTests({ deterministic, lags }: Request, { names, outcome, regressors }: Regression): EngleGranger {
  const m = names.length;
  if (m > mostEngleGrangerRegressors) {
    throw new EstimationError(
      'too_many_regressors',
      `Engle–Granger p-values are for up to ${mostEngleGrangerRegressors} regressors, there are ${m}`,
    );
  }
  const entities = outcome.map(({ entity, values }, i) => {
    const { found, note } = attempt(() => {
      const regression = engleGranger(
        values,
        regressors.map((series) => series[i].values),
        deterministic,
        lags,
      );
      if (regression.rows >= fewestEngleGrangerRows) return regression;
      throw new EstimationError(
        'too_few_periods',
        `p-values of a residual regression are for ${fewestEngleGrangerRows} rows or more, there are ${regression.rows}`,
      );
    });
    const p = (n: number) => (found === null ? Number.NaN : engleGrangerP(found.t, deterministic, m, n));
    const rows = found?.rows ?? 0;
    return { entity, rows, t: found?.t ?? Number.NaN, pValue: p(rows), pAsymptotic: p(Number.POSITIVE_INFINITY), note };
  });
  const p = entities.filter(({ note }) => note === null).map(({ pValue }) => pValue);
  if (p.length === 0) throw new EstimationError('no_p_values', `no entity has a residual regression: ${entities[0].note}`);
  const { chiSquared, inverseNormal, logit, modified } = fisherTests(p);
  return {
    deterministic,
    entities,
    tests: [
      { name: 'engle-granger-chi2', title: 'Engle–Granger Fisher χ²', distribution: 'chi2', ...chiSquared },
      { name: 'engle-granger-z', title: 'Engle–Granger Choi Z', distribution: 'normal', df: null, ...inverseNormal },
      { name: 'engle-granger-logit', title: 'Engle–Granger logit', distribution: 't', ...logit },
      { name: 'engle-granger-pm', title: 'Engle–Granger Pm', distribution: 'normal', df: null, ...modified },
    ],
  };
}

function kaoTests(
  { lags, bandwidth: given }: Request,
  { names, outcome, regressors }: Regression,
): NonNullable<CointegrationResult['kao']> {
  if (!isBalanced(outcome)) {
    const counts = outcome.map(({ count }) => count);
    throw new EstimationError(
      'unbalanced',
      `Kao’s tests need every entity to have the same periods without gaps; entities have ${Math.min(...counts)} to ${Math.max(...counts)} complete rows`,
    );
  }
  const T = outcome[0].count;
  const least = lags + 4;
  if (T < least) {
    throw new EstimationError('too_few_periods', `Kao’s tests with ${lags} lags need at least ${least} periods, there are ${T}`);
  }
  const bandwidth = given ?? plugInBandwidth(T);
  const found = kao(
    outcome.map(({ values }, i) => ({ outcome: values, regressors: regressors.map((series) => series[i].values) })),
    lags,
    bandwidth,
  );
  const { rho, tRho, adfCoefficient, tAdf, variance, longRunVariance } = found;
  return {
    slopes: names.map((name, j) => ({ name, slope: found.slopes[j] })),
    bandwidth,
    rho,
    tRho,
    adfCoefficient,
    tAdf,
    variance,
    longRunVariance,
    tests: entriesOf(found),
    status: T < fewestPeriodsForKao ? 'too short' : 'ok',
  };
}

const entriesOf = ({ adf, modifiedDfT, modifiedDfRho, dfT, dfRho }: Kao): NonNullable<CointegrationResult['kao']>['tests'] => [
  { name: 'kao-adf', title: 'Kao ADF', ...adf },
  { name: 'kao-df-t', title: 'Kao DF*_t', ...modifiedDfT },
  { name: 'kao-df-rho', title: 'Kao DF*_ρ', ...modifiedDfRho },
  { name: 'kao-df-t-exogenous', title: 'Kao DF_t, strictly exogenous regressors', ...dfT },
  { name: 'kao-df-rho-exogenous', title: 'Kao DF_ρ, strictly exogenous regressors', ...dfRho },
];
