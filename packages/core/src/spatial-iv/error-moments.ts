import { Matrix } from 'ml-matrix';
import { dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import { columnSums, rowSums, type SparseRows } from '../weights/weights.js';
import type { ErrorMoments } from './moments-minimum.js';

/** Sums of squares down each column of M: diagonal of MᵀM. */
export function columnSquares({ starts, columns, values }: SparseRows): Float64Array {
  const squares = new Float64Array(starts.length - 1);
  for (let at = 0; at < columns.length; at++) squares[columns[at]] += values[at] * values[at];
  return squares;
}

/** Σ c_j a_j b_j. */
function weightedDot(c: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < c.length; i++) sum += c[i] * a[i] * b[i];
  return sum;
}

/**
 * Moments that hold under heteroskedasticity of unknown form: E εᵀA₁ε = E εᵀA₂ε = 0 with ε = u − ρMu,
 * A₁ = MᵀM − diag(MᵀM), A₂ = M; zero diagonals make the variances drop out.
 *
 * @param u  residuals of the outcome equation, length n
 * @see Kelejian & Prucha (2010), Journal of Econometrics 157, eqs. 7–10; Arraiz, Drukker, Kelejian & Prucha (2010), Journal of
 *   Regional Science 50, eq. 9
 */
export function heteroskedasticMoments(m: SparseRows, u: Float64Array, squares = columnSquares(m)): ErrorMoments {
  const n = u.length;
  const b = spatialLag(m, u);
  const bb = spatialLag(m, b);
  const first = (x: Float64Array, mx: Float64Array, y: Float64Array, my: Float64Array) =>
    dot(mx, my) - weightedDot(squares, x, y);
  return {
    gamma: new Matrix([
      [(2 * first(u, b, b, bb)) / n, -first(b, bb, b, bb) / n],
      [(dot(u, bb) + dot(b, b)) / n, -dot(b, bb) / n],
    ]),
    target: Float64Array.of(first(u, b, u, b) / n, dot(u, b) / n),
  };
}

/**
 * Moments under homoskedasticity: A₁ = v(MᵀM − dI), d = tr(MᵀM)/n, v = 1/(1 + d²), A₂ = M.
 *
 * @see Drukker, Egger & Prucha (2013), Econometric Reviews 32, eq. 8
 */
export function homoskedasticMoments(m: SparseRows, u: Float64Array): ErrorMoments {
  const n = u.length;
  const d = dot(m.values, m.values) / n;
  const v = 1 / (1 + d * d);
  const b = spatialLag(m, u);
  const bb = spatialLag(m, b);
  return {
    gamma: new Matrix([
      [(2 * v * (dot(b, bb) - d * dot(u, b))) / n, (-v * (dot(bb, bb) - d * dot(b, b))) / n],
      [(dot(u, bb) + dot(b, b)) / n, -dot(b, bb) / n],
    ]),
    target: Float64Array.of((v * (dot(b, b) - d * dot(u, u))) / n, dot(u, b) / n),
  };
}

/**
 * The three moments of Kelejian & Prucha (1999), in ρ, ρ² and σ²:
 *
 *   [2u′ū  −ū′ū  1; 2ū̄′ū  −ū̄′ū̄  tr(MᵀM)/n; u′ū̄ + ū′ū  −ū′ū̄  0](ρ, ρ², σ²)ᵀ = (u′u, ū′ū, u′ū)ᵀ, each divided by `divisor`
 *
 * @param u        residuals, within their effects if there are any
 * @param trace     tr(PMᵀPMP)/tr(P), P what the effects leave: tr(MᵀM)/N without period effects
 * @param divisor   tr(P): n; N(T − 1) after individual effects
 * @param lagTrace  tr(PMP)/tr(P): 0 without period effects
 * @param within    P where M and P do not commute: period effects
 * @see Kelejian & Prucha (1999), eqs. 7–8; Mutl & Pfaffermayr (2011), Econometrics Journal 14, §3, within effects
 */
export function classicMoments(
  m: SparseRows,
  u: Float64Array,
  trace: number,
  divisor = u.length,
  lagTrace = 0,
  within: (x: Float64Array) => Float64Array = (x) => x,
): ErrorMoments {
  const b = within(spatialLag(m, u));
  const bb = within(spatialLag(m, b));
  return threeMoments(u, b, bb, u, b, bb, trace, divisor, lagTrace);
}

/** What `classicMoments` needs of the effects. */
export interface MomentScale {
  readonly divisor: number;
  readonly trace: number;
  readonly lagTrace: number;
  /** M and the effects do not commute */
  readonly periodEffects: boolean;
}

/**
 * Scale of the moments after period effects, P = Q ⊗ J with J = I − 11ᵀ/N, Q of T − 1 (two-way) or T dimensions:
 * tr(JM) = −s/N, tr(JMᵀJMJ) = tr(MᵀM) − |M1|²/N − |Mᵀ1|²/N + s²/N², s = 1ᵀM1, all over N − 1.
 *
 * @param m  one period's M
 */
export function periodMomentScale(m: SparseRows, dimensions: number): MomentScale {
  const n = m.starts.length - 1;
  const [out, into] = [rowSums(m), columnSums(m)];
  const s = out.reduce((sum, value) => sum + value, 0);
  const square = dot(m.values, m.values) - dot(out, out) / n - dot(into, into) / n + (s * s) / (n * n);
  return { divisor: dimensions * (n - 1), trace: square / (n - 1), lagTrace: -s / n / (n - 1), periodEffects: true };
}

/** The same as quadratic forms xᵀPy of a projection P: pass Px, Py beside x, y. */
export function threeMoments(
  u: Float64Array,
  b: Float64Array,
  bb: Float64Array,
  pu: Float64Array,
  pb: Float64Array,
  pbb: Float64Array,
  trace: number,
  divisor: number,
  lagTrace = 0,
): ErrorMoments {
  const ubb = dot(u, pbb);
  const bbbb = dot(bb, pbb);
  const bbb = dot(b, pbb);
  const b2 = dot(b, pb);
  const ub = dot(u, pb);
  return {
    gamma: new Matrix([
      [(2 * ub) / divisor, -b2 / divisor, 1],
      [(2 * bbb) / divisor, -bbbb / divisor, trace],
      [(ubb + b2) / divisor, -bbb / divisor, lagTrace],
    ]),
    target: Float64Array.of(dot(u, pu) / divisor, b2 / divisor, ub / divisor),
  };
}
