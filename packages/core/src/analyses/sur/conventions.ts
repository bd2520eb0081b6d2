import type { SurParams } from './params.js';
import type { SurAnswers } from './result.js';

const divisorWords = {
  n: 'n rows (Stata’s sureg, systemfit’s noDfCor)',
  geomean: '√((n − p_i)(n − p_j)), p with the effects (systemfit’s geomean, Stata’s dfk)',
  max: 'n − max(p_i, p_j), p with the effects',
  theil: 'n − p_i − p_j + tr(P_iP_j), p with the effects (Theil)',
} as const;

const distribution = {
  spillway: 't with the equation’s residual degrees of freedom; cross-equation tests F(q, Mn − K)',
  stata: 'z, and χ² for tests, as sureg without small',
  r: 't with the equation’s residual degrees of freedom; tests Theil’s F(q, Mn − K), as systemfit and its linearHypothesis',
} as const;

/** The rule that each number follows, in words. */
export function conventions(params: SurParams, of: SurAnswers): string[] {
  const { residuals, sample, effects, independence, clusters, system } = of;
  const integer = (value: number) => value.toLocaleString('en');
  return [
    `Residual covariance: products over ${divisorWords[residuals.divisor]}.`,
    system.iterated
      ? `FGLS iterated until no coefficient moved by more than 1e-9 of its standard error (${system.iterations} steps)${residuals.divisor === 'n' ? ': maximum likelihood' : ''}.`
      : 'FGLS in two steps: weighted with the covariance of least-squares residuals.',
    `Coefficients: ${distribution[params.program]}.`,
    ...(effects.length > 0
      ? [
          `Effects of ${effects.join(', ')} are absorbed in every equation; they take ${integer(sample.absorbed)} degrees of freedom in each, and count in p, in t and in F. R² is within them.`,
        ]
      : []),
    `Breusch–Pagan: ${integer(independence.scale)}·Σr² of least-squares residuals${sample.absorbed === 0 ? '' : params.program === 'stata' ? ' (rows)' : ' (rows less effects beyond the constant: with n it rejects too often)'}; of SUR residuals beside it.`,
    'McElroy’s R²: weighted with the covariance of the SUR residuals (systemfit).',
    ...(clusters === null
      ? []
      : [
          `Clustered by ${clusters.name}: sandwich of FGLS scores summed over rows and equations, times G/(G − 1), t and F with ${integer(clusters.count - 1)}.`,
        ]),
    'OLS beside it: each equation alone, classical errors with its residual degrees of freedom.',
  ];
}
