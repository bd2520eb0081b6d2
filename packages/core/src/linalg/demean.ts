import { addScaled, dot } from './vector.js';

/**
 * A column of which fixed effects leave less than this share is absorbed by them: what is left is rounding, and is made
 * exactly zero, so that `leastSquares` drops the column. Rounding of a value and of its mean leave about 2e-16 of it.
 */
export const absorbedTolerance = 1e-13;

/**
 * Within transform by one factor: x_i − x̄_{g(i)}.
 *
 * The mean is taken twice, the second time of the deviations, so the means of the result are zero to the last digits of the
 * deviations, not of the levels, and a column that is constant within its groups gives exact zeros.
 *
 * @param codes   g(i) ∈ {0, …, groups − 1}, length n
 * @param column  x, length n; not changed
 * @returns a new column of length n, in units of x
 */
export function demeanBy(codes: Uint32Array, groups: number, column: Float64Array): Float64Array {
  return withinTransform(codes, groups)(column);
}

/** `demeanBy` of one factor, for several columns. */
export function withinTransform(codes: Uint32Array, groups: number): (column: Float64Array) => Float64Array {
  const counts = groupCounts(codes, groups);
  const [means, rest] = [new Float64Array(groups), new Float64Array(groups)];
  return (column) => subtractMeansTwice(codes, counts, column, means, rest);
}

// Not inside what returns it: a function made anew has its loops optimised anew.
function subtractMeansTwice(
  codes: Uint32Array,
  counts: Float64Array,
  column: Float64Array,
  means: Float64Array,
  rest: Float64Array,
): Float64Array {
  const result = new Float64Array(column.length);
  groupMeans(codes, counts, column, means);
  rest.fill(0);
  for (let i = 0; i < column.length; i++) {
    const g = codes[i];
    const left = column[i] - means[g];
    result[i] = left;
    rest[g] += left;
  }
  for (let g = 0; g < rest.length; g++) rest[g] = counts[g] > 0 ? rest[g] / counts[g] : 0;
  for (let i = 0; i < result.length; i++) result[i] -= rest[codes[i]];
  zeroIfAbsorbed(column, result);
  return result;
}

/** How many rows each group has. */
export function groupCounts(codes: Uint32Array, groups: number): Float64Array {
  const counts = new Float64Array(groups);
  for (let i = 0; i < codes.length; i++) counts[codes[i]]++;
  return counts;
}

/** means_g ← mean of x over the rows of group g; 0 for an empty group. */
export function groupMeans(codes: Uint32Array, counts: Float64Array, x: Float64Array, means: Float64Array): void {
  means.fill(0);
  for (let i = 0; i < x.length; i++) means[codes[i]] += x[i];
  for (let g = 0; g < means.length; g++) means[g] = counts[g] > 0 ? means[g] / counts[g] : 0;
}

/** x_i ← x_i − mean of x over i's group, in place; `means` is room for the group means. */
export function subtractMeans(codes: Uint32Array, counts: Float64Array, means: Float64Array, x: Float64Array): void {
  groupMeans(codes, counts, x, means);
  for (let i = 0; i < x.length; i++) x[i] -= means[codes[i]];
}

/** Sets `left` to zero when it is no more than rounding of `before`. */
export function zeroIfAbsorbed(before: Float64Array, left: Float64Array): void {
  if (dot(left, left) <= absorbedTolerance * absorbedTolerance * dot(before, before)) left.fill(0);
}

/** x − x̄, by the same two passes. */
export function demean(column: Float64Array): Float64Array {
  const result = Float64Array.from(column);
  const one = new Float64Array(column.length).fill(1);
  for (let pass = 0; pass < 2; pass++) addScaled(result, -dot(result, one) / result.length, one);
  zeroIfAbsorbed(column, result);
  return result;
}
