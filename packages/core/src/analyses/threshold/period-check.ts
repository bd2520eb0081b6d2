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
/** Entries of the dummies, rows × periods: what is made of them takes some 100 bytes each, which a large panel has not to spare. */
const mostDummyEntries = 2 ** 24;
const checkReplications = 199;

/** What of a sample, or of the panel before it, says whether there is a check. */
interface CheckedPanel {
  readonly rows: number;
  readonly periods: number;
  readonly timeEffects: boolean;
}

/** Is a check wanted of a model with these effects? Not where it has period effects, or a program or given thresholds say otherwise. */
const isWanted = ({ timeEffectsCheck, program, given, bootstrap }: ThresholdParams, timeEffects: boolean) =>
  timeEffectsCheck && program === 'spillway' && !timeEffects && given.length === 0 && byStage(bootstrap.replications, 1)[0] > 0;

/** Replications of the check, 0 for none. */
export function checkSize(params: ThresholdParams, panel: CheckedPanel): number {
  if (!isWanted(params, panel.timeEffects) || tooLarge(panel) !== null) return 0;
  return Math.min(checkReplications, byStage(params.bootstrap.replications, 1)[0]);
}

/** Why a check would cost more than what it is beside. */
function tooLarge({ rows, periods }: CheckedPanel): string | null {
  if (periods > mostCheckedPeriods)
    return `with ${periods} periods, more than ${mostCheckedPeriods}, it takes too long to be done unasked`;
  if (rows * periods > mostDummyEntries) {
    const dummies = `${rows.toLocaleString('en')} rows × ${periods} periods`;
    return `${dummies} of dummies take too much memory to be done unasked`;
  }
  return null;
}

/** The test of the check, or a warning that says why there is none. */
export function periodCheck(
  params: ThresholdParams,
  sample: ThresholdSample,
  options: EstimateOptions,
): { readonly tests: readonly TestContext[]; readonly warnings: readonly string[] } {
  if (!isWanted(params, sample.timeEffects)) return { tests: [], warnings: [] };
  const why = tooLarge(sample);
  if (why !== null) return { tests: [], warnings: [uncheckedWarning(why)] };
  const replications = checkSize(params, sample);
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
