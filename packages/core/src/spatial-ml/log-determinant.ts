import { logDeterminantSeries, type ShiftedMatrix, shiftedMatrix } from '../linalg/sparse-lu.js';
import { allEigenvalues, type Eigenvalue, extremeEigenvalues, largestEigenvalue } from '../weights/eigenvalues.js';
import { symmetricForm } from '../weights/symmetric-form.js';
import type { SparseRows } from '../weights/weights.js';

/** Stored in results: never rename. */
export const determinantMethods = ['eigenvalues', 'sparse LU'] as const;

/** log|I − ρW| and its slopes at one ρ. */
export interface LogDeterminantAt {
  readonly value: number;
  /** tr G, G = W(I − ρW)⁻¹: minus the first derivative */
  readonly trace: number;
  /** tr GG: minus the second derivative */
  readonly traceSquare: number;
}

export interface LogDeterminant {
  readonly method: (typeof determinantMethods)[number];
  /** ρ between the poles next to 0: I − ρW is regular there; `safe` when only the largest eigenvalue is known */
  readonly bounds: { readonly lower: number; readonly upper: number; readonly safe: boolean };
  at(rho: number): LogDeterminantAt;
}

/** Up to so many units all eigenvalues of W are found once; above, I − ρW is factored at every ρ. */
export const eigenvalueUnits = 200;

/**
 * log|I − ρW| for any ρ within the bounds, exact.
 *
 * Up to 200 units by the eigenvalues ω of W, complex ones of a W that is not similar to a symmetric matrix in pairs:
 *
 *   log|I − ρW| = Σ log|1 − ρω|,   tr G = Σ ω/(1 − ρω),   tr GG = Σ (ω/(1 − ρω))²
 *
 * |1 − ρω|² of a pair is positive for all real ρ, so only real eigenvalues bound ρ. Above, by a sparse LU in Taylor series of ρ, whose
 * derivatives are exact too; values are kept, for models share them.
 *
 * @see Ord (1975), JASA 70, 120–126; LeSage & Pace (2009), Introduction to Spatial Econometrics, ch. 4;
 *   Pace & Barry (1997), Geographical Analysis 29, on sparse factors
 */
export function logDeterminant(weights: SparseRows, method = methodFor(weights)): LogDeterminant {
  if (method === 'eigenvalues') {
    const eigenvalues = allEigenvalues(weights);
    return { method, bounds: boundsOf(weights, eigenvalues), at: (rho) => fromEigenvalues(eigenvalues, rho) };
  }
  const matrix = shiftedMatrix(weights);
  const known = new Map<number, LogDeterminantAt>();
  return {
    method,
    bounds: boundsOf(weights, null),
    at(rho) {
      const before = known.get(rho);
      if (before !== undefined) return before;
      const found = fromFactors(matrix, rho);
      known.set(rho, found);
      return found;
    },
  };
}

const methodFor = ({ starts }: SparseRows): LogDeterminant['method'] =>
  starts.length - 1 <= eigenvalueUnits ? 'eigenvalues' : 'sparse LU';

function fromFactors(matrix: ShiftedMatrix, rho: number): LogDeterminantAt {
  const { value, first, second } = logDeterminantSeries(matrix, rho);
  return { value, trace: -first, traceSquare: -second };
}

/** The open interval of ρ around 0. */
function boundsOf(weights: SparseRows, eigenvalues: readonly Eigenvalue[] | null): LogDeterminant['bounds'] {
  let [min, max]: (number | null)[] = [null, null];
  if (eigenvalues === null) {
    // other matrices need no pivoting within the safe interval only
    const extremes = symmetricForm(weights) === null ? null : extremeEigenvalues(weights);
    [min, max] = [extremes?.min ?? null, extremes?.max ?? largestEigenvalue(weights)];
  } else {
    const real = eigenvalues.filter(({ re, im }) => Math.abs(im) <= 1e-9 * Math.abs(re)).map(({ re }) => re);
    [min, max] = [real.reduce((a, b) => Math.min(a, b), 0), real.reduce((a, b) => Math.max(a, b), 0)];
  }
  const upper = max! > 0 ? 1 / max! : Number.POSITIVE_INFINITY;
  return { lower: min !== null && min < 0 ? 1 / min : -upper, upper, safe: min === null };
}

function fromEigenvalues(eigenvalues: readonly Eigenvalue[], rho: number): LogDeterminantAt {
  let [value, trace, traceSquare] = [0, 0, 0];
  for (const { re, im } of eigenvalues) {
    const [a, b] = [1 - rho * re, -rho * im]; // 1 − ρω
    const size = a * a + b * b;
    const [x, y] = [(re * a + im * b) / size, (im * a - re * b) / size]; // ω/(1 − ρω)
    value += 0.5 * Math.log(size);
    trace += x;
    traceSquare += x * x - y * y;
  }
  return { value, trace, traceSquare };
}
