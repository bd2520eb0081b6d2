import type { PhiloxStream } from '../../random/stream.js';

/** Entities with the same periods: the residual vector of one fits the rows of another. */
export interface DonorClasses {
  /** entities, class after class */
  readonly members: Uint32Array;
  /** for each entity: where its class begins in `members`, and how many are in it */
  readonly from: Uint32Array;
  readonly size: Uint32Array;
}

/** All entities in one class: the balanced panel. */
export function oneClass(entities: number): DonorClasses {
  return {
    members: Uint32Array.from({ length: entities }, (_, i) => i),
    from: new Uint32Array(entities),
    size: new Uint32Array(entities).fill(entities),
  };
}

/**
 * Classes of entities observed in exactly the same periods.
 * @param entity  of each row, ascending from 0
 * @param time    period of each row
 */
export function classesOfPeriods(entity: Uint32Array, entities: number, time: Uint32Array): DonorClasses {
  const periods = Array.from({ length: entities }, () => [] as number[]);
  for (let row = 0; row < entity.length; row++) periods[entity[row]].push(time[row]);
  const classes = new Map<string, number[]>();
  for (const [i, observed] of periods.entries()) {
    const key = observed.join();
    const known = classes.get(key);
    if (known) known.push(i);
    else classes.set(key, [i]);
  }
  const members = new Uint32Array(entities);
  const from = new Uint32Array(entities);
  const size = new Uint32Array(entities);
  let at = 0;
  for (const alike of classes.values()) {
    members.set(alike, at);
    for (const i of alike) {
      from[i] = at;
      size[i] = alike.length;
    }
    at += alike.length;
  }
  return { members, from, size };
}

/** A donor for each entity from its class, one word each: out[i] = members[from + ⌊u · size / 2³²⌋]. */
export function drawDonors(stream: PhiloxStream, { members, from, size }: DonorClasses, out: Uint32Array): void {
  stream.words(out);
  for (let i = 0; i < out.length; i++) out[i] = members[from[i] + Math.floor(out[i] * (size[i] / 2 ** 32))];
}
