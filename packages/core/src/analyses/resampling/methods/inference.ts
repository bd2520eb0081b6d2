import { histogram } from '../../../resampling/distribution.js';
import { countDraws, drawnStatistics, pValueOf, type TestDraws, type TieRule } from '../../../resampling/test-draws.js';
import { invertTest } from '../../../resampling/test-inversion.js';
import { alphaOf } from '../words.js';

/** p by both rules for ties, the interval by inversion, and the distribution: what both tests by draws report. */
export function inferenceOf(
  test: TestDraws,
  {
    exact,
    ties,
    level,
    nullValue,
    interval,
  }: { exact: boolean; ties: TieRule; level: number; nullValue: number; interval: boolean },
) {
  const own = countDraws(test, 0);
  const standardError = Math.sqrt(test.variance);
  const statistic = test.factor === null ? test.distance : test.distance / standardError;
  const values = drawnStatistics(test);
  return {
    null: nullValue,
    statistic,
    draws: own.used,
    exceeding: { ties: own.atLeast, strict: own.above },
    pValue: pValueOf(own, exact, ties),
    pCounted: pValueOf(own, exact, 'counted'),
    pStrict: pValueOf(own, exact, 'strict'),
    interval: interval ? intervalOf() : null,
    distribution: histogram(values, [statistic, -statistic]),
  };

  function intervalOf() {
    const pValue = (shift: number) => pValueOf(countDraws(test, shift), exact, ties);
    const unit = test.factor === null ? spreadOf(values) : standardError;
    const { lower, upper, connected } = invertTest(pValue, test.distance, unit, alphaOf(level));
    return { level, lower: nullValue + lower, upper: nullValue + upper, connected };
  }
}

/** Root mean square: the unit of the walk where coefficients are compared. */
const spreadOf = (values: Float64Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length) || Number.MIN_VALUE;
