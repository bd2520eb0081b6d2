/**
 * [X y]ᵀ[X y] of each cluster, lower triangles by rows of width k + 1: what is needed to fit again on any choice of clusters, each
 * any number of times, without looking at the rows.
 *
 * Exact after the within transform of effects nested in the clusters, for it is the same whichever other clusters are there.
 */
export function clusterProducts(
  columns: readonly Float64Array[],
  y: Float64Array,
  cluster: Uint32Array,
  clusters: number,
): Float64Array[] {
  const width = columns.length + 1;
  const all = [...columns, y];
  const products = Array.from({ length: clusters }, () => new Float64Array(width * width));
  for (let j = 0; j < width; j++) {
    for (let l = 0; l <= j; l++) {
      const [a, b] = [all[j], all[l]];
      for (let i = 0; i < y.length; i++) products[cluster[i]][j * width + l] += a[i] * b[i];
    }
  }
  return products;
}

/** A pivot below this share of the column's own sum of squares over all clusters is rounding. */
const noPivot = 1e-11;

/** Least squares from cross-products, in room of its own: nothing is allocated by `solve`. */
export interface ProductSolver {
  /**
   * b of the columns that the products identify, 0 for the others; columns are taken in order, earlier ones stay.
   * @param product  [X y]ᵀ[X y], lower triangle by rows; not changed
   * @returns the first column among the `wanted` first that is not identified, or −1
   */
  solve(product: Float64Array): number;
  /** length k, of the last `solve` */
  readonly coefficients: Float64Array;
  /** Row j of (XᵀX)⁻¹ over the columns identified in the last `solve`, 0 elsewhere. */
  inverseRow(j: number, out: Float64Array): void;
}

/**
 * @param k       columns
 * @param wanted  the first columns that must be identified; dummies come after them
 * @param scale   the products over all clusters: a column's own size, beside which a pivot is rounding
 */
export function productSolver(k: number, wanted: number, scale: Float64Array): ProductSolver {
  const width = k + 1;
  const l = new Float64Array(width * width);
  const out = new Uint8Array(k);
  const coefficients = new Float64Array(k);

  const factor = (): number => {
    let missing = -1;
    out.fill(0);
    for (let j = 0; j < k; j++) {
      let pivot = l[j * width + j];
      for (let m = 0; m < j; m++) pivot -= l[j * width + m] * l[j * width + m];
      if (!(pivot > noPivot * scale[j * width + j])) {
        if (j < wanted && missing < 0) missing = j;
        out[j] = 1;
        for (let i = j; i < width; i++) l[i * width + j] = 0;
        continue;
      }
      const root = Math.sqrt(pivot);
      l[j * width + j] = root;
      for (let i = j + 1; i < width; i++) {
        let sum = l[i * width + j];
        for (let m = 0; m < j; m++) sum -= l[i * width + m] * l[j * width + m];
        l[i * width + j] = sum / root;
      }
    }
    return missing;
  };
  /** x ← L⁻ᵀx over the identified columns. */
  const back = (x: Float64Array): void => {
    for (let j = k - 1; j >= 0; j--) {
      if (out[j] === 1) {
        x[j] = 0;
        continue;
      }
      let sum = x[j];
      for (let i = j + 1; i < k; i++) sum -= l[i * width + j] * x[i];
      x[j] = sum / l[j * width + j];
    }
  };

  return {
    coefficients,
    solve(product) {
      l.set(product);
      const missing = factor();
      for (let j = 0; j < k; j++) coefficients[j] = l[k * width + j];
      back(coefficients);
      return missing;
    },
    inverseRow(j, x) {
      for (let i = 0; i < k; i++) {
        let sum = i === j ? 1 : 0;
        if (out[i] === 1) {
          x[i] = 0;
          continue;
        }
        for (let m = 0; m < i; m++) sum -= l[i * width + m] * x[m];
        x[i] = sum / l[i * width + i];
      }
      back(x);
    },
  };
}
