import type { Grouping } from '../effects/grouping.js';
import { usedLevels } from '../effects/rank.js';
import { choleskyInPlace, choleskySolveInPlace } from '../linalg/cholesky.js';
import { dot } from '../linalg/vector.js';
import { pooledFit } from './pooled.js';
import type { PanelSample } from './sample.js';
import { withinFit } from './within.js';

/** Rows taken through the transform at once: small enough to stay in a core's first cache with some ten columns. */
const blockRows = 256;
/** A pivot below this share of its column's own sum of squares leaves too few digits for normal equations. */
const wellConditioned = 1e-7;
/** What the effects leave of a column is rounding below this share of its sum of squares. */
const absorbedShare = 1e-16;

export interface RestrictedFit {
  readonly ssr: number;
  readonly residualDf: number;
}

/**
 * Sum of squared residuals of y on x with the effects of at most one factor, all that an F test by sums of squares needs of its
 * restricted model; without a factor a constant stands.
 *
 * Cross-products of deviations from (weighted) means are summed block by block, nothing of the sample's length is held; b solves
 * the normal equations at unit diagonal and û is then taken from the rows, so that an error in b enters Σ û² squared. Where a pivot
 * is below 1e-7 of its column, or with more factors, the model is fitted in full (`withinFit`, `pooledFit`).
 *
 * @throws EstimationError as `withinFit` and `pooledFit`
 */
export function restrictedFit(sample: PanelSample, factors: readonly Grouping[]): RestrictedFit {
  const fast = factors.length > 1 ? null : byProducts(sample, factors[0]);
  if (fast !== null) return fast;
  return factors.length === 0 ? pooledFit(sample) : withinFit(sample, factors);
}

function byProducts(sample: PanelSample, factor: Grouping | undefined): RestrictedFit | null {
  const { rows: n, weights, frequency } = sample;
  const columns = [...sample.regressors, sample.outcome];
  const k = columns.length - 1;
  const deviations = deviationsOf(sample, factor, columns);
  const width = k + 1;
  const product = new Float64Array(width * width);
  deviations.each((block, rows) => {
    for (let j = 0; j < width; j++)
      for (let l = 0; l <= j; l++) product[j * width + l] += dot(block[j].subarray(0, rows), block[l].subarray(0, rows));
  });
  const b = solveScaled(product, k, deviations.squares);
  if (b === null) return null;
  let ssr = 0;
  deviations.each((block, rows) => {
    const u = block[k];
    for (let j = 0; j < k; j++) for (let i = 0; i < rows; i++) u[i] -= b[j] * block[j][i];
    ssr += dot(u.subarray(0, rows), u.subarray(0, rows));
  });
  const observations = frequency && weights !== undefined ? weights.reduce((sum, w) => sum + w, 0) : n;
  return { ssr, residualDf: observations - (factor === undefined ? 1 : usedLevels(factor)) - k };
}

/** Deviations from means, × √w, block after block, in room that is used again. */
function deviationsOf({ rows: n, weights }: PanelSample, factor: Grouping | undefined, columns: readonly Float64Array[]) {
  const levels = factor?.levels ?? 1;
  const codes = factor?.codes;
  const totals = new Float64Array(levels);
  for (let i = 0; i < n; i++) totals[codes === undefined ? 0 : codes[i]] += weights === undefined ? 1 : weights[i];
  const squares = new Float64Array(columns.length);
  const means = columns.map((x, j) => {
    const sums = new Float64Array(levels);
    for (let i = 0; i < n; i++) sums[codes === undefined ? 0 : codes[i]] += weights === undefined ? x[i] : weights[i] * x[i];
    for (let g = 0; g < levels; g++) sums[g] = totals[g] > 0 ? sums[g] / totals[g] : 0;
    squares[j] = dot(x, x);
    return sums;
  });
  const block = columns.map(() => new Float64Array(blockRows));
  const each = (take: (block: readonly Float64Array[], rows: number) => void) => {
    for (let from = 0; from < n; from += blockRows) {
      const rows = Math.min(blockRows, n - from);
      for (const [j, x] of columns.entries()) {
        const [out, mean] = [block[j], means[j]];
        for (let i = 0; i < rows; i++) out[i] = x[from + i] - mean[codes === undefined ? 0 : codes[from + i]];
        if (weights !== undefined) for (let i = 0; i < rows; i++) out[i] *= Math.sqrt(weights[from + i]);
      }
      take(block, rows);
    }
  };
  return { each, squares };
}

/** b of the normal equations at unit diagonal; null when a column is (nearly) absorbed or a combination of others. */
function solveScaled(product: Float64Array, k: number, squares: Float64Array): Float64Array | null {
  const width = k + 1;
  const scale = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const own = product[j * width + j];
    if (!(own > absorbedShare * squares[j])) return null;
    scale[j] = 1 / Math.sqrt(own);
  }
  const a = new Float64Array(k * k);
  for (let j = 0; j < k; j++) for (let l = 0; l <= j; l++) a[j * k + l] = product[j * width + l] * scale[j] * scale[l];
  if (choleskyInPlace(a, k) < k) return null;
  for (let j = 0; j < k; j++) if (!(a[j * k + j] * a[j * k + j] > wellConditioned)) return null;
  const b = Float64Array.from({ length: k }, (_, j) => product[k * width + j] * scale[j]);
  choleskySolveInPlace(a, k, b);
  return b.map((value, j) => value * scale[j]);
}
