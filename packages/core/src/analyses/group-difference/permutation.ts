import { clusterProducts, productSolver } from '../../covariance/cluster-products.js';
import type { Grouping } from '../../effects/grouping.js';
import { choleskyInPlace, choleskySolveInPlace } from '../../linalg/cholesky.js';
import type { PhiloxStream } from '../../random/stream.js';

/** Cross-products of entities, enough to fit least squares on both groups of any labeling. */
export interface LeastSquaresPermutable {
  readonly kind: 'least-squares';
  /** columns: the slopes compared first, then constant or dummies */
  readonly width: number;
  readonly slopes: number;
  readonly entities: number;
  /** entities × (width + 1)², lower triangles by rows */
  readonly products: Float64Array;
}

export function permutableProducts(
  columns: readonly Float64Array[],
  outcome: Float64Array,
  entity: Grouping,
  slopes: number,
): LeastSquaresPermutable {
  const each = clusterProducts(columns, outcome, entity.codes, entity.levels);
  const size = (columns.length + 1) ** 2;
  const products = new Float64Array(each.length * size);
  for (const [e, product] of each.entries()) products.set(product, e * size);
  return { kind: 'least-squares', width: columns.length, slopes, entities: entity.levels, products };
}

/** Statistics of one labeling: k studentised differences, k differences, and the Wald statistic of all. */
export const statisticsOf = (slopes: number) => 2 * slopes + 1;

/** f(labels, out): labels[e] is 1 or 0; out gets `statisticsOf(k)` numbers, NaN where a slope is not identified. */
export type Permuter = (labels: Uint8Array, out: Float64Array) => void;

/**
 * Studentised differences of two groups that `fitGroup` fits.
 *
 *   t_j = (b₁ⱼ − b₀ⱼ)/√(V₁ⱼⱼ + V₀ⱼⱼ),   W = dᵀ(V₁ + V₀)⁻¹d,   V_g = G_g/(G_g − 1) · CR0 clustered by entity
 *
 * Studentised, the test keeps its level when groups differ in variance or regressors; unstudentised it does not.
 *
 * @param fitGroup  slopes of the entities with label g into beta, their V_g added to the lower triangle of V; false if they are not
 *   identified
 * @see Janssen (1997), Statistics & Probability Letters 36; DiCiccio & Romano (2017), JASA 112, §3 (robust permutation tests)
 */
export function differenceStatistics(
  slopes: number,
  fitGroup: (labels: Uint8Array, g: number, beta: Float64Array, V: Float64Array) => boolean,
): Permuter {
  const betas = [new Float64Array(slopes), new Float64Array(slopes)];
  const V = new Float64Array(slopes * slopes);
  const d = new Float64Array(slopes);
  const solved = new Float64Array(slopes);
  return (labels, out) => {
    V.fill(0);
    for (let g = 0; g < 2; g++) {
      if (fitGroup(labels, g, betas[g], V)) continue;
      out.fill(Number.NaN);
      return;
    }
    for (let j = 0; j < slopes; j++) {
      d[j] = betas[1][j] - betas[0][j];
      out[j] = d[j] / Math.sqrt(V[j * slopes + j]);
      out[slopes + j] = d[j];
    }
    solved.set(d);
    const identified = choleskyInPlace(V, slopes) === slopes;
    if (identified) choleskySolveInPlace(V, slopes, solved);
    let wald = 0;
    for (let j = 0; j < slopes; j++) wald += d[j] * solved[j];
    out[2 * slopes] = identified ? wald : Number.NaN;
  };
}

/** Least squares of both groups of a labeling from cross-products. */
export function makeLeastSquaresPermuter({ width: k, slopes, entities, products }: LeastSquaresPermutable): Permuter {
  const stride = k + 1;
  const size = stride * stride;
  const total = new Float64Array(size);
  for (let at = 0; at < products.length; at++) total[at % size] += products[at];
  const solver = productSolver(k, slopes, total);
  const sum = new Float64Array(size);
  const rows = Array.from({ length: slopes }, () => new Float64Array(k));
  const part = new Float64Array(slopes * slopes);
  const score = new Float64Array(k);
  const influence = new Float64Array(slopes);

  return differenceStatistics(slopes, (labels, g, beta, V) => {
    sum.fill(0);
    for (let e = 0; e < entities; e++) {
      if (labels[e] !== g) continue;
      const from = e * size;
      for (let at = 0; at < size; at++) sum[at] += products[from + at];
    }
    if (solver.solve(sum) >= 0) return false;
    const b = solver.coefficients;
    beta.set(b.subarray(0, slopes));
    for (let j = 0; j < slopes; j++) solver.inverseRow(j, rows[j]);
    part.fill(0);
    let count = 0;
    for (let e = 0; e < entities; e++) {
      if (labels[e] !== g) continue;
      count++;
      const from = e * size;
      for (let j = 0; j < k; j++) {
        let own = products[from + k * stride + j];
        for (let l = 0; l <= j; l++) own -= products[from + j * stride + l] * b[l];
        for (let l = j + 1; l < k; l++) own -= products[from + l * stride + j] * b[l];
        score[j] = own;
      }
      for (let j = 0; j < slopes; j++) {
        let own = 0;
        for (let l = 0; l < k; l++) own += rows[j][l] * score[l];
        influence[j] = own;
        for (let l = 0; l <= j; l++) part[j * slopes + l] += own * influence[l];
      }
    }
    for (let at = 0; at < part.length; at++) V[at] += (count / (count - 1)) * part[at];
    return true;
  });
}

/** C(n, k), as a double: Infinity when it is too large. */
export function labelings(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) count = (count * (n - Math.min(k, n - k) + i)) / i;
  return Math.round(count);
}

/** Labeling number `rank` of the C(n, ones) in lexicographic order: the combinatorial number system. */
export function labelingOfRank(n: number, ones: number, rank: number, labels: Uint8Array): void {
  labels.fill(0);
  let left = rank;
  let open = ones;
  for (let e = 0; e < n && open > 0; e++) {
    const withThis = labelings(n - e - 1, open - 1);
    if (left < withThis) {
      labels[e] = 1;
      open--;
    } else left -= withThis;
  }
}

/** A labeling drawn at random, group sizes kept. */
export function drawLabeling(random: PhiloxStream, order: Uint32Array, ones: number, labels: Uint8Array): void {
  for (let e = 0; e < order.length; e++) order[e] = e;
  random.shuffle(order);
  labels.fill(0);
  for (let i = 0; i < ones; i++) labels[order[i]] = 1;
}
