import { orderStatistic } from '../covariance/bootstrap.js';
import { normalQuantile, normalUpper } from '../distributions/normal.js';

/**
 * Bias-corrected and accelerated interval: order statistics number (B + 1)α₁ and (B + 1)α₂ of the draws,
 *
 *   α₁ = Φ(z₀ + (z₀ + z_{α/2}) / (1 − a(z₀ + z_{α/2}))),   z₀ = Φ⁻¹(#{θ* < θ̂}/B),   a = Σ_i (θ̄ − θ̂₋ᵢ)³ / 6{Σ_i (θ̄ − θ̂₋ᵢ)²}^{3/2},
 *
 * draws equal to θ̂ counted half.
 *
 * @param draws    θ*, without NaN
 * @param leftOut  θ̂₋ᵢ: without each unit that is drawn
 * @param level    1 − α
 * @returns null if all draws lie on one side of the estimate, or nothing changes when units are left out
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, §14.3, eq. 14.9–14.15
 */
export function bcaInterval(
  draws: Float64Array,
  estimate: number,
  leftOut: Float64Array,
  level: number,
): { readonly lower: number; readonly upper: number } | null {
  const below = draws.reduce((count, value) => count + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0);
  const z0 = normalQuantile(below / draws.length);
  const acceleration = accelerationOf(leftOut);
  if (!Number.isFinite(z0) || !Number.isFinite(acceleration)) return null;
  const ascending = Float64Array.from(draws).sort();
  const share = (p: number) => {
    const z = z0 + normalQuantile(p);
    return normalUpper(-(z0 + z / (1 - acceleration * z)));
  };
  return {
    lower: orderStatistic(ascending, share((1 - level) / 2)),
    upper: orderStatistic(ascending, share((1 + level) / 2)),
  };
}

/** a of the jackknife; NaN if nothing changes. */
export function accelerationOf(leftOut: Float64Array): number {
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < leftOut.length; i++) {
    const d = mean - leftOut[i];
    squares += d * d;
    cubes += d * d * d;
  }
  return cubes / (6 * squares ** 1.5);
}
