import type { Adequacy } from '../fields.js';
import { fewClusters } from '../iv/adequacy.js';
import type { FittedModel } from './model.js';
import { modelParts } from './params.js';
import type { SpatialSample } from './sample.js';
import { modelWords } from './verdict.js';

/** Fewer units than this leave the moments of a spatial error, and large-sample errors of ρ, rough (Arraiz et al. 2010, tables 1–4). */
const fewUnits = 100;

/** What the models need of units and clusters, and what there is. */
export function adequacyRows(sample: SpatialSample, fits: readonly FittedModel[]): Adequacy[] {
  const units = sample.entity.levels;
  const rows: Adequacy[] = [];
  const spatial = fits.filter(({ model }) => modelParts[model].lag || modelParts[model].error);
  if (spatial.length > 0) {
    const cells = sample.rows;
    rows.push({
      method: 'large-sample errors of ρ and λ',
      needs: `${fewUnits} rows`,
      has: `${cells.toLocaleString('en')}, of ${units.toLocaleString('en')} units`,
      status: cells >= fewUnits ? 'ok' : 'too small',
    });
  }
  if (sample.cluster === null) return rows;
  const G = sample.cluster.levels;
  rows.push({
    method: 'clustered errors and tests',
    needs: `G ≥ ${fewClusters} clusters`,
    has: `G = ${G.toLocaleString('en')}`,
    status: G >= fewClusters ? 'ok' : 'too small',
  });
  for (const { model, first } of fits) {
    if (first.space === null) continue;
    const K2 = first.space.basis.length;
    rows.push({
      method: `${modelWords[model]}: joint tests of the instruments`,
      needs: `G > ${K2} instruments`,
      has: `G = ${G.toLocaleString('en')}`,
      status: G > K2 ? 'ok' : 'cannot run',
    });
    const L = K2 + first.space.exogenous.length;
    rows.push({
      method: `${modelWords[model]}: Hansen J, endogeneity`,
      needs: `G > ${L} instruments and exogenous regressors; five times as many for the weighting`,
      has: `G = ${G.toLocaleString('en')}`,
      status: G > L ? (G >= 5 * L ? 'ok' : 'too small') : 'cannot run',
    });
  }
  return rows;
}
