import type { BootstrapResult, ThresholdResult } from './result.js';

/** What a p-value is held against in words. */
const alpha = 0.05;

export const methodWords = {
  'residual-blocks': 'residual blocks',
  'wild-entity': 'wild by entity',
} as const;

/** The outcome of a test in words, with the rule: reject at 5 % by p; methods that disagree are said to. */
export function testVerdict(threshold: string, f: number, bootstraps: readonly BootstrapResult[]): string {
  if (bootstraps.length === 0) return `No test: no replications were asked for. F = ${show(f)} has no table to be held against.`;
  const found = bootstraps.map(({ method, pValue }) => `p = ${showP(pValue)} (${methodWords[method]})`).join(', ');
  const rejecting = bootstraps.filter(({ pValue }) => pValue <= alpha);
  const lead = `One threshold in ${threshold} against none: F = ${show(f)}, ${found}.`;
  if (rejecting.length === bootstraps.length) return `${lead} A threshold effect is supported at 5 %.`;
  if (rejecting.length === 0) {
    return `${lead} No threshold effect at 5 %: the threshold and the slopes by regime below are then without support.`;
  }
  const [yes, no] = [rejecting, bootstraps.filter((bootstrap) => !rejecting.includes(bootstrap))];
  return (
    `${lead} The bootstraps disagree at 5 %: ${listed(yes)} rejects no threshold, ${listed(no)} does not. ` +
    'Residual blocks reject too often when error variances differ between entities, wild by entity holds its size: ' +
    'the threshold effect is not established.'
  );
}

const listed = (bootstraps: readonly BootstrapResult[]) => bootstraps.map(({ method }) => methodWords[method]).join(' and ');
const show = (value: number) => value.toPrecision(4);
const showP = (p: number) => (p < 0.001 ? p.toExponential(1) : p.toPrecision(2));

export interface WarningInput {
  readonly entities: number;
  readonly periods: number;
  readonly replications: number;
  readonly switching: number;
  readonly candidates: number;
  readonly unidentified: number;
  readonly intervals: ThresholdResult['thresholds'][number]['intervals'];
}

/** What a careful reader would ask about these data. */
export function warningsFor(of: WarningInput): string[] {
  const warnings: string[] = [];
  if (of.entities < 30) {
    warnings.push(
      `${of.entities} entities: both bootstraps and clustered errors rest on many entities; below about 30 read p-values with care.`,
    );
  }
  if (of.entities * of.periods < 500) {
    warnings.push(
      'The LR confidence set can cover far less than its level in small panels (Wang 2015 reports 46 % for 50 entities × 5 periods).',
    );
  }
  const wide = of.intervals.find(({ candidates }) => candidates === of.candidates);
  if (wide) warnings.push(`The ${percent(wide.level)} set of the threshold holds every candidate: the data do not locate it.`);
  const broken = of.intervals.find(({ contiguous }) => !contiguous);
  if (broken)
    warnings.push(`The ${percent(broken.level)} set of the threshold is not contiguous: its bounds enclose rejected values.`);
  if (of.switching < 5) {
    warnings.push(
      `${of.switching} entities change regime: the difference between the regimes is then mostly one between entities.`,
    );
  }
  if (of.unidentified > 0)
    warnings.push(`${of.unidentified} candidates are not identified by the regressors and were passed over.`);
  if (of.replications > 0 && (of.replications + 1) % 100 !== 0) {
    warnings.push(
      `${of.replications} replications: α(B + 1) is not whole at all of 10, 5 and 1 %, so the test’s size is not exact there; 999 or 9,999 make it so.`,
    );
  }
  return warnings;
}

const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
