import type { Adequacy } from '../fields.js';
import type { MediationResult } from './result.js';

/** Fewer clusters than this leave clustered tests too large (Cameron & Miller 2015, §VI). */
export const fewEntities = 30;
/** Below this no test that rests on clusters can be relied on. */
export const hardlyAny = 6;

/** What is known when the needs are reckoned. */
export type Answers = Omit<MediationResult, 'adequacy' | 'conventions' | 'warnings'>;

/** What clustered errors and the bootstrap of entities need, and what there is. */
export function adequacyRows({ mediation, moderation, sample }: Answers): Adequacy[] {
  const equation = mediation?.outcome ?? moderation?.equation;
  const clustered = (equation?.covariances ?? []).flatMap(({ label, clusters }): Adequacy[] => {
    if (clusters.length === 0) return [];
    const G = Math.min(...clusters);
    return [
      {
        method: label,
        needs: `G ≥ ${fewEntities}; below ${hardlyAny} no such test is reliable`,
        has: `G = ${G.toLocaleString('en')}`,
        status: G >= fewEntities ? 'ok' : 'too small',
      },
    ];
  });
  const N = sample.entities;
  const has = `N = ${N.toLocaleString('en')}`;
  const drawn = mediation === null || (mediation.bootstrap === null && mediation.noBootstrap === null);
  if (drawn) return clustered;
  const needs = `N ≥ ${fewEntities} entities to draw from; 3 to run`;
  return [
    ...clustered,
    {
      method: 'bootstrap of entities',
      needs,
      has,
      status: mediation.noBootstrap !== null ? 'cannot run' : N >= fewEntities ? 'ok' : 'too small',
    },
  ];
}
