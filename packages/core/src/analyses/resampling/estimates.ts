import type { Estimate } from '../analysis.js';
import type { MethodResult, ResamplingResult } from './result.js';

/**
 * What a table of many runs shows: the coefficient with clustered errors, then the same with the p and the interval of each method that
 * has them. An interval that a method lacks is NaN.
 */
export function estimatesOf({ treatment, estimate, methods, sample }: ResamplingResult): Estimate[] {
  const { standardError, statistic, pValue, lower, upper } = estimate.clustered;
  const own: Estimate = {
    name: treatment,
    estimate: estimate.value,
    standardError,
    statistic,
    pValue,
    lower,
    upper,
    rows: sample.rows,
  };
  return [
    own,
    ...methods.flatMap((method) => {
      const found = inferenceOf(method);
      return found === null ? [] : [{ ...own, ...found, name: `${treatment}, ${method.label}` }];
    }),
  ];
}

function inferenceOf(method: MethodResult): Partial<Estimate> | null {
  const noInterval = { lower: Number.NaN, upper: Number.NaN };
  switch (method.method) {
    case 'leave-one-out': {
      if (method.jackknife === null) return null;
      const { standardError, statistic, pValue, lower, upper } = method.jackknife;
      return { standardError, statistic, pValue, lower, upper };
    }
    case 'placebo-in-time':
      return null;
    case 'wild-bootstrap':
    case 'randomization-inference': {
      const { pValue, interval } = method;
      return { pValue, ...(interval === null ? noInterval : { lower: interval.lower, upper: interval.upper }) };
    }
    default:
      return { pValue: method.pValues.twoSided.pValue, ...noInterval };
  }
}
