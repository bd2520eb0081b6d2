import { termNames } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import type { Expression, Term } from '../../formula/syntax.js';
import type { ThresholdParams } from './params.js';

/**
 * What a request itself says against the exogeneity that the model needs: of the threshold variable, and of the regressors, which
 * must not hold an earlier outcome (Hansen 1999 is of non-dynamic panels).
 */
export function exogeneityWarnings(params: ThresholdParams): string[] {
  const { outcome, regressors } = parseFormula(params.formula, '/formula');
  const threshold = parseTerm(params.thresholdVariable);
  const regime = params.regimeRegressors.map((text) => parseTerm(text));
  return [
    ...thresholdWarnings(params.thresholdVariable, threshold, termNames(outcome)),
    ...dynamicWarnings([...regressors, ...regime], termNames(outcome)),
  ];
}

function thresholdWarnings(q: string, threshold: Term, outcome: readonly string[]): string[] {
  const shared = termNames(threshold).filter((name) => outcome.includes(name));
  const predetermined = threshold.factors.every((factor) => factor.kind !== 'levels' && isLagged(factor));
  if (shared.length > 0) {
    return [
      predetermined
        ? `The threshold variable ${q} is made from earlier values of ${shared.join(', ')}, as the outcome is: deviations from the means of ` +
          'entities make it move with the errors, and the estimates here need many periods (Kremer, Bick & Nautz 2013; Seo & Shin 2016).'
        : `The threshold variable ${q} is made from ${shared.join(', ')}, as the outcome is: it is then endogenous, and the estimates here are ` +
          'not consistent (Seo & Shin 2016; Kourtellos, Stengos & Tan 2016).',
    ];
  }
  if (predetermined) return [];
  return [
    `The threshold variable ${q} is of the same period as the outcome. Where shocks to the outcome or the regressors move it (a mediator, ` +
      'say), thresholds and slopes are not consistent: lag it, or see Seo & Shin (2016) and Kourtellos, Stengos & Tan (2016).',
  ];
}

/** Regressors with a factor that is made from the outcome's variables, all of them, in earlier periods. */
function dynamicWarnings(regressors: readonly Term[], outcome: readonly string[]): string[] {
  const dynamic = regressors.filter(({ factors }) =>
    factors.some((factor) => {
      const names = termNames({ factors: [factor] });
      return factor.kind !== 'levels' && outcome.every((name) => names.includes(name)) && isLagged(factor);
    }),
  );
  if (dynamic.length === 0) return [];
  return [
    `${dynamic.map(termName).join(', ')} holds earlier outcomes: with entity effects all slopes are then biased by an order of 1/T ` +
      '(Nickell 1981), thresholds and tests with them, and Hansen (1999) excludes it. For dynamic panels see Kremer, Bick & Nautz (2013) ' +
      'and Seo & Shin (2016).',
  ];
}

/** Every variable in it is of an earlier period, seen from `lag` periods before. */
function isLagged(expression: Expression, lag = 0): boolean {
  switch (expression.kind) {
    case 'variable':
      return lag >= 1;
    case 'number':
      return true;
    case 'shift':
      return isLagged(expression.of, lag + expression.lag);
    case 'binary':
      return isLagged(expression.left, lag) && isLagged(expression.right, lag);
    default:
      return isLagged(expression.of, lag);
  }
}
