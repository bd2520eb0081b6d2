import { EstimationError } from '../errors.js';
import type { Grouping } from './grouping.js';

/** More levels than this of the smaller factor would cost levels² memory. */
const mostLevels = 2_000;
const noPivot = 1e-10;

/**
 * Leverage of the absorbed effects alone: the diagonal of the projection on their dummies (weighted: on √w times them). Added to
 * that of the demeaned regressors it is the leverage in the regression with dummies.
 *
 * One factor: w_i / Σ_g w. Two: that of the larger factor plus (f_i − f̄_g)ᵀ S⁻ (f_i − f̄_g), S = FᵀW M_D F.
 *
 * @throws EstimationError `leverage_unavailable` for three and more factors, or two large ones
 */
export function effectLeverages(factors: readonly Grouping[], rows: number, weights?: Float64Array): Float64Array {
  if (factors.length === 0) return new Float64Array(rows);
  const w = weights ?? new Float64Array(rows).fill(1);
  const ordered = [...factors].sort((a, b) => b.levels - a.levels);
  const [many, few] = ordered;
  const totals = new Float64Array(many.levels);
  for (let i = 0; i < rows; i++) totals[many.codes[i]] += w[i];
  const h = Float64Array.from({ length: rows }, (_, i) => w[i] / totals[many.codes[i]]);
  if (few === undefined) return h;
  if (factors.length > 2 || few.levels > mostLevels) {
    throw new EstimationError(
      'leverage_unavailable',
      `HC2 and HC3 need the leverage of the effects, computed for two with up to ${mostLevels} levels in the smaller; got ` +
        `${ordered.map(({ levels }) => levels).join(' and ')} levels: use HC1, or clusters`,
    );
  }

  const m = few.levels;
  const means = Array.from({ length: many.levels }, () => new Map<number, number>()); // f̄_g
  for (let i = 0; i < rows; i++) {
    const mean = means[many.codes[i]];
    mean.set(few.codes[i], (mean.get(few.codes[i]) ?? 0) + w[i] / totals[many.codes[i]]);
  }
  const schur = new Float64Array(m * m);
  for (let i = 0; i < rows; i++) schur[few.codes[i] * m + few.codes[i]] += w[i];
  for (const [g, mean] of means.entries()) {
    for (const [t, a] of mean) for (const [s, b] of mean) schur[t * m + s] -= totals[g] * a * b;
  }
  const inverse = generalizedInverse(schur, m);
  const quadratic = means.map((mean) => {
    let sum = 0;
    for (const [t, a] of mean) for (const [s, b] of mean) sum += a * b * inverse[t * m + s];
    return sum;
  });
  for (let i = 0; i < rows; i++) {
    const [g, t] = [many.codes[i], few.codes[i]];
    let cross = 0;
    for (const [s, b] of means[g]) cross += b * inverse[t * m + s];
    h[i] += w[i] * (inverse[t * m + t] - 2 * cross + quadratic[g]);
  }
  return h;
}

/** A generalised inverse (AGA = A) of a positive semidefinite matrix by Gauss–Jordan sweeps, skipping null pivots. */
function generalizedInverse(matrix: Float64Array, n: number): Float64Array {
  const a = Float64Array.from(matrix);
  const swept = new Uint8Array(n);
  for (let p = 0; p < n; p++) {
    const pivot = a[p * n + p];
    if (!(pivot > noPivot * matrix[p * n + p])) continue;
    swept[p] = 1;
    for (let i = 0; i < n; i++) {
      if (i === p) continue;
      const factor = a[i * n + p] / pivot;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) if (j !== p) a[i * n + j] -= factor * a[p * n + j];
      a[i * n + p] = -factor;
    }
    for (let j = 0; j < n; j++) if (j !== p) a[p * n + j] /= pivot;
    a[p * n + p] = 1 / pivot;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (swept[i] === 0 || swept[j] === 0) a[i * n + j] = 0;
  }
  return a;
}
