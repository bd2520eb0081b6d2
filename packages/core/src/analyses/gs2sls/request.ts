import type { Problem } from '../../errors.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula } from '../../formula/parse.js';
import { printName, termName } from '../../formula/print.js';
import type { Formula } from '../../formula/syntax.js';
import { durbinProblems, ownLagProblems } from '../../spatial/durbin.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { weightsProblems } from '../chosen-weights.js';
import { type Gs2slsParams, modelParts } from './params.js';
import { covarianceOf } from './programs.js';

/** What the messages speak of. */
export const what = 'spatial models';

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: Gs2slsParams, info: InputInfo): Problem[] {
  const { panel, weights } = info;
  const formula = parseFormula(params.formula, '/formula');
  const spatial = params.weights !== undefined || params.models.some((model) => model !== 'iv');
  const errors = params.models.some((model) => modelParts[model].error);
  return [
    ...checkFormula(formula, panel, weights),
    ...(spatial ? weightsProblems(params.weights, info, '/weights', what) : []),
    ...(errors && params.errorWeights !== undefined ? weightsProblems(params.errorWeights, info, '/errorWeights', what) : []),
    ...shapeProblems(params, formula),
    ...durbinProblems(
      params.durbin,
      [...formula.regressors, ...formula.endogenous],
      params.models.filter((model) => modelParts[model].durbin),
    ),
    ...effectProblems(params, formula, info),
    ...errorProblems(params, info),
  ];
}

function shapeProblems(params: Gs2slsParams, { outcome, regressors, endogenous, instruments }: Formula): Problem[] {
  const problems: Problem[] = [];
  const refuse = (code: string, message: string, pointer = '/formula') => problems.push({ pointer, code, message });
  problems.push(...ownLagProblems([outcome, ...regressors, ...endogenous]));
  for (const term of [...endogenous, ...instruments]) {
    if (term.factors.some(({ kind }) => kind === 'levels')) {
      refuse(
        'several_columns',
        `${termName(term)} is several columns: an endogenous regressor or an instrument is one; make dummies first`,
      );
    }
  }
  if (instruments.length < endogenous.length) {
    refuse(
      'too_few_instruments',
      `${endogenous.length} endogenous regressors need at least as many instruments outside the equation, got ${instruments.length}`,
    );
  }
  const places = new Map<string, string>([[termName(outcome), 'the outcome']]);
  for (const [place, terms] of [
    ['an exogenous regressor', regressors],
    ['an endogenous regressor', endogenous],
    ['an instrument', instruments],
  ] as const) {
    for (const term of terms) {
      const before = places.get(termName(term));
      if (before !== undefined) refuse('term_twice', `${termName(term)} is ${before} and ${place}: it can be one of them`);
      places.set(termName(term), place);
    }
  }
  const lagged = params.models.filter((model) => modelParts[model].lag);
  if (lagged.length > 0 && regressors.length === 0 && instruments.length === 0) {
    refuse(
      'no_instruments',
      `${lagged.join(', ')}: Wy is instrumented by spatial lags of exogenous regressors or outside instruments, and there are none`,
    );
  }
  if (params.instruments.optimal && params.models.some((model) => modelParts[model].error || !modelParts[model].lag)) {
    refuse('optimal_instruments', 'optimal instruments are for the models sar and sdm', '/instruments/optimal');
  }
  return problems;
}

function effectProblems(params: Gs2slsParams, { effects }: Formula, { panel }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  if (params.effects === 'random') {
    if (effects.length > 0) {
      problems.push({
        pointer: '/effects',
        code: 'random_and_fixed',
        message: `random effects take a formula without absorbed effects, and it has ${effects.map(printName).join(', ')}`,
      });
    }
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
    if (params.bootstrap.replications > 0) {
      problems.push({
        pointer: '/bootstrap',
        code: 'bootstrap_random',
        message: 'the bootstrap is for pooled and fixed-effects models',
      });
    }
    if (params.instruments.optimal) {
      problems.push({
        pointer: '/instruments/optimal',
        code: 'optimal_instruments',
        message: 'optimal instruments are for pooled and fixed-effects models',
      });
    }
  }
  return problems;
}

function errorProblems(params: Gs2slsParams, info: InputInfo): Problem[] {
  const problems: Problem[] = [];
  const { panel, weights } = info;
  const known = meanings(panel);
  const kind = covarianceOf(params, panel.time.count > 1);
  if (kind === 'cluster' && !known.has(params.cluster)) {
    const message = `there is no column "${params.cluster}" to cluster by${didYouMean(params.cluster, known.keys())}`;
    problems.push({ pointer: '/cluster', code: 'unknown_column', message });
  }
  if (kind === 'hac') {
    if (params.kernel === undefined) {
      problems.push({
        pointer: '/kernel',
        code: 'kernel_needed',
        message: 'spatial HAC errors need a kernel: weights of the job of kind kernel, not normalised, named by kernel',
      });
    } else {
      problems.push(...weightsProblems(params.kernel, info, '/kernel', 'spatial HAC errors'));
      const summary = weights?.get(params.kernel);
      if (summary !== undefined && summary.normalisation !== 'none') {
        problems.push({
          pointer: '/kernel',
          code: 'normalised_kernel',
          message: `the kernel ${params.kernel} is normalised (${summary.normalisation}): k_ij must be values of the kernel itself`,
        });
      }
    }
  }
  if (params.unbalanced === 'submatrix' && params.models.some((model) => modelParts[model].error)) {
    problems.push({
      pointer: '/unbalanced',
      code: 'unbalanced_error',
      message: 'submatrix is for models without spatial errors: their moments need the same units in every period',
    });
  }
  return problems;
}
