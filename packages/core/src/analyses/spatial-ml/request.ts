import type { Problem } from '../../errors.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula } from '../../formula/parse.js';
import { printName, termName } from '../../formula/print.js';
import type { Formula } from '../../formula/syntax.js';
import { durbinProblems, ownLagProblems } from '../../spatial/durbin.js';
import type { InputInfo } from '../analysis.js';
import { weightsMeant, weightsProblems } from '../chosen-weights.js';
import { mlParts, type SpatialMlParams } from './params.js';

/** What the messages speak of. */
export const what = 'spatial models';

/** So many units at most: I − ρW is factored some twenty times. */
export const mostUnits = 20_000;

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: SpatialMlParams, info: InputInfo): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const parts = params.models.map((model) => mlParts[model]);
  const errors = parts.some(({ error }) => error);
  return [
    ...checkFormula(formula, info.panel, info.weights),
    ...(needsWeights(params) ? weightsProblems(params.weights, info, '/weights', what) : []),
    ...(errors && params.errorWeights !== undefined ? weightsProblems(params.errorWeights, info, '/errorWeights', what) : []),
    ...ownLagProblems([formula.outcome, ...formula.regressors]),
    ...shapeProblems(formula),
    ...durbinProblems(
      params.durbin,
      formula.regressors,
      params.models.filter((model) => mlParts[model].durbin),
    ),
    ...effectsProblems(params, formula, info),
    ...rowSumProblems(params, formula, info),
    ...sizeProblems(params, info),
  ];
}

export const needsWeights = ({ models, weights }: SpatialMlParams) =>
  weights !== undefined || models.some((model) => model !== 'none');

function shapeProblems({ endogenous, regressors, outcome }: Formula): Problem[] {
  const problems: Problem[] = [];
  if (endogenous.length > 0) {
    problems.push({
      pointer: '/formula',
      code: 'endogenous_regressors',
      message: 'maximum likelihood takes no endogenous regressors: gs2sls takes them with their instruments',
    });
  }
  const names = [outcome, ...regressors].map(termName);
  for (const name of new Set(names.filter((term, k) => names.indexOf(term) !== k))) {
    problems.push({ pointer: '/formula', code: 'term_twice', message: `${name} is there twice` });
  }
  return problems;
}

/** The panel's own effects among those of a formula, in the order entity, time; others are null. */
export function panelEffects({ effects }: Formula, panel: Parameters<typeof meanings>[0]): ('entity' | 'time' | null)[] {
  const known = meanings(panel);
  return effects.map((name) => {
    const meaning = known.get(name);
    return meaning === 'entity' || meaning === 'time' ? meaning : null;
  });
}

function effectsProblems({ approach, demeaning, effects }: SpatialMlParams, formula: Formula, { panel }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  const refuse = (code: string, message: string, pointer = '/formula') => problems.push({ pointer, code, message });
  const meant = panelEffects(formula, panel);
  formula.effects.forEach((name, k) => {
    if (meant[k] !== null) return;
    refuse(
      'effects_not_of_panel',
      `${printName(name)} is neither ${printName(panel.entity.name)} nor ${printName(panel.time.name)}: the likelihood takes the panel’s own effects; ` +
        `i(${printName(name)}) is a regressor, and gs2sls absorbs any effects`,
    );
  });
  if (effects === 'random' && formula.effects.length > 0) {
    refuse(
      'random_and_fixed',
      `random effects take a formula without absorbed effects, and it has ${formula.effects.map(printName).join(', ')}`,
      '/effects',
    );
  }
  if (panel.time.count < 2 && meant.some((effect) => effect !== null)) {
    refuse('one_period', 'the data have one period: entity effects need two or more, and a time effect is the constant');
  }
  if (demeaning === 'before-lag' && approach === 'transformation' && meant.includes('time')) {
    refuse(
      'transformation_before_lag',
      'the transformation of time effects is of Wy formed first: take demeaning: after-lag, or approach: bias-corrected or direct',
      '/demeaning',
    );
  }
  return problems;
}

/** What time effects ask of the weights, as far as it shows without their rows. */
function rowSumProblems(
  { models, weights, errorWeights, approach, unmatched }: SpatialMlParams,
  formula: Formula,
  info: InputInfo,
): Problem[] {
  if (unmatched === 'cut' || !panelEffects(formula, info.panel).includes('time')) return [];
  const differ = (name: string | undefined) => {
    const sums = info.weights?.get(weightsMeant(name, info.weights) ?? '')?.rowSums;
    return sums !== undefined && sums.max.value - sums.min.value > 1e-9 * Math.abs(sums.max.value);
  };
  const [first] = models;
  const error = mlParts[first].error && (differ(weights) || (errorWeights !== undefined && differ(errorWeights)));
  if (error) {
    return [
      {
        pointer: '/models',
        code: 'unequal_row_sums',
        message: `${first}: spatial errors with time effects need weights whose rows all have the same sum: normalise them by rows (units without neighbours have a sum of 0), or leave the time effects out`,
      },
    ];
  }
  if (approach !== 'transformation' || !differ(weights)) return [];
  return [
    {
      pointer: '/approach',
      code: 'unequal_row_sums',
      message:
        'the transformation of time effects needs weights whose rows all have the same sum: normalise them by rows, or take approach: bias-corrected',
    },
  ];
}

function sizeProblems(params: SpatialMlParams, { panel, weights }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  if (!params.models.some((model) => mlParts[model].lag || mlParts[model].error)) return problems;
  const summary = weights?.get(weightsMeant(params.weights, weights) ?? '');
  const units = Math.min(panel.entity.count, summary?.units ?? panel.entity.count);
  if (units > mostUnits) {
    problems.push({
      pointer: '/models',
      code: 'too_many_units',
      message: `log|I − ρW| is found exactly, for at most ${mostUnits.toLocaleString('en')} units, and there are ${units.toLocaleString('en')}: gs2sls takes any number`,
    });
  }
  if (params.unbalanced === 'refuse' && !panel.balanced) {
    problems.push({
      pointer: '/unbalanced',
      code: 'unbalanced_panel',
      message: `some of the ${panel.entity.count} × ${panel.time.count} rows are not in the data, so lags of their neighbours are not known: fill the gaps, cut units or periods, or say unbalanced: submatrix`,
    });
  }
  if (params.effects === 'random') {
    if (panel.time.count < 2) {
      problems.push({
        pointer: '/effects',
        code: 'one_period',
        message: 'random effects need at least 2 periods, and the data have one',
      });
    }
    if (params.unbalanced === 'submatrix') {
      problems.push({
        pointer: '/unbalanced',
        code: 'unbalanced_panel',
        message: 'random effects with spatial terms need a balanced panel: leave submatrix out',
      });
    }
    if (params.covariance === 'cluster') {
      problems.push({
        pointer: '/covariance',
        code: 'random_cluster',
        message: 'random effects have errors from the expected or the observed information, not clustered ones',
      });
    }
  }
  if (params.covariance === 'cluster' && (panel.time.count < 2 || params.unbalanced === 'submatrix')) {
    problems.push({
      pointer: '/covariance',
      code: 'cluster_needs_panel',
      message: 'clustered errors are for balanced panels of several periods: gs2sls has them for others',
    });
  }
  if (params.unbalanced === 'submatrix') {
    const errors = params.models.filter((model) => mlParts[model].error);
    if (errors.length > 0) {
      problems.push({
        pointer: '/unbalanced',
        code: 'unbalanced_error',
        message: `submatrix is for models without spatial errors, and ${errors.join(', ')} ${errors.length > 1 ? 'have' : 'has'} them: their filter mixes the effects of units that come and go; models: ["sdm", "sar", "none"]`,
      });
    }
    if (params.approach === 'transformation') {
      problems.push({
        pointer: '/approach',
        code: 'unbalanced_transformation',
        message: 'the transformation needs every unit in every period: with submatrix take approach: bias-corrected, or direct',
      });
    }
  }
  return problems;
}
