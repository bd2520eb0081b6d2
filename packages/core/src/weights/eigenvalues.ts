import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { PhiloxStream } from '../random/stream.js';
import { spatialLag } from './lag.js';
import { symmetricForm } from './symmetric-form.js';
import { rowSums, type SparseRows } from './weights.js';

/** A Ritz value that moved by less than this share in each of `calm` steps has converged; it can only grow from then on. */
const settled = 1e-15;
const calm = 8;
const maxSteps = 5_000;
/** Up to this many units a matrix that is not similar to a symmetric one is made dense for its eigenvalues. */
const denseUnits = 300;

/**
 * The largest eigenvalue of W ≥ 0, real by Perron and Frobenius: to ~1e-14.
 *
 * Equal row sums: that sum. W similar to a symmetric matrix by a diagonal one (W symmetric; rows or columns of a symmetric
 * matrix rescaled): Lanczos. Else Arnoldi restarted from the Perron vector found so far. Each step is one lag: O(links).
 *
 * @throws EstimationError `no_convergence`
 */
export function largestEigenvalue(weights: SparseRows): number {
  const sums = rowSums(weights);
  if (sums.every((sum) => Math.abs(sum - sums[0]) <= 1e-14 * sums[0])) return sums[0];
  const symmetric = symmetricForm(weights);
  return symmetric === null ? perronRoot(weights) : lanczos(symmetric, false).max;
}

/**
 * Least and largest eigenvalue, real parts: the interval of ρ is (1/min, 1/max).
 *
 * @returns null for a matrix that is not similar to a symmetric one and has more than 300 units: its eigenvalues are complex
 *   and (−1/max, 1/max) is the safe interval
 */
export function extremeEigenvalues(weights: SparseRows): { min: number; max: number } | null {
  const symmetric = symmetricForm(weights);
  if (symmetric !== null) return lanczos(symmetric, true);
  const n = weights.starts.length - 1;
  if (n > denseUnits) return null;
  const { realEigenvalues } = new EigenvalueDecomposition(denseRows(weights));
  return { min: Math.min(...realEigenvalues), max: Math.max(...realEigenvalues) };
}

export interface Eigenvalue {
  readonly re: number;
  readonly im: number;
}

/** All eigenvalues of W, of the symmetric matrix it is similar to where there is one: O(n³), for small n only. */
export function allEigenvalues(weights: SparseRows): Eigenvalue[] {
  const symmetric = symmetricForm(weights);
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(denseRows(symmetric ?? weights), {
    assumeSymmetric: symmetric !== null,
  });
  return realEigenvalues.map((re, k) => ({ re, im: symmetric === null ? imaginaryEigenvalues[k] : 0 }));
}

/** W as a dense matrix: for small n only. */
export function denseRows({ starts, columns, values }: SparseRows): Matrix {
  const n = starts.length - 1;
  const dense = new Matrix(n, n);
  for (let i = 0; i < n; i++) for (let at = starts[i]; at < starts[i + 1]; at++) dense.set(i, columns[at], values[at]);
  return dense;
}

/** Every matrix of a size starts from the same vector. */
function startVector(n: number): Float64Array {
  const x = new Float64Array(n);
  new PhiloxStream(0, 0).uniforms(x);
  for (let i = 0; i < n; i++) x[i] += 0.5; // positive, so that no Perron vector is orthogonal to it
  return scaled(x);
}

function scaled(x: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  const norm = Math.sqrt(sum);
  for (let i = 0; i < x.length; i++) x[i] /= norm;
  return x;
}

/**
 * Extreme eigenvalues of a symmetric matrix by Lanczos without reorthogonalisation: lost orthogonality gives copies of
 * eigenvalues found, never false ones, so the extremes are right.
 *
 * @param both  false: the largest only, `min` is 0
 * @see Golub & Van Loan (2013), §10.1–10.3
 */
function lanczos(symmetric: SparseRows, both: boolean): { min: number; max: number } {
  const n = symmetric.starts.length - 1;
  const [alpha, beta]: [number[], number[]] = [[], []];
  let previous: Float64Array = new Float64Array(n);
  let q = startVector(n);
  const image = new Float64Array(n);
  let [min, max, still] = [0, 0, 0];
  for (let step = 0; step < maxSteps; step++) {
    spatialLag(symmetric, q, image);
    let a = 0;
    for (let i = 0; i < n; i++) a += q[i] * image[i];
    const before = step === 0 ? 0 : beta[step - 1];
    let norm = 0;
    for (let i = 0; i < n; i++) {
      image[i] -= a * q[i] + before * previous[i];
      norm += image[i] * image[i];
    }
    norm = Math.sqrt(norm);
    alpha.push(a);
    const every = step < 60 ? 1 : 10;
    if (step % every === 0 || norm === 0) {
      const [low, high] = [both ? ritz(alpha, beta, 'min') : 0, ritz(alpha, beta, 'max')];
      const scale = Math.max(Math.abs(low), Math.abs(high));
      still = Math.abs(low - min) <= settled * scale && Math.abs(high - max) <= settled * scale ? still + 1 : 0;
      [min, max] = [low, high];
      if (still >= calm || norm <= 1e-14 * scale) return { min, max };
    }
    beta.push(norm);
    const recycled = previous;
    previous = q;
    q = recycled;
    for (let i = 0; i < n; i++) q[i] = image[i] / norm;
  }
  throw new EstimationError('no_convergence', `extreme eigenvalues of the weights: ${maxSteps} Lanczos steps were not enough`);
}

/** Extreme eigenvalue of a symmetric tridiagonal matrix by bisection on Sturm counts. */
function ritz(alpha: readonly number[], beta: readonly number[], end: 'min' | 'max'): number {
  const m = alpha.length;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < m; k++) {
    const radius = (k > 0 ? Math.abs(beta[k - 1]) : 0) + (k + 1 < m ? Math.abs(beta[k]) : 0);
    low = Math.min(low, alpha[k] - radius);
    high = Math.max(high, alpha[k] + radius);
  }
  const below = (x: number) => {
    let count = 0;
    let d = 1;
    for (let k = 0; k < m; k++) {
      d = alpha[k] - x - (k > 0 ? (beta[k - 1] * beta[k - 1]) / d : 0);
      if (d === 0) d = 1e-300;
      if (d < 0) count++;
    }
    return count;
  };
  const wanted = end === 'min' ? 1 : m;
  for (let pass = 0; pass < 200; pass++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(middle) >= wanted) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** Steps of one Arnoldi cycle: memory is this many vectors. */
const cycle = 30;

/** Perron root of a general W ≥ 0: Arnoldi on n vectors of `cycle`, restarted from the Ritz vector of the largest real part. */
function perronRoot(weights: SparseRows): number {
  const n = weights.starts.length - 1;
  let start = startVector(n);
  let root = 0;
  let still = 0;
  for (let pass = 0; pass < 400; pass++) {
    const basis = [start];
    const m = Math.min(cycle, n);
    const h = new Matrix(m, m);
    let size = m;
    for (let k = 0; k < m; k++) {
      const image = spatialLag(weights, basis[k]);
      for (let sweep = 0; sweep < 2; sweep++) {
        for (let j = 0; j <= k; j++) {
          let c = 0;
          for (let i = 0; i < n; i++) c += basis[j][i] * image[i];
          for (let i = 0; i < n; i++) image[i] -= c * basis[j][i];
          h.set(j, k, h.get(j, k) + c);
        }
      }
      let norm = 0;
      for (let i = 0; i < n; i++) norm += image[i] * image[i];
      norm = Math.sqrt(norm);
      if (k + 1 === m || norm <= 1e-14 * (root || 1)) {
        size = k + 1;
        break;
      }
      h.set(k + 1, k, norm);
      for (let i = 0; i < n; i++) image[i] /= norm;
      basis.push(image);
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(h.subMatrix(0, size - 1, 0, size - 1));
    const best = realEigenvalues.reduce((top, value, k) => (value > realEigenvalues[top] ? k : top), 0);
    const next = realEigenvalues[best];
    const vector = new Float64Array(n);
    for (let k = 0; k < size; k++) {
      const c = eigenvectorMatrix.get(k, best);
      for (let i = 0; i < n; i++) vector[i] += c * basis[k][i];
    }
    still = Math.abs(next - root) <= 1e-14 * Math.abs(next) ? still + 1 : 0;
    root = next;
    if (still >= 2 || size < m || size === n) return root;
    start = scaled(vector);
  }
  throw new EstimationError('no_convergence', 'largest eigenvalue of the weights: 400 restarts of Arnoldi were not enough');
}
