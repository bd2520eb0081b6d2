import { EstimationError } from '../errors.js';
import { absorbedTolerance, groupCounts, groupMeans, subtractMeans, zeroIfAbsorbed } from './demean.js';
import { dot } from './vector.js';

/** What is left of a column's norm in the second factor's means counts as rounding below this share. */
const settled = 1e-14;
/** Each pass of conjugate gradients gains this much; going on into rounding would follow the singular direction of S. */
const gain = 1e-12;
/** Curvature of S below this share of diag(n_t)'s is that of a singular direction; S has condition number T² at worst. */
const flat = 1e-13;
const maxPasses = 12;

export interface TwoWayWithin {
  /** the within transform of a column: a new column, in its units, with zero means in every group of both factors */
  apply(column: Float64Array): Float64Array;
  /** groups of rows that share no level of either factor with one another; 1 unless the panel falls apart */
  readonly components: number;
  /** dimension of the span of the two factors' dummies, used levels − components: degrees of freedom spent, with the constant */
  readonly absorbed: number;
  /** every pair of levels has exactly one row: x − x̄_g − x̄_t + x̄, no iteration */
  readonly balanced: boolean;
}

/**
 * Within transform by two factors, M x = x − Dα̂ − Fγ̂: the residuals of x on the dummies of both.
 *
 * Balanced panels: means of one factor, then of the other. Otherwise the factor with more levels is eliminated and
 *
 *   S γ = Fᵀ M_D x,   S = FᵀM_D F
 *
 * is solved for the factor with fewer levels by conjugate gradients preconditioned with the level counts; S is singular by
 * one direction a component, in which the right side has nothing. Then x ← M_D (x − Fγ), and again, on what is left, until
 * the means by the second factor are below 1e-14 of its norm: the accuracy is that of rounding, not of a stopping rule of
 * alternating projections, which stop when steps are small although they may have far to go. Conjugate gradients rather
 * than a Cholesky factor of S, because they need two sweeps of the rows and a few vectors a step also when both factors have
 * many levels, take few steps (about 5 to 20 in panels with random gaps), and stop after at most as many as the smaller
 * factor has levels, rounding aside.
 *
 * @param first   level of each row, ∈ {0, …, firstLevels − 1}, length n
 * @param second  likewise for the other factor
 * @throws EstimationError `no_convergence` from `apply` when the rows connect the levels so weakly that rounding prevents it
 * @see Guimarães & Portugal (2010), Stata Journal 10(4), on the problem; Saad (2003), Iterative Methods, alg. 9.1
 */
export function twoWayWithin(first: Uint32Array, firstLevels: number, second: Uint32Array, secondLevels: number): TwoWayWithin {
  const swap = firstLevels < secondLevels;
  const many = factorOf(swap ? second : first, swap ? secondLevels : firstLevels);
  const few = factorOf(swap ? first : second, swap ? firstLevels : secondLevels);
  const balanced = isBalanced(many, few);
  const room = balanced ? undefined : workspace(few.counts.length, many.counts.length);

  const apply = (column: Float64Array): Float64Array => {
    const x = Float64Array.from(column);
    if (room === undefined) {
      for (let pass = 0; pass < 2; pass++) {
        subtractMeans(many.codes, many.counts, many.means, x);
        subtractMeans(few.codes, few.counts, few.means, x);
      }
      zeroIfAbsorbed(column, x);
      return x;
    }
    const absorbed = absorbedTolerance * Math.sqrt(dot(column, column));
    for (let pass = 1; ; pass++) {
      subtractMeans(many.codes, many.counts, many.means, x);
      const norm = Math.sqrt(dot(x, x));
      if (norm <= absorbed) return x.fill(0);
      groupMeans(few.codes, few.counts, x, few.means);
      const left = meansNorm(few) / norm;
      if (left <= settled) return x;
      if (pass > maxPasses) {
        throw new EstimationError(
          'no_convergence',
          `two-way within transform: after ${maxPasses} passes the means are still ${left.toExponential(1)} of the column, need ${settled}`,
        );
      }
      solveSecond(many, few, room, norm);
      for (let i = 0; i < x.length; i++) x[i] -= room.gamma[few.codes[i]];
    }
  };
  const { components, used } = connectedComponents(many, few);
  return { apply, components, absorbed: used - components, balanced };
}

interface Factor {
  readonly codes: Uint32Array;
  readonly counts: Float64Array;
  readonly means: Float64Array;
}

function factorOf(codes: Uint32Array, levels: number): Factor {
  return { codes, counts: groupCounts(codes, levels), means: new Float64Array(levels) };
}

/** ‖Px‖ = √Σ_t n_t x̄_t², P the projection on the factor's dummies, from its means. */
function meansNorm({ counts, means }: Factor): number {
  let sum = 0;
  for (let t = 0; t < means.length; t++) sum += counts[t] * means[t] * means[t];
  return Math.sqrt(sum);
}

interface Workspace {
  readonly gamma: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
  readonly image: Float64Array;
  readonly eliminated: Float64Array;
}

function workspace(few: number, many: number): Workspace {
  const vector = () => new Float64Array(few);
  return { gamma: vector(), residual: vector(), direction: vector(), image: vector(), eliminated: new Float64Array(many) };
}

/** gamma ← solution of Sγ = Fᵀx, given the means of x by the few levels; preconditioned by diag(n_t). */
function solveSecond(many: Factor, few: Factor, room: Workspace, norm: number): void {
  const { gamma, residual, direction, image } = room;
  const m = gamma.length;
  gamma.fill(0);
  let rho = 0;
  for (let t = 0; t < m; t++) {
    residual[t] = few.means[t] * few.counts[t];
    direction[t] = few.means[t];
    rho += residual[t] * direction[t];
  }
  const enough = Math.max(gain * gain * rho, (0.2 * settled * norm) ** 2);
  for (let step = 0; step < 2 * m + 20 && rho > enough; step++) {
    applySchur(many, few, room);
    const curvature = dot(direction, image);
    let round = 0;
    for (let t = 0; t < m; t++) round += few.counts[t] * direction[t] * direction[t];
    if (!(curvature > flat * round)) return;
    const alpha = rho / curvature;
    let next = 0;
    for (let t = 0; t < m; t++) {
      gamma[t] += alpha * direction[t];
      residual[t] -= alpha * image[t];
      if (few.counts[t] > 0) next += (residual[t] * residual[t]) / few.counts[t];
    }
    const beta = next / rho;
    rho = next;
    for (let t = 0; t < m; t++) direction[t] = (few.counts[t] > 0 ? residual[t] / few.counts[t] : 0) + beta * direction[t];
  }
}

/** image ← S·direction: direction_t less its mean over each eliminated level, summed by t. */
function applySchur(many: Factor, few: Factor, { direction, image, eliminated }: Workspace): void {
  eliminated.fill(0);
  image.fill(0);
  for (let i = 0; i < few.codes.length; i++) eliminated[many.codes[i]] += direction[few.codes[i]];
  for (let g = 0; g < eliminated.length; g++) if (many.counts[g] > 0) eliminated[g] /= many.counts[g];
  for (let i = 0; i < few.codes.length; i++) {
    const t = few.codes[i];
    image[t] += direction[t] - eliminated[many.codes[i]];
  }
}

function isBalanced(many: Factor, few: Factor): boolean {
  const n = few.codes.length;
  if (n !== many.counts.length * few.counts.length) return false;
  const seen = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const cell = many.codes[i] * few.counts.length + few.codes[i];
    if (seen[cell] === 1) return false;
    seen[cell] = 1;
  }
  return true;
}

/** Union–find over the levels of both factors, joined by the rows; `used` counts levels that have a row. */
function connectedComponents(many: Factor, few: Factor): { components: number; used: number } {
  const offset = many.counts.length;
  const parent = Uint32Array.from({ length: offset + few.counts.length }, (_, node) => node);
  const root = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const used = many.counts.filter((count) => count > 0).length + few.counts.filter((count) => count > 0).length;
  let components = used;
  for (let i = 0; i < few.codes.length; i++) {
    const a = root(many.codes[i]);
    const b = root(offset + few.codes[i]);
    if (a === b) continue;
    parent[Math.max(a, b)] = Math.min(a, b);
    components--;
  }
  return { components, used };
}
