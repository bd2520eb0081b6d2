import { EstimationError } from '../errors.js';
import type { PanelSample } from '../panel-models/sample.js';

/** When each entity is first treated. */
export interface Adoption {
  /** calendar number of the first treated period by entity; Infinity if never */
  readonly start: Float64Array;
  /** distinct starts, ascending */
  readonly starts: readonly number[];
  /** entities that start at each */
  readonly cohorts: readonly number[];
  readonly treated: number;
}

/**
 * Reads the starts of a treatment that is 0 or 1 and is never taken back, as fake starts need.
 *
 * @param labels  of the entities, for the messages
 * @throws EstimationError `not_binary`, `treatment_reversed`, `never_treated`, `always_treated`
 */
export function adoptionOf(
  { entity, calendar }: Pick<PanelSample, 'entity' | 'calendar'>,
  treatment: Float64Array,
  name: string,
  labels: readonly string[],
): Adoption {
  const start = new Float64Array(entity.levels).fill(Number.POSITIVE_INFINITY);
  const untreatedRows = new Uint8Array(entity.levels);
  for (let i = 0; i < treatment.length; i++) {
    const e = entity.codes[i];
    if (treatment[i] !== 0 && treatment[i] !== 1) {
      throw new EstimationError(
        'not_binary',
        `fake starts need a treatment that is 0 before it starts and 1 after, and ${name} is ${treatment[i]} for ${labels[e]}`,
      );
    }
    if (treatment[i] === 1) start[e] = Math.min(start[e], calendar[i]);
    else {
      untreatedRows[e] = 1;
      if (start[e] < calendar[i]) {
        throw new EstimationError(
          'treatment_reversed',
          `fake starts need a treatment that stays once it has started, and ${name} goes back to 0 for ${labels[e]}`,
        );
      }
    }
  }
  const starts = [...new Set(start)].filter(Number.isFinite).sort((a, b) => a - b);
  const cohorts = starts.map((one) => start.reduce((count, own) => count + (own === one ? 1 : 0), 0));
  const treated = cohorts.reduce((sum, count) => sum + count, 0);
  if (treated === 0) throw new EstimationError('never_treated', `${name} is 0 in every row: nobody is treated`);
  if (!untreatedRows.includes(1))
    throw new EstimationError('always_treated', `${name} is 1 in every row: nobody is ever untreated`);
  return { start, starts, cohorts, treated };
}

/** 1 from the entity's start on, else 0. */
export function treatedFrom(
  start: Float64Array,
  { entity, calendar }: Pick<PanelSample, 'entity' | 'calendar'>,
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) out[i] = calendar[i] >= start[entity.codes[i]] ? 1 : 0;
}
