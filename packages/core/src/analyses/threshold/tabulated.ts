import { studentTQuantile } from '../../distributions/student-t.js';
import type { Estimate } from '../analysis.js';
import type { ThresholdResult } from './result.js';
import { methodWords } from './verdict.js';

const none = Number.NaN;

/**
 * The numbers by which a table of many runs shows one: slopes by regime with 95 % intervals, thresholds with their LR sets of the first
 * level, F with the p of each bootstrap, then slopes that are the same in all regimes.
 */
export function tabulatedEstimates({ coefficients, thresholds, tests, fit, sample: { rows } }: ThresholdResult): Estimate[] {
  const slopes = coefficients.map(({ term, regime, estimate, standardError, statistic, pValue }) => {
    const margin = studentTQuantile(0.975, fit.slopeDf) * standardError;
    const name = regime === null ? term : `${term} in regime ${regime}`;
    const numbers = { estimate, standardError, statistic, pValue, lower: estimate - margin, upper: estimate + margin };
    return { regime, row: { name, ...numbers, rows } };
  });
  return [
    ...slopes.filter(({ regime }) => regime !== null).map(({ row }) => row),
    ...thresholds.map(({ estimate, intervals: [{ lower, upper }] }, t) => ({
      ...{ name: `threshold ${t + 1}`, estimate, lower, upper, rows },
      ...{ standardError: none, statistic: none, pValue: none },
    })),
    ...tests.flatMap(({ thresholdCount, f, bootstraps }) => {
      const name = `F of threshold ${thresholdCount}`;
      const row = { estimate: f, statistic: f, rows, standardError: none, lower: none, upper: none };
      if (bootstraps.length === 0) return [{ ...row, name, pValue: none }];
      return bootstraps.map(({ method, pValue }) => ({ ...row, name: `${name}, ${methodWords[method]}`, pValue }));
    }),
    ...slopes.filter(({ regime }) => regime === null).map(({ row }) => row),
  ];
}
