import { correlationAtZero, indirectAtCorrelation, type MediationErrors } from '../../mediation/correlated-errors.js';
import { effectTest } from '../../mediation/product-tests.js';
import type { MediationPart } from './result.js';
import type { MediationSystem, SystemCovariance } from './system.js';

const furthest = 0.95;
const curvePoints = 77;

/** Sensitivity of the indirect effect to correlated errors, or why there is none. */
export function rhoSensitivity(
  system: MediationSystem,
  { paths, productDf }: SystemCovariance,
  otherControls: boolean,
  level: number,
): Pick<MediationPart, 'sensitivity' | 'noSensitivity'> {
  const { structure, coefficients, mediators, outcome } = system;
  const none = (noSensitivity: string) => ({ sensitivity: null, noSensitivity });
  if (structure.mediators > 1)
    return none('with several mediators the formula of one does not hold, for their errors may be correlated in many ways');
  if (otherControls) return none('it needs the same controls in both equations');
  const [a, b] = [structure.a(0), structure.b(0)];
  const errorOf = (place: number) => Math.sqrt(paths.get(place, place));
  const [mediator] = mediators;
  const of: MediationErrors = {
    a: coefficients[a],
    aError: errorOf(a),
    b: coefficients[b],
    bError: errorOf(b),
    mediatorSigma: Math.sqrt(mediator.fit.ssr / mediator.fit.rows),
    outcomeSigma: Math.sqrt(outcome.fit.ssr / outcome.fit.rows),
    mediatorDf: mediator.fit.residualDf,
    outcomeDf: outcome.fit.residualDf,
  };
  const at = (rho: number) => {
    const { estimate, standardError } = indirectAtCorrelation(of, rho);
    const { lower, upper } = effectTest(estimate, standardError, productDf, level);
    return { rho, estimate, lower, upper };
  };
  const zero = correlationAtZero(of);
  const share = zero * zero;
  return {
    sensitivity: {
      correlationAtZero: zero,
      notSignificant: rangeAbout(zero, (rho) => {
        const { lower, upper } = at(rho);
        return lower <= 0 && upper >= 0;
      }),
      shareOfResidual: share,
      shareOfTotal: (1 - mediator.rSquared.model) * (1 - outcome.rSquared.model) * share,
      curve: Array.from({ length: curvePoints }, (_, i) =>
        at(Number((((2 * i) / (curvePoints - 1) - 1) * furthest).toPrecision(12))),
      ),
    },
    noSensitivity: null,
  };
}

/** The interval about `centre`, within ±.95, on which a condition that is true there goes on being so; by bisection. */
function rangeAbout(centre: number, holds: (rho: number) => boolean): { from: number; to: number } | null {
  if (Math.abs(centre) >= furthest) return null;
  const edge = (limit: number) => {
    if (holds(limit)) return limit;
    let [inside, outside] = [centre, limit];
    for (let step = 0; step < 60; step++) {
      const middle = (inside + outside) / 2;
      if (holds(middle)) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  return { from: edge(-furthest), to: edge(furthest) };
}
