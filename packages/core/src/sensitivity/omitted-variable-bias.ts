import { studentTQuantile } from '../distributions/student-t.js';

/**
 * A coefficient of least squares with its classical error: all that Cinelli & Hazlett's formulas take. A robust or clustered
 * error must not enter them: t²/(t² + df) is a partial R² for the classical one only.
 */
export interface ClassicalEstimate {
  readonly estimate: number;
  /** classical, s² = SSR/df */
  readonly standardError: number;
  /** residual degrees of freedom, every absorbed effect counted */
  readonly df: number;
}

/** What an unobserved confounder Z is supposed to explain of what the model leaves unexplained. */
export interface Confounding {
  /** R²(D ~ Z | X), of the treatment */
  readonly treatment: number;
  /** R²(Y ~ Z | D, X), of the outcome */
  readonly outcome: number;
}

/** Which question the numbers answer: how far the estimate must move (q), and which way the bias pulls. */
export interface Concern {
  /** share of the estimate that confounding takes away (or adds): 1 is all of it */
  readonly q: number;
  /** true: the bias pulls towards 0 and the hypothesis is b(1 − q); false: away from 0, b(1 + q) */
  readonly reduce: boolean;
}

export const towardsZero: Concern = { q: 1, reduce: true };

/** h₀ = b(1 ∓ q), the value that the adjusted estimate is tested against. */
export const hypothesis = (estimate: number, { q, reduce }: Concern) => estimate * (reduce ? 1 - q : 1 + q);

/** R²(Y ~ D | X) = t²/(t² + df): the share of the residual outcome that the regressor explains. */
export const partialR2 = (t: number, df: number) => (t * t) / (t * t + df);

/** q|t|/√df. */
const partialF = (t: number, df: number, q: number) => (q * Math.abs(t)) / Math.sqrt(df);

/** t_{α/2, df−1}/√(df − 1): the partial f at which an estimate with one regressor more is just significant. */
function criticalF(df: number, alpha: number): number {
  return alpha >= 1 ? 0 : -studentTQuantile(alpha / 2, df - 1) / Math.sqrt(df - 1);
}

/** r with r/√(1 − r) = f: a confounder that explains r of both moves f standard-error units. */
function equalStrength(f: number): number {
  return (Math.sqrt(f ** 4 + 4 * f * f) - f * f) / 2;
}

/**
 * Robustness value RV_{q,α}: the least share of the residual treatment AND of the residual outcome that a confounder must
 * explain to bring the estimate down by q, or (α < 1) to a value that is not significantly different from b(1 − q).
 *
 *   RV = ½(√(f⁴ + 4f²) − f²),   f = q|t|/√df − f*,   f* = t_{α/2,df−1}/√(df − 1);   0 if f ≤ 0
 *
 * and XRV where f > 1/f* (before f* is taken off): there the outcome's share binds at 1.
 *
 * @param alpha  1: of the estimate alone
 * @see Cinelli & Hazlett (2020), "Making sense of sensitivity", JRSS B 82, 39–67; Cinelli & Hazlett (2025), "An omitted variable
 *   bias framework for sensitivity analysis of instrumental variables", Biometrika, for the branch; R's sensemakr 0.1.6
 */
export function robustnessValue(t: number, df: number, q = 1, alpha = 1): number {
  return between(partialF(t, df, q), criticalF(df, alpha), equalStrength);
}

/**
 * Extreme robustness value XRV_{q,α}: the least share of the residual treatment that a confounder must explain if it explains
 * ALL of the residual outcome. (f² − f*²)/(1 + f²), 0 if negative; at q = 1, α = 1 the partial R² itself.
 *
 * @see Cinelli & Hazlett (2025); sensemakr's `extreme_robustness_value`
 */
export function extremeRobustnessValue(t: number, df: number, q = 1, alpha = 1): number {
  return extreme(partialF(t, df, q), criticalF(df, alpha));
}

/** The same question for an estimate that is not significant: how strong a confounder would make it so. 0 if it is. */
export function invertedRobustnessValue(t: number, df: number, alpha: number, q = 1): number {
  return between(criticalF(df, alpha), partialF(t, df, q), equalStrength);
}

function between(f: number, threshold: number, strength: (f: number) => number): number {
  if (!(f > threshold)) return Number.isNaN(f - threshold) ? Number.NaN : 0;
  return threshold > 0 && f > 1 / threshold ? extreme(f, threshold) : strength(f - threshold);
}

const extreme = (f: number, threshold: number) =>
  f > threshold ? (f * f - threshold * threshold) / (1 + f * f) : Number.isNaN(f) ? Number.NaN : 0;

/** |bias| = se √df √(R²_Y R²_D/(1 − R²_D)); units of the estimate. */
export function omittedVariableBias({ standardError, df }: ClassicalEstimate, { treatment, outcome }: Confounding): number {
  return standardError * Math.sqrt(df) * Math.sqrt((outcome * treatment) / (1 - treatment));
}

export interface Adjusted {
  readonly estimate: number;
  /** 0 where the confounder explains all of the outcome */
  readonly standardError: number;
  /** (estimate − h₀)/standardError: against h₀ = b(1 ∓ q), which is 0 for q = 1 and reduce; NaN without a standard error */
  readonly statistic: number;
}

/**
 * What the regression would have given with the confounder in it.
 *
 *   b* = sign(b)(|b| ∓ bias),   se* = se √((1 − R²_Y)/(1 − R²_D)) √(df/(df − 1))
 *
 * @see Cinelli & Hazlett (2020); sensemakr's `adjusted_estimate`, `adjusted_se`, `adjusted_t`
 */
export function adjustFor(of: ClassicalEstimate, by: Confounding, concern = towardsZero): Adjusted {
  const { estimate, standardError, df } = of;
  const bias = omittedVariableBias(of, by);
  const sign = estimate < 0 ? -1 : 1;
  const adjusted = sign * (Math.abs(estimate) + (concern.reduce ? -bias : bias));
  const error = standardError * Math.sqrt((1 - by.outcome) / (1 - by.treatment)) * Math.sqrt(df / (df - 1));
  const statistic = error > 0 ? (adjusted - hypothesis(estimate, concern)) / error : Number.NaN;
  return { estimate: adjusted, standardError: error, statistic };
}

/**
 * t† such that |t| > t† holds exactly when the estimate stays significant whatever a confounder of this strength does.
 *
 *   t† = t_{α/2,df−1} √((1 − R²_Y)/(1 − R²_D)) √(df/(df − 1)) + √(R²_Y R²_D/(1 − R²_D)) √df
 *
 * @param atMost  the shares are upper bounds, not values: t† is then the largest over all weaker confounders. It ascends in the
 *   treatment's share; in the outcome's it is largest at R²_D/(R²_D + f*²)
 * @see Cinelli & Hazlett (2025); sensemakr's `adjusted_critical_value`
 */
export function adjustedCriticalT({ treatment, outcome }: Confounding, df: number, alpha: number, atMost = true): number {
  const f = criticalF(df, alpha);
  const share = atMost && treatment > 0 ? Math.min(outcome, treatment / (treatment + f * f)) : atMost ? 0 : outcome;
  const error = f * Math.sqrt(df - 1) * Math.sqrt((1 - share) / (1 - treatment)) * Math.sqrt(df / (df - 1));
  return error + Math.sqrt((share * treatment) / (1 - treatment)) * Math.sqrt(df);
}
