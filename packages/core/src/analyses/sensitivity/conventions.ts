import type { SensitivityParams } from './params.js';
import type { Answers } from './result.js';

/** The rule that each number follows, in words. */
export function conventions({ q, reduce, oster, singletons, kd, ky }: SensitivityParams, of: Answers): string[] {
  const { treatment, variables, sample } = of;
  const integer = (value: number) => value.toLocaleString('en');
  const { df } = treatment;
  const h0 = reduce ? `b(1 − ${q})` : `b(1 + ${q})`;
  return [
    variables.effects.length > 0
      ? `Degrees of freedom: ${integer(sample.rows)} rows − ${integer(sample.absorbed)} of the effects of ${variables.effects.join(', ')} − slopes = ${integer(df)}.`
      : `Degrees of freedom: ${integer(sample.rows)} rows − coefficients = ${integer(df)}.`,
    ...(sample.singletons > 0
      ? [
          `Singletons are ${singletons === 'drop' ? 'dropped' : 'kept'}: estimate, classical error and degrees of freedom do not depend on it; clustered errors, RIR and overall R² do.`,
        ]
      : []),
    'Partial R², robustness values and bounds take the classical error, s² = SSR/df: t²/(t² + df) is a partial R² for no other (Cinelli & Hazlett 2020; sensemakr).',
    'RV: the share that a confounder explains of what is left of BOTH treatment and outcome. XRV: of the treatment, when it explains all of the outcome.',
    `Adjusted t is of H₀: τ = ${q === 1 && reduce ? '0' : h0}; partial R² and intervals are of the estimate itself whatever q is.`,
    `RV_qα, adjusted t and intervals: Student’s t with df − 1 = ${integer(df - 1)}, one for the confounder (sensemakr’s adjusted_ci and contours); the result has intervals with df too, as sensemakr’s table of bounds prints.`,
    `Bounds: a confounder ${kd.join(', ')} times as strong as the benchmark in the treatment${ky ? `, ${ky.join(', ')} times in the outcome` : ' and in the outcome'}; a group’s share is qF/(qF + df) of its joint classical F. A share of the outcome above 1 is cut to 1.`,
    `Oster (2019): R_max = ${oster.rMax === undefined ? `min(1, ${oster.rMaxFactor} R²)` : oster.rMax}, δ = ${oster.delta} for β*, β = ${oster.beta} for δ*; constant, effects and unrelated controls stand in the short regression too. Overall R² counts what they explain, within R² leaves it out: they are different assumptions.`,
    'Altonji–Elder–Taber: b₁/(b₀ − b₁).',
    `ITCV and RIR (konfound): n − k − 2 = ${integer(df)} with every effect in k; the classical error.`,
    'E-value: RR = exp(0.91 b Δ/sd(y)), sd over the rows; its limit from exp(… ± 1.78 se Δ/sd(y)), a 95 % interval (VanderWeele & Ding 2017).',
  ];
}
