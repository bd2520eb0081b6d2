import { termName } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import { adequacyRows } from './adequacy.js';
import { classify } from './classify.js';
import { conventions, warningsFor } from './conventions.js';
import { effectDefinitions, effectTests, identityOf, interactionTests, shareOf } from './effects.js';
import { equationResult } from './equation-result.js';
import { bootstrapIntervals, monteCarloIntervals, type Refitted } from './intervals.js';
import { type Model, readModel } from './model.js';
import { moderationResult } from './moderation.js';
import type { MediationParams } from './params.js';
import type { EffectResult, MediationPart, MediationResult } from './result.js';
import { rhoSensitivity } from './rho.js';
import { fitSystem, type MediationSystem, type SystemCovariance, systemCovariance } from './system.js';

/** Why draws of entities cannot be had, if they cannot. */
export function noBootstrap({ bootstrap }: MediationParams, entities: number): string | null {
  if (bootstrap.replications === 0) return null;
  return entities < 3 ? `entities are drawn, and a jackknife leaves one out: 3 are needed, there are ${entities}` : null;
}

/**
 * Everything that is told, from the sample and the refits.
 * @param refitted  null without a bootstrap
 */
export function mediationOutcome(
  params: MediationParams,
  panel: Panel,
  refitted: Refitted | null,
  seed: number,
): MediationResult {
  const model = readModel(params, panel);
  const { request, named, outcome, treatment, mediators } = model;
  const own = { entity: panel.entity.name, time: panel.time.name };
  const system = mediators.length === 0 ? null : fitSystem(params, model);
  const covariances = params.covariance.map((one) => systemCovariance(one, model, system, own));
  const { sample } = named;
  const base = {
    outcome: outcome.name,
    treatment: treatment.name,
    mediators: mediators.map(({ name }) => name),
    controls: request.controls.map(termName),
    mediatorControls: request.mediatorControls?.map(termName) ?? null,
    effects: [...model.effectNames],
    covariances: covariances.map(({ kind, label }) => ({ kind, label })),
    mediation: system && mediationPart(params, model, system, covariances, refitted, seed),
    moderation: moderationResult(params, model, covariances),
    level: params.level,
    sample: {
      rows: sample.rows,
      entities: sample.entity.levels,
      periods: sample.time.levels,
      dropped: [...model.dropped],
    },
    singletons: model.singletons,
    binary: [outcome, ...mediators].filter(({ values }) => takesTwoValues(values)).map(({ name }) => name),
    panel: own,
    table: params.table,
  };
  const adequacy = adequacyRows(base);
  return { ...base, adequacy, conventions: conventions(params, base), warnings: warningsFor(params, base) };
}

function takesTwoValues(values: Float64Array): boolean {
  const [first] = values;
  const second = values.find((value) => value !== first);
  return values.every((value) => value === first || value === second);
}

function mediationPart(
  params: MediationParams,
  model: Model,
  system: MediationSystem,
  covariances: readonly SystemCovariance[],
  refitted: Refitted | null,
  seed: number,
): MediationPart {
  const { level, kind } = params;
  const { structure, coefficients } = system;
  const names = model.mediators.map(({ name }) => name);
  const definitions = effectDefinitions(structure, names);
  const drawn = refitted && bootstrapIntervals(structure, definitions, coefficients, refitted, level);
  const { draws } = params.monteCarlo;
  const normal = draws < 2 ? null : monteCarloIntervals(structure, definitions, coefficients, covariances[0], draws, level, seed);
  const identity = identityOf(model, system);
  const otherControls = model.request.mediatorControls !== null;
  const effects = definitions.map((definition, e): EffectResult => {
    const { name, role, through, of } = definition;
    return {
      name,
      role,
      through: [...through],
      estimate: role === 'total' ? identity.total : of(coefficients),
      tests: effectTests(definition, model, system, covariances, level),
      // with other controls the draws add up to something else than the total
      bootstrap: drawn === null || (role === 'total' && otherControls) ? null : drawn.of[e],
      monteCarlo: normal === null || role === 'total' || role === 'direct' ? null : normal[e],
    };
  });
  const paths = [model.treatment.name, ...names];
  const table = (equation: MediationSystem['total']) => equationResult(equation, paths, covariances, level);
  const bootstrap = drawn?.about ?? null;
  return {
    kind,
    total: table(system.total),
    mechanism: system.mechanism.map(table),
    mediators: system.mediators.map(table),
    outcome: table(system.outcome),
    effects,
    interactions: interactionTests(model, covariances[0], level),
    identity,
    share: shareOf(identity, effects, otherControls),
    classification: classify(effects, model.named.sample.entity.levels),
    bootstrap,
    noBootstrap: noBootstrap(params, model.named.sample.entity.levels),
    ...rhoSensitivity(system, covariances[0], otherControls, level),
  };
}
