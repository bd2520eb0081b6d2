import type { Adequacy } from '../fields.js';
import type { SensitivityResult } from './result.js';

/** Fewer clusters than this leave clustered tests too large (Cameron & Miller 2015, §VI). */
export const fewClusters = 30;
/** Driscoll–Kraay rests on T → ∞. */
const fewPeriods = 30;
/** Below this t with df and with df − 1, and an adjusted error with one regressor more, part ways. */
const fewDegrees = 10;

/** What the formulas and the errors beside them need, and what there is. */
export function adequacyRows(treatment: SensitivityResult['treatment'], errors: SensitivityResult['errors']): Adequacy[] {
  const enough = (value: number, least: number) => (value >= least ? ('ok' as const) : ('too small' as const));
  return [
    {
      method: 'robustness values and bounds',
      needs: `${fewDegrees} residual degrees of freedom: the confounder takes one`,
      has: `df = ${treatment.df.toLocaleString('en')}`,
      status: enough(treatment.df, fewDegrees),
    },
    ...errors.flatMap(({ kind, label, clusters }): Adequacy[] => {
      if (clusters.length === 0) return [];
      const least = Math.min(...clusters);
      const [needs, symbol, limit] =
        kind === 'driscoll-kraay' ? [`T ≥ ${fewPeriods}`, 'T', fewPeriods] : [`G ≥ ${fewClusters} clusters`, 'G', fewClusters];
      return [{ method: label, needs, has: `${symbol} = ${least.toLocaleString('en')}`, status: enough(least, limit) }];
    }),
  ];
}
