import { InputError } from '../../errors.js';
import { quoted } from '../../panel/problems.js';
import { type Weights, weightsFromLinks } from '../weights.js';
import type { Feature, Position } from './features.js';
import { requireOneSystem } from './metric.js';
import { LinkList } from './units.js';

export type Contiguity = 'queen' | 'rook';

/** Positions closer than this share of the map's larger side are one: borders drawn twice differ by rounding. */
export const snapShare = 1e-9;

/**
 * w_ij = 1 where two areas share a vertex (queen) or an edge between two vertices (rook).
 *
 * Borders must meet in vertices, as in every map made from one set of lines: a vertex of one that lies on the middle of another's
 * edge is not seen. Outer rings and holes count alike, so an enclave is the neighbour of what surrounds it. O(vertices).
 *
 * @param features  in the order of their labels: with snapping, the first position met stands for those near it
 * @param snap      in the unit of the coordinates; null takes 1e-9 of the larger side of the map; 0 wants equal positions
 * @throws InputError not_polygons, mixed_coordinates
 */
export function contiguityWeights(features: readonly Feature[], kind: Contiguity, snap: number | null): Weights {
  const flat = features.filter(({ shape }) => shape.rings.length === 0).map(({ label }) => quoted(label));
  if (flat.length > 0) {
    throw InputError.one('not_polygons', `contiguity needs polygons; points only: ${flat.slice(0, 8).join(', ')}`);
  }
  const first = features.map(({ shape }) => shape.rings[0][0]);
  requireOneSystem(
    {
      labels: features.map(({ label }) => label),
      x: Float64Array.from(first, ([x]) => x),
      y: Float64Array.from(first, ([, y]) => y),
    },
    'planar',
  );
  const tolerance = snap ?? snapShare * largerSide(features);
  const vertices = vertexNumbers(features, tolerance);
  const items = kind === 'queen' ? vertices : edgeNumbers(vertices);
  const notes = [
    kind === 'queen' ? 'areas that share a vertex' : 'areas that share an edge',
    `vertices within ${tolerance} (coordinate units) are one`,
  ];
  return weightsFromLinks({ labels: features.map(({ label }) => label), ...sharing(items), kind, notes });
}

function largerSide(features: readonly Feature[]): number {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { shape } of features) {
    for (const ring of shape.rings) {
      for (const [x, y] of ring) {
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < bottom) bottom = y;
        if (y > top) top = y;
      }
    }
  }
  return Math.max(right - left, top - bottom);
}

/** For each area its rings as numbers of vertices (or of edges). */
type Numbered = readonly (readonly Uint32Array[])[];

function vertexNumbers(features: readonly Feature[], tolerance: number): Numbered {
  const vertices = new VertexTable(tolerance);
  return features.map(({ shape }) =>
    shape.rings.map((ring) => Uint32Array.from(ring, (position) => vertices.numberOf(position))),
  );
}

/** Side of a cell of the table, in tolerances. */
const cellWidths = 16;

/** Numbers positions; one within the tolerance of an earlier one (in both coordinates) has its number. */
class VertexTable {
  readonly #heads = new Map<number, number>();
  readonly #next: number[] = [];
  readonly #x: number[] = [];
  readonly #y: number[] = [];

  constructor(readonly tolerance: number) {}

  numberOf([x, y]: Position): number {
    // cells much wider than the tolerance: few positions are near enough to a side that a second cell must be looked at
    const cell = this.tolerance === 0 ? 1 : cellWidths * this.tolerance;
    const place = (value: number) => Math.floor(value / cell);
    for (let c = place(x - this.tolerance); c <= place(x + this.tolerance); c++) {
      for (let r = place(y - this.tolerance); r <= place(y + this.tolerance); r++) {
        const found = this.#find(key(c, r), x, y);
        if (found >= 0) return found;
      }
    }
    const vertex = this.#x.push(x) - 1;
    this.#y.push(y);
    const own = key(place(x), place(y));
    this.#next.push(this.#heads.get(own) ?? -1);
    this.#heads.set(own, vertex);
    return vertex;
  }

  #find(at: number, x: number, y: number): number {
    for (let vertex = this.#heads.get(at) ?? -1; vertex >= 0; vertex = this.#next[vertex]) {
      if (Math.abs(this.#x[vertex] - x) <= this.tolerance && Math.abs(this.#y[vertex] - y) <= this.tolerance) return vertex;
    }
    return -1;
  }
}

/** A cell as one number below 2³⁰, a small integer to the engine; cells that fall together are told apart by their positions. */
const key = (column: number, row: number) => {
  const mixed = Math.imul(column | 0, 0x9e3779b1) ^ Math.imul((row | 0) + 0x7f4a7c15, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) & 0x3fffffff) >>> 0;
};

function edgeNumbers(vertices: Numbered): Numbered {
  const edges = new Map<number, number>();
  const pairs = 2 ** 26; // vertex numbers stay below: 2²⁶ · 2²⁶ < 2⁵³
  return vertices.map((rings) =>
    rings.map((ring) => {
      const numbers: number[] = [];
      for (let k = 1; k < ring.length; k++) {
        const [a, b] = [ring[k - 1], ring[k]];
        if (a === b) continue; // two vertices that snapping made one
        const edge = Math.min(a, b) * pairs + Math.max(a, b);
        const known = edges.get(edge);
        if (known === undefined) edges.set(edge, edges.size);
        numbers.push(known ?? edges.size - 1);
      }
      return Uint32Array.from(numbers);
    }),
  );
}

/** Links between areas that have a number in common. */
function sharing(items: Numbered): LinkList {
  const areasOf: number[][] = [];
  items.forEach((rings, area) => {
    for (const ring of rings) {
      for (const item of ring) {
        const areas = areasOf[item];
        if (areas === undefined) areasOf[item] = [area];
        else if (areas[areas.length - 1] !== area) areas.push(area);
      }
    }
  });
  const links = new LinkList();
  const seenBy = new Int32Array(items.length).fill(-1);
  items.forEach((rings, i) => {
    seenBy[i] = i;
    for (const ring of rings) {
      for (const item of ring) {
        for (const j of areasOf[item]) {
          if (seenBy[j] === i) continue;
          seenBy[j] = i;
          links.add(i, j, 1);
        }
      }
    }
  });
  return links;
}
