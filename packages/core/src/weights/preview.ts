import type { Weights } from './weights.js';

export interface WeightsPreview {
  readonly columns: readonly ['from', 'to', 'weight'];
  readonly rows: readonly (readonly [string, string, number])[];
}

/** The first links of a matrix in the order of its units, for people to look at. */
export function previewWeights({ labels, starts, columns, values }: Weights, count = 20): WeightsPreview {
  const rows: [string, string, number][] = [];
  for (let unit = 0; unit < labels.length && rows.length < count; unit++) {
    for (let at = starts[unit]; at < starts[unit + 1] && rows.length < count; at++) {
      rows.push([labels[unit], labels[columns[at]], values[at]]);
    }
  }
  return { columns: ['from', 'to', 'weight'], rows };
}
