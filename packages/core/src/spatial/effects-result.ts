import { Matrix } from 'ml-matrix';
import { z } from 'zod';
import { count, numeric } from '../analyses/fields.js';
import { coefficientTests } from '../covariance/inference.js';
import type { PhiloxStream } from '../random/stream.js';
import { type EffectKind, type EffectTerm, estimatedEffects, simulatedEffects } from '../spatial-iv/effects.js';
import { exactUnits, type Multipliers } from '../spatial-iv/multipliers.js';
import { unitMultipliers } from '../spatial-iv/unit-multipliers.js';
import type { SparseRows } from '../weights/weights.js';

export const intervalFields = z.object({ standardError: numeric, lower: numeric, upper: numeric });

const effect = z.object({
  estimate: numeric.describe('at the estimates'),
  standardError: numeric.describe('by the delta method'),
  statistic: numeric,
  pValue: numeric,
  lower: numeric,
  upper: numeric,
  simulated: intervalFields.nullable().describe('standard deviation and percentile interval of the draws'),
});

/** Effects of every regressor in a model with spatial terms, as results hold them. */
export const effectsFields = z.object({
  variables: z.array(z.object({ variable: z.string(), direct: effect, indirect: effect, total: effect })),
  traces: z.enum(['eigenvalues', 'stochastic Lanczos', 'stochastic powers', 'none needed']),
  probes: count.describe('random probes of stochastic traces; 0: exact'),
  traceError: numeric.describe('Monte Carlo standard error of the mean of the multiplier’s diagonal'),
  bounds: z.object({ lower: numeric, upper: numeric, safe: z.boolean() }).describe('of ρ; safe: not the widest'),
  units: z
    .array(z.object({ label: z.string(), own: numeric, received: numeric, sent: numeric }))
    .nullable()
    .describe(
      'of (I − ρW)⁻¹: a unit’s own impulse as it comes back, what it receives when all others move by one, what all others receive when it ' +
        'does; null beyond 400 units or without Wy',
    ),
  draws: z.object({ used: count, outside: count }).describe('outside: ρ out of bounds, left out'),
});

export type EffectsResult = z.output<typeof effectsFields>;

/** A fitted model as its effects need it. */
export interface EffectsModel {
  readonly terms: readonly EffectTerm[];
  /** place of ρ among the coefficients; −1 without Wy */
  readonly rho: number;
  readonly coefficients: ArrayLike<number>;
  readonly covariance: Matrix;
  /** of Student's t; Infinity is the normal */
  readonly df: number;
}

/** W that effects are made of, and its units where all periods have the same. */
export interface EffectsWeights {
  readonly weights: SparseRows | null;
  readonly labels: readonly string[] | null;
  readonly multipliers: () => Multipliers;
}

function unitRows({ weights, labels }: EffectsWeights, rho: number): EffectsResult['units'] {
  if (labels === null || labels.length > exactUnits) return null;
  const { own, received, sent } = unitMultipliers(weights!, rho);
  return labels.map((label, i) => ({ label, own: own[i], received: received[i], sent: sent[i] }));
}

/** Direct, indirect and total effects of a model; null without a lag of anything, or with ρ out of bounds. */
export function effectsResult(
  { draws, level }: { readonly draws: number; readonly level: number },
  { terms, rho, coefficients, covariance, df }: EffectsModel,
  of: EffectsWeights,
  stream: PhiloxStream,
): EffectsResult | null {
  if (terms.length === 0 || (rho < 0 && terms.every(({ lagged }) => lagged < 0))) return null;
  const means = of.multipliers();
  const { lower, upper } = means.bounds;
  if (rho >= 0 && !(coefficients[rho] > lower && coefficients[rho] < upper)) return null;
  const estimates = estimatedEffects(terms, coefficients, rho, covariance, means);
  const simulated = draws === 0 ? null : simulatedEffects(terms, coefficients, rho, covariance, means, draws, level, stream);
  const variables = terms.map(({ name }, t) => {
    const effect = (kind: EffectKind) => {
      const { estimate, standardError } = estimates[t][kind];
      const [{ statistic, p, ...row }] = coefficientTests([estimate], new Matrix([[standardError ** 2]]), df, level);
      return {
        estimate,
        standardError: row.standardError,
        statistic,
        pValue: p,
        lower: row.lower,
        upper: row.upper,
        simulated: simulated === null ? null : { ...simulated.effects[t][kind] },
      };
    };
    return { variable: name, direct: effect('direct'), indirect: effect('indirect'), total: effect('total') };
  });
  return {
    variables,
    traces: rho < 0 ? 'none needed' : means.method,
    probes: rho < 0 ? 0 : means.probes,
    traceError: rho < 0 ? 0 : means.traceError(coefficients[rho]),
    bounds: { ...means.bounds },
    units: rho < 0 ? null : unitRows(of, coefficients[rho]),
    draws: { used: simulated?.used ?? 0, outside: simulated?.outside ?? 0 },
  };
}
