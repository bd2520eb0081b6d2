import { meanings } from '../../../formula/names.js';
import type { PanelSummary } from '../../../panel/panel.js';
import { type MethodOf, mostLeftOut } from '../params.js';

/** C(n, k) as a double. */
function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

/** How many there are, as a double. */
export const setCount = (levels: number, size: number, runs: boolean) => (runs ? levels - size + 1 : choose(levels, size));

/** Sets of `size` of the levels 0 … levels − 1: runs of consecutive ones, or all, in lexicographic order. */
export function leftOutSets(levels: number, size: number, runs: boolean): number[][] {
  if (runs) {
    return Array.from({ length: Math.max(0, levels - size + 1) }, (_, from) => Array.from({ length: size }, (__, i) => from + i));
  }
  const sets: number[][] = [];
  const extend = (set: readonly number[], from: number): void => {
    if (set.length === size) {
      sets.push([...set]);
      return;
    }
    for (let level = from; level <= levels - (size - set.length); level++) extend([...set, level], level + 1);
  };
  extend([], 0);
  return sets;
}

export function levelsAtDoor(by: string, panel: PanelSummary): number {
  const meaning = meanings(panel).get(by);
  if (meaning === 'entity' || meaning === 'time') return panel[meaning].count;
  return panel.columns.find(({ name }) => name === by)?.distinct ?? 1;
}

/** How many sets are left out, as far as it shows without the rows. */
export const setsAtDoor = ({ by, size }: MethodOf<'leave-one-out'>, panel: PanelSummary): number =>
  setCount(levelsAtDoor(by, panel), size, meanings(panel).get(by) === 'time');

export const tooManySets = (by: string, size: number, sets: number) =>
  `${sets.toLocaleString('en')} sets of ${size} levels of ${by} would be left out, at most ${mostLeftOut.toLocaleString('en')} are: take a smaller size, or a coarser column`;
