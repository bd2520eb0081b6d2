import { twoSidedP } from '../../../distributions/student-t.js';
import { EstimationError } from '../../../errors.js';
import { kernelDensity, summarize } from '../../../resampling/distribution.js';
import { reassignedWidth } from '../../../resampling/reassigned-treatment.js';
import type { PlaceboResult } from '../result.js';
import { alphaOf } from '../words.js';
import type { Given } from './method.js';

/** Placebo estimates with their clustered p that are drawn as points. */
const mostPoints = 600;
const shares = [0.025, 0.05, 0.5, 0.95, 0.975];
/** Estimates this near count as equal. */
const tie = 1e-9;

/** What is said of placebo estimates, wherever the fake treatments came from. */
export function placeboSummary(
  { params, full }: Given,
  numbers: Float64Array,
  what: Pick<PlaceboResult, 'method' | 'label' | 'rule' | 'exact' | 'assignments' | 'movable'>,
): PlaceboResult {
  const all = numbers.length / reassignedWidth;
  const kept = Array.from({ length: all }, (_, u) => u).filter((u) => !Number.isNaN(numbers[u * reassignedWidth]));
  if (kept.length === 0) {
    throw new EstimationError(
      'treatment_collinear',
      `none of the ${all} fake treatments has a coefficient: controls and effects hold all of them`,
    );
  }
  const pick = (place: number) => Float64Array.from(kept, (u) => numbers[u * reassignedWidth + place]);
  const estimates = pick(0);
  const { factor, df } = full.clustered;
  const t = pick(2).map((scores, u) => estimates[u] / Math.sqrt(factor * scores));
  const classical = pick(5).map((ratio, u) => estimates[u] / Math.sqrt(ratio / full.classical.df));
  const p = t.map((one) => twoSidedP(one, df));
  const alpha = alphaOf(params.level);
  const share = (values: Float64Array) => values.reduce((sum, value) => sum + (value <= alpha ? 1 : 0), 0) / values.length;
  const tail = (values: Float64Array, observed: number) => {
    const least = observed - tie * Math.abs(observed);
    const exceeding = values.reduce((sum, value) => sum + (value >= least ? 1 : 0), 0);
    const pValue = what.exact ? exceeding / values.length : (1 + exceeding) / (values.length + 1);
    return { exceeding, share: exceeding / values.length, pValue };
  };
  const b = full.estimate;
  const order = Array.from(kept.keys()).sort((first, second) => estimates[first] - estimates[second] || first - second);
  const stride = Math.max(1, order.length / mostPoints);
  const points = Array.from({ length: Math.min(order.length, mostPoints) }, (_, i) => order[Math.floor(i * stride)]);
  return {
    ...what,
    draws: kept.length,
    unidentified: all - kept.length,
    ...summarize(estimates, shares),
    pValues: {
      twoSided: tail(estimates.map(Math.abs), Math.abs(b)),
      left: tail(
        estimates.map((value) => -value),
        -b,
      ),
      right: tail(estimates, b),
    },
    studentised: tail(t.map(Math.abs), Math.abs(full.clustered.statistic)),
    rejecting: {
      level: params.level,
      clustered: share(p),
      classical: share(classical.map((one) => twoSidedP(one, full.classical.df))),
    },
    density: kernelDensity(estimates),
    points: points.map((u) => ({ estimate: estimates[u], pValue: p[u] })),
  };
}
