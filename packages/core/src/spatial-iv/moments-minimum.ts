import { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { solvePositiveDefinite } from '../linalg/cholesky.js';

/** Moment conditions m(ρ, v) = Γ (ρ, ρ², v₁, …, v_q)ᵀ − γ of a spatial error parameter and variances v. */
export interface ErrorMoments {
  /** Γ, m × (2 + q) */
  readonly gamma: Matrix;
  /** γ, length m */
  readonly target: Float64Array;
}

export interface MomentsMinimum {
  readonly rho: number;
  /** v₁, …, v_q; none where the moments have no variances */
  readonly variances: Float64Array;
  /** mᵀΥm at the minimum */
  readonly criterion: number;
  /** ρ lies on a bound: the moments have no minimum inside */
  readonly atBound: boolean;
}

/**
 * argmin mᵀΥm over ρ ∈ [−bound, bound] and v, exactly: v is linear and is profiled out, what is left is a polynomial of degree
 * four in ρ, and its least value lies at a bound or at a real root of its derivative.
 *
 * Programs search from a start with `nlminb` and stop some 1e-6 short of this.
 *
 * @param upsilon  Υ, m × m, symmetric positive definite; the identity when left out
 * @see Kelejian & Prucha (1999), International Economic Review 40, eq. 11; (2010), Journal of Econometrics 157, eq. 12
 */
export function minimiseMoments({ gamma, target }: ErrorMoments, upsilon: Matrix | null, bound: number): MomentsMinimum {
  const m = gamma.rows;
  const q = gamma.columns - 2;
  const weight = upsilon ?? Matrix.eye(m);
  // columns: ρ, ρ², −γ
  const quadratic = Matrix.zeros(m, 3);
  for (let i = 0; i < m; i++) {
    quadratic.set(i, 0, gamma.get(i, 0));
    quadratic.set(i, 1, gamma.get(i, 1));
    quadratic.set(i, 2, -target[i]);
  }
  let form = quadratic.transpose().mmul(weight).mmul(quadratic);
  let solveVariances: Matrix | null = null;
  if (q > 0) {
    const linear = gamma.subMatrix(0, m - 1, 2, 1 + q);
    const cross = linear.transpose().mmul(weight).mmul(quadratic);
    solveVariances = solvePositiveDefinite(linear.transpose().mmul(weight).mmul(linear), cross);
    form = form.sub(cross.transpose().mmul(solveVariances));
  }
  const [a, b, c, d, e, f] = [form.get(0, 0), form.get(0, 1), form.get(1, 1), form.get(0, 2), form.get(1, 2), form.get(2, 2)];
  // (ρ, ρ², 1) form (ρ, ρ², 1)ᵀ
  const value = (rho: number) => ((c * rho + 2 * b) * rho + a + 2 * e) * rho * rho + 2 * d * rho + f;
  const inside = cubicRoots(4 * c, 6 * b, 2 * (a + 2 * e), 2 * d).filter((rho) => Math.abs(rho) < bound);
  const candidates = [...inside, -bound, bound];
  const rho = candidates.reduce((best, one) => (value(one) < value(best) ? one : best));
  if (!Number.isFinite(value(rho))) {
    throw new EstimationError(
      'not_finite',
      'the moments of the spatial error are not finite: the residuals or weights are out of range',
    );
  }
  const variances = new Float64Array(q);
  for (let j = 0; j < q; j++) {
    const s = solveVariances!;
    variances[j] = -(s.get(j, 0) * rho + s.get(j, 1) * rho * rho + s.get(j, 2));
  }
  return { rho, variances, criterion: value(rho), atBound: Math.abs(rho) >= bound };
}

/** Real roots of ax³ + bx² + cx + d: between the turning points each piece is monotone and has at most one. */
export function cubicRoots(a: number, b: number, c: number, d: number): number[] {
  const at = (x: number) => ((a * x + b) * x + c) * x + d;
  const scale = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  if (!(scale > 0)) return [];
  // all real roots lie within 1 + max |coefficient| / |leading one|
  const leading = [a, b, c].find((value) => Math.abs(value) > 1e-14 * scale);
  if (leading === undefined) return [];
  const reach = 1 + scale / Math.abs(leading);
  const discriminant = b * b - 3 * a * c;
  const turning: number[] = [];
  if (Math.abs(a) > 1e-14 * scale) {
    if (discriminant > 0) {
      // of the two forms of a root of the derivative the one without cancellation
      const t = -(b + Math.sign(b || 1) * Math.sqrt(discriminant));
      turning.push(t / (3 * a), c / t);
    }
  } else if (b !== 0) turning.push(-c / (2 * b));
  const ends = [-reach, ...turning.filter((x) => Number.isFinite(x) && Math.abs(x) < reach).sort((x, y) => x - y), reach];
  const roots: number[] = [];
  for (let k = 1; k < ends.length; k++) {
    let [low, high] = [ends[k - 1], ends[k]];
    const [left, right] = [at(low), at(high)];
    if (left === 0) roots.push(low);
    if (left * right >= 0) continue;
    for (let step = 0; step < 200; step++) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      if (at(middle) * left > 0) low = middle;
      else high = middle;
    }
    roots.push((low + high) / 2);
  }
  return roots;
}
