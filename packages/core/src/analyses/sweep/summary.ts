import type { SweepResult } from './result.js';

/** The spread of estimates, and how many are significant, by sign; null when there is none. */
export function summaryOf(
  estimates: readonly (number | null)[],
  pValues: readonly (number | null)[],
  level: number,
): SweepResult['summary'] {
  const sorted = Float64Array.from(estimates.filter((value) => value !== null)).sort();
  if (sorted.length === 0) return null;
  const share = (of: (estimate: number, p: number) => boolean) => {
    let count = 0;
    for (let k = 0; k < estimates.length; k++) {
      const estimate = estimates[k];
      if (estimate !== null && of(estimate, pValues[k] ?? 1)) count++;
    }
    return count / sorted.length;
  };
  return {
    level,
    minimum: sorted[0],
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)],
    maximum: sorted[sorted.length - 1],
    positive: share((estimate) => estimate > 0),
    positiveSignificant: share((estimate, p) => estimate > 0 && p < level),
    negative: share((estimate) => estimate < 0),
    negativeSignificant: share((estimate, p) => estimate < 0 && p < level),
  };
}

/** Linear between order statistics (R's type 7). */
export function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
