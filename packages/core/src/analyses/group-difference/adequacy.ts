import type { Adequacy } from '../fields.js';
import type { PermutationContext } from './prepare-permutation.js';

/** Fewer clusters than this leave clustered tests too large (Cameron & Miller 2015, §VI). */
export const fewClusters = 30;
/** With fewer labelings than this the smallest p there can be is above .05. */
const fewestLabelings = 20;

/** What tests of differences need of clusters, entities and labelings, and what there is. */
export function adequacyRows(
  clusters: number,
  slopes: number,
  groups: readonly { readonly entities: number }[],
  permutation: Pick<PermutationContext, 'labelings'> | null,
): Adequacy[] {
  const G = `G = ${clusters.toLocaleString('en')}`;
  return [
    {
      method: 'errors across both regressions (SUR)',
      needs: `G ≥ ${fewClusters} clusters; G > ${slopes} slopes for the joint test`,
      has: G,
      status: clusters >= fewClusters ? 'ok' : 'too small',
    },
    {
      method: 'errors of each group',
      needs: `${fewClusters} entities in each group`,
      has: groups.map(({ entities }) => entities.toLocaleString('en')).join(' and '),
      status: groups.every(({ entities }) => entities >= fewClusters) ? 'ok' : 'too small',
    },
    ...(permutation === null
      ? []
      : [
          {
            method: 'permutation of whole entities',
            needs: `${fewestLabelings} labelings to reject at 5 %`,
            has: permutation.labelings < 1e6 ? permutation.labelings.toLocaleString('en') : permutation.labelings.toPrecision(3),
            status: permutation.labelings >= fewestLabelings ? ('ok' as const) : ('too small' as const),
          },
        ]),
  ];
}
