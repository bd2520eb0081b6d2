import { coefficientTests } from '../../covariance/inference.js';
import { constantTerm } from '../../report/estimates-table.js';
import type { Equation } from './model.js';
import type { EquationResult, TestNumbers } from './result.js';
import type { SystemCovariance } from './system.js';

/** An equation as tables show it: paths first, then controls, the constant last. */
export function equationResult(
  equation: Equation,
  paths: readonly string[],
  covariances: readonly SystemCovariance[],
  level: number,
): EquationResult {
  const { fit, regressors, outcome, rSquared } = equation;
  const found = covariances.map((covariance) => covariance.of(equation));
  const tests = found.map(({ matrix, df }) => coefficientTests(fit.coefficients, matrix, df, level));
  const names = fit.kept.map((j) => regressors[j].name);
  const shift = fit.constant ? 1 : 0;
  const order = [...paths.filter((name) => names.includes(name)), ...names.filter((name) => !paths.includes(name))];
  const row = (term: string, place: number) => {
    const [first, ...others] = tests.map((of) => numbersOf(of[place]));
    return {
      term,
      estimate: fit.coefficients[place],
      ...first,
      alternatives: others.map((rest, c) => ({ covariance: c + 1, ...rest })),
    };
  };
  return {
    outcome: outcome.name,
    coefficients: [
      ...order.map((term) => row(term, names.indexOf(term) + shift)),
      ...(fit.constant ? [row(constantTerm, 0)] : []),
    ],
    collinear: fit.collinear.filter((j) => j >= 0).map((j) => regressors[j].name),
    residualDf: fit.residualDf,
    sigma: Math.sqrt(fit.ssr / fit.residualDf),
    rSquared,
    covariances: found.map(({ rule, clusters }, c) => ({ label: covariances[c].label, rule, clusters: [...clusters] })),
  };
}

const numbersOf = ({
  standardError,
  statistic,
  df,
  p,
  lower,
  upper,
}: ReturnType<typeof coefficientTests>[number]): TestNumbers => ({
  standardError,
  statistic,
  df,
  pValue: p,
  lower,
  upper,
});
