import { EstimationError } from '../../errors.js';
import { type TestContext, testContexts } from './context.js';
import { type EstimateOptions, estimateThreshold, type ThresholdFit } from './estimate.js';
import { byStage, type ThresholdParams } from './params.js';
import type { BootstrapResult, ThresholdResult } from './result.js';
import type { ThresholdSample } from './sample.js';
import { decisionOf } from './verdict.js';

/*
 * The first threshold tested with period effects as well: without them trends that the outcome, the regressors and the threshold variable share
 * pass for a threshold (size .15 to .68 at 5 % in 31 × 12 simulated rows).
 */

/** With more periods than this the dummies of the check would cost more than the test. */
const mostCheckedPeriods = 60;
const checkReplications = 199;

/** Is a check wanted of a model with these effects? Not where it has period effects, or a program or given thresholds say otherwise. */
const isWanted = ({ timeEffectsCheck, program, given, bootstrap }: ThresholdParams, timeEffects: boolean) =>
  timeEffectsCheck && program === 'spillway' && !timeEffects && given.length === 0 && byStage(bootstrap.replications, 1)[0] > 0;

/** Replications of the check, 0 for none. */
export function checkSize(params: ThresholdParams, timeEffects: boolean, periods: number): number {
  if (!isWanted(params, timeEffects) || periods > mostCheckedPeriods) return 0;
  return Math.min(checkReplications, byStage(params.bootstrap.replications, 1)[0]);
}

/** The test of the check, or a warning that says why there is none. */
export function periodCheck(
  params: ThresholdParams,
  sample: ThresholdSample,
  options: EstimateOptions,
): { readonly tests: readonly TestContext[]; readonly warnings: readonly string[] } {
  if (!isWanted(params, sample.timeEffects)) return { tests: [], warnings: [] };
  const replications = checkSize(params, sample.timeEffects, sample.periods);
  if (replications === 0) {
    const words = `with ${sample.periods} periods, more than ${mostCheckedPeriods}, it takes too long to be done unasked`;
    return { tests: [], warnings: [uncheckedWarning(words)] };
  }
  const { residuals } = params.bootstrap;
  const twoWay = { ...sample, timeEffects: true };
  const single = { ...options, thresholdCount: 1 };
  let fit: ThresholdFit;
  try {
    fit = estimateThreshold(twoWay, single);
  } catch (error) {
    // A regressor that all entities share, say: there is then no such model to hold against this one.
    if (error instanceof EstimationError) return { tests: [], warnings: [uncheckedWarning(error.message)] };
    throw error;
  }
  return {
    tests: testContexts(twoWay, fit, { options: single, residuals, replications: [replications], isCheck: true }),
    warnings: [],
  };
}

const uncheckedWarning = (reason: string) =>
  `The first threshold is not tested with period effects as well (${reason}): trends that all entities share can pass for a threshold.`;

type Check = NonNullable<ThresholdResult['timeEffectsCheck']>;

/** What the check found, beside the bootstraps of the first test. */
export function checkedWithPeriods(
  check: { readonly test: TestContext; readonly bootstraps: readonly BootstrapResult[] } | undefined,
  first: readonly BootstrapResult[],
): Check | null {
  if (check === undefined || check.bootstraps.length === 0) return null;
  const { test, bootstraps } = check;
  const decision = decisionOf(bootstraps);
  return {
    estimate: test.estimate,
    f: test.f,
    bootstraps: bootstraps.map(({ method, replications, pValue }) => ({ method, replications, pValue })),
    decision,
    agrees: decision === decisionOf(first),
  };
}

const decisionWords = { supported: 'supported', disputed: 'disputed between the bootstraps', 'not-supported': 'not supported' };

/** When the check disagrees. */
export function periodWarning({ f, bootstraps, decision }: Check, without: ThresholdResult['tests'][number]['decision']): string {
  const p = bootstraps.map(({ method, pValue }) => `${pValue.toPrecision(2)} (${method})`).join(', ');
  return (
    `Period effects change the verdict on the first threshold: ${decisionWords[without === 'not-tested' ? 'not-supported' : without]} ` +
    `without them, ${decisionWords[decision]} with them (F = ${f.toPrecision(4)}, p = ${p}). Trends that all entities share can pass for a ` +
    'threshold: add the period effects to the formula.'
  );
}
