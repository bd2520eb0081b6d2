/** The order in which a sparse matrix is eliminated, and where its factors have entries. */
export interface Elimination {
  /** order[k]: row and column eliminated k-th */
  readonly order: Uint32Array;
  /** position[i]: k of row i */
  readonly position: Uint32Array;
  /** length n + 1: column k of L, and row k of U, have entries at rows[starts[k]] … rows[starts[k + 1] − 1] */
  readonly starts: Uint32Array;
  /** positions above k, ascending within each k */
  readonly rows: Uint32Array;
}

/**
 * Minimum degree ordering of a matrix with the symmetrised pattern of the one given, by quotient graphs: eliminated nodes stay as
 * elements, cliques that are never written out; degrees are upper bounds (Amestoy, Davis & Duff). Ties go to the node last touched,
 * always the same one.
 *
 * @param columns  of each row, those of the diagonal or repeated ones do no harm
 * @see Amestoy, Davis & Duff (1996), SIAM Journal on Matrix Analysis 17, 886–905, without their supervariables
 */
export function minimumDegree(starts: Uint32Array, columns: Uint32Array): Elimination {
  const n = starts.length - 1;
  const nodes: number[][] = symmetrised(starts, columns);
  const elements: number[][] = Array.from({ length: n }, () => []);
  const members: number[][] = new Array(n); // of an element
  const alive = new Uint8Array(n).fill(1); // 1: to be eliminated, 2: an element, 0: an element absorbed by another
  const mark = new Int32Array(n).fill(-1);
  const outside = new Int32Array(n); // |L_e ∖ L_p|
  const touched = new Int32Array(n).fill(-1);
  const queue = new DegreeQueue(n);
  for (let i = n - 1; i >= 0; i--) queue.put(i, nodes[i].length);

  const order = new Uint32Array(n);
  const position = new Uint32Array(n);
  const patterns: number[][] = new Array(n);
  for (let k = 0; k < n; k++) {
    const p = queue.takeLeast();
    order[k] = p;
    position[p] = k;
    const pattern: number[] = [];
    mark[p] = k;
    for (const v of nodes[p]) {
      if (alive[v] !== 1 || mark[v] === k) continue;
      mark[v] = k;
      pattern.push(v);
    }
    for (const e of elements[p]) {
      if (alive[e] !== 2) continue;
      for (const v of members[e]) {
        if (mark[v] === k) continue;
        mark[v] = k;
        pattern.push(v);
      }
      alive[e] = 0;
      members[e] = [];
    }
    alive[p] = 2;
    members[p] = pattern;
    patterns[k] = pattern;
    nodes[p] = [];
    elements[p] = [];
    for (const i of pattern) {
      for (const e of elements[i]) {
        if (alive[e] !== 2) continue;
        if (touched[e] !== k) {
          touched[e] = k;
          outside[e] = members[e].length;
        }
        outside[e]--;
      }
    }
    for (const i of pattern) {
      let degree = pattern.length - 1;
      const kept = [p];
      for (const e of elements[i]) {
        if (alive[e] !== 2) continue;
        if (outside[e] === 0) {
          alive[e] = 0; // all of it is in the new element
          continue;
        }
        kept.push(e);
        degree += outside[e];
      }
      elements[i] = kept;
      const left: number[] = [];
      for (const v of nodes[i]) if (alive[v] === 1 && mark[v] !== k) left.push(v);
      nodes[i] = left;
      queue.put(i, Math.min(degree + left.length, n - k - 2));
    }
  }
  return { order, position, ...inPositions(patterns, position) };
}

function inPositions(patterns: readonly (readonly number[])[], position: Uint32Array): Pick<Elimination, 'starts' | 'rows'> {
  const n = patterns.length;
  const starts = new Uint32Array(n + 1);
  for (let k = 0; k < n; k++) starts[k + 1] = starts[k] + patterns[k].length;
  const rows = new Uint32Array(starts[n]);
  for (let k = 0; k < n; k++) {
    patterns[k].forEach((node, j) => {
      rows[starts[k] + j] = position[node];
    });
    rows.subarray(starts[k], starts[k + 1]).sort();
  }
  return { starts, rows };
}

/** Neighbours of each node, whatever the direction of the entry, once each. */
function symmetrised(starts: Uint32Array, columns: Uint32Array): number[][] {
  const n = starts.length - 1;
  const all: number[][] = Array.from({ length: n }, () => []);
  for (let i = 0; i < n; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      if (columns[at] === i) continue;
      all[i].push(columns[at]);
      all[columns[at]].push(i);
    }
  }
  return all.map((list) => [...new Set(list)]);
}

/** Nodes by degree, in linked lists. */
class DegreeQueue {
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #degree: Int32Array;
  #least = 0;

  constructor(n: number) {
    this.#head = new Int32Array(n + 1).fill(-1);
    this.#next = new Int32Array(n).fill(-1);
    this.#previous = new Int32Array(n).fill(-1);
    this.#degree = new Int32Array(n).fill(-1);
  }

  put(node: number, degree: number): void {
    if (this.#degree[node] >= 0) this.#remove(node);
    const first = this.#head[degree];
    this.#next[node] = first;
    this.#previous[node] = -1;
    if (first >= 0) this.#previous[first] = node;
    this.#head[degree] = node;
    this.#degree[node] = degree;
    if (degree < this.#least) this.#least = degree;
  }

  takeLeast(): number {
    while (this.#head[this.#least] < 0) this.#least++;
    const node = this.#head[this.#least];
    this.#remove(node);
    return node;
  }

  #remove(node: number): void {
    const [before, after] = [this.#previous[node], this.#next[node]];
    if (before >= 0) this.#next[before] = after;
    else this.#head[this.#degree[node]] = after;
    if (after >= 0) this.#previous[after] = before;
    this.#degree[node] = -1;
  }
}
