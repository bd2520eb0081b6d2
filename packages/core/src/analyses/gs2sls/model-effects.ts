import { Matrix } from 'ml-matrix';
import type { PhiloxStream } from '../../random/stream.js';
import { type EffectKind, type EffectTerm, estimatedEffects, simulatedEffects } from '../../spatial-iv/effects.js';
import { exactUnits, type Multipliers, spatialMultipliers } from '../../spatial-iv/multipliers.js';
import { unitMultipliers } from '../../spatial-iv/unit-multipliers.js';
import { coefficientRows } from '../iv/diagnostics.js';
import type { FittedModel } from './model.js';
import type { Gs2slsParams } from './params.js';
import type { EffectsResult } from './result.js';
import type { SpatialSample } from './sample.js';

/** Multipliers of W are found once, when a model asks. */
export function lazyMultipliers({ effectWeights }: SpatialSample): () => Multipliers {
  let known: Multipliers | undefined;
  return () => {
    known ??= spatialMultipliers(effectWeights!);
    return known;
  };
}

/** Which coefficients belong to which variable. */
export function effectTerms({ regressors, design }: Pick<FittedModel, 'regressors' | 'design'>): EffectTerm[] {
  const place = (role: string, of: number) => regressors.findIndex((column) => column.role === role && column.of === of);
  const variables = [
    ...design.endogenous
      .filter(({ role }) => role === 'endogenous')
      .map(({ name, of }) => ({ name, of, roles: ['endogenous', 'lagged endogenous'] })),
    ...design.exogenous
      .filter(({ role }) => role === 'exogenous')
      .map(({ name, of }) => ({ name, of, roles: ['exogenous', 'lagged exogenous'] })),
  ];
  return variables
    .map(({ name, of, roles: [own, lagged] }) => ({ name, own: place(own, of), lagged: place(lagged, of) }))
    .filter(({ own, lagged }) => own >= 0 || lagged >= 0);
}

export const lagPlace = ({ regressors }: Pick<FittedModel, 'regressors'>) => regressors.findIndex(({ role }) => role === 'lag');

function unitRows({ effectWeights, balanced, entityLabels }: SpatialSample, rho: number): EffectsResult['units'] {
  if (!balanced || entityLabels.length > exactUnits) return null;
  const { own, received, sent } = unitMultipliers(effectWeights!, rho);
  return entityLabels.map((label, i) => ({ label, own: own[i], received: received[i], sent: sent[i] }));
}

/** Direct, indirect and total effects of a model; null without a lag of anything, or with ρ out of bounds. */
export function effectsResult(
  { draws, level }: Gs2slsParams,
  sample: SpatialSample,
  fit: FittedModel,
  multipliers: () => Multipliers,
  stream: PhiloxStream,
): EffectsResult | null {
  const terms = effectTerms(fit);
  const rho = lagPlace(fit);
  if (terms.length === 0 || (rho < 0 && terms.every(({ lagged }) => lagged < 0))) return null;
  const means = multipliers();
  const { lower, upper } = means.bounds;
  if (rho >= 0 && !(fit.coefficients[rho] > lower && fit.coefficients[rho] < upper)) return null;
  const estimates = estimatedEffects(terms, fit.coefficients, rho, fit.covariance, means);
  const simulated =
    draws === 0 ? null : simulatedEffects(terms, fit.coefficients, rho, fit.covariance, means, draws, level, stream);
  const variables = terms.map(({ name }, t) => {
    const effect = (kind: EffectKind) => {
      const { estimate, standardError } = estimates[t][kind];
      const [row] = coefficientRows([name], [estimate], singleton(standardError ** 2), { df: fit.df, level });
      const { term: _, ...rest } = row;
      return { ...rest, simulated: simulated === null ? null : { ...simulated.effects[t][kind] } };
    };
    return { variable: name, direct: effect('direct'), indirect: effect('indirect'), total: effect('total') };
  });
  return {
    variables,
    traces: rho < 0 ? 'none needed' : means.method,
    probes: rho < 0 ? 0 : means.probes,
    traceError: rho < 0 ? 0 : means.traceError(fit.coefficients[rho]),
    bounds: { ...means.bounds },
    units: rho < 0 ? null : unitRows(sample, fit.coefficients[rho]),
    draws: { used: simulated?.used ?? 0, outside: simulated?.outside ?? 0 },
  };
}

/** A variance as a 1 × 1 covariance. */
export const singleton = (value: number) => new Matrix([[value]]);
