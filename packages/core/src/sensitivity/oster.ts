import { realRootsOfCubic } from '../linalg/cubic-roots.js';

/**
 * Short and long regression on one sample: y on x (short), and on x and controls w (long), both with the unrelated controls m
 * (effects, constant).
 */
export interface OsterMoments {
  /** b₀, short */
  readonly shortEstimate: number;
  /** R₀ */
  readonly shortR2: number;
  /** b₁, long */
  readonly longEstimate: number;
  /** R₁ */
  readonly longR2: number;
  /** σ_yy: variance of the outcome whose R² the two are (of y, or of y given m) */
  readonly outcomeVariance: number;
  /** σ_xx: variance of x given m */
  readonly treatmentVariance: number;
  /** τ_x: variance of x given w and m */
  readonly residualVariance: number;
}

/** What the two questions share: A = (R₁ − R₀)σ_yy, M = (R_max − R₁)σ_yy, D = b₀ − b₁. */
function partsOf(of: OsterMoments, rMax: number) {
  return {
    A: (of.longR2 - of.shortR2) * of.outcomeVariance,
    M: (rMax - of.longR2) * of.outcomeVariance,
    D: of.shortEstimate - of.longEstimate,
    s: of.treatmentVariance,
    tau: of.residualVariance,
  };
}

/**
 * δ*: how many times as strong as selection on the controls selection on unobservables would have to be for the true
 * coefficient to be β. With B = b₁ − β,
 *
 *   δ* = [BAτ + BsτD² + 2B²τDs + B³(τs − τ²)] / [MDs + BM(s − τ) + B²τDs + B³(τs − τ²)]
 *
 * Negative: the controls moved the estimate away from β, or across it; then unobservables would have to work the other way.
 *
 * @see Oster (2019), JBES 37, proposition 3
 */
export function osterDelta(of: OsterMoments, rMax: number, beta: number): number {
  const { A, M, D, s, tau } = partsOf(of, rMax);
  const B = of.longEstimate - beta;
  const cubic = B ** 3 * (tau * s - tau * tau);
  return (
    (B * A * tau + B * s * tau * D * D + 2 * B * B * tau * D * s + cubic) /
    (M * D * s + B * M * (s - tau) + B * B * tau * D * s + cubic)
  );
}

export interface OsterBeta {
  /** β*: the coefficient under selection δ */
  readonly estimate: number;
  /** all real solutions, ascending, `estimate` among them */
  readonly solutions: readonly number[];
  /** false: no solution moves on in the direction in which the controls moved the estimate; the nearest one was taken */
  readonly sameDirection: boolean;
}

/**
 * β* = b₁ − ν for a given δ, ν a real root of
 *
 *   (δ − 1)(τs − τ²)ν³ + τDs(δ − 2)ν² + [δM(s − τ) − Aτ − sτD²]ν + δMDs = 0
 *
 * (a quadratic at δ = 1). Of several the nearest to b₁ among those with sign(β* − b₁) = sign(b₁ − b₀).
 *
 * @see Oster (2019), propositions 2 and 3, assumption 3 on the direction
 */
export function osterBeta(of: OsterMoments, rMax: number, delta: number): OsterBeta {
  const { A, M, D, s, tau } = partsOf(of, rMax);
  const roots = realRootsOfCubic(
    (delta - 1) * (tau * s - tau * tau),
    tau * D * s * (delta - 2),
    delta * M * (s - tau) - A * tau - s * tau * D * D,
    delta * M * D * s,
  );
  const solutions = roots.map((nu) => of.longEstimate - nu).sort((a, b) => a - b);
  const distance = (beta: number) => Math.abs(beta - of.longEstimate);
  const nearest = (among: readonly number[]) => among.toSorted((a, b) => distance(a) - distance(b)).at(0);
  const onward = solutions.filter((beta) => Math.sign(beta - of.longEstimate) === -Math.sign(D));
  const estimate = nearest(onward.length > 0 ? onward : solutions) ?? Number.NaN;
  return { estimate, solutions, sameDirection: onward.length > 0 };
}

/** β* ≈ b₁ − δ(b₀ − b₁)(R_max − R₁)/(R₁ − R₀): exact when each control's share in y and x is the same (Oster 2019, §3.2). */
export function osterBetaApproximate(of: OsterMoments, rMax: number, delta: number): number {
  const { shortEstimate: b0, longEstimate: b1, shortR2, longR2 } = of;
  return b1 - (delta * (b0 - b1) * (rMax - longR2)) / (longR2 - shortR2);
}

/**
 * b₁/(b₀ − b₁): how many times the shift that the controls made would take the estimate to 0; negative when they moved it away
 * from 0 or across it.
 *
 * @see Altonji, Elder & Taber (2005), JPE 113; in this form Bellows & Miguel (2009), J. Public Economics 93
 */
export const altonjiElderTaber = ({ shortEstimate, longEstimate }: Pick<OsterMoments, 'shortEstimate' | 'longEstimate'>) =>
  longEstimate / (shortEstimate - longEstimate);
