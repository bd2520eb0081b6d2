import { productSolver } from '../../covariance/cluster-products.js';
import type { Grouping } from '../../effects/grouping.js';
import { differenceStatistics, type Permuter } from './permutation.js';

/** Cross-products of entities that fit two-stage least squares on any of them. */
export interface TwoStagePermutable {
  readonly kind: 'two-stage';
  /** K: the slopes compared first, then exogenous columns, constant or dummies */
  readonly width: number;
  readonly slopes: number;
  readonly entities: number;
  /** L: all instruments, exogenous regressors among them */
  readonly instruments: number;
  /** entities × L × (L + K + 1), Zᵀ[Z X y] by rows */
  readonly products: Float64Array;
}

export function twoStageProducts(
  regressors: readonly Float64Array[],
  instruments: readonly Float64Array[],
  outcome: Float64Array,
  { codes, levels }: Grouping,
  slopes: number,
): TwoStagePermutable {
  const L = instruments.length;
  const all = [...instruments, ...regressors, outcome];
  const size = L * all.length;
  const products = new Float64Array(levels * size);
  for (const [l, z] of instruments.entries()) {
    for (const [c, x] of all.entries()) {
      const at = l * all.length + c;
      for (let i = 0; i < x.length; i++) products[codes[i] * size + at] += z[i] * x[i];
    }
  }
  return { kind: 'two-stage', width: regressors.length, slopes, entities: levels, instruments: L, products };
}

/** A pivot below this share of the column's own sum of squares over all entities is rounding. */
const noPivot = 1e-11;

/**
 * Two-stage least squares of both groups of a labeling from cross-products, with errors clustered by entity.
 *
 *   ZᵀZ = CCᵀ,  b = least squares of C⁻¹Zᵀy on A = C⁻¹ZᵀX,   s_e = Γᵀ(Z_eᵀy_e − Z_eᵀX_e b),  Γ = C⁻ᵀA,   V = (AᵀA)⁻¹ Σ s sᵀ (AᵀA)⁻¹
 */
export function makeTwoStagePermuter(of: TwoStagePermutable): Permuter {
  const { width: K, instruments: L, slopes, entities, products } = of;
  const row = L + K + 1;
  const size = L * row;
  const total = new Float64Array(size);
  for (let at = 0; at < products.length; at++) total[at % size] += products[at];
  const zScale = Float64Array.from({ length: L }, (_, l) => total[l * row + l]);
  const whitened = new Float64Array(size);
  const gram = new Float64Array((K + 1) * (K + 1));
  const gramOf = (): void => {
    for (let j = 0; j <= K; j++) {
      for (let m = 0; m <= j; m++) {
        let sum = 0;
        for (let l = 0; l < L; l++) sum += whitened[l * row + L + j] * whitened[l * row + L + m];
        gram[j * (K + 1) + m] = sum;
      }
    }
  };
  whiten(total, whitened, L, row, zScale);
  gramOf();
  const solver = productSolver(K, slopes, gram.slice());
  const sums = new Float64Array(size);
  const bread = new Float64Array(K);
  const onInstruments = Array.from({ length: slopes }, () => new Float64Array(L));
  const moment = new Float64Array(L);

  return differenceStatistics(slopes, (labels, g, beta, V) => {
    sums.fill(0);
    for (let e = 0; e < entities; e++) {
      if (labels[e] !== g) continue;
      for (let at = 0; at < size; at++) sums[at] += products[e * size + at];
    }
    whiten(sums, whitened, L, row, zScale);
    gramOf();
    if (solver.solve(gram) >= 0) return false;
    beta.set(solver.coefficients.subarray(0, slopes));
    for (let j = 0; j < slopes; j++) {
      solver.inverseRow(j, bread);
      // (AᵀA)⁻¹ Aᵀ C⁻¹, row j: the weights of an entity's moments
      for (let l = 0; l < L; l++) {
        let sum = 0;
        for (let m = 0; m < K; m++) sum += bread[m] * whitened[l * row + L + m];
        onInstruments[j][l] = sum;
      }
      solveUpper(whitened, L, row, onInstruments[j]);
    }
    let count = 0;
    const part = new Float64Array(slopes * slopes);
    const influence = new Float64Array(slopes);
    for (let e = 0; e < entities; e++) {
      if (labels[e] !== g) continue;
      count++;
      for (let l = 0; l < L; l++) {
        const from = e * size + l * row + L;
        let sum = products[from + K];
        for (let m = 0; m < K; m++) sum -= products[from + m] * solver.coefficients[m];
        moment[l] = sum;
      }
      for (let j = 0; j < slopes; j++) {
        let sum = 0;
        for (let l = 0; l < L; l++) sum += onInstruments[j][l] * moment[l];
        influence[j] = sum;
        for (let m = 0; m <= j; m++) part[j * slopes + m] += sum * influence[m];
      }
    }
    for (let at = 0; at < part.length; at++) V[at] += (count / (count - 1)) * part[at];
    return true;
  });
}

/**
 * C⁻¹Zᵀ[· X y] beside C, whose transpose's place is the upper triangle of the first L columns: row l holds C_ml for m ≥ l. A column of
 * Z that these entities do not identify has a row of zeros.
 */
function whiten(products: Float64Array, out: Float64Array, L: number, row: number, scale: Float64Array): void {
  out.set(products);
  for (let l = 0; l < L; l++) {
    const pivot = out[l * row + l];
    if (!(pivot > noPivot * scale[l])) {
      out.fill(0, l * row, (l + 1) * row);
      continue;
    }
    const root = Math.sqrt(pivot);
    for (let c = l; c < row; c++) out[l * row + c] /= root;
    for (let m = l + 1; m < L; m++) {
      const factor = out[l * row + m];
      if (factor !== 0) for (let c = m; c < row; c++) out[m * row + c] -= factor * out[l * row + c];
    }
  }
}

/** x ← C⁻ᵀx. */
function solveUpper(whitened: Float64Array, L: number, row: number, x: Float64Array): void {
  for (let l = L - 1; l >= 0; l--) {
    const root = whitened[l * row + l];
    if (root === 0) {
      x[l] = 0;
      continue;
    }
    let sum = x[l];
    for (let m = l + 1; m < L; m++) sum -= whitened[l * row + m] * x[m];
    x[l] = sum / root;
  }
}
