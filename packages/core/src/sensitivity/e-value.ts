export interface EValue {
  /** of the estimate */
  readonly estimate: number;
  /** of the interval's limit nearer to 1; 1 if the interval holds 1 */
  readonly limit: number;
}

/** RR + √(RR(RR − 1)), RR < 1 taken as 1/RR. */
function ofRatio(ratio: number): number {
  const rr = ratio < 1 ? 1 / ratio : ratio;
  return rr + Math.sqrt(rr * (rr - 1));
}

/**
 * E-value: the risk ratio that an unmeasured confounder must have with treatment and with outcome, each, to explain a risk
 * ratio away.
 *
 * @see VanderWeele & Ding (2017), Annals of Internal Medicine 167
 */
export function eValue(ratio: number, lower: number, upper: number): EValue {
  const limit = ratio >= 1 ? lower : upper;
  const crosses = ratio >= 1 ? limit <= 1 : limit >= 1;
  return { estimate: ofRatio(ratio), limit: crosses ? 1 : ofRatio(limit) };
}

export interface ApproximateRiskRatio {
  /** d = b Δ/sd(y) */
  readonly standardised: number;
  /** exp(0.91 d) */
  readonly ratio: number;
  /** exp(0.91 d − 1.78 se Δ/sd(y)) */
  readonly lower: number;
  readonly upper: number;
}

/**
 * A difference of means on the scale of risk ratios: RR ≈ exp(0.91 d), its 95 % interval exp(0.91 d ± 1.78 se_d).
 *
 * @param contrast  Δ: the change of the treatment that is meant, in its units
 * @see VanderWeele (2017); R's EValue, `evalues.OLS`; Chinn (2000), Statistics in Medicine 19, for 0.91 ≈ π/(2√3)
 */
export function riskRatioOfSlope(b: number, standardError: number, outcomeSd: number, contrast: number): ApproximateRiskRatio {
  const standardised = (b * contrast) / outcomeSd;
  const margin = (1.78 * standardError * Math.abs(contrast)) / outcomeSd;
  return {
    standardised,
    ratio: Math.exp(0.91 * standardised),
    lower: Math.exp(0.91 * standardised - margin),
    upper: Math.exp(0.91 * standardised + margin),
  };
}
