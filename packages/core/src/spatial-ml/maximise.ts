import { EstimationError } from '../errors.js';
import type { FilteredFit } from './filtered-regression.js';

/** A term of the log-likelihood that depends on one spatial parameter only, and the interval it lives on. */
export interface Jacobian {
  readonly lower: number;
  readonly upper: number;
  /** each value costs a factorisation: look at fewer */
  readonly costly: boolean;
  at(parameter: number): { readonly value: number; readonly slope: number; readonly curvature: number };
}

export interface Maximum {
  readonly rho: number;
  readonly lambda: number;
  /** the concentrated log-likelihood without constants: J(ρ) + J(λ) − (n/2)·log SSR */
  readonly value: number;
  readonly fit: FilteredFit;
  /** local maxima found; more than one: the likelihood has several */
  readonly maxima: number;
}

/** Newton steps below this share of the parameter's interval end the search: what is left is rounding. */
const settled = 1e-14;
const mostSteps = 200;
/** Points at which the slope is looked at first, in each dimension. */
const scan = { cheap: 41, costly: 9 };
const coarse = { cheap: 17, costly: 9 };

/**
 * Maximum of J_ρ(ρ) + J_λ(λ) − (n/2)·log SSR(ρ, λ), to the last digits: the slope is exact, so is the curvature.
 *
 * One parameter: every interval of a fixed scan over which the slope falls through zero is closed by safeguarded Newton, and the
 * highest of these is taken. Two: from every local maximum of a coarse grid by damped Newton.
 *
 * @param n  observations that the likelihood counts
 * @throws EstimationError `spatial_parameter_at_bound` when the likelihood rises up to the end of the interval; `no_convergence`
 */
export function maximise(
  n: number,
  rhoPart: Jacobian | null,
  lambdaPart: Jacobian | null,
  regression: (rho: number, lambda: number) => FilteredFit,
): Maximum {
  if (rhoPart !== null && lambdaPart !== null) return twoParameters(n, rhoPart, lambdaPart, regression);
  const part = rhoPart ?? lambdaPart;
  if (part === null) {
    const fit = regression(0, 0);
    return { rho: 0, lambda: 0, value: -(n / 2) * Math.log(fit.ssr), fit, maxima: 1 };
  }
  const k = rhoPart !== null ? 0 : 1;
  const at = (p: number) => {
    const jacobian = part.at(p);
    const fit = k === 0 ? regression(p, 0) : regression(0, p);
    const ratio = fit.gradient[k] / fit.ssr;
    return {
      value: jacobian.value - (n / 2) * Math.log(fit.ssr),
      slope: jacobian.slope - (n / 2) * ratio,
      curvature: jacobian.curvature - (n / 2) * (fit.hessian[2 * k] / fit.ssr - ratio * ratio),
      fit,
    };
  };
  const points = nodes(part, part.costly ? scan.costly : scan.cheap);
  const slopes = points.map((p) => at(p).slope);
  const found = points.flatMap((p, i) =>
    i > 0 && slopes[i - 1] >= 0 && slopes[i] < 0 ? [falling(at, points[i - 1], p, part)] : [],
  );
  if (found.length === 0) throw atBound(k === 0 ? 'ρ' : 'λ', slopes[0] > 0 ? part.upper : part.lower);
  const [best] = found.map((p) => ({ p, ...at(p) })).sort((a, b) => b.value - a.value);
  const [rho, lambda] = k === 0 ? [best.p, 0] : [0, best.p];
  return { rho, lambda, value: best.value, fit: best.fit, maxima: found.length };
}

function atBound(name: string, bound: number): EstimationError {
  return new EstimationError(
    'spatial_parameter_at_bound',
    `the likelihood rises up to ${name} = ${bound.toPrecision(4)}, the end of the interval in which it is defined: these data and weights give no maximum ` +
      'inside (a spatial unit root, or too few units)',
  );
}

/** Inner points, closer together at both ends, where the likelihood bends most. */
function nodes({ lower, upper }: Jacobian, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const share = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / count);
    return lower + (upper - lower) * share;
  });
}

/** Zero of a slope that is positive at a and negative at b. */
function falling(
  at: (p: number) => { slope: number; curvature: number },
  a: number,
  b: number,
  { lower, upper }: Jacobian,
): number {
  const enough = settled * (upper - lower);
  let [low, high] = [a, b];
  let p = (a + b) / 2;
  let step = high - low;
  for (let k = 0; k < mostSteps; k++) {
    const { slope, curvature } = at(p);
    if (slope === 0) return p;
    if (slope > 0) low = p;
    else high = p;
    const newton = p - slope / curvature;
    const next = curvature < 0 && newton > low && newton < high ? newton : (low + high) / 2;
    step = Math.abs(next - p);
    p = next;
    if (step <= enough) return p;
  }
  throw new EstimationError(
    'no_convergence',
    `maximum of the likelihood: ${mostSteps} steps were not enough, the last was ${step.toExponential(1)}`,
  );
}

interface Point {
  readonly rho: number;
  readonly lambda: number;
  readonly value: number;
  readonly slope: readonly [number, number];
  readonly curvature: readonly [number, number, number];
  readonly fit: FilteredFit;
}

function twoParameters(
  n: number,
  rhoPart: Jacobian,
  lambdaPart: Jacobian,
  regression: (rho: number, lambda: number) => FilteredFit,
): Maximum {
  const at = (rho: number, lambda: number): Point => {
    const [jr, jl, fit] = [rhoPart.at(rho), lambdaPart.at(lambda), regression(rho, lambda)];
    const [gr, gl] = fit.gradient.map((g) => g / fit.ssr);
    const [hrr, hrl, hll] = fit.hessian.map((h) => h / fit.ssr);
    return {
      rho,
      lambda,
      value: jr.value + jl.value - (n / 2) * Math.log(fit.ssr),
      slope: [jr.slope - (n / 2) * gr, jl.slope - (n / 2) * gl],
      curvature: [jr.curvature - (n / 2) * (hrr - gr * gr), -(n / 2) * (hrl - gr * gl), jl.curvature - (n / 2) * (hll - gl * gl)],
      fit,
    };
  };
  const starts = gridMaxima(n, rhoPart, lambdaPart, regression);
  const found: Point[] = [];
  let edge: Edge = { name: 'ρ', bound: rhoPart.upper };
  for (const [rho, lambda] of starts) {
    const top = climb(at, at(rho, lambda), rhoPart, lambdaPart);
    if ('bound' in top) edge = top;
    else if (!found.some((other) => near(other, top, rhoPart, lambdaPart))) found.push(top);
  }
  if (found.length === 0) throw atBound(edge.name, edge.bound);
  const [best] = found.sort((a, b) => b.value - a.value);
  return { rho: best.rho, lambda: best.lambda, value: best.value, fit: best.fit, maxima: found.length };
}

const near = (a: Point, b: Point, r: Jacobian, l: Jacobian) =>
  Math.abs(a.rho - b.rho) < 1e-6 * (r.upper - r.lower) && Math.abs(a.lambda - b.lambda) < 1e-6 * (l.upper - l.lower);

/** Points of a coarse grid that are no lower than their eight neighbours. */
function gridMaxima(
  n: number,
  rhoPart: Jacobian,
  lambdaPart: Jacobian,
  regression: (rho: number, lambda: number) => FilteredFit,
): (readonly [number, number])[] {
  const [rhos, lambdas] = [rhoPart, lambdaPart].map((part) => nodes(part, part.costly ? coarse.costly : coarse.cheap));
  const [jr, jl] = [rhos.map((p) => rhoPart.at(p).value), lambdas.map((p) => lambdaPart.at(p).value)];
  const values = rhos.map((rho, i) =>
    lambdas.map((lambda, j) => jr[i] + jl[j] - (n / 2) * Math.log(regression(rho, lambda).ssr)),
  );
  const around = [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [a, b] as const));
  return rhos.flatMap((rho, i) =>
    lambdas.flatMap((lambda, j) =>
      around.every(([a, b]) => values[i][j] >= (values[i + a]?.[j + b] ?? Number.NEGATIVE_INFINITY))
        ? [[rho, lambda] as const]
        : [],
    ),
  );
}

/** The end of an interval that a search ran against. */
interface Edge {
  readonly name: 'ρ' | 'λ';
  readonly bound: number;
}

/** The end that a parameter is next to; null away from both. */
function edgeOf(name: Edge['name'], p: number, { lower, upper }: Jacobian): Edge | null {
  const margin = 1e-9 * (upper - lower);
  if (p - lower < margin) return { name, bound: lower };
  return upper - p < margin ? { name, bound: upper } : null;
}

/** Damped Newton uphill, to a maximum or against the end of an interval. */
function climb(at: (rho: number, lambda: number) => Point, from: Point, rhoPart: Jacobian, lambdaPart: Jacobian): Point | Edge {
  const [wr, wl] = [rhoPart.upper - rhoPart.lower, lambdaPart.upper - lambdaPart.lower];
  let point = from;
  let last = Number.POSITIVE_INFINITY;
  for (let k = 0; k < mostSteps; k++) {
    let [dr, dl] = newtonStep(point);
    // never more than nine tenths of the way to an end
    const room = (p: number, d: number, { lower, upper }: Jacobian) => (0.9 * (d > 0 ? upper - p : p - lower)) / Math.abs(d);
    const shorter = Math.min(1, room(point.rho, dr, rhoPart), room(point.lambda, dl, lambdaPart));
    [dr, dl] = [dr * shorter, dl * shorter];
    let next = at(point.rho + dr, point.lambda + dl);
    for (let halving = 0; halving < 40 && !(next.value >= point.value - 1e-13 * Math.abs(point.value)); halving++) {
      [dr, dl] = [dr / 2, dl / 2];
      next = at(point.rho + dr, point.lambda + dl);
    }
    const step = Math.max(Math.abs(dr) / wr, Math.abs(dl) / wl);
    point = next;
    // the last steps are rounding: they neither shrink nor lead on
    if (step <= settled || (step <= 1e-11 && step >= last)) return point;
    last = step;
    const edge = edgeOf('ρ', point.rho, rhoPart) ?? edgeOf('λ', point.lambda, lambdaPart);
    if (edge !== null) return edge;
  }
  throw new EstimationError(
    'no_convergence',
    `maximum of the likelihood in ρ and λ: ${mostSteps} steps were not enough, the last was ${last.toExponential(1)} of the interval`,
  );
}

/** −H⁻¹g, with H moved to be negative definite where it is not. */
function newtonStep({ slope: [gr, gl], curvature: [a, b, c] }: Point): [number, number] {
  const middle = (a + c) / 2;
  const radius = Math.hypot((a - c) / 2, b);
  const largest = middle + radius; // the greater eigenvalue of H
  const shift = largest < -1e-6 * (radius + Math.abs(middle)) ? 0 : largest + 0.1 * (radius + Math.abs(middle)) + 1e-300;
  const [p, q] = [a - shift, c - shift];
  const determinant = p * q - b * b;
  return [-(q * gr - b * gl) / determinant, -(p * gl - b * gr) / determinant];
}
