import { checkTerm, meanings } from '../../formula/names.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import { wholeJob } from '../../job/layout.js';
import { didYouMean } from '../../suggest.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { correlatePanel } from './estimate.js';
import { type CorrelateParams, correlateParams } from './params.js';
import { correlateReport } from './report.js';
import { type CorrelateResult, correlateResult } from './result.js';

/** Correlations with tests, and variance inflation on raw and within-transformed regressors. */
export const correlate = defineAnalysis<CorrelateParams, null, CorrelateResult, CorrelateResult>({
  name: 'correlate',
  version: 1,
  title: 'Correlations and collinearity',
  about:
    'Which variables move together, and whether regressors can be told apart: Pearson and Spearman correlations with p-values, and ' +
    'variance inflation factors, which with fixed effects must be taken within them.',
  sources: [
    'Marquardt, D. W. (1970). Generalized inverses, ridge regression, biased linear estimation, and nonlinear estimation. Technometrics 12: variance inflation factors',
    'R, stats::cor.test: t approximation of both tests',
  ],
  params: correlateParams,
  result: correlateResult,
  example: { dataset: 'grunfeld.csv', params: { variables: ['inv', 'value', 'capital'] } },

  check(params, { panel }) {
    const known = meanings(panel);
    const terms = [
      ...params.variables.map((text, k) => ({ text, pointer: `/variables/${k}` })),
      ...(params.inflation ?? []).map((text, k) => ({ text, pointer: `/inflation/${k}` })),
    ];
    return [
      ...terms.flatMap(({ text, pointer }) => {
        const term = parseTerm(text);
        const several = term.factors.some(({ kind }) => kind === 'levels')
          ? [{ pointer, code: 'several_columns', message: `${termName(term)} is several columns; one is needed here` }]
          : [];
        return [...several, ...checkTerm(term, panel, pointer)];
      }),
      ...params.effects.flatMap((name, k) =>
        known.has(name)
          ? []
          : [
              {
                pointer: `/effects/${k}`,
                code: 'unknown_column',
                message: `there is no column "${name}"${didYouMean(name, known.keys())}`,
              },
            ],
      ),
    ];
  },

  cost({ variables }, { panel }) {
    const n = variables.length;
    return {
      cpuSeconds: 0.01 + n * n * panel.rows * 2e-7,
      bytes: 20_000 + n * n * 300,
      arithmetic: `${n} variables, ${(n * (n - 1)) / 2} pairs × ${panel.rows.toLocaleString('en')} rows`,
    };
  },

  plan: () => ({ context: null, unit: 'data sets', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = asEstimation(() => correlatePanel(params, panel));
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: correlateReport,
});
