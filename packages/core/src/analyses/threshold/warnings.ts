import { fewDonors, fewEntities, fewRows, fewSwitching } from './adequacy.js';
import { exogeneityWarnings } from './exogeneity.js';
import type { ThresholdParams } from './params.js';
import type { BootstrapMethod } from './replicate.js';
import type { ThresholdResult } from './result.js';

export interface WarningInput {
  readonly params: ThresholdParams;
  readonly methods: readonly BootstrapMethod[];
  readonly entities: number;
  readonly rows: number;
  readonly balanced: boolean;
  readonly replications: readonly number[];
  readonly switching: number;
  readonly unidentified: number;
  /** entities with one row */
  readonly singletons: number;
  /** entities in the smallest class of equal periods that blocks are drawn within */
  readonly smallestClass: number;
  readonly thresholds: ThresholdResult['thresholds'];
  /** number of candidates that each threshold was chosen from */
  readonly candidates: readonly number[];
}

/** What a careful reader would ask about these data. */
export function warningsFor(of: WarningInput): string[] {
  return [...sizeWarnings(of), ...setWarnings(of), ...exogeneityWarnings(of.params), ...bootstrapWarnings(of)];
}

function sizeWarnings({ rows, entities, switching, unidentified, singletons }: WarningInput): string[] {
  const warnings: string[] = [];
  if (entities < fewEntities) {
    warnings.push(
      `${entities} entities: both bootstraps and clustered errors rest on many entities; below about ${fewEntities} read p-values with care.`,
    );
  }
  if (rows < fewRows) {
    warnings.push(
      'The LR confidence set can cover far less than its level in small panels (Wang 2015 reports 46 % for 50 entities × 5 periods).',
    );
  }
  if (switching < fewSwitching) {
    warnings.push(`${switching} entities change regime: the difference between the regimes is then mostly one between entities.`);
  }
  if (singletons > 0) {
    warnings.push(
      `${singletons} of ${entities} entities have one row, which their effects explain: they say nothing of slopes and thresholds.`,
    );
  }
  if (unidentified > 0) warnings.push(`${unidentified} candidates are not identified by the regressors and were passed over.`);
  return warnings;
}

function setWarnings({ thresholds, candidates }: WarningInput): string[] {
  return thresholds.flatMap(({ estimate, intervals, robust }, t) => {
    const name = thresholds.length === 1 ? 'the threshold' : `the threshold at ${estimate.toPrecision(5)}`;
    const wide = intervals.find((set) => set.candidates === candidates[t]);
    const wideRobust = robust?.intervals.find((set) => set.candidates === candidates[t]);
    const broken = intervals.find(({ contiguous }) => !contiguous);
    return [
      ...(wide ? [`The ${percent(wide.level)} set of ${name} holds every candidate: the data do not locate it.`] : []),
      ...(!wide && robust && wideRobust
        ? [
            `Once error variances may change with the threshold variable (LR/η̂², η̂² = ${robust.etaSquared.toPrecision(3)}) the ` +
              `${percent(wideRobust.level)} set of ${name} holds every candidate: the data then do not locate it.`,
          ]
        : []),
      ...(broken ? [`The ${percent(broken.level)} set of ${name} is not contiguous: its bounds enclose rejected values.`] : []),
    ];
  });
}

function bootstrapWarnings({ params, methods, balanced, replications, entities, smallestClass }: WarningInput): string[] {
  if (replications.every((B) => B === 0)) return [];
  const warnings: string[] = [];
  const { bootstrap } = params;
  if (!balanced && bootstrap.methods === 'default') {
    warnings.push(
      'The panel is unbalanced: by default only the wild bootstrap by entity runs. Residual blocks, drawn among entities with the same ' +
        'periods, have to be asked for by name.',
    );
  }
  if (methods.includes('wild-entity') && bootstrap.residuals === 'unrestricted') {
    warnings.push(
      'wild-entity with unrestricted residuals rejects too often: 10 % instead of 5 in 31 × 12 simulated rows with errors alike, 21 % ' +
        'with variances tied to the means of entities, against 5 and 8 % with restricted residuals.',
    );
  }
  if (methods.includes('residual-blocks') && smallestClass < fewDonors && !balanced) {
    warnings.push(`Residual blocks are drawn among as few as ${smallestClass} entities with the same periods.`);
  }
  if (methods.includes('wild-entity') && bootstrap.weights !== 'webb' && entities < 12) {
    warnings.push(
      `${entities} entities have only ${2 ** (entities - 1)} patterns of two weights that differ in F: ask for weights "webb".`,
    );
  }
  const inexact = [...new Set(replications.filter((B) => B > 0 && (B + 1) % 100 !== 0))];
  if (inexact.length > 0 && !bootstrap.earlyStop) {
    warnings.push(
      `${inexact.join(', ')} replications: α(B + 1) is not whole at all of 10, 5 and 1 %, so the test’s size is not exact there; 999 or 9,999 make it so.`,
    );
  }
  return warnings;
}

const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
