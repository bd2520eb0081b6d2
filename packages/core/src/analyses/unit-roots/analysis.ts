import { wholeJob } from '../../job/layout.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { unitRootBattery } from './estimate.js';
import { type UnitRootsParams, unitRootsParams } from './params.js';
import { unitRootsReport } from './report.js';
import { checkRequest, testedTerms } from './request.js';
import { type UnitRootsResult, unitRootsResult } from './result.js';

/** Do the series of a panel have unit roots, and is a regression between them one of cointegration? */
export const unitRoots = defineAnalysis<UnitRootsParams, null, UnitRootsResult, UnitRootsResult>({
  name: 'unit-roots',
  version: 1,
  title: 'Panel unit roots and cointegration',
  about:
    'Several variables at once, in levels and first differences: each entity’s ADF and Phillips–Perron test with p-values for the number of ' +
    'rows there is, combined as Fisher tests (Maddala–Wu χ², Choi’s Z, logit, Pm); Levin–Lin–Chu, Im–Pesaran–Shin, Pesaran’s CIPS for entities ' +
    'that move together, Hadri with its reversed null, and Harris–Tzavalis for few periods; Engle–Granger tests by entity and Kao’s of no cointegration. With 7 to 12 ' +
    'periods only ADF–Fisher from finite-sample p (and Harris–Tzavalis) keep their level: the others are printed and have no verdict. ' +
    'Residuals of a regression are no raw series: their raw-series p-values reject too often, give `cointegration` instead.',
  sources: [
    'Maddala, G. S. & Wu, S. (1999). Oxford Bulletin of Economics and Statistics 61, 631–652; Choi, I. (2001). Journal of International Money and Finance 20, 249–272',
    'MacKinnon, J. G. (1996). Numerical distribution functions for unit root and cointegration tests. Journal of Applied Econometrics 11, 601–618 (the method)',
    'Levin, A., Lin, C.-F. & Chu, C.-S. J. (2002). Journal of Econometrics 108, 1–24; Im, K. S., Pesaran, M. H. & Shin, Y. (2003). Journal of Econometrics 115, 53–74',
    'Pesaran, M. H. (2007). A simple panel unit root test in the presence of cross-section dependence. Journal of Applied Econometrics 22, 265–312',
    'Hadri, K. (2000). Econometrics Journal 3, 148–161; Harris, R. D. F. & Tzavalis, E. (1999). Journal of Econometrics 91, 201–226',
    'Phillips, P. C. B. & Perron, P. (1988). Biometrika 75, 335–346; Engle, R. F. & Granger, C. W. J. (1987). Econometrica 55, 251–276; Kao, C. (1999). Journal of Econometrics 90, 1–44',
  ],
  params: unitRootsParams,
  result: unitRootsResult,
  example: { dataset: 'grunfeld.csv', params: { variables: ['inv', 'value', 'capital'], differences: true } },

  check: checkRequest,
  cost: costOf,
  plan: () => ({ context: null, unit: 'data sets', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = asEstimation(() => unitRootBattery(params, panel));
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: unitRootsReport,
});

/** Measured on one core of a 2.6 GHz server: some regressions for each entity, form and choice of terms, and every pair of entities. */
function costOf(params: UnitRootsParams, { panel }: InputInfo): Cost {
  const { lags, maxLags, deterministic, differences, tests } = params;
  const series = testedTerms(params, panel.columns).length * deterministic.length * (differences ? 2 : 1);
  const p = typeof lags === 'number' ? lags : (maxLags ?? Math.floor(Math.min(panel.time.count / 3, 12)));
  const fits = (typeof lags === 'number' ? 1 : p + 2) + 2 * tests.length;
  const entities = panel.entity.count;
  const perSeries =
    entities * fits * 2e-5 + panel.rows * fits * (p + 3) ** 2 * 2e-9 + (entities ** 2 / 2) * panel.time.count * 1.2e-8;
  const integer = (value: number) => value.toLocaleString('en');
  const cpuSeconds = 0.02 + series * perSeries;
  return {
    cpuSeconds,
    bytes: 20_000 + series * (4_000 + 500 * entities),
    arithmetic: `${series} series × ${integer(entities)} entities × some ${fits} regressions of up to ${p} lags, ${integer(panel.rows)} rows`,
  };
}
