import type { Adequacy } from '../fields.js';
import { fewClusters } from '../iv/adequacy.js';
import type { BootstrapMethod } from './replicate.js';
import type { CovarianceKind } from './slopes.js';
import { methodWords } from './verdict.js';

/** Fewer entities than this are too few for a bootstrap that draws entities, or a weight for each. */
export const fewEntities = 30;
/** Fewer donors than this repeat one another. */
export const fewDonors = 10;
/** Coverage of the LR set can be far below its level in fewer rows: 46 % in 50 × 5 (Wang 2015). */
export const fewRows = 500;
/** Fewer entities that change regime leave a difference between entities. */
export const fewSwitching = 5;

export interface AdequacyInput {
  readonly rows: number;
  readonly entities: number;
  readonly switching: number;
  /** of the bootstraps that run */
  readonly methods: readonly BootstrapMethod[];
  /** entities in the smallest class of equal periods that blocks are drawn within */
  readonly smallestClass: number;
  readonly covariance: readonly CovarianceKind[];
}

/** What each part of the answer needs of the data, and what there is. */
export function adequacyRows(of: AdequacyInput): Adequacy[] {
  const { rows, entities, switching, methods, smallestClass, covariance } = of;
  const row = (method: string, needs: string, has: string, enough: boolean): Adequacy => ({
    ...{ method, needs, has },
    status: enough ? 'ok' : 'too small',
  });
  const n = `N = ${entities.toLocaleString('en')}`;
  return [
    ...methods.map((method) =>
      method === 'residual-blocks'
        ? row(
            methodWords[method],
            `N ≥ ${fewEntities} entities, ${fewDonors} with the same periods`,
            `${n}, ${smallestClass.toLocaleString('en')}`,
            entities >= fewEntities && smallestClass >= fewDonors,
          )
        : row(methodWords[method], `N ≥ ${fewEntities} entities`, n, entities >= fewEntities),
    ),
    row('LR confidence set', `${fewRows} rows`, rows.toLocaleString('en'), rows >= fewRows),
    row(
      'regimes, entities held fixed',
      `${fewSwitching} entities that change regime`,
      String(switching),
      switching >= fewSwitching,
    ),
    ...(covariance.includes('cluster')
      ? [row('clustered errors', `G ≥ ${fewClusters} clusters`, `G = ${entities.toLocaleString('en')}`, entities >= fewClusters)]
      : []),
  ];
}
