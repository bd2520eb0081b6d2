import type { Grouping } from '../effects/grouping.js';
import type { PhiloxStream } from '../random/stream.js';

/** Entities that may take each other's treatment paths. */
interface Exchangeable {
  /** entity codes, ascending */
  readonly members: Uint32Array;
  /** which of the class's distinct paths each member has */
  readonly kinds: Uint32Array;
  /** an entity with each distinct path */
  readonly examples: Uint32Array;
  /** members with each distinct path */
  readonly counts: Uint32Array;
}

export interface PathAssignments {
  readonly classes: readonly Exchangeable[];
  /** distinct assignments there are, the data's own among them; Infinity when there are more than a double counts */
  readonly count: number;
  /** entities that can take a path other than their own */
  readonly movable: number;
  readonly entities: number;
  /** paths are starts: entities exchange them whichever periods they are observed in */
  readonly byStart: boolean;
  /** x*: each entity's rows with the treatment of its donor */
  readonly assign: (donor: Uint32Array, out: Float64Array) => void;
}

export interface PathOptions {
  /** constant within entities; paths stay within a level */
  readonly strata?: Grouping | null;
  /** the treatment is 1 from these calendar numbers on (`adoptionOf`), and rows have these calendar numbers */
  readonly adoption?: { readonly start: Float64Array; readonly calendar: Float64Array } | null;
}

/**
 * Ways to hand the treatment paths of whole entities to entities.
 *
 * A path is the treatment in all periods of an entity, so serial correlation stays within entities as it is. Entities exchange
 * paths only with those observed in the same periods, for a donor's path must say what the treatment is in every row of the receiver;
 * but a treatment that starts and stays is known in every period from its start, which any entity can take.
 *
 * @param entity  rows sorted by entity, then time
 */
export function pathAssignments(
  treatment: Float64Array,
  entity: Grouping,
  time: Grouping,
  { strata = null, adoption = null }: PathOptions = {},
): PathAssignments {
  const N = entity.levels;
  const starts = new Uint32Array(N + 1);
  for (let i = 0; i < treatment.length; i++) starts[entity.codes[i] + 1]++;
  for (let e = 0; e < N; e++) starts[e + 1] += starts[e];
  const periods = (e: number) => time.codes.subarray(starts[e], starts[e + 1]).join(',');
  const first = N === 0 ? '' : periods(0);
  let equal = true;
  for (let e = 1; equal && e < N; e++) equal = periods(e) === first;
  const byStart = !equal && adoption !== null;
  const byClass = new Map<string, number[]>();
  for (let e = 0; e < N; e++) {
    const key = `${strata === null ? '' : strata.codes[starts[e]]}/${equal || byStart ? '' : periods(e)}`;
    const known = byClass.get(key);
    if (known === undefined) byClass.set(key, [e]);
    else known.push(e);
  }
  const path = (e: number) => (byStart ? String(adoption!.start[e]) : treatment.subarray(starts[e], starts[e + 1]).join(','));
  const classes = Array.from(byClass.values(), (members) => exchangeable(members, path));
  return {
    classes,
    count: classes.reduce((product, { counts }) => product * arrangements(counts), 1),
    movable: classes.reduce((sum, { counts, members }) => sum + (counts.length > 1 ? members.length : 0), 0),
    entities: N,
    byStart,
    assign: (donor, out) => {
      for (let e = 0; e < N; e++) {
        const from = starts[donor[e]] - starts[e];
        for (let i = starts[e]; i < starts[e + 1]; i++)
          out[i] = byStart ? (adoption!.calendar[i] >= adoption!.start[donor[e]] ? 1 : 0) : treatment[i + from];
      }
    },
  };
}

function exchangeable(members: readonly number[], pathOf: (entity: number) => string): Exchangeable {
  const kindOf = new Map<string, number>();
  const kinds = Uint32Array.from(members, (e) => {
    const path = pathOf(e);
    const kind = kindOf.get(path) ?? kindOf.size;
    kindOf.set(path, kind);
    return kind;
  });
  const counts = new Uint32Array(kindOf.size);
  const examples = new Uint32Array(kindOf.size);
  for (const [at, kind] of kinds.entries()) {
    if (counts[kind] === 0) examples[kind] = members[at];
    counts[kind]++;
  }
  return { members: Uint32Array.from(members), kinds, examples, counts };
}

/** (Σ counts)! / Π counts!, whole while it is below 2⁵³. */
function arrangements(counts: Uint32Array): number {
  let ways = 1;
  let placed = 0;
  for (const count of counts) for (let i = 1; i <= count; i++) ways = (ways * ++placed) / i;
  return Number.isFinite(ways) ? Math.round(ways) : Number.POSITIVE_INFINITY;
}

/** donor[e] ← the entity whose path e takes; every order of the members equally likely. `room` is of the length of `donor`. */
export function drawAssignment({ classes }: PathAssignments, stream: PhiloxStream, donor: Uint32Array, room: Uint32Array): void {
  for (const { members } of classes) {
    const order = room.subarray(0, members.length);
    order.set(members);
    stream.shuffle(order);
    for (let at = 0; at < members.length; at++) donor[members[at]] = order[at];
  }
}

/** Assignment number `rank` of `count`: classes are digits of the rank, paths within a class in lexicographic order. */
export function assignmentOfRank({ classes }: PathAssignments, rank: number, donor: Uint32Array): void {
  let left = rank;
  for (const { members, examples, counts } of classes) {
    const all = arrangements(counts);
    let own = left % all;
    left = (left - own) / all;
    const open = Float64Array.from(counts);
    let ways = all;
    for (let at = 0; at < members.length; at++) {
      for (let kind = 0; kind < open.length; kind++) {
        const withThis = Math.round((ways * open[kind]) / (members.length - at));
        if (own >= withThis) {
          own -= withThis;
          continue;
        }
        donor[members[at]] = examples[kind];
        open[kind]--;
        ways = withThis;
        break;
      }
    }
  }
}
