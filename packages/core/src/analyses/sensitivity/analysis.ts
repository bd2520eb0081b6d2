import { twoSidedP } from '../../distributions/student-t.js';
import { parseFormula } from '../../formula/parse.js';
import { wholeJob } from '../../job/layout.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { sensitivityEstimates } from './estimate.js';
import { type SensitivityParams, sensitivityParams } from './params.js';
import { sensitivityReport } from './report.js';
import { checkRequest } from './request.js';
import { type SensitivityResult, sensitivityResult } from './result.js';

/** Sensitivity of a least-squares coefficient, with or without absorbed effects, to omitted variables. */
export const sensitivity = defineAnalysis<SensitivityParams, null, SensitivityResult, SensitivityResult>({
  name: 'sensitivity',
  version: 1,
  title: 'Sensitivity to omitted variables',
  about:
    'How strong an omitted variable would have to be to change what a regression says: robustness values, bounds by observed covariates ' +
    '(as strong as, twice, three times), contours and extreme scenarios of Cinelli & Hazlett, for OLS and any absorbed effects; beside them ' +
    'Oster’s δ* and β* with both meanings of R², Altonji–Elder–Taber, the impact threshold, replacement and the E-value. Whether the ' +
    'estimate keeps its sign and whether it stays significant are answered apart. It speaks of the linear least-squares coefficient: not of ' +
    'effects in a spatial Durbin model, and with classical errors inside. That no confounder is stronger than a benchmark is for the reader to judge.',
  sources: [
    'Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias. JRSS B 82, 39–67',
    'Cinelli, C. & Hazlett, C. (2025). An omitted variable bias framework for sensitivity analysis of instrumental variables. Biometrika: extreme robustness value, adjusted critical values',
    'Oster, E. (2019). Unobservable selection and coefficient stability. JBES 37, 187–204: propositions 2 and 3',
    'Altonji, J. G., Elder, T. E. & Taber, C. R. (2005). Selection on observed and unobserved variables. JPE 113, 151–184',
    'Frank, K. A. (2000). Impact of a confounding variable on a regression coefficient. Sociological Methods & Research 29, 147–194',
    'Frank, K. A., Maroulis, S. J., Duong, M. Q. & Kelcey, B. M. (2013). What would it take to change an inference? EEPA 35, 437–460',
    'VanderWeele, T. J. & Ding, P. (2017). Sensitivity analysis in observational research: introducing the E-value. Annals of Internal Medicine 167, 268–274',
  ],
  params: sensitivityParams,
  result: sensitivityResult,
  example: {
    dataset: 'produc.csv',
    params: {
      formula: 'log(gsp) ~ log(pc) + log(pcap) + log(emp) + unemp | state + year',
      benchmarks: ['unemp', 'log(pcap)'],
    },
  },

  check: checkRequest,
  cost: (params, info) => costOf(params, info),
  plan: () => ({ context: null, unit: 'models', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = sensitivityEstimates(params, panel);
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: sensitivityReport,

  estimates: ({ treatment, bounds, sample: { rows } }) => {
    const { term, estimate, standardError, statistic, pValue, lower, upper } = treatment;
    return [
      { name: term, estimate, standardError, statistic, pValue, lower, upper, rows },
      ...bounds
        .filter(({ failure, capped }) => failure === null && !capped)
        .map(({ label, ...adjusted }) => ({
          name: `${term}, ${label}`,
          estimate: adjusted.estimate,
          standardError: adjusted.standardError,
          statistic: adjusted.statistic,
          pValue: twoSidedP(adjusted.statistic, treatment.df - 1),
          lower: adjusted.lower,
          upper: adjusted.upper,
          rows,
        })),
    ];
  },
});

/** A handful of regressions; measured on one core of a 2.6 GHz server. */
function costOf(params: SensitivityParams, { panel }: InputInfo): Cost {
  const { regressors, effects } = parseFormula(params.formula, '/formula');
  const k = regressors.length + 1;
  const cpuSeconds = 0.02 + panel.rows * (k * 1e-6 + k * Math.max(1, effects.length) ** 2 * 2e-7 + 6 * k * k * 1e-8);
  return {
    cpuSeconds,
    bytes: 60_000 + 1_000 * params.kd.length * (params.benchmarks?.length ?? k),
    arithmetic: `${panel.rows.toLocaleString('en')} rows × ${k} columns, ${effects.length} effects`,
  };
}
