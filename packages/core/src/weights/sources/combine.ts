import { InputError } from '../../errors.js';
import { expandStarts, type Weights, weightsFromLinks } from '../weights.js';
import { requireSameUnits } from './economic.js';
import { LinkList } from './units.js';

export type Combination = { readonly by: 'product' } | { readonly by: 'mix'; readonly share: number };

/**
 * `product`: w_ij = a_ij b_ij, links that both have. `mix`: w_ij = share · a_ij + (1 − share) · b_ij; normalise both first, or
 * the larger numbers win.
 *
 * @throws InputError weights_mismatch, no_links (a product without a common link)
 */
export function combineWeights(a: Weights, b: Weights, how: Combination): Weights {
  requireSameUnits(a.labels, b.labels);
  const [links, rows] = [new LinkList(), new Map<number, number>()];
  const n = a.labels.length;
  for (let i = 0; i < n; i++) {
    rows.clear();
    for (let at = b.starts[i]; at < b.starts[i + 1]; at++) rows.set(b.columns[at], b.values[at]);
    for (let at = a.starts[i]; at < a.starts[i + 1]; at++) {
      const [j, w] = [a.columns[at], a.values[at]];
      const other = rows.get(j) ?? 0;
      rows.delete(j);
      links.add(i, j, how.by === 'product' ? w * other : how.share * w + (1 - how.share) * other);
    }
    if (how.by === 'mix') for (const [j, other] of rows) links.add(i, j, (1 - how.share) * other);
  }
  const formula = how.by === 'product' ? 'product, link by link' : `${how.share} of the first and ${1 - how.share} of the second`;
  const combined = weightsFromLinks({
    labels: a.labels,
    ...links,
    kind: 'combination',
    notes: [
      `${a.about.kind} (${a.about.normalisation}) and ${b.about.kind} (${b.about.normalisation}): ${formula}`,
      ...new Set([...a.about.notes, ...b.about.notes]),
    ],
  });
  if (combined.columns.length === 0) throw InputError.one('no_links', 'the two have no link in common: their product is zero');
  return combined;
}

/**
 * Links of order p: units p steps away and no fewer; with `cumulative` those at most p steps away. Every link weighs 1.
 *
 * Breadth first from each unit: O(n · what it reaches). A unit is no neighbour of its own.
 * @see Anselin & Smirnov (1996), Journal of Regional Science 36(1), 67–89
 */
export function weightsOfOrder(weights: Weights, order: number, cumulative = false): Weights {
  if (order === 1) return weights;
  const { starts, columns, labels } = weights;
  const n = labels.length;
  const links = new LinkList();
  const seenBy = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    seenBy[i] = i;
    let ring = [i];
    for (let step = 1; step <= order; step++) {
      const next: number[] = [];
      for (const unit of ring) {
        for (let at = starts[unit]; at < starts[unit + 1]; at++) {
          const j = columns[at];
          if (seenBy[j] === i) continue;
          seenBy[j] = i;
          next.push(j);
        }
      }
      if (cumulative || step === order) for (const j of next) links.add(i, j, 1);
      ring = next;
    }
  }
  const reach = cumulative ? `neighbours up to order ${order}` : `neighbours of order ${order}, none of a lower one`;
  return weightsFromLinks({ labels, ...links, kind: weights.about.kind, notes: [...weights.about.notes, reach] });
}

/** Links without their weights: 1 each. */
export function binaryWeights(weights: Weights): Weights {
  const about = { ...weights.about, normalisation: 'none' as const, divisor: 1 };
  return { ...weights, values: weights.values.map(() => 1), about };
}

/** W ∪ Wᵀ: w_ij = max(w_ij, w_ji). k-nearest neighbours made mutual. */
export function symmetrisedWeights(weights: Weights): Weights {
  const links = new LinkList();
  const larger = new Map<number, number>();
  const n = weights.labels.length;
  const rows = expandStarts(weights.starts);
  for (let at = 0; at < rows.length; at++) {
    const [i, j] = [rows[at], weights.columns[at]];
    const key = Math.min(i, j) * n + Math.max(i, j);
    larger.set(key, Math.max(larger.get(key) ?? 0, weights.values[at]));
  }
  for (const [key, w] of larger) {
    const [i, j] = [Math.floor(key / n), key % n];
    links.add(i, j, w);
    links.add(j, i, w);
  }
  const notes = [...weights.about.notes, 'made symmetric: the larger of w_ij and w_ji'];
  return weightsFromLinks({ labels: weights.labels, ...links, kind: weights.about.kind, notes });
}
