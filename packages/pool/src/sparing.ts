import type { DeathKind, JobSpec, Registry, Shard } from '@spillway/core';
import type { Calls, LostUnits } from './calls.js';
import type { CallOptions, Compute } from './compute.js';
import { ThreadDeath } from './thread-death.js';

/** A unit is lost when it has ended what computed it so often in one way, with nothing else in hand. */
const deathsOfUnit = 2;
/** Where more than this has died in one step, it is not its units, or too many of them to be tried one by one. */
const deathsOfStep = 30;

/** Which units have killed, and how often. */
class Deaths {
  readonly #counts = new Map<string, number>();
  readonly #lost = new Map<number, DeathKind>();
  #all = 0;

  get lost(): LostUnits {
    return [...this.#lost];
  }

  /** @throws the death itself, when it has to be somebody else's judgement */
  note(death: ThreadDeath): void {
    if (++this.#all > deathsOfStep) throw death;
  }

  /** This unit has died alone: once more, and it is lost. */
  blame(unit: number, death: ThreadDeath): void {
    if (this.#lost.has(unit)) throw death; // nobody has tried it again
    const way = `${unit} ${death.kind}`;
    const count = (this.#counts.get(way) ?? 0) + 1;
    this.#counts.set(way, count);
    if (count >= deathsOfUnit) this.#lost.set(unit, death.kind);
  }
}

/**
 * The same threads or processes, where a unit that ends them fails alone, if its analysis can be taken apart (`join`). What is counted when a
 * step dies names the unit it had in hand. In a shard that unit is then computed alone, and what was before and after it without it;
 * only what has died alone, twice in the same way, is lost, and a result does not tell what died once.
 * @param onDeath told of each death that is not thrown
 */
export function sparing(
  compute: Compute,
  registry: Registry,
  onDeath: (death: ThreadDeath, unit: number) => void = () => {},
): Compute {
  const canBeApart = ({ analysis }: JobSpec) => registry.get(analysis)?.join !== undefined;

  /** A plan or a combining: begun again without what is lost. */
  async function whole<T>(call: (lost: LostUnits) => Promise<T>): Promise<T> {
    const deaths = new Deaths();
    for (;;) {
      try {
        return await call(deaths.lost);
      } catch (error) {
        if (!(error instanceof ThreadDeath)) throw error;
        deaths.note(error);
        deaths.blame(error.units, error);
        onDeath(error, error.units);
      }
    }
  }

  async function shard(
    asked: Calls['shard']['asked'],
    options: CallOptions & { readonly onUnits?: (units: number) => void } = {},
  ): Promise<Uint8Array> {
    if (!canBeApart(asked.spec)) return compute.shard(asked, options);
    const deaths = new Deaths();
    const todo: Shard[] = [asked.shard];
    const parts: Uint8Array[] = [];
    let done = 0;
    let told = 0; // never fewer than before
    const onUnits = (units: number) => {
      told = Math.max(told, done + units);
      options.onUnits?.(told);
    };
    for (let range = todo.pop(); range !== undefined; range = todo.pop()) {
      try {
        parts.push(await compute.shard({ ...asked, shard: range, lost: deaths.lost }, { ...options, onUnits }));
        done += range.count;
      } catch (error) {
        if (!(error instanceof ThreadDeath)) throw error;
        deaths.note(error);
        const { first, count } = range;
        const at = Math.min(error.units, count - 1);
        if (count === 1) deaths.blame(first, error);
        const pieces = [
          { first, count: at },
          { first: first + at, count: 1 },
          { first: first + at + 1, count: count - at - 1 },
        ];
        todo.push(...pieces.filter((piece) => piece.count > 0).reverse());
        onDeath(error, first + at);
      }
    }
    return parts.length === 1 ? parts[0] : compute.call('join', { spec: asked.spec, parts }, options);
  }

  return {
    shard,
    call: (name, asked, options) => {
      if ((name !== 'plan' && name !== 'combine') || !canBeApart((asked as Calls['plan']['asked']).spec))
        return compute.call(name, asked, options);
      return whole((lost) => compute.call(name, { ...asked, lost }, options));
    },
  };
}
