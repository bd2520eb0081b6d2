import { type Grouping, groupingOnRows, isNested } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import type { LinearFit } from './linear-fit.js';
import type { PanelSample } from './sample.js';

/**
 * Codes of the sample's rows as codes of the fit's rows, with the same numbers: a difference has those of its later row, an entity's
 * mean those of the entity.
 * @throws EstimationError `cluster_not_constant` if they change within the entities of a between model
 */
export function codesOnFit(fit: LinearFit, sample: PanelSample, cluster: Grouping, name: string): Uint32Array {
  const { sampleRows } = fit;
  if (sampleRows !== null) {
    const codes = new Uint32Array(sampleRows.length);
    for (let i = 0; i < codes.length; i++) codes[i] = cluster.codes[sampleRows[i]];
    return codes;
  }
  if (!isNested(sample.entity, cluster))
    throw new EstimationError(
      'cluster_not_constant',
      `the between model has one row an entity, and ${name} changes within entities: take another column`,
    );
  const codes = new Uint32Array(sample.entity.levels);
  for (let i = 0; i < sample.rows; i++) codes[sample.entity.codes[i]] = cluster.codes[i];
  return codes;
}

/** The clusters on the rows of the fit, numbered anew where rows were lost. */
export function clusterOnFit(fit: LinearFit, sample: PanelSample, cluster: Grouping, name: string): Grouping {
  if (fit.sampleRows?.length === sample.rows) return cluster;
  if (fit.sampleRows !== null) return groupingOnRows(cluster, fit.sampleRows);
  return { codes: codesOnFit(fit, sample, cluster, name), levels: cluster.levels };
}
