import { alpha } from './distribution.js';
import type { BootstrapMethod } from './replicate.js';
import type { BootstrapResult, ThresholdResult } from './result.js';

export const methodWords = {
  'residual-blocks': 'residual blocks',
  'wild-entity': 'wild by entity',
} as const;

export type Decision = ThresholdResult['tests'][number]['decision'];

/** Reject at 5 % by p, by every method; disputed when they disagree. Without draws nothing is supported. */
export function decisionOf(bootstraps: readonly { readonly pValue: number }[]): Exclude<Decision, 'not-tested'> {
  const rejecting = bootstraps.filter(({ pValue }) => pValue <= alpha).length;
  if (rejecting === 0) return 'not-supported';
  return rejecting === bootstraps.length ? 'supported' : 'disputed';
}

/** With fewer replications than this no p is as small as 5 %. */
const leastReplications = Math.round(1 / alpha) - 1;

export interface TestedThreshold {
  readonly thresholdCount: number;
  readonly f: number;
  readonly bootstraps: readonly BootstrapResult[];
}

/**
 * The outcome of each test in words, with the rule: one after another, and a test after one that did not support its threshold
 * counts as not tested, for its null model has a threshold without support.
 */
export function verdicts(threshold: string, tests: readonly TestedThreshold[]): { decision: Decision; verdict: string }[] {
  let stopped: { readonly thresholds: number; readonly why: string } | null = null;
  return tests.map((test) => {
    const { thresholdCount, f, bootstraps } = test;
    if (bootstraps.length === 0) {
      stopped ??= { thresholds: thresholdCount, why: thresholdCount === 1 ? 'has not been tested' : 'have not been tested' };
      return {
        decision: 'not-tested',
        verdict: `${hypotheses(thresholdCount, threshold)}: no test, for no replications were asked for. F = ${show(f)} has no table to be held against.`,
      };
    }
    if (bootstraps.every(({ replications }) => replications < leastReplications)) {
      stopped ??= { thresholds: thresholdCount, why: thresholdCount === 1 ? 'has not been tested' : 'have not been tested' };
      return {
        decision: 'not-tested',
        verdict:
          `${lead(threshold, test)} No test at 5 %: p = (1 + k)/(B + 1) cannot be that small with fewer than ${leastReplications} ` +
          'replications.',
      };
    }
    if (stopped !== null) {
      return {
        decision: 'not-tested',
        verdict:
          `${lead(threshold, test)} Not tested: ${counted(stopped.thresholds)} ${stopped.why}, and this test takes ` +
          `${counted(thresholdCount - 1)} for granted.`,
      };
    }
    const decision = decisionOf(bootstraps);
    if (decision !== 'supported')
      stopped = { thresholds: thresholdCount, why: thresholdCount === 1 ? 'has no support' : 'have no support' };
    return { decision, verdict: `${lead(threshold, test)} ${words(decision, test)}` };
  });
}

function words(decision: Decision, { thresholdCount, bootstraps }: TestedThreshold): string {
  const effect = thresholdCount === 1 ? 'threshold effect' : `${ordinal(thresholdCount)} threshold`;
  if (decision === 'supported') return `A ${effect} is supported at 5 %.`;
  if (decision === 'not-supported') {
    return thresholdCount === 1
      ? 'No threshold effect at 5 %: the threshold and the slopes by regime below are then without support.'
      : `No ${effect} at 5 %.`;
  }
  const yes = bootstraps.filter(({ pValue }) => pValue <= alpha);
  const no = bootstraps.filter((bootstrap) => !yes.includes(bootstrap));
  return (
    `The bootstraps disagree at 5 %: ${listed(yes)} rejects the null of ${counted(thresholdCount - 1)}, ${listed(no)} does not. ` +
    `${sizeWords(yes, bootstraps)} the ${effect} is not established.`
  );
}

/** What is known of the size of each bootstrap, towards the one that rejects. */
function sizeWords(yes: readonly BootstrapResult[], bootstraps: readonly BootstrapResult[]): string {
  if (bootstraps.some(({ residuals }) => residuals === 'unrestricted')) {
    return 'Residual blocks reject too often when error variances differ between entities, wild by entity with unrestricted residuals always:';
  }
  return yes.some(({ method }) => method === 'residual-blocks')
    ? 'Residual blocks reject too often when error variances differ between entities, wild by entity holds its size:'
    : 'Wild by entity allows error variances to differ between entities, residual blocks do not; but with support that hangs on the bootstrap';
}

function lead(threshold: string, { thresholdCount, f, bootstraps }: TestedThreshold): string {
  const found = bootstraps.map(({ method, pValue }) => `p = ${showP(pValue)} (${methodWords[method]})`).join(', ');
  return `${hypotheses(thresholdCount, threshold)}: F = ${show(f)}, ${found}.`;
}

const hypotheses = (thresholdCount: number, threshold: string) =>
  `${capital(counted(thresholdCount))} in ${threshold} against ${thresholdCount === 1 ? 'none' : small[thresholdCount - 1]}`;

const small = ['no', 'one', 'two', 'three'] as const;
const counted = (thresholds: number) => `${small[thresholds]} threshold${thresholds > 1 ? 's' : ''}`;
const ordinal = (thresholds: number) => ['first', 'second', 'third'][thresholds - 1];
const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
const listed = (bootstraps: readonly { readonly method: BootstrapMethod }[]) =>
  bootstraps.map(({ method }) => methodWords[method]).join(' and ');
const show = (value: number) => value.toPrecision(4);
const showP = (p: number) => (p < 0.001 ? p.toExponential(1) : p.toPrecision(2));

/** The model's number of thresholds against what the tests support; nothing when they agree or nothing was tested. */
export function modelVerdict(
  tests: readonly { readonly decision: Decision; readonly bootstraps: readonly unknown[] }[],
): string[] {
  if (tests[0].decision === 'not-tested' || tests.some(({ bootstraps }) => bootstraps.length === 0)) return [];
  const supported = tests.filter(({ decision }) => decision === 'supported').length;
  if (supported === tests.length || tests.length === 1) return [];
  return [
    `The tests support ${counted(supported)}; the slopes below are those of a model with ${small[tests.length]}. ` +
      (supported === 0 ? 'Read the model without a threshold.' : `Ask for thresholdCount ${supported} for the model supported.`),
  ];
}
