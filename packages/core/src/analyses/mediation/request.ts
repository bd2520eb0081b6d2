import type { Problem } from '../../errors.js';
import { checkFormula, checkTerm, meanings } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { PanelSummary } from '../../panel/panel.js';
import { clusterNames } from '../../panel-models/covariance-param.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { longestChain, type MediationParams } from './params.js';

/** The request, read from its texts. */
export interface Request {
  readonly formula: Formula;
  readonly treatment: Term | undefined;
  /** the other regressors of the formula */
  readonly controls: readonly Term[];
  readonly mediators: readonly Term[];
  /** null: the same as of the outcome */
  readonly mediatorControls: readonly Term[] | null;
  readonly moderator: Term | null;
  /** columns whose levels are needed: effects, clusters */
  readonly levels: readonly string[];
}

export const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');

export function readRequest(params: MediationParams): Request {
  const formula = parseFormula(params.formula, '/formula');
  const treatment = params.treatment === undefined ? formula.regressors.at(0) : parseTerm(params.treatment);
  const key = treatment === undefined ? '' : termKey(treatment);
  const controls = formula.regressors.filter((term) => termKey(term) !== key);
  const own = params.mediatorControls?.map((text) => parseTerm(text)) ?? null;
  return {
    formula,
    treatment,
    controls,
    mediators: params.mediators.map((text) => parseTerm(text)),
    mediatorControls: own !== null && sameTerms(own, controls) ? null : own,
    moderator: params.moderation ? parseTerm(params.moderation.moderator) : null,
    levels: [...new Set([...formula.effects, ...clusterNames(params.covariance)])],
  };
}

const sameTerms = (some: readonly Term[], others: readonly Term[]) =>
  [...new Set(some.map(termKey))].sort().join(' + ') === [...new Set(others.map(termKey))].sort().join(' + ');

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: MediationParams, { panel, limits }: InputInfo): Problem[] {
  const request = readRequest(params);
  return [
    ...checkFormula(request.formula, panel),
    ...clusterProblems(params, panel),
    ...treatmentProblems(params, request, panel),
    ...mediatorProblems(request, panel),
    ...moderatorProblems(request, panel),
    ...shapeProblems(params, request, limits?.replications ?? Number.POSITIVE_INFINITY),
  ];
}

function clusterProblems({ covariance }: MediationParams, panel: PanelSummary): Problem[] {
  const known = meanings(panel);
  return covariance.flatMap((one, c) =>
    ('by' in one ? one.by : []).flatMap((name, k) =>
      known.has(name)
        ? []
        : [
            {
              pointer: `/covariance/${c}/by/${k}`,
              code: 'unknown_column',
              message: `there is no column "${name}"${didYouMean(name, known.keys())}`,
            },
          ],
    ),
  );
}

const severalColumns = (term: Term, pointer: string, role: string): Problem[] =>
  term.factors.some(({ kind }) => kind === 'levels')
    ? [
        {
          pointer,
          code: 'several_columns',
          message: `${termName(term)} is several columns, and one is needed as ${role}: name one dummy, I(column == …) made beforehand, or make it a control`,
        },
      ]
    : [];

function treatmentProblems({ treatment: asked }: MediationParams, request: Request, panel: PanelSummary): Problem[] {
  const { formula, treatment } = request;
  if (treatment === undefined)
    return [{ pointer: '/formula', code: 'no_regressors', message: 'there is no regressor whose effect could be taken apart' }];
  const pointer = asked === undefined ? '/formula' : '/treatment';
  const problems = [...severalColumns(treatment, pointer, 'treatment')];
  if (asked !== undefined) {
    problems.push(...checkTerm(treatment, panel, pointer));
    if (!formula.regressors.some((term) => termKey(term) === termKey(treatment)))
      problems.push({
        pointer,
        code: 'not_a_regressor',
        message: `${termName(treatment)} is no regressor of the formula; there are ${formula.regressors.map(termName).join(', ')}`,
      });
  }
  if (termKey(treatment) === termKey(formula.outcome))
    problems.push({ pointer, code: 'outcome_is_regressor', message: `${termName(treatment)} is the outcome too` });
  return problems;
}

function mediatorProblems(
  { formula, treatment, controls, mediators, mediatorControls }: Request,
  panel: PanelSummary,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [j, mediator] of mediators.entries()) {
    const pointer = `/mediators/${j}`;
    const add = (code: string, message: string) => problems.push({ pointer, code, message });
    const name = termName(mediator);
    const key = termKey(mediator);
    problems.push(...severalColumns(mediator, pointer, 'mediator'), ...checkTerm(mediator, panel, pointer));
    if (treatment !== undefined && key === termKey(treatment))
      add('mediator_is_treatment', `${name} is the treatment and a mediator: nothing can pass through the treatment itself`);
    if (key === termKey(formula.outcome)) add('mediator_is_outcome', `${name} is the outcome and a mediator`);
    if (controls.some((term) => termKey(term) === key))
      add(
        'mediator_is_control',
        `${name} is a control of the formula and a mediator: a control in the total effect would take the indirect effect out of it; leave it out of the formula`,
      );
    if (seen.has(key)) add('mediator_twice', `${name} is a mediator twice`);
    seen.add(key);
  }
  for (const [k, term] of (mediatorControls ?? []).entries()) {
    const pointer = `/mediatorControls/${k}`;
    const name = termName(term);
    const key = termKey(term);
    problems.push(...checkTerm(term, panel, pointer));
    if ((treatment !== undefined && key === termKey(treatment)) || seen.has(key) || key === termKey(formula.outcome))
      problems.push({
        pointer,
        code: 'control_has_a_role',
        message: `${name} is treatment, mediator or outcome: it cannot be a control too`,
      });
  }
  return problems;
}

function moderatorProblems({ formula, treatment, moderator }: Request, panel: PanelSummary): Problem[] {
  if (moderator === null) return [];
  const pointer = '/moderation/moderator';
  const problems = [...severalColumns(moderator, pointer, 'moderator'), ...checkTerm(moderator, panel, pointer)];
  const refuse = (code: string, message: string) => problems.push({ pointer, code, message });
  if (treatment !== undefined && termKey(moderator) === termKey(treatment))
    refuse(
      'moderator_is_treatment',
      `${termName(moderator)} is the treatment: its square is no moderation; write I(${termName(moderator)}^2) as a regressor`,
    );
  if (termKey(moderator) === termKey(formula.outcome))
    refuse('moderator_is_outcome', `${termName(moderator)} is the outcome and the moderator`);
  return problems;
}

function shapeProblems(params: MediationParams, request: Request, most: number): Problem[] {
  const problems: Problem[] = [];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const { formula, mediators, moderator } = request;
  if (formula.endogenous.length > 0)
    add(
      '/formula',
      'unsupported_instruments',
      'mediation takes no instruments: c = c′ + a·b is a property of least squares; use iv',
    );
  if (mediators.length === 0 && moderator === null)
    add('/mediators', 'nothing_asked', 'name a mediator (mediators), or a moderator (moderation)');
  if (params.kind === 'serial' && mediators.length > longestChain)
    add(
      '/mediators',
      'chain_too_long',
      `a chain of ${mediators.length} mediators has ${2 ** mediators.length - 1} routes, at most ${longestChain} mediators are taken: parallel has no such limit`,
    );
  if (params.kind === 'serial' && mediators.length === 1)
    add('/kind', 'chain_too_short', 'a chain needs two mediators or more: with one, parallel is the same');
  if (mediators.length > 0 && params.bootstrap.replications > 0 && params.bootstrap.replications < 19)
    add(
      '/bootstrap/replications',
      'too_few_replications',
      `19 draws are needed for a p of .05, got ${params.bootstrap.replications}; 0 for none`,
    );
  for (const [pointer, value, what] of [
    ['/bootstrap/replications', params.bootstrap.replications, 'replications'],
    ['/monteCarlo/draws', params.monteCarlo.draws, 'draws'],
  ] as const)
    if (value > most)
      add(pointer, 'too_many_replications', `at most ${most.toLocaleString('en')} ${what}, got ${value.toLocaleString('en')}`);
  return problems;
}
