import { studentTQuantile } from '../distributions/student-t.js';

export interface ImpactThreshold {
  /** r = t/√(t² + df): partial correlation of treatment and outcome */
  readonly correlation: number;
  /** r#: the one that is just significant, with the sign of the estimate */
  readonly criticalCorrelation: number;
  /** (r − r#)/(1 ∓ |r#|): impact (product of its two correlations) of a confounder that makes the inference invalid, or, if negative against
   *  the estimate's sign, that would sustain it */
  readonly impact: number;
  /** √|impact|: each of the two correlations, when equal */
  readonly componentCorrelation: number;
}

/**
 * Impact threshold for a confounding variable (ITCV).
 *
 *   ITCV = (r − r#)/(1 − |r#|) if significant, (r − r#)/(1 + |r#|) if not;   r# = ±t_{α/2,df}/√(t²_{α/2,df} + df)
 *
 * @param df  residual degrees of freedom: konfound's n − k − 2, every effect counted in k
 * @see Frank (2000), Sociological Methods & Research 29; R's konfound 1.0.3
 */
export function impactThreshold(t: number, df: number, alpha: number): ImpactThreshold {
  const critical = -studentTQuantile(alpha / 2, df);
  const correlation = t / Math.sqrt(t * t + df);
  const size = critical / Math.sqrt(critical * critical + df);
  const criticalCorrelation = t < 0 ? -size : size;
  const impact = (correlation - criticalCorrelation) / (Math.abs(t) > critical ? 1 - size : 1 + size);
  return { correlation, criticalCorrelation, impact, componentCorrelation: Math.sqrt(Math.abs(impact)) };
}

export interface Replacement {
  /** t_{α/2,df}·se with the sign of the estimate: what is just significant */
  readonly threshold: number;
  /** share of the estimate that must be bias (significant), or by which it falls short of the threshold (not) */
  readonly share: number;
  /** that share of the rows, rounded: rows to replace with ones of no effect (or, not significant, with ones at the threshold) */
  readonly rows: number;
}

/**
 * Robustness of inference to replacement (RIR): share = 1 − t_c se/|b| if significant, 1 − |b|/(t_c se) if not.
 *
 * @param rows  n
 * @see Frank, Maroulis, Duong & Kelcey (2013), Educational Evaluation and Policy Analysis 35
 */
export function replacement(estimate: number, standardError: number, df: number, rows: number, alpha: number): Replacement {
  const size = -studentTQuantile(alpha / 2, df) * standardError;
  const ratio = Math.abs(estimate) / size;
  const share = ratio > 1 ? 1 - 1 / ratio : 1 - ratio;
  return { threshold: estimate < 0 ? -size : size, share, rows: Math.round(rows * share) };
}
