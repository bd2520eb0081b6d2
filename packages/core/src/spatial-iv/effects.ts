import type { Matrix } from 'ml-matrix';
import type { PhiloxStream } from '../random/stream.js';
import type { MultiplierMeans, Multipliers } from './multipliers.js';

/** Places of a variable's coefficients among those of the model. */
export interface EffectTerm {
  readonly name: string;
  /** β; −1: the variable enters with its lag only */
  readonly own: number;
  /** θ of WX; −1: without lag */
  readonly lagged: number;
}

export const effectKinds = ['direct', 'indirect', 'total'] as const;
export type EffectKind = (typeof effectKinds)[number];

/** One effect at coefficients (β, θ, ρ), and its gradient in them. */
interface EffectValue {
  readonly value: number;
  readonly byOwn: number;
  readonly byLagged: number;
  readonly byRho: number;
}

/**
 * Mean effects of a variable on the outcome, S = (I − ρW)⁻¹:
 *
 *   direct = tr[S(βI + θW)]/n,  total = 1ᵀS(βI + θW)1/n,  indirect = total − direct
 *
 * No rule for row-normalised W is used: sums are those of W as it is.
 *
 * @see LeSage & Pace (2009), Introduction to Spatial Econometrics, eqs. 2.45–2.48
 */
export function effectsAt(means: MultiplierMeans, beta: number, theta: number): Record<EffectKind, EffectValue> {
  const { slopes } = means;
  const direct = {
    value: beta * means.direct + theta * means.directLag,
    byOwn: means.direct,
    byLagged: means.directLag,
    byRho: beta * slopes.direct + theta * slopes.directLag,
  };
  const total = {
    value: beta * means.total + theta * means.totalLag,
    byOwn: means.total,
    byLagged: means.totalLag,
    byRho: beta * slopes.total + theta * slopes.totalLag,
  };
  const indirect = {
    value: total.value - direct.value,
    byOwn: total.byOwn - direct.byOwn,
    byLagged: total.byLagged - direct.byLagged,
    byRho: total.byRho - direct.byRho,
  };
  return { direct, indirect, total };
}

export interface EffectEstimate {
  readonly estimate: number;
  /** by the delta method */
  readonly standardError: number;
}

/**
 * Effects of every variable with delta-method standard errors √(gᵀVg).
 *
 * @param rho         place of ρ among the coefficients; −1 without a lag (ρ = 0 exactly)
 * @param covariance  of the coefficients, in their order; further rows are not read
 */
export function estimatedEffects(
  terms: readonly EffectTerm[],
  coefficients: ArrayLike<number>,
  rho: number,
  covariance: Matrix,
  multipliers: Multipliers,
): Record<EffectKind, EffectEstimate>[] {
  const means = multipliers.at(rho < 0 ? 0 : coefficients[rho]);
  return terms.map(({ own, lagged }) => {
    const at = effectsAt(means, own < 0 ? 0 : coefficients[own], lagged < 0 ? 0 : coefficients[lagged]);
    const estimate = ({ value, byOwn, byLagged, byRho }: EffectValue): EffectEstimate => {
      const gradient = [
        [own, byOwn],
        [lagged, byLagged],
        [rho, byRho],
      ].filter(([place]) => place >= 0);
      let variance = 0;
      for (const [i, a] of gradient) for (const [j, b] of gradient) variance += a * b * covariance.get(i, j);
      return { estimate: value, standardError: Math.sqrt(variance) };
    };
    return { direct: estimate(at.direct), indirect: estimate(at.indirect), total: estimate(at.total) };
  });
}

export interface SimulatedEffects {
  /** draws inside the bounds of ρ, and those left out because they are not */
  readonly used: number;
  readonly outside: number;
  /** of each term and kind: standard deviation and percentile interval of the draws */
  readonly effects: Record<EffectKind, { readonly standardError: number; readonly lower: number; readonly upper: number }>[];
}

/**
 * Effects at coefficients drawn from N(δ̂, V). Draws with ρ outside its bounds are counted and left out: I − ρW is singular there.
 *
 * @see LeSage & Pace (2009), §5.6.2; spatialreg's `impacts(R = )`
 */
export function simulatedEffects(
  terms: readonly EffectTerm[],
  coefficients: ArrayLike<number>,
  rho: number,
  covariance: Matrix,
  multipliers: Multipliers,
  draws: number,
  level: number,
  stream: PhiloxStream,
): SimulatedEffects {
  const k = coefficients.length;
  const root = covarianceRoot(covariance, k);
  const z = new Float64Array(k);
  const delta = new Float64Array(k);
  const kept = terms.map(() => ({
    direct: new Float64Array(draws),
    indirect: new Float64Array(draws),
    total: new Float64Array(draws),
  }));
  const { lower, upper } = multipliers.bounds;
  let [used, outside] = [0, 0];
  const still = rho < 0 ? multipliers.at(0) : null;
  for (let draw = 0; draw < draws; draw++) {
    stream.seek(draw);
    stream.normals(z);
    for (let i = 0; i < k; i++) {
      let sum = coefficients[i];
      for (let j = 0; j <= i; j++) sum += root[i * k + j] * z[j];
      delta[i] = sum;
    }
    if (rho >= 0 && !(delta[rho] > lower && delta[rho] < upper)) {
      outside++;
      continue;
    }
    const means = still ?? multipliers.at(delta[rho]);
    for (const [t, { own, lagged }] of terms.entries()) {
      const at = effectsAt(means, own < 0 ? 0 : delta[own], lagged < 0 ? 0 : delta[lagged]);
      for (const kind of effectKinds) kept[t][kind][used] = at[kind].value;
    }
    used++;
  }
  return {
    used,
    outside,
    effects: kept.map((of) => ({
      direct: summary(of.direct.subarray(0, used), level),
      indirect: summary(of.indirect.subarray(0, used), level),
      total: summary(of.total.subarray(0, used), level),
    })),
  };
}

/** Standard deviation and percentile interval of draws; NaN of fewer than two. */
export function summary(draws: Float64Array, level: number) {
  const n = draws.length;
  const nothing = { standardError: Number.NaN, lower: Number.NaN, upper: Number.NaN };
  if (n < 2) return nothing;
  const mean = draws.reduce((sum, value) => sum + value, 0) / n;
  const square = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sorted = Float64Array.from(draws).sort();
  return {
    standardError: Math.sqrt(square / (n - 1)),
    lower: quantile(sorted, (1 - level) / 2),
    upper: quantile(sorted, (1 + level) / 2),
  };
}

/** Hyndman & Fan's type 7, R's default. */
function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * L with LLᵀ = V, k × k by rows, by Cholesky of the correlations, so that units do not matter. A pivot that is rounding, as of a
 * covariance from fewer clusters than coefficients, has a column of zeros.
 */
function covarianceRoot(covariance: Matrix, k: number): Float64Array {
  const scale = Float64Array.from({ length: k }, (_, i) => Math.sqrt(Math.max(0, covariance.get(i, i))) || 1);
  const l = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    let pivot = covariance.get(j, j) / (scale[j] * scale[j]);
    for (let p = 0; p < j; p++) pivot -= l[j * k + p] * l[j * k + p];
    if (!(pivot > 1e-10)) continue;
    const root = Math.sqrt(pivot);
    l[j * k + j] = root;
    for (let i = j + 1; i < k; i++) {
      let sum = covariance.get(i, j) / (scale[i] * scale[j]);
      for (let p = 0; p < j; p++) sum -= l[i * k + p] * l[j * k + p];
      l[i * k + j] = sum / root;
    }
  }
  for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) l[i * k + j] *= scale[i];
  return l;
}
