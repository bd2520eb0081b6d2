import { InputError, type Problem } from '../errors.js';
import { quoted } from '../panel/problems.js';
import { suggest } from '../suggest.js';
import { normaliseWeights } from './normalise.js';
import type { Weights } from './weights.js';

export interface AlignOptions {
  /** units of W that are not asked for: refused, or cut out of W, which is then normalised anew; `notes` count what was lost */
  readonly unused?: 'refuse' | 'cut' | undefined;
}

/** So many unmatched labels are named on each side. */
const namedLabels = 8;

/**
 * The matrix with its units in the order of `labels`: rows and columns as a panel's entity codes count them.
 *
 * @throws InputError `weights_mismatch` when a label has no unit, or (unless `cut`) a unit no label: both sides are named
 */
export function alignWeights(weights: Weights, labels: readonly string[], { unused = 'refuse' }: AlignOptions = {}): Weights {
  if (labels.length === weights.labels.length && labels.every((label, k) => label === weights.labels[k])) return weights;
  const [problem] = unused === 'refuse' ? labelProblems(weights.labels, labels) : labelProblems(weights.labels, labels, true);
  if (problem !== undefined) throw new InputError([problem]);

  const unitOf = new Map(weights.labels.map((label, unit) => [label, unit]));
  const units = labels.map((label) => unitOf.get(label)!);
  const place = new Int32Array(weights.labels.length).fill(-1);
  for (let k = 0; k < units.length; k++) place[units[k]] = k;
  const [starts, columns, values] = [new Uint32Array(labels.length + 1), [] as number[], [] as number[]];
  for (let k = 0; k < units.length; k++) {
    const row: { j: number; w: number }[] = [];
    for (let at = weights.starts[units[k]]; at < weights.starts[units[k] + 1]; at++) {
      const j = place[weights.columns[at]];
      if (j >= 0) row.push({ j, w: weights.values[at] });
    }
    row.sort((a, b) => a.j - b.j);
    for (const { j, w } of row) {
      columns.push(j);
      values.push(w);
    }
    starts[k + 1] = columns.length;
  }
  const aligned = { labels: [...labels], starts, columns: Uint32Array.from(columns), values: Float64Array.from(values) };
  const cut = weights.labels.length - labels.length;
  if (cut === 0) return { ...aligned, about: weights.about };
  const lost = weights.columns.length - columns.length;
  const note = `${cut} units and ${lost} links cut: they are not in the data`;
  const { normalisation, notes } = weights.about;
  const about = { ...weights.about, normalisation: 'none' as const, divisor: 1, notes: [...notes, note] };
  return normaliseWeights({ ...aligned, about }, normalisation, { islands: 'keep' });
}

/** What does not match between a matrix's units and a panel's entities, in words; none when they are the same set. */
export function labelProblems(units: readonly string[], labels: readonly string[], cut = false, pointer = '/weights'): Problem[] {
  const [known, wanted] = [new Set(units), new Set(labels)];
  const absent = labels.filter((label) => !known.has(label));
  const unused = cut ? [] : units.filter((unit) => !wanted.has(unit));
  if (absent.length === 0 && unused.length === 0) return [];
  const spare = units.filter((unit) => !wanted.has(unit));
  const near = absent.slice(0, namedLabels).flatMap((label) => {
    const found = suggest(label, spare);
    return found === null ? [] : [`${quoted(label)} might be ${quoted(found)}`];
  });
  const words = [
    absent.length === 0
      ? ''
      : `${absent.length} of the data’s ${labels.length} entities have no unit in the weights: ${list(absent)}`,
    unused.length === 0 ? '' : `${unused.length} of the weights’ ${units.length} units are not in the data: ${list(unused)}`,
    near.length === 0 ? '' : `did you mean: ${near.join(', ')}?`,
  ];
  return [{ pointer, code: 'weights_mismatch', message: words.filter((part) => part !== '').join('; ') }];
}

function list(labels: readonly string[]): string {
  const named = labels.slice(0, namedLabels).map(quoted).join(', ');
  return labels.length > namedLabels ? `${named} and ${labels.length - namedLabels} more` : named;
}
