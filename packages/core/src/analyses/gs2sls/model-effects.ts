import { Matrix } from 'ml-matrix';
import type { PhiloxStream } from '../../random/stream.js';
import { type EffectsResult, effectsResult } from '../../spatial/effects-result.js';
import type { EffectTerm } from '../../spatial-iv/effects.js';
import { type Multipliers, spatialMultipliers } from '../../spatial-iv/multipliers.js';
import type { FittedModel } from './model.js';
import type { Gs2slsParams } from './params.js';
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

/** Direct, indirect and total effects of a model; null without a lag of anything, or with ρ out of bounds. */
export function modelEffects(
  params: Gs2slsParams,
  { effectWeights, balanced, entityLabels }: SpatialSample,
  fit: FittedModel,
  multipliers: () => Multipliers,
  stream: PhiloxStream,
): EffectsResult | null {
  return effectsResult(
    params,
    { ...fit, terms: effectTerms(fit), rho: lagPlace(fit) },
    { weights: effectWeights, labels: balanced ? entityLabels : null, multipliers },
    stream,
  );
}

/** A variance as a 1 × 1 covariance. */
export const singleton = (value: number) => new Matrix([[value]]);
