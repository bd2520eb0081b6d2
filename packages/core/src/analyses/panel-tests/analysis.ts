import { parseFormula } from '../../formula/parse.js';
import { wholeJob } from '../../job/layout.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { testBattery } from './estimate.js';
import { type PanelTestsParams, panelTestsParams } from './params.js';
import { panelTestsReport } from './report.js';
import { checkRequest, effectsOf, testedSample } from './request.js';
import { type PanelTestsResult, panelTestsResult } from './result.js';

/** Pooled, random or fixed effects, and which errors: the tests of a panel model, singly or as one battery. */
export const panelTests = defineAnalysis<PanelTestsParams, null, PanelTestsResult, PanelTestsResult>({
  name: 'panel-tests',
  version: 1,
  title: 'Specification tests of a panel model',
  about:
    'Are there effects, are they correlated with the regressors, and what are the errors like? F and Lagrange multiplier tests for effects, ' +
    'Hausman in its classic form with each coefficient, with one error variance (sigmamore, sigmaless) and as Mundlak’s regression with clustered ' +
    'errors, Wooldridge’s test of serial correlation, the modified Wald test, White and Breusch–Pagan regressions, and Pesaran’s CD. The table of ' +
    'what each test needs stands first; a test that these data cannot give says why, and the verdict says what the others mean together. A ' +
    'negative Hausman statistic is shown as it is. Tests after looking at tests are not a proof: choose the model for reasons first.',
  sources: [
    'Baltagi, B. H. (2021). Econometric Analysis of Panel Data, 6th ed., §2.2 (F), ch. 4 (LM, Hausman)',
    'Hausman, J. A. (1978). Specification tests in econometrics. Econometrica 46, 1251–1271; Arellano, M. (1993). Journal of Econometrics 59, 87–97 (robust form)',
    'Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., §10.6.3, §10.7.3; Drukker (2003), Stata Journal 3(2): xtserial',
    'Greene, W. H. (2000). Econometric Analysis, 4th ed., p. 598; Baum (2001), Stata Journal 1(1): xttest3',
    'White (1980), Econometrica 48; Breusch & Pagan (1979, 1980); Koenker (1981)',
    'Pesaran, M. H. (2004). General diagnostic tests for cross section dependence in panels; Juodis & Reese (2022) on period effects',
  ],
  params: panelTestsParams,
  result: panelTestsResult,
  example: { dataset: 'grunfeld.csv', params: { formula: 'inv ~ value + capital | firm' } },

  check: checkRequest,
  cost: costOf,
  plan: () => ({ context: null, unit: 'batteries', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = testBattery(params, testedSample(params, panel));
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: panelTestsReport,
});

/** Measured on one core of a 2.6 GHz server: some two fits a test, White's products, and every pair of entities. */
function costOf({ formula, tests }: PanelTestsParams, { panel }: InputInfo): Cost {
  const parsed = parseFormula(formula, '/formula');
  const k = parsed.regressors.length;
  const dummies = effectsOf(parsed, panel).time ? panel.time.count : 0;
  const withDummies = tests.filter((test) => test === 'hausman' || test === 'wooldridge').length;
  const columns = (tests.length - withDummies) * (k + 1) ** 2 + withDummies * (k + 1 + dummies) ** 2;
  const white = tests.includes('white') ? ((k * (k + 3)) / 2) ** 2 : 0;
  const pairs = tests.includes('pesaran-cd') ? (panel.entity.count ** 2 / 2) * panel.time.count : 0;
  const cpuSeconds = panel.rows * (3.5e-8 * columns + 7e-9 * white + 2e-6) + pairs * 6e-9 + 0.02;
  const integer = (value: number) => value.toLocaleString('en');
  return {
    cpuSeconds,
    bytes: 20_000 + 500 * k,
    arithmetic:
      `${tests.length} tests × ${integer(panel.rows)} rows × ${k} regressors${dummies > 0 ? ` + ${integer(dummies)} periods` : ''}, ` +
      `${integer(panel.entity.count)} entities ≈ ${integer(Number(cpuSeconds.toPrecision(2)))} CPU seconds`,
  };
}
