import { parseFormula } from '../../formula/parse.js';
import { wholeJob } from '../../job/layout.js';
import { constantTerm } from '../../report/estimates-table.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { surEstimates } from './estimate.js';
import { type SurParams, surParams } from './params.js';
import { surReport } from './report.js';
import { byIndex, checkRequest, namedFormulas } from './request.js';
import { type SurResult, surResult } from './result.js';

/**
 * Seemingly unrelated regressions: y_m = X_m β_m + effects + u_m, Cov(u_m, u_l) = σ_ml I.
 */
export const sur = defineAnalysis<SurParams, null, SurResult, SurResult>({
  name: 'sur',
  version: 1,
  title: 'Seemingly unrelated regressions',
  about:
    'Several equations whose errors move together, estimated at once by feasible generalised least squares, in two steps or iterated, with ' +
    'any fixed effects that they share: several outcomes on the same rows, or one equation for each entity or period. Breusch–Pagan’s ' +
    'test of independence, Wald tests across equations, OLS of each equation beside it, and errors clustered across rows and equations. ' +
    'When every equation has the same regressors SUR is OLS, whatever the correlation: the answer says so.',
  sources: [
    'Zellner, A. (1962). An efficient method of estimating seemingly unrelated regressions and tests for aggregation bias. JASA 57, 348–368',
    'Breusch, T. S. & Pagan, A. R. (1980). The Lagrange multiplier test and its applications to model specification. Review of Economic Studies 47, 239–253',
    'McElroy, M. B. (1977). Goodness of fit for seemingly unrelated regressions. Journal of Econometrics 6, 381–387',
    'Oberhofer, W. & Kmenta, J. (1974). A general procedure for obtaining maximum likelihood estimates in generalized regression models. Econometrica 42, 579–590',
    'Henningsen, A. & Hamann, J. D. (2007). systemfit: A package for estimating systems of simultaneous equations in R. Journal of Statistical Software 23(4)',
  ],
  params: surParams,
  result: surResult,
  example: {
    dataset: 'grunfeld11.csv',
    params: { formula: 'invest ~ value + capital', by: 'firm', levels: ['General Electric', 'Westinghouse'] },
  },

  check: checkRequest,
  cost: (params, info) => costOf(params, info),
  plan: () => ({ context: null, unit: 'systems', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = surEstimates(params, panel);
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: surReport,

  estimates: ({ equations, system: { rows } }) =>
    equations.flatMap(({ name, coefficients }) =>
      coefficients
        .filter(({ term }) => term !== constantTerm)
        .map(({ term, estimate, standardError, statistic, pValue, lower, upper }) => ({
          ...{ name: `[${name}]${term}`, estimate, standardError, statistic, pValue, lower, upper, rows },
        })),
    ),
});

/** Products of all columns, then K³ a step; measured on one core of a 2.6 GHz server. */
function costOf(params: SurParams, { panel }: InputInfo): Cost {
  const { M, k, effects, rows } = sizesOf(params, panel);
  const K = M * (k + 1);
  const steps = params.iterate ? 30 : 1;
  const cpuSeconds =
    0.03 + rows * (K * K * 4e-9 + K * 1e-6 * (1 + effects * effects) + steps * M * (M + k) * 4e-9) + steps * K ** 3 * 4e-9;
  return {
    cpuSeconds,
    bytes: 60_000 + 500 * K + 40 * M * M,
    arithmetic: `${M} equations × ${rows.toLocaleString('en')} rows × up to ${k + 1} coefficients`,
  };
}

function sizesOf(params: SurParams, panel: InputInfo['panel']) {
  if (params.equations === undefined) {
    const index = byIndex(params.by!, panel)!; // checked at the door
    const M = params.levels?.length ?? panel[index].count;
    const rows = panel[index === 'entity' ? 'time' : 'entity'].count;
    return { M, k: parseFormula(params.formula!, '/formula').regressors.length, effects: 0, rows };
  }
  const formulas = namedFormulas(params).map(({ formula }) => formula);
  const k = Math.max(...formulas.map(({ regressors }) => regressors.length));
  return { M: formulas.length, k, effects: formulas[0].effects.length, rows: panel.rows };
}
