import { fUpper } from '../../distributions/f.js';
import { EstimationError } from '../../errors.js';
import { constantTerm } from '../../report/estimates-table.js';
import { parseRestrictions, restrictionMatrix, type Vocabulary } from '../../seemingly-unrelated/restrictions.js';
import { type RestrictionTest, restrictionTest, weightedProduct } from '../../seemingly-unrelated/system-tests.js';
import { asEstimation } from '../as-estimation.js';
import type { Estimated } from './estimate.js';
import type { SurParams } from './params.js';
import { testOf } from './request.js';
import type { SurTest } from './result.js';

/** Cross-equation Wald tests: those asked for, or of each slope that equations share and of all of them. */
export function testResults(params: SurParams, of: Estimated): SurTest[] {
  const byEquation = new Map(of.sample.equations.map(({ name }) => [name, [] as string[]]));
  for (const { equation, term } of of.names) byEquation.get(equation)!.push(term);
  const vocabulary: Vocabulary = { equations: [...byEquation.keys()], terms: (equation) => byEquation.get(equation) ?? [] };
  const asked = params.tests?.map((item) => testOf(item)) ?? sharedSlopes(vocabulary);
  return asked.map(({ name, text }, t) => {
    const restrictions = asEstimation(() => restrictionMatrix(parseRestrictions(text, vocabulary, `/tests/${t}`), of.names));
    try {
      return { name, text, restrictions: restrictions.r.length, ...oneTest(of, restrictions), failure: null };
    } catch (error) {
      if (!(error instanceof EstimationError)) throw error;
      const none = { chi2: null, f: null, theilF: null, clustered: null };
      return { name, text, restrictions: restrictions.r.length, ...none, failure: { code: error.code, message: error.message } };
    }
  });
}

function sharedSlopes({ equations, terms }: Vocabulary): { name: string; text: string }[] {
  const all = new Set(equations!.flatMap((equation) => terms(equation)));
  const shared = [...all].filter(
    (term) => term !== constantTerm && equations!.filter((equation) => terms(equation).includes(term)).length > 1,
  );
  const each = shared.map((term) => ({ name: `${term}: equal in all equations`, text: term }));
  if (shared.length < 2) return each;
  const chain = (term: string) =>
    equations!
      .filter((equation) => terms(equation).includes(term))
      .map((equation) => `[${equation}]${term}`)
      .join(' = ');
  return [...each, { name: 'all shared slopes equal', text: shared.map(chain).join('; ') }];
}

function oneTest({ fit, sample, clustered, systemDf }: Estimated, restrictions: Parameters<typeof restrictionTest>[2]) {
  const { chi2, q, chi2P, f, df2, fP } = restrictionTest(fit.coefficients, fit.covariance, restrictions, systemDf);
  // Σ̂-weighted residual variance of the system, 1 if Σ̂ were that of these residuals with the divisor of df
  const variance = weightedProduct(fit.inverseWeighting, fit.residuals, fit.residuals) / systemDf;
  return {
    chi2: { statistic: chi2, df: q, pValue: chi2P },
    f: { statistic: f, df1: q, df2, pValue: fP },
    theilF: { statistic: f / variance, df1: q, df2, pValue: fUpper(f / variance, q, df2) },
    clustered:
      clustered === null
        ? null
        : attempt(() => restrictionTest(fit.coefficients, clustered, restrictions, sample.clusters!.levels - 1)),
  };
}

/** Fewer clusters than restrictions leave no inverse: the test goes, not the job. */
function attempt(compute: () => RestrictionTest) {
  try {
    const { f, q, df2, fP } = compute();
    return { statistic: f, df1: q, df2, pValue: fP };
  } catch (error) {
    if (error instanceof EstimationError) return null;
    throw error;
  }
}
