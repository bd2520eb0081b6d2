import type { Adequacy } from '../fields.js';
import { mlParts } from './params.js';
import type { SpatialMlResult } from './result.js';

/** Large-sample errors of ρ and λ rest on many rows. */
const fewRows = 100;
/** Below so many periods (units) the first-order correction for entity (time) effects leaves much of the bias. */
const fewForCorrection = 10;

/** What the models need of units and periods, and what there is. */
export function adequacyRows({
  models,
  sample,
  variables,
  approach,
}: Pick<SpatialMlResult, 'models' | 'sample' | 'variables' | 'approach'>): Adequacy[] {
  const spatial = models.some(({ model }) => mlParts[model].lag || mlParts[model].error);
  const rows: Adequacy[] = [];
  if (spatial) {
    rows.push({
      method: 'large-sample errors of ρ and λ, likelihood-ratio and Wald tests',
      needs: `${fewRows} rows`,
      has: `${sample.rows.toLocaleString('en')}, of ${sample.entities.toLocaleString('en')} units`,
      status: sample.rows >= fewRows ? 'ok' : 'too small',
    });
  }
  const counts = [
    ...(variables.effects.includes('entity') ? [{ name: 'periods', count: sample.periods }] : []),
    ...(variables.effects.includes('time') ? [{ name: 'units', count: sample.entities }] : []),
  ];
  if (approach !== 'transformation') {
    for (const { name, count } of counts) {
      rows.push({
        method: approach === 'direct' ? 'direct estimates, no correction for effects' : 'first-order bias correction',
        needs: approach === 'direct' ? `many ${name}: ${5 * fewForCorrection}` : `${fewForCorrection} ${name}`,
        has: `${count} ${name}`,
        status: count >= (approach === 'direct' ? 5 : 1) * fewForCorrection ? 'ok' : 'too small',
      });
    }
  }
  return rows;
}
