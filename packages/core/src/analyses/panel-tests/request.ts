import { EstimationError, type Problem } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { checkFormula } from '../../formula/names.js';
import { parseFormula } from '../../formula/parse.js';
import type { Formula } from '../../formula/syntax.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { sampleOfFrame } from '../../panel-models/read-sample.js';
import type { PanelSample } from '../../panel-models/sample.js';
import type { InputInfo } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { type PanelTestsParams, panelTestNames } from './params.js';

/** Which effects the questioned model has. */
export interface Effects {
  readonly entity: boolean;
  readonly time: boolean;
}

export function effectsOf({ effects }: Formula, { entity, time }: Panel | PanelSummary): Effects {
  const has = (own: string, word: string) => effects.some((name) => name === own || name === word);
  return { entity: effects.length === 0 || has(entity.name, 'entity'), time: has(time.name, 'time') };
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: PanelTestsParams, { panel }: InputInfo): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const problems = checkFormula(formula, panel);
  const refuse = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  if (formula.endogenous.length > 0)
    refuse('/formula', 'unsupported_instruments', 'these tests are of models without instruments: use the analysis iv');
  if (formula.regressors.length === 0) refuse('/formula', 'no_regressors', 'the tests need at least one regressor');
  const own = [panel.entity.name, 'entity', panel.time.name, 'time'];
  const others = formula.effects.filter((name) => !own.includes(name));
  if (others.length > 0) {
    refuse(
      '/formula',
      'unsupported_effects',
      `effects of these tests are ${panel.entity.name} and ${panel.time.name}, got ${others.join(', ')}`,
    );
  }
  if (panel.entity.count < 2)
    refuse('', 'too_few_entities', `panel tests compare entities and need at least 2, the data set has ${panel.entity.count}`);
  if (panel.periodsPerEntity.max < 2) {
    refuse(
      '',
      'too_few_periods',
      `panel tests need an entity with at least 2 periods, in the data set none has more than ${panel.periodsPerEntity.max}`,
    );
  }
  problems.push(...singleTestProblems(params, formula, panel));
  return problems;
}

/** A test that cannot run is refused when it is asked for by name; in the battery it is said in its place. */
function singleTestProblems({ tests, varianceComponents }: PanelTestsParams, formula: Formula, panel: PanelSummary): Problem[] {
  if (tests.length === panelTestNames.length) return [];
  const problems: Problem[] = [];
  const k = formula.regressors.length;
  if (tests.includes('hausman') && varianceComponents.method === 'swamy-arora' && panel.entity.count <= k + 1) {
    const message =
      `Swamy–Arora divides by N − k − 1 and needs more than ${k + 1} entities with ${k} regressors, the data set has ${panel.entity.count}: ` +
      'use wallace-hussain, wansbeek-kapteyn or nerlove';
    problems.push({ pointer: '/varianceComponents/method', code: 'too_few_entities', message });
  }
  if (tests.includes('pesaran-cd') && effectsOf(formula, panel).time) {
    const message =
      'Pesaran’s CD of residuals with period effects says nothing: they sum to zero in every period, and CD is near −√(T/2) whatever the ' +
      `dependence; leave out the effects of ${panel.time.name}`;
    problems.push({ pointer: '/formula', code: 'cd_after_period_effects', message });
  }
  return problems;
}

/** The rows that the tests are made on. */
export interface TestedSample {
  readonly sample: PanelSample;
  readonly names: { readonly outcome: string; readonly regressors: readonly string[] };
  readonly effects: Effects;
  readonly intercept: boolean;
  readonly own: { readonly entity: string; readonly time: string };
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
}

/** @throws EstimationError `no_complete_rows`, `constant_outcome`, `too_few_entities`, `too_few_periods` */
export function testedSample(params: PanelTestsParams, panel: Panel): TestedSample {
  const formula = parseFormula(params.formula, '/formula');
  const frame = asEstimation(() => modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors }));
  const { sample } = sampleOfFrame(panel, frame);
  if (sample.outcome.every((value) => value === sample.outcome[0])) {
    throw new EstimationError('constant_outcome', `${frame.outcome.name} does not vary: there is nothing to explain`);
  }
  if (sample.entity.levels < 2) {
    throw new EstimationError(
      'too_few_entities',
      `panel tests compare entities and need at least 2, the complete rows have ${sample.entity.levels}`,
    );
  }
  if (sample.entity.levels === sample.rows) {
    throw new EstimationError(
      'too_few_periods',
      'panel tests need an entity with at least 2 periods, and each complete row is of another entity',
    );
  }
  return {
    sample,
    names: { outcome: frame.outcome.name, regressors: frame.regressors.map(({ name }) => name) },
    effects: effectsOf(formula, panel),
    intercept: formula.intercept,
    own: { entity: panel.entity.name, time: panel.time.name },
    dropped: frame.dropped,
  };
}
