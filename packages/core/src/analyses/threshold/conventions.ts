import { leastEntities, leastRowsPastSlopes } from './candidates.js';
import type { ThresholdParams } from './params.js';
import { covarianceWords } from './slopes.js';

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventions({ trim, bootstrap, covariance }: ThresholdParams): string[] {
  return [
    'Regime 1 is q ≤ γ, regime 2 is q > γ (Hansen 1999, eq. 1); γ is an observed value of q.',
    'Entity effects by the within transform of all rows; no period is dropped (the author’s own program drops the last).',
    `Candidates: every distinct value of q that leaves each regime max(${trim} × rows, slopes + ${leastRowsPastSlopes}) rows of at ` +
      `least ${leastEntities} entities; the trim is of rows, not of distinct values.`,
    'F = (S₀ − S₁)/(S₁/d), LR(γ) = (S(γ) − S₁)/(S₁/d) with d = Σ(Tᵢ − 1), n(T − 1) when balanced; xthreg has NT − T, gretl and pdR NT.',
    'Confidence set: all candidates with LR(γ) ≤ −2 ln(1 − √level); 7.35 at 95 %. It assumes equal error variances.',
    ...bootstrapConventions(bootstrap),
    'Standard errors of slopes by regime are conditional on the estimated threshold; no test of equal slopes is given, for after a ' +
      'search it rejects far too often.',
    ...covariance.map((kind) => `Standard errors, ${covarianceWords[kind]}.`),
  ];
}

function bootstrapConventions({ methods, residuals, replications }: ThresholdParams['bootstrap']): string[] {
  if (replications === 0) return ['No bootstrap was asked for.'];
  const of = residuals === 'restricted' ? 'the model without the threshold' : 'the model with the threshold';
  return [
    `Bootstrap from residuals of ${of}, regressors and q fixed, outcomes drawn without the threshold, all candidates searched in ` +
      'each replication.',
    ...(methods.includes('residual-blocks')
      ? ['residual-blocks: each entity gets all residuals of an entity drawn with replacement (Hansen 1999, §4).']
      : []),
    ...(methods.includes('wild-entity') ? ['wild-entity: each entity’s own residuals times one Rademacher draw.'] : []),
    'p = (1 + k)/(B + 1), k counting F* ≥ F; its interval is Clopper–Pearson’s of k in B. Critical value: order statistic ⌈(1 − α)B⌉.',
  ];
}
