import { type Answers, fewEntities, hardlyAny } from './adequacy.js';
import { indirectOf, judgements } from './classify.js';
import type { MediationParams } from './params.js';
import { pWords } from './words.js';

/** The rule that each number follows, in words. */
export function conventions(params: MediationParams, of: Answers): string[] {
  const { mediation, effects } = of;
  const product = of.covariances.every(({ kind }) => kind === 'classical' || kind.startsWith('hc'));
  return [
    effects.length > 0
      ? `Effects ${effects.join(' and ')} are absorbed in every equation; their degrees of freedom count.`
      : 'Pooled: no effects are absorbed.',
    'All equations are fitted on the rows that are complete for all of their variables.',
    't with G − 1 degrees of freedom for clustered errors, T − 1 for Driscoll–Kraay, residual ones else.',
    ...(mediation === null
      ? []
      : [
          `Sobel, Aroian and Goodman take the paths as uncorrelated between equations${mediation.kind === 'serial' ? ' (in a chain residuals of each equation are orthogonal to those before)' : ''}; ${product ? 'z is normal' : 'the ratio is held against t of the clusters or periods where errors are clustered, else the normal'}.`,
          ...(mediation.effects.length > 3
            ? ['Sums and differences of indirect effects: delta method with the covariance of all paths.']
            : []),
          ...(mediation.bootstrap === null
            ? []
            : [
                `Bootstrap: ${mediation.bootstrap.replications.toLocaleString('en')} draws of N whole entities with replacement, every copy an entity of its own, all equations on the same draw; p = 2 (1 + k)/(B + 1), k the draws on the rarer side of 0. BCa: acceleration from the jackknife over entities.`,
              ]),
          ...(params.monteCarlo.draws > 0
            ? [
                `Monte Carlo: ${params.monteCarlo.draws.toLocaleString('en')} draws of the paths from a normal, or the multivariate t of the clusters’ or periods’ degrees of freedom up to 200, with the first covariance.`,
              ]
            : []),
        ]),
  ];
}

/** What a careful reader would ask about these numbers. */
export function warningsFor(params: MediationParams, of: Answers): string[] {
  const { mediation, sample, moderation, singletons } = of;
  const equation = mediation?.outcome ?? moderation?.equation;
  const warnings: string[] = [];
  for (const { label, clusters } of equation?.covariances ?? []) {
    const G = Math.min(...clusters);
    if (clusters.length === 0 || G >= fewEntities) continue;
    warnings.push(
      G < hardlyAny
        ? `${G} clusters (${label}): no cluster-robust test is reliable; t has ${G - 1} degrees of freedom.`
        : `${G} clusters (${label}): clustered errors tend to be too small below about ${fewEntities}; compare cluster-jackknife (CV3).`,
    );
  }
  if (mediation !== null) warnings.push(...mediationWarnings(of, sample.entities));
  if (of.binary.length > 0)
    warnings.push(
      `${of.binary.join(' and ')} ${of.binary.length === 1 ? 'takes' : 'take'} two values: the equation is a linear probability model, its errors are heteroskedastic (hc1 or clustered), and the ρ-sensitivity is that of linear models.`,
    );
  const collinear = [
    ...new Set([mediation?.outcome, mediation?.total, moderation?.equation].flatMap((one) => one?.collinear ?? [])),
  ];
  if (collinear.length > 0)
    warnings.push(`Without a coefficient, constant or combinations of effects and earlier controls: ${collinear.join(', ')}.`);
  if (singletons > 0)
    warnings.push(
      `${singletons.toLocaleString('en')} rows are alone in a level of an effect; they were ${params.singletons === 'drop' ? 'dropped' : 'kept'}.`,
    );
  return warnings;
}

function mediationWarnings({ mediation, mediatorControls, level }: Answers, entities: number): string[] {
  const { bootstrap, noBootstrap, effects, interactions } = mediation!;
  const warnings: string[] = [];
  if (noBootstrap !== null) warnings.push(`No bootstrap: ${noBootstrap}.`);
  if (bootstrap !== null && entities < fewEntities)
    warnings.push(
      `${entities} entities: a bootstrap of entities rests on many of them, and its intervals are too short: in simulations 95 % ones, percentile or BCa, covered .94 with 30 entities and .90 with 10, Sobel’s with t(G − 1) .94 and Monte Carlo with t .95 with either, by which the verdict goes where errors are clustered${entities < hardlyAny ? '. With so few they should not be used' : ''}.`,
    );
  if (bootstrap !== null && bootstrap.unidentified > 0)
    warnings.push(
      `${bootstrap.unidentified.toLocaleString('en')} of ${bootstrap.replications.toLocaleString('en')} bootstrap draws do not identify every path and were passed over.`,
    );
  if (bootstrap?.bca) warnings.push(`BCa intervals are missing: ${bootstrap.bca}.`);
  const found = judgements(indirectOf(effects), entities);
  if (new Set(found.map(({ significant }) => significant)).size > 1)
    warnings.push(
      `The intervals of the indirect effect disagree: ${found.map(({ by, significant }) => `${by} ${significant ? 'leaves out' : 'covers'} 0`).join(', ')}. A product of estimates is skewed, and a symmetric interval is not: prefer the bootstrap where entities are many, Monte Carlo where they are few.`,
    );
  for (const { term, statistic, pValue } of interactions)
    if (pValue < 1 - level)
      warnings.push(
        `${term} has t = ${statistic.toFixed(2)} (${pWords(pValue)}) in the outcome’s equation: direct and indirect effects assume no interaction of treatment and mediator; with one they differ by the level of each.`,
      );
  if (mediatorControls !== null)
    warnings.push(
      `The mediators’ equations have other controls (${mediatorControls.join(', ') || 'none'}): total minus direct is not the indirect effect, and neither is c′ + Σ indirect the total.`,
    );
  return warnings;
}
