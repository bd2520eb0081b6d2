import { InputError } from '../../errors.js';
import { choiceWords } from '../sweep/report.js';
import type { SweepResult } from '../sweep/result.js';

/**
 * How much of the variance of estimates each choice accounts for alone: Σ_o n_o(b̄_o − b̄)² / Σ(b − b̄)², over its options o; of controls for
 * each one, in or out. In a full grid the shares of single choices and of their interactions add up to one.
 */
export function varianceByChoice({ dimensions, items }: SweepResult): { name: string; choices: number; share: number }[] {
  const fitted = items.estimate.flatMap((value, k) => (value === null ? [] : [k]));
  const mean = fitted.reduce((sum, k) => sum + items.estimate[k]!, 0) / fitted.length;
  const total = fitted.reduce((sum, k) => sum + (items.estimate[k]! - mean) ** 2, 0);
  const between = (optionOf: (k: number) => number) => {
    const groups = new Map<number, { sum: number; count: number }>();
    for (const k of fitted) {
      const group = groups.get(optionOf(k)) ?? { sum: 0, count: 0 };
      group.sum += items.estimate[k]!;
      group.count++;
      groups.set(optionOf(k), group);
    }
    let explained = 0;
    for (const { sum, count } of groups.values()) explained += count * (sum / count - mean) ** 2;
    return { choices: groups.size, share: total > 0 ? explained / total : 0 };
  };
  return dimensions
    .flatMap(({ name, options, subset }, d) =>
      subset
        ? options.map((option, o) => ({
            name: `${name}: ${option}`,
            ...between((k) => Math.floor(items.choices[d][k] / 2 ** o) % 2),
          }))
        : [{ name, ...between((k) => items.choices[d][k]) }],
    )
    .filter(({ choices }) => choices > 1)
    .sort((a, b) => b.share - a.share);
}

/** The first item that makes all of these choices, in the words of the result. */
export function mainItem(found: SweepResult, wanted: Readonly<Record<string, string>> | undefined): number | null {
  if (wanted === undefined) return null;
  const names = found.dimensions.map(({ name }) => name);
  const unknown = Object.keys(wanted).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw InputError.one('unknown_choice', `main: there is no choice "${unknown}"; there are ${names.join(', ')}`, '/main');
  for (let k = 0; k < found.items.estimate.length; k++) {
    const words = choiceWords(found, k);
    if (Object.entries(wanted).every(([name, word]) => words[names.indexOf(name)] === word)) return k;
  }
  throw InputError.one(
    'unknown_choice',
    `main: no specification makes the choices ${JSON.stringify(wanted)}; the first one makes ${JSON.stringify(choiceWords(found, 0))}`,
    '/main',
  );
}
