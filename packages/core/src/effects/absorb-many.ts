import { EstimationError } from '../errors.js';
import { absorbedTolerance } from '../linalg/demean.js';
import { dot } from '../linalg/vector.js';
import type { Grouping } from './grouping.js';

/** What is left in the means by any factor counts as rounding below this share of the column's norm. */
const settled = 1e-13;
/** Each pass of conjugate gradients gains this much. */
const gain = 1e-12;
/** Curvature of S below this share of its diagonal's is that of a singular direction. */
const flat = 1e-13;
const maxPasses = 20;
const maxSteps = 20_000;

/**
 * Within transform by two and more factors, with weights: M x = x − Dα̂ − Fγ̂.
 *
 * The factor with most levels, D, is eliminated and
 *
 *   S γ = FᵀW M_D x,   S = FᵀW M_D F,   M_D x = x − D (DᵀWD)⁻¹DᵀW x
 *
 * is solved for the levels of all other factors by conjugate gradients preconditioned with diag(FᵀWF), again and again on what
 * is left, until the weighted means by every factor are below 1e-13 of the column's norm: a rule on what is left to do, not on
 * the size of steps.
 *
 * @param weights  w > 0; undefined is all ones
 * @throws EstimationError `no_convergence` from the transform when the rows connect the levels too weakly
 * @see Guimarães & Portugal (2010), Stata Journal 10(4); Saad (2003), Iterative Methods, alg. 9.1
 */
export function absorbMany(factors: readonly Grouping[], weights?: Float64Array): (column: Float64Array) => Float64Array {
  const largest = factors.reduce((best, { levels }, f) => (levels > factors[best].levels ? f : best), 0);
  const many = weighed(factors[largest], weights);
  const others = factors.filter((_, f) => f !== largest).map((factor) => weighed(factor, weights));

  return (column) => {
    const x = Float64Array.from(column);
    const norm = () => {
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += (weights?.[i] ?? 1) * x[i] * x[i];
      return Math.sqrt(sum);
    };
    const absorbed = absorbedTolerance * Math.sqrt(dot(column, column)) * Math.sqrt(maxOf(weights));
    for (let pass = 1; ; pass++) {
      center(many, weights, x);
      const size = norm();
      if (size <= absorbed) return x.fill(0);
      const left = Math.sqrt(others.reduce((sum, factor) => sum + meansNorm(factor, weights, x), 0)) / size;
      if (left <= settled) return x;
      if (pass > maxPasses) {
        throw new EstimationError(
          'no_convergence',
          `absorbing ${factors.length} effects: after ${maxPasses} passes the means are still ${left.toExponential(1)} of the column, need ${settled}`,
        );
      }
      const gammas = solveOthers(many, others, weights, size);
      for (const [f, { codes }] of others.entries()) for (let i = 0; i < x.length; i++) x[i] -= gammas[f][codes[i]];
    }
  };
}

const maxOf = (weights: Float64Array | undefined) => weights?.reduce((max, w) => Math.max(max, w), 0) ?? 1;

interface Weighed extends Grouping {
  /** DᵀWD, its diagonal */
  readonly totals: Float64Array;
  readonly means: Float64Array;
}

function weighed({ codes, levels }: Grouping, weights: Float64Array | undefined): Weighed {
  const totals = new Float64Array(levels);
  for (let i = 0; i < codes.length; i++) totals[codes[i]] += weights === undefined ? 1 : weights[i];
  return { codes, levels, totals, means: new Float64Array(levels) };
}

/** means ← weighted means of x by level. */
function takeMeans({ codes, totals, means }: Weighed, weights: Float64Array | undefined, x: Float64Array): void {
  means.fill(0);
  if (weights === undefined) for (let i = 0; i < x.length; i++) means[codes[i]] += x[i];
  else for (let i = 0; i < x.length; i++) means[codes[i]] += weights[i] * x[i];
  for (let g = 0; g < means.length; g++) means[g] = totals[g] > 0 ? means[g] / totals[g] : 0;
}

function center(factor: Weighed, weights: Float64Array | undefined, x: Float64Array): void {
  for (let pass = 0; pass < 2; pass++) {
    takeMeans(factor, weights, x);
    for (let i = 0; i < x.length; i++) x[i] -= factor.means[factor.codes[i]];
  }
}

/** Σ_t W_t x̄_t². Leaves the means in the factor. */
function meansNorm(factor: Weighed, weights: Float64Array | undefined, x: Float64Array): number {
  takeMeans(factor, weights, x);
  let sum = 0;
  for (let t = 0; t < factor.levels; t++) sum += factor.totals[t] * factor.means[t] * factor.means[t];
  return sum;
}

/** γ of every other factor, by conjugate gradients; the factors hold the means of x. */
function solveOthers(many: Weighed, others: readonly Weighed[], weights: Float64Array | undefined, norm: number): Float64Array[] {
  const zeros = () => others.map(({ levels }) => new Float64Array(levels));
  const [gamma, residual, direction, image] = [zeros(), zeros(), zeros(), zeros()];
  const eliminated = new Float64Array(many.levels);
  const fitted = new Float64Array(many.codes.length);
  let rho = 0;
  for (const [f, { totals, means }] of others.entries()) {
    for (let t = 0; t < means.length; t++) {
      residual[f][t] = means[t] * totals[t];
      direction[f][t] = means[t];
      rho += residual[f][t] * direction[f][t];
    }
  }
  const enough = Math.max(gain * gain * rho, (0.2 * settled * norm) ** 2);
  const levels = others.reduce((sum, factor) => sum + factor.levels, 0);
  for (let step = 0; step < Math.min(maxSteps, 2 * levels + 20) && rho > enough; step++) {
    applySchur(many, others, weights, direction, image, eliminated, fitted);
    let curvature = 0;
    let round = 0;
    for (const [f, { totals }] of others.entries()) {
      curvature += dot(direction[f], image[f]);
      for (let t = 0; t < totals.length; t++) round += totals[t] * direction[f][t] * direction[f][t];
    }
    if (!(curvature > flat * round)) return gamma;
    const alpha = rho / curvature;
    let next = 0;
    for (const [f, { totals }] of others.entries()) {
      for (let t = 0; t < totals.length; t++) {
        gamma[f][t] += alpha * direction[f][t];
        residual[f][t] -= alpha * image[f][t];
        if (totals[t] > 0) next += (residual[f][t] * residual[f][t]) / totals[t];
      }
    }
    const beta = next / rho;
    rho = next;
    for (const [f, { totals }] of others.entries()) {
      for (let t = 0; t < totals.length; t++)
        direction[f][t] = (totals[t] > 0 ? residual[f][t] / totals[t] : 0) + beta * direction[f][t];
    }
  }
  return gamma;
}

/** image ← S·direction: v = M_D F d, then FᵀW v. */
function applySchur(
  many: Weighed,
  others: readonly Weighed[],
  weights: Float64Array | undefined,
  direction: readonly Float64Array[],
  image: readonly Float64Array[],
  eliminated: Float64Array,
  fitted: Float64Array,
): void {
  eliminated.fill(0);
  fitted.fill(0);
  for (const [f, { codes }] of others.entries()) {
    const d = direction[f];
    for (let i = 0; i < fitted.length; i++) fitted[i] += d[codes[i]];
  }
  for (let i = 0; i < fitted.length; i++) eliminated[many.codes[i]] += (weights === undefined ? 1 : weights[i]) * fitted[i];
  for (let g = 0; g < eliminated.length; g++) if (many.totals[g] > 0) eliminated[g] /= many.totals[g];
  for (let i = 0; i < fitted.length; i++) {
    fitted[i] = (weights === undefined ? 1 : weights[i]) * (fitted[i] - eliminated[many.codes[i]]);
  }
  for (const [f, { codes }] of others.entries()) {
    const out = image[f];
    out.fill(0);
    for (let i = 0; i < fitted.length; i++) out[codes[i]] += fitted[i];
  }
}
