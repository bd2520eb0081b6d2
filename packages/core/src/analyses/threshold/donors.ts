/** Entities with the same periods: the residual vector of one fits the rows of another. */
export interface DonorClasses {
  /** entities, class after class */
  readonly members: Uint32Array;
  /** for each entity: where its class begins in `members`, and how many are in it */
  readonly from: Uint32Array;
  readonly size: Uint32Array;
}

/**
 * Classes of entities observed in exactly the same periods.
 * @param entity  of each row, ascending from 0
 * @param time    period of each row
 */
export function classesOfPeriods(entity: Uint32Array, entities: number, time: Uint32Array): DonorClasses {
  const keys: string[] = [];
  const periods = time.reduce((most, t) => Math.max(most, t + 1), 0);
  // balanced: one class
  if (entity.length === entities * periods) return classesBy(new Array<string>(entities).fill('all'));
  for (let e = 0, row = 0; e < entities; e++) {
    const first = row;
    while (row < entity.length && entity[row] === e) row++;
    keys.push(time.subarray(first, row).join());
  }
  return classesBy(keys);
}

/** Classes of entities with as many rows. */
export const classesOfRows = (rows: Uint32Array) => classesBy(Array.from(rows, String));

/** Entities with equal keys, classes in the order of their first members. */
function classesBy(keys: readonly string[]): DonorClasses {
  const entities = keys.length;
  const classes = new Map<string, number[]>();
  for (let i = 0; i < entities; i++) {
    const known = classes.get(keys[i]);
    if (known) known.push(i);
    else classes.set(keys[i], [i]);
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
