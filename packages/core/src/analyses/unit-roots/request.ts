import { EstimationError, type Problem } from '../../errors.js';
import { evaluateTerm } from '../../formula/evaluate.js';
import { checkFormula, checkTerm } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { printName, termName } from '../../formula/print.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { type Deterministic, termsOf } from '../../unit-roots/adf.js';
import { calendarSeries, differencedSeries, type Series } from '../../unit-roots/series.js';
import type { InputInfo } from '../analysis.js';
import { type RootTestName, rootTestNames, type UnitRootsParams } from './params.js';
import type { RootsSeries } from './result.js';

/** The terms that are tested, as texts. */
export function testedTerms(
  { variables, cointegration }: UnitRootsParams,
  columns: PanelSummary['columns'] | Panel['columns'],
): string[] {
  if (variables !== undefined) return [...variables];
  if (cointegration !== undefined) {
    const { outcome, regressors } = parseFormula(cointegration.formula, '/cointegration/formula');
    return [...new Set([outcome, ...regressors].map(termName))];
  }
  return columns.filter(({ kind }) => kind === 'number').map(({ name }) => printName(name));
}

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: UnitRootsParams, { panel }: InputInfo): Problem[] {
  const problems: Problem[] = [];
  const refuse = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  for (const [k, text] of (params.variables ?? []).entries()) {
    const term = parseTerm(text);
    if (term.factors.some(({ kind }) => kind === 'levels'))
      refuse(`/variables/${k}`, 'several_columns', `${termName(term)} is several columns; one is needed here`);
    problems.push(...checkTerm(term, panel, `/variables/${k}`));
  }
  if (testedTerms(params, panel.columns).length === 0)
    refuse('/variables', 'no_numbers', 'the data set has no column of numbers to test');
  const most = panel.periodsPerEntity.max;
  const needed = fewestPeriods(params);
  if (most < needed.periods) {
    const lost = params.differences ? ', one more for first differences' : '';
    refuse(
      '/lags',
      'too_few_periods',
      `a test regression with ${needed.lags} lags and its terms needs an entity with at least ${needed.periods} periods${lost}; in the data set none has more than ${most}`,
    );
  }
  problems.push(...singleTestProblems(params, panel), ...cointegrationProblems(params, panel));
  return problems;
}

/**
 * Periods for one degree of freedom: p + 1 are lost, 1 + p + terms coefficients are estimated; Hadri and Harris–Tzavalis have no lags and
 * need four.
 */
function fewestPeriods({ lags, maxLags, deterministic, differences, tests }: UnitRootsParams): { lags: number; periods: number } {
  const more = differences ? 1 : 0;
  if (tests.includes('hadri') || tests.includes('harris-tzavalis')) return { lags: 0, periods: 4 + more };
  const p = typeof lags === 'number' ? lags : (maxLags ?? 0);
  const terms = Math.min(...deterministic.map(termsOf));
  return { lags: p, periods: Math.max(2 * p + terms + 3, p + 1 + (terms === 2 ? 6 : 5)) + more };
}

/** Tests that need every entity to have the same periods, with the words for it. */
const balancedTests: ReadonlyMap<RootTestName, string> = new Map([
  ['levin-lin-chu', 'Levin–Lin–Chu'],
  ['cips', 'CIPS'],
  ['hadri', 'Hadri'],
  ['harris-tzavalis', 'Harris–Tzavalis'],
]);

/** A test that cannot run is refused when it is asked for by name; in the battery it is said in its place. */
function singleTestProblems({ tests, deterministic }: UnitRootsParams, panel: PanelSummary): Problem[] {
  if (tests.length === rootTestNames.length) return [];
  const problems: Problem[] = [];
  const at = (test: RootTestName) => `/tests/${tests.indexOf(test)}`;
  if (deterministic.every((kind) => kind === 'none')) {
    for (const [test, title] of [['im-pesaran-shin', 'Im–Pesaran–Shin'] as const, ['hadri', 'Hadri'] as const]) {
      if (tests.includes(test)) {
        const message = `${title} is for series with an intercept or a trend, asked for were none: add one to deterministic`;
        problems.push({ pointer: at(test), code: 'no_terms', message });
      }
    }
  }
  if (!panel.balanced) {
    for (const [test, title] of balancedTests) {
      if (tests.includes(test)) {
        const { min, max } = panel.periodsPerEntity;
        const message =
          `${title} needs a balanced panel, every entity with the same periods; in the data set entities have ${min} to ${max} of ` +
          `${panel.time.count} periods: use adf-fisher, or leave entities or periods out`;
        problems.push({ pointer: at(test), code: 'unbalanced', message });
      }
    }
  }
  return problems;
}

function cointegrationProblems({ cointegration }: UnitRootsParams, panel: PanelSummary): Problem[] {
  if (cointegration === undefined) return [];
  const formula = parseFormula(cointegration.formula, '/cointegration/formula');
  const pointer = '/cointegration/formula';
  const problems: Problem[] = [...checkFormula(formula, panel)].map((problem) => ({
    ...problem,
    pointer: problem.pointer.startsWith('/formula') ? `/cointegration${problem.pointer}` : problem.pointer,
  }));
  const refuse = (code: string, message: string) => problems.push({ pointer, code, message });
  if (formula.regressors.length === 0) refuse('no_regressors', 'a cointegrating regression needs at least one regressor');
  if (formula.regressors.some((term) => term.factors.some(({ kind }) => kind === 'levels')))
    refuse('several_columns', 'dummies do not cointegrate: leave i(…) out');
  if (formula.endogenous.length > 0) refuse('unsupported_instruments', 'a cointegrating regression takes no instruments');
  if (formula.effects.some((name) => name !== panel.entity.name && name !== 'entity'))
    refuse(
      'unsupported_effects',
      `a cointegrating regression has effects of ${panel.entity.name} and no others, got ${formula.effects.join(', ')}`,
    );
  return problems;
}

export interface TestedSeries {
  readonly variable: string;
  readonly form: RootsSeries['form'];
  readonly deterministic: Deterministic;
  readonly series: readonly Series[];
}

/**
 * Every variable in levels, then first differences if asked for, under each choice of terms.
 *
 * @throws EstimationError `no_values` when a variable has none
 */
export function testedSeries(params: UnitRootsParams, panel: Panel): TestedSeries[] {
  return testedTerms(params, panel.columns).flatMap((text) => {
    const term = parseTerm(text);
    const values = evaluateTerm(term, panel);
    const kept = panel.kept?.rows;
    const levels = calendarSeries(
      panel,
      kept === undefined ? values : values.map((value, row) => (kept[row] === 1 ? value : Number.NaN)),
    );
    const variable = termName(term);
    if (levels.length === 0) throw new EstimationError('no_values', `${variable} has no value in any row`);
    const forms = [
      { form: 'level' as const, series: levels },
      ...(params.differences ? [{ form: 'first difference' as const, series: differencedSeries(levels) }] : []),
    ];
    return forms.flatMap(({ form, series }) => {
      if (series.length === 0)
        throw new EstimationError('no_values', `${variable} has no two consecutive values, so no differences`);
      return params.deterministic.map((deterministic) => ({ variable, form, deterministic, series }));
    });
  });
}
