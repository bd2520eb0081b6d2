import type { Confounding } from './omitted-variable-bias.js';

/** What a benchmark covariate (or a group) explains of what the others leave. */
export interface BenchmarkStrength {
  /** R²(D ~ X_j | X_−j) */
  readonly treatment: number;
  /** R²(Y ~ X_j | D, X_−j) */
  readonly outcome: number;
}

/** A bound, or why there is none at these multiples. */
export type BenchmarkBound =
  | {
      readonly possible: true;
      readonly strength: Confounding /** the outcome's share came out above 1 and was cut */;
      readonly capped: boolean;
    }
  | { readonly possible: false; readonly reason: string };

/**
 * How strong a confounder is at most that is k_D times as strong as the benchmark in the treatment and k_Y times in the
 * outcome.
 *
 *   R²_D = k_D r_D/(1 − r_D),   z = k_D r_D²/((1 − k_D r_D)(1 − r_D)),   R²_Y = ((√k_Y + √z)/√(1 − z))² r_Y/(1 − r_Y)
 *
 * R²_D ≥ 1 or z ≥ 1: no confounder can be that strong, for with the benchmark it would explain more than all of the treatment.
 *
 * @see Cinelli & Hazlett (2020), on bounds from observed covariates; sensemakr's `ovb_partial_r2_bound`
 */
export function benchmarkBound({ treatment: r, outcome }: BenchmarkStrength, kd: number, ky: number): BenchmarkBound {
  const treatment = (kd * r) / (1 - r);
  if (!(treatment < 1)) {
    return {
      possible: false,
      reason: `a confounder ${kd} times as strong would explain ${percent(treatment)} of the treatment that is left; at most ${short(
        (1 - r) / r,
      )} times is possible`,
    };
  }
  const z = (kd * r * r) / ((1 - kd * r) * (1 - r));
  if (!(z < 1)) {
    return {
      possible: false,
      reason: `at ${kd} times the implied share of confounder and benchmark is ${percent(z)}: try a lower multiple`,
    };
  }
  const raw = ((Math.sqrt(ky) + Math.sqrt(z)) / Math.sqrt(1 - z)) ** 2 * (outcome / (1 - outcome));
  return { possible: true, strength: { treatment, outcome: Math.min(1, raw) }, capped: raw > 1 };
}

const percent = (share: number) => `${(100 * share).toPrecision(3)} %`;
const short = (value: number) => String(Math.floor(value * 100) / 100);
