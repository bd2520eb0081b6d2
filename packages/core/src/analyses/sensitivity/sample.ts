import type { Grouping } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { type Dropped, modelFrame } from '../../formula/frame.js';
import { termName } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import { isPerfectFit, type LinearFit } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { type NamedSample, sampleOfFrame, withoutSingletons } from '../../panel-models/read-sample.js';
import { type WithinFit, withinFit } from '../../panel-models/within.js';
import { asEstimation } from '../as-estimation.js';
import type { SensitivityParams } from './params.js';
import type { Request } from './request.js';

/** The regression in question, and what must be said of its rows. */
export interface SensitivityModel {
  readonly named: NamedSample;
  readonly fit: LinearFit;
  readonly effects: readonly Grouping[];
  /** place of the treatment among the fit's columns: the last */
  readonly treatment: number;
  /** of each column of the fit */
  readonly names: readonly string[];
  /** places among the fit's columns of each control term; fewer than its columns if some have no coefficient, none if all */
  readonly controls: readonly (readonly number[])[];
  readonly outcomeName: string;
  readonly treatmentName: string;
  readonly collinear: readonly string[];
  readonly singletons: number;
  /** false: the effects' degrees of freedom are an upper bound */
  readonly exact: boolean;
  readonly dropped: readonly Dropped[];
}

/**
 * Fits outcome on controls and treatment. The treatment comes last, so that it goes, not a control, if one of them must.
 * @throws EstimationError `no_within_variation`, `treatment_collinear`, `perfect_fit`, `only_singletons`, `too_few_rows`, …
 */
export function fitModel(params: SensitivityParams, request: Request, panel: Panel): SensitivityModel {
  const { formula, controls, treatment, levels } = request;
  const frame = asEstimation(() =>
    modelFrame(panel, { outcome: formula.outcome, regressors: [...controls, treatment], effects: levels }),
  );
  const all = sampleOfFrame(panel, frame, { asked: levels });
  const { named, singletons } = withoutSingletons(all, formula.effects, params.singletons);
  const effects = formula.effects.map((name) => named.groupings.get(name)!);
  const absorbs = effects.length > 0;
  requireVariation(named, effects, termName(treatment), formula.effects);
  const fit = absorbs ? withinFit(named.sample, effects) : pooledFit(named.sample);
  const last = frame.regressors.length - 1;
  if (!fit.kept.includes(last)) {
    throw new EstimationError(
      'treatment_collinear',
      `${termName(treatment)} is a combination of the controls${absorbs ? ' and the effects' : ''}: it has no coefficient of its own`,
    );
  }
  if (isPerfectFit(fit)) {
    throw new EstimationError(
      'perfect_fit',
      'regressors and effects reproduce the outcome exactly: nothing is left that a confounder could explain',
    );
  }
  if (fit.residualDf < 2) {
    throw new EstimationError(
      'too_few_rows',
      `an adjusted estimate needs 2 residual degrees of freedom, got ${fit.residualDf}: ${fit.rows} rows`,
    );
  }
  const shift = fit.constant ? 1 : 0;
  return {
    named,
    fit,
    effects,
    treatment: fit.columns.length - 1,
    names: [...(fit.constant ? ['(constant)'] : []), ...fit.kept.map((j) => frame.regressors[j].name)],
    controls: controls.map((_, term) =>
      fit.kept.flatMap((j, place) => (frame.regressorTerms[j] === term ? [place + shift] : [])),
    ),
    outcomeName: frame.outcome.name,
    treatmentName: termName(treatment),
    collinear: fit.collinear.filter((j) => j >= 0).map((j) => frame.regressors[j].name),
    singletons,
    exact: absorbs ? (fit as WithinFit).absorption.exact : true,
    dropped: frame.dropped,
  };
}

/** A treatment that the effects (or the constant) hold is said to be so, not to be collinear. */
function requireVariation(
  { sample }: NamedSample,
  effects: readonly Grouping[],
  name: string,
  effectNames: readonly string[],
): void {
  const values = sample.regressors.at(-1)!;
  const within = (codes: (row: number) => number) => {
    const first = new Map<number, number>();
    return values.every((value, row) => {
      const level = codes(row);
      if (!first.has(level)) first.set(level, value);
      return first.get(level) === value;
    });
  };
  if (within(() => 0)) throw new EstimationError('no_variation', `${name} has one value in all ${sample.rows} rows`);
  const holder = effects.findIndex(({ codes }) => within((row) => codes[row]));
  if (holder >= 0) {
    throw new EstimationError(
      'no_within_variation',
      `${name} does not vary within ${effectNames[holder]}: the effects absorb it, and it has no coefficient`,
    );
  }
}
