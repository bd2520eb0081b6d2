import { checkTerm } from '../../formula/names.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import { wholeJob } from '../../job/layout.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { describedTerms, describePanel } from './estimate.js';
import { type DescribeParams, describeParams } from './params.js';
import { describeReport } from './report.js';
import { type DescribeResult, describeResult } from './result.js';

/** Descriptive statistics of a panel: summary, Jarque–Bera, variation between and within entities, pattern of periods. */
export const describe = defineAnalysis<DescribeParams, null, DescribeResult, DescribeResult>({
  name: 'describe',
  version: 1,
  title: 'Descriptive statistics',
  about:
    'How many values each variable has, how they are spread, and over what: mean, median, standard deviation, quantiles, skewness, ' +
    'kurtosis and the Jarque–Bera test, the split of the variation into between and within entities, and which periods entities ' +
    'have. Each variable is described on the rows where it is there unless a common sample is asked for.',
  sources: [
    'Jarque, C. M. & Bera, A. K. (1987). A test for normality of observations and regression residuals. International Statistical Review 55, 163–172',
    'StataCorp. Longitudinal-Data/Panel-Data Reference Manual: xtsum, xtdescribe',
  ],
  params: describeParams,
  result: describeResult,
  example: { dataset: 'grunfeld.csv', params: { variables: ['inv', 'value', 'capital'] } },

  check(params, { panel }) {
    const problems = (params.variables ?? []).flatMap((text, k) => {
      const term = parseTerm(text);
      const several = term.factors.some(({ kind }) => kind === 'levels')
        ? [
            {
              pointer: `/variables/${k}`,
              code: 'several_columns',
              message: `${termName(term)} is several columns; one is needed here`,
            },
          ]
        : [];
      return [...several, ...checkTerm(term, panel, `/variables/${k}`)];
    });
    if (params.variables === undefined && describedTerms(params, panel.columns).length === 0)
      problems.push({ pointer: '/variables', code: 'no_numbers', message: 'the data set has no column of numbers to describe' });
    return problems;
  },

  cost(params, { panel }) {
    const variables = describedTerms(params, panel.columns).length;
    return {
      cpuSeconds: 0.01 + variables * panel.rows * 1e-6,
      bytes: 20_000 + 8 * panel.entity.count + variables * 2_000,
      arithmetic: `${variables} variables × ${panel.rows.toLocaleString('en')} rows`,
    };
  },

  plan: () => ({ context: null, unit: 'data sets', shards: wholeJob }),
  run(params, { panel }, _context, _shard, progress) {
    const result = asEstimation(() => describePanel(params, panel));
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: describeReport,
});
