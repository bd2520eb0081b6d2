import { maxProblems } from '../panel/problems.js';
import { columnSums, islandsOf, type Normalisation, rowSums, transposeRows, type Weights } from './weights.js';

/** What is known of a matrix without its links: for refusals at the door, and for people. */
export interface WeightsSummary {
  readonly kind: string;
  readonly normalisation: Normalisation;
  readonly notes: readonly string[];
  readonly units: number;
  /** stored w_ij > 0; a pair of neighbours counts twice */
  readonly links: number;
  /** units whose row is zero, the first of them by name */
  readonly islands: { readonly count: number; readonly labels: readonly string[] };
  /** groups of units that no link joins, whatever its direction */
  readonly components: number;
  /** w_ij = w_ji for all pairs, to the last bit */
  readonly symmetric: boolean;
  /** i has j where j has i: the links without their weights */
  readonly symmetricLinks: boolean;
  readonly neighbours: { readonly min: number; readonly mean: number; readonly max: number };
  readonly rowSums: { readonly min: Extreme; readonly max: Extreme };
  readonly columnSums: { readonly min: Extreme; readonly max: Extreme };
  readonly first: string;
  readonly last: string;
}

export interface Extreme {
  readonly label: string;
  readonly value: number;
}

export function summarizeWeights(weights: Weights): WeightsSummary {
  const { labels, starts, columns, about } = weights;
  const n = labels.length;
  const islands = islandsOf(weights);
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    const degree = starts[i + 1] - starts[i];
    if (degree < min) min = degree;
    if (degree > max) max = degree;
  }
  const extremes = (sums: Float64Array) => {
    let [low, high] = [0, 0];
    for (let i = 1; i < n; i++) {
      if (sums[i] < sums[low]) low = i;
      if (sums[i] > sums[high]) high = i;
    }
    return { min: { label: labels[low], value: sums[low] }, max: { label: labels[high], value: sums[high] } };
  };
  return {
    kind: about.kind,
    normalisation: about.normalisation,
    notes: about.notes,
    units: n,
    links: columns.length,
    islands: { count: islands.length, labels: islands.slice(0, maxProblems).map((i) => labels[i]) },
    components: componentsOf(weights),
    ...symmetryOf(weights),
    neighbours: { min, mean: columns.length / n, max },
    rowSums: extremes(rowSums(weights)),
    columnSums: extremes(columnSums(weights)),
    first: labels[0],
    last: labels[n - 1],
  };
}

/** Union–find over the links taken without direction. */
export function componentsOf({ starts, columns }: Pick<Weights, 'starts' | 'columns'>): number {
  const n = starts.length - 1;
  const parent = Uint32Array.from({ length: n }, (_, i) => i);
  const root = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  let components = n;
  for (let i = 0; i < n; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      const [a, b] = [root(i), root(columns[at])];
      if (a === b) continue;
      parent[Math.max(a, b)] = Math.min(a, b);
      components--;
    }
  }
  return components;
}

/** Is W = Wᵀ, and are at least its links those of Wᵀ? */
export function symmetryOf(weights: Pick<Weights, 'starts' | 'columns' | 'values'>): {
  symmetric: boolean;
  symmetricLinks: boolean;
} {
  const transposed = transposeRows(weights);
  const same = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
    return true;
  };
  const symmetricLinks = same(weights.starts, transposed.starts) && same(weights.columns, transposed.columns);
  return { symmetricLinks, symmetric: symmetricLinks && same(weights.values, transposed.values) };
}
