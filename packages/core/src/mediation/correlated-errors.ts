/** What the sensitivity of an indirect effect through one mediator is reckoned from. */
export interface MediationErrors {
  /** x → m, and its standard error */
  readonly a: number;
  readonly aError: number;
  /** m → y given x */
  readonly b: number;
  readonly bError: number;
  /** residual standard deviations of the mediator's equation and of the outcome's with the mediator in it */
  readonly mediatorSigma: number;
  readonly outcomeSigma: number;
  /** residual degrees of freedom of the same */
  readonly mediatorDf: number;
  readonly outcomeDf: number;
}

/**
 * The indirect effect if the errors of mediator and outcome had the correlation ρ, that is if sequential ignorability failed so far:
 *
 *   δ(ρ) = a (σ₁/σ₂) {ρ̃ − ρ √((1 − ρ̃²)/(1 − ρ²))} = a (b − (σ₃/σ₂) ρ/√(1 − ρ²)),
 *
 * σ₁ and ρ̃ of the regression without the mediator, σ₂ of the mediator's, σ₃ = σ₁√(1 − ρ̃²) of the outcome's.
 *
 * The standard error is by the delta method at a known ρ, the two sigmas as of normal errors: var(σ₃/σ₂) = (σ₃/σ₂)²(1/2df₃ + 1/2df₂).
 *
 * @see Imai, Keele & Yamamoto (2010), Statistical Science 25, theorem 4; Imai, Keele & Tingley (2010), Psychological Methods 15
 */
export function indirectAtCorrelation(of: MediationErrors, rho: number): { estimate: number; standardError: number } {
  const { a, aError, b, bError, mediatorSigma, outcomeSigma, mediatorDf, outcomeDf } = of;
  const k = rho / Math.sqrt(1 - rho * rho);
  const ratio = outcomeSigma / mediatorSigma;
  const slope = b - ratio * k;
  const variance = bError ** 2 + (ratio * k) ** 2 * (1 / (2 * outcomeDf) + 1 / (2 * mediatorDf));
  return { estimate: a * slope, standardError: Math.sqrt(slope * slope * aError * aError + a * a * variance) };
}

/** ρ̃, the correlation of errors at which the indirect effect is zero: that of the residuals of m and of y, both without the mediator. */
export function correlationAtZero({ b, mediatorSigma, outcomeSigma }: MediationErrors): number {
  const t = (b * mediatorSigma) / outcomeSigma;
  return t / Math.sqrt(1 + t * t);
}
