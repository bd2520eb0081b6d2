import { InputError } from '../errors.js';
import { canonicalEntities } from '../panel/build.js';
import { Problems, quoted } from '../panel/problems.js';

/**
 * An immutable spatial weights matrix W, n × n, in compressed rows, tied to the labels of its units.
 *
 * w_ij ≥ 0 is what unit i takes from unit j; w_ii = 0. Units are in the order that a panel puts its entities in (by number if
 * all labels are numbers, else by code unit); columns ascend within a row; no stored value is 0.
 */
export interface Weights {
  readonly labels: readonly string[];
  /** length n + 1: row i has links starts[i] … starts[i+1] − 1 */
  readonly starts: Uint32Array;
  /** j of each link */
  readonly columns: Uint32Array;
  /** w_ij of each link */
  readonly values: Float64Array;
  readonly about: WeightsAbout;
}

/** How a matrix came to be: what results print beside its name. */
export interface WeightsAbout {
  /** 'queen', 'k-nearest', 'edge-list', …; stored, so stable */
  readonly kind: string;
  readonly normalisation: Normalisation;
  /** what each number was divided by for `spectral` and `min-max`; 1 else */
  readonly divisor: number;
  /** choices made on the way, in words: metric and units, cut-offs, snapping, links that are a convention */
  readonly notes: readonly string[];
}

export const normalisations = ['none', 'row', 'spectral', 'min-max'] as const;
export type Normalisation = (typeof normalisations)[number];

/** Links in any order, each i → j at most once; labels in any order. */
export interface Links {
  readonly labels: readonly string[];
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly kind: string;
  readonly notes?: readonly string[] | undefined;
}

/**
 * A matrix, not normalised, from links. Links of weight 0 are no links.
 *
 * @throws InputError with every problem found: no_units, missing_label, duplicate_label, self_neighbour, duplicate_link,
 *   bad_weight (negative, NaN or infinite)
 */
export function weightsFromLinks(links: Links): Weights {
  const problems = new Problems();
  const { labels: given, from, to, values, kind } = links;
  if (given.length === 0) throw InputError.one('no_units', 'weights need at least one unit');
  const { labels, codeOf } = canonicalEntities(given);
  if (given.includes('')) problems.add('missing_label', 'a unit has no label');
  if (labels.length < given.length) {
    const first = new Map<number, string>();
    given.forEach((label, k) => {
      const earlier = first.get(codeOf[k]);
      if (earlier === undefined) first.set(codeOf[k], label);
      else problems.add('duplicate_label', `two units have the label ${quoted(label)}`);
    });
  }
  for (let k = 0; k < values.length; k++) {
    const [i, j, w] = [from[k], to[k], values[k]];
    if (!(w >= 0 && w < Number.POSITIVE_INFINITY)) {
      const what = w < 0 ? 'negative' : 'not a finite number';
      problems.add('bad_weight', `the weight of ${quoted(given[i])} → ${quoted(given[j])} is ${what} (${w}); weights are ≥ 0`);
    } else if (i === j && w !== 0) {
      problems.add('self_neighbour', `${quoted(given[i])} is its own neighbour (weight ${w}); the diagonal must be 0`);
    }
  }
  problems.throwIfAny();
  const rows = compress(labels.length, from, to, values, codeOf);
  for (let i = 0; i < labels.length; i++) {
    for (let at = rows.starts[i] + 1; at < rows.starts[i + 1]; at++) {
      if (rows.columns[at] === rows.columns[at - 1]) {
        problems.add('duplicate_link', `the link ${quoted(labels[i])} → ${quoted(labels[rows.columns[at]])} is given twice`);
      }
    }
  }
  problems.throwIfAny();
  return { labels, ...rows, about: { kind, normalisation: 'none', divisor: 1, notes: links.notes ?? [] } };
}

/** Rows of a matrix without its labels. */
export type SparseRows = Pick<Weights, 'starts' | 'columns' | 'values'>;

/** Links sorted into rows by two counting sorts: O(n + links). */
function compress(
  n: number,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  values: ArrayLike<number>,
  codeOf: Uint32Array,
): SparseRows {
  let count = 0;
  for (let k = 0; k < values.length; k++) if (values[k] !== 0) count++;
  const [i, j, w] = [new Uint32Array(count), new Uint32Array(count), new Float64Array(count)];
  for (let k = 0, at = 0; k < values.length; k++) {
    if (values[k] === 0) continue;
    i[at] = codeOf[from[k]];
    j[at] = codeOf[to[k]];
    w[at++] = values[k];
  }
  const byColumn = scatter(n, j, i, w);
  const columnOf = expandStarts(byColumn.starts);
  return scatter(n, byColumn.columns, columnOf, byColumn.values);
}

/** Stable counting sort of links by `key`; `other` becomes the columns. */
function scatter(n: number, key: Uint32Array, other: Uint32Array, w: Float64Array): SparseRows {
  const starts = new Uint32Array(n + 1);
  for (const row of key) starts[row + 1]++;
  for (let row = 0; row < n; row++) starts[row + 1] += starts[row];
  const next = starts.slice(0, n);
  const columns = new Uint32Array(key.length);
  const values = new Float64Array(key.length);
  for (let k = 0; k < key.length; k++) {
    const at = next[key[k]]++;
    columns[at] = other[k];
    values[at] = w[k];
  }
  return { starts, columns, values };
}

/** i of each link. */
export function expandStarts(starts: Uint32Array): Uint32Array {
  const rows = new Uint32Array(starts[starts.length - 1]);
  for (let i = 0; i + 1 < starts.length; i++) rows.fill(i, starts[i], starts[i + 1]);
  return rows;
}

/** Wᵀ: row i has the links that lead to i. */
export function transposeRows({ starts, columns, values }: SparseRows): SparseRows {
  return scatter(starts.length - 1, columns, expandStarts(starts), values);
}

/** Wᵀ with its labels. */
export function transposeWeights(weights: Weights): Weights {
  return { ...weights, ...transposeRows(weights) };
}

/** Σ_j w_ij for each i. */
export function rowSums({ starts, values }: SparseRows): Float64Array {
  const sums = new Float64Array(starts.length - 1);
  for (let i = 0; i < sums.length; i++) for (let at = starts[i]; at < starts[i + 1]; at++) sums[i] += values[at];
  return sums;
}

/** Σ_i w_ij for each j. */
export function columnSums({ starts, columns, values }: SparseRows): Float64Array {
  const sums = new Float64Array(starts.length - 1);
  for (let at = 0; at < columns.length; at++) sums[columns[at]] += values[at];
  return sums;
}

/** Units without a link out: their row is zero. */
export function islandsOf({ starts }: SparseRows): number[] {
  const islands: number[] = [];
  for (let i = 0; i + 1 < starts.length; i++) if (starts[i] === starts[i + 1]) islands.push(i);
  return islands;
}
