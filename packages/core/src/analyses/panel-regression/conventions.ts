import { driscollKraayLag } from '../../covariance/driscoll-kraay.js';
import type { Adequacy } from '../fields.js';
import { estimatorNames, fewClusters, fewPeriods, hardlyAnyClusters } from './adequacy.js';
import type { PanelRegressionParams } from './params.js';
import type { Request } from './request.js';
import type { RegressionColumn } from './result.js';

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventions(params: PanelRegressionParams, { estimators, formula }: Request): string[] {
  const { method, unbalanced } = params.varianceComponents;
  const has = (estimator: (typeof estimators)[number]) => estimators.includes(estimator);
  return [
    ...(has('within')
      ? [
          `Effects ${formula.effects.join(' and ')} are absorbed by the exact within transform; the constant is ȳ − x̄’b (xtreg).`,
          'Their degrees of freedom are levels less redundant ones (connected components), and count in s² and HC1 in full.',
          params.singletons === 'drop'
            ? 'Singletons are dropped (reghdfe); xtreg, areg and plm keep them.'
            : 'Singletons are kept (xtreg, areg, plm); clustered errors then count rows that carry no information.',
        ]
      : []),
    ...(has('between') ? ['Between: entity means, each entity once.'] : []),
    ...(has('first-difference')
      ? ['First differences over one step of calendar time: none across a gap. A constant in them is a trend in levels.']
      : []),
    ...(has('random-effects')
      ? [
          `Random effects: ${method}${method === 'swamy-arora' ? `, unbalanced by ${unbalanced}` : ''}; z statistics with classical and HC errors.`,
        ]
      : []),
    'R² within, between and overall are squared correlations (Stata); 1 − SSR/SST of the same are in the result (linearmodels).',
    ...(params.weights
      ? [
          params.weights.kind === 'analytic'
            ? 'Analytic weights, scaled to sum to the rows.'
            : 'Frequency weights: n is their sum.',
        ]
      : []),
    ...(params.covariance.some(({ kind }) => kind === 'bootstrap')
      ? [
          'Bootstrap: N entities drawn with replacement, every copy an entity of its own, the model fitted again; t with N − 1 degrees of freedom from its standard errors, intervals are percentiles of the draws. A standard error carries a Monte Carlo error of about 1/√(2B).',
        ]
      : []),
    't with G − 1 degrees of freedom for clustered errors, T − 1 for Driscoll–Kraay, residual ones else; z for random effects with classical and HC errors.',
  ];
}

/** What a careful reader would ask about these columns. */
export function warningsFor(
  columns: readonly RegressionColumn[],
  params: PanelRegressionParams,
  panel: { readonly entity: string },
  adequacy: readonly Adequacy[],
): string[] {
  const warnings = new Set<string>();
  const fits = columns.flatMap(({ fitted }) => (fitted === null ? [] : [fitted]));
  for (const { covariances, collinear, variance, absorbed } of fits) {
    for (const { kind, clusters, label, indefinite, lag, bootstrap } of covariances) {
      const G = Math.min(...clusters);
      if (kind === 'driscoll-kraay' && G < fewPeriods) {
        warnings.add(
          `Driscoll–Kraay errors with T = ${G} reject too often (.21 at T = 7, .18 at 12, .14 at 30 for 5 %, with common AR(.5) factors); lag ${lag}, the rule gives ${driscollKraayLag(G)}.`,
        );
      } else if (kind.startsWith('cluster') && G < hardlyAnyClusters) {
        warnings.add(`${G} clusters (${label}): no cluster-robust test is reliable; t has ${G - 1} degrees of freedom.`);
      } else if (kind.startsWith('cluster') && G < fewClusters) {
        warnings.add(
          `${G} clusters (${label}): clustered errors tend to be too small below about ${fewClusters}; compare cluster-jackknife (CV3).`,
        );
      }
      if (kind === 'bootstrap' && G < fewClusters)
        warnings.add(
          `${G} entities: a bootstrap of entities rests on many of them, as clustered errors do; compare cluster-jackknife (CV3).`,
        );
      if (bootstrap !== null && bootstrap.unidentified > 0)
        warnings.add(
          `${bootstrap.unidentified.toLocaleString('en')} of ${bootstrap.replications.toLocaleString('en')} bootstrap draws do not identify every coefficient and were passed over.`,
        );
      if (kind.startsWith('hc') && absorbed.rank > 0)
        warnings.add(
          `${label} errors after fixed effects are inconsistent when T is small and above 2 (Stock & Watson 2008): cluster by ${panel.entity}.`,
        );
      if (indefinite)
        warnings.add(
          `The two-way covariance (${label}) is not positive semidefinite: a variance is negative, and its standard error is missing.`,
        );
    }
    if (collinear.length > 0)
      warnings.add(`Without a coefficient, constant or combinations of effects and earlier regressors: ${collinear.join(', ')}.`);
    if (variance !== null && variance.entityRaw < 0)
      warnings.add('The variance of the random effects came out negative and was made 0: the estimate is pooled OLS.');
    if (!absorbed.exact)
      warnings.add(
        'Degrees of freedom of three or more large effects are a lower bound: redundant levels are counted pair by pair.',
      );
  }
  // those of errors have words of their own above
  for (const { method, needs, has, status } of adequacy)
    if (status === 'too small' && estimatorNames.includes(method))
      warnings.add(`Too small for ${method}: needs ${needs}; has ${has}.`);
  const singletons = fits.reduce((sum, fit) => Math.max(sum, fit.singletons), 0);
  if (singletons > 0)
    warnings.add(
      `Up to ${singletons.toLocaleString('en')} rows are alone in a level of an effect; they were ${params.singletons === 'drop' ? 'dropped' : 'kept'}.`,
    );
  const sizes = new Set(
    columns.filter(({ group }) => group === null).flatMap(({ fitted }) => (fitted ? [fitted.sample.rows] : [])),
  );
  const oneModel = new Set(columns.map(({ estimator }) => estimator)).size === 1;
  if (sizes.size > 1 && oneModel && params.sample === 'each')
    warnings.add('Columns are on different rows, so a change of a slope can be a change of sample: ask for sample "common".');
  for (const { failure, number } of columns) if (failure !== null) warnings.add(`Column (${number}): ${failure.message}.`);
  return [...warnings];
}
