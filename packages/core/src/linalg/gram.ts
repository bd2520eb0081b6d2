import { Matrix } from 'ml-matrix';
import { dot } from './vector.js';

/** XᵀX of k columns of length n: k×k, entry (j, l) in units x_j · x_l. */
export function gram(columns: readonly Float64Array[]): Matrix {
  const k = columns.length;
  const result = new Matrix(k, k);
  for (let j = 0; j < k; j++) {
    for (let l = 0; l <= j; l++) {
      const product = dot(columns[j], columns[l]);
      result.set(j, l, product);
      result.set(l, j, product);
    }
  }
  return result;
}

/** XᵀZ of k and m columns of the same length: k×m. */
export function crossProduct(x: readonly Float64Array[], z: readonly Float64Array[]): Matrix {
  const result = new Matrix(x.length, z.length);
  for (let j = 0; j < x.length; j++) for (let l = 0; l < z.length; l++) result.set(j, l, dot(x[j], z[l]));
  return result;
}

export interface ScaledGram {
  /** S XᵀX S: ones on the diagonal (0 for a column of zeros) */
  readonly gram: Matrix;
  /** S, 1/‖x_j‖ (1 for a column of zeros) */
  readonly scales: Float64Array;
}

/**
 * XᵀX of the columns at unit norm, the form to solve with: its condition number is within a factor k of the best that any
 * scaling of the columns gives, so units (people or millions) cost no digits. XᵀX = S⁻¹ · gram · S⁻¹.
 *
 * @see van der Sluis (1969), Numerische Mathematik 14, theorem 4.1
 */
export function scaledGram(columns: readonly Float64Array[]): ScaledGram {
  const product = gram(columns);
  const scales = Float64Array.from(columns, (_, j) => (product.get(j, j) > 0 ? 1 / Math.sqrt(product.get(j, j)) : 1));
  for (let j = 0; j < scales.length; j++) {
    for (let l = 0; l < scales.length; l++) {
      product.set(j, l, j === l && product.get(j, j) > 0 ? 1 : product.get(j, l) * scales[j] * scales[l]);
    }
  }
  return { gram: product, scales };
}
