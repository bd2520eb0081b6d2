import type { Grouping } from '../effects/grouping.js';

export interface PeriodPattern {
  /** one character a period, 1 observed and . not */
  readonly pattern: string;
  readonly entities: number;
  /** the first entities that have it */
  readonly examples: readonly number[];
}

/** Which periods entities have, patterns by falling number of entities, then by text: what Stata's xtdescribe shows. */
export function periodPatterns(entity: Grouping, time: Grouping, examples = 3): PeriodPattern[] {
  const present = Array.from({ length: entity.levels }, () => new Uint8Array(time.levels));
  for (let i = 0; i < entity.codes.length; i++) present[entity.codes[i]][time.codes[i]] = 1;
  const found = new Map<string, number[]>();
  for (const [e, periods] of present.entries()) {
    const pattern = Array.from(periods, (one) => (one === 1 ? '1' : '.')).join('');
    const having = found.get(pattern);
    if (having) having.push(e);
    else found.set(pattern, [e]);
  }
  return Array.from(found, ([pattern, entities]) => ({
    pattern,
    entities: entities.length,
    examples: entities.slice(0, examples),
  })).sort((a, b) => b.entities - a.entities || (a.pattern < b.pattern ? 1 : -1));
}
