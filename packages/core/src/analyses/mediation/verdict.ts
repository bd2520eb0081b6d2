import { indirectOf, judgements } from './classify.js';
import type { EffectResult, MediationPart, MediationResult, ModerationResult } from './result.js';
import { between, listed, percent, pWords, short } from './words.js';

/** The answer in words, with the rule used. */
export function verdict(result: MediationResult): string[] {
  return [...(result.mediation === null ? [] : mediationWords(result, result.mediation)), ...moderationWords(result)];
}

function mediationWords(result: MediationResult, mediation: MediationPart): string[] {
  const { outcome, treatment, mediators, level } = result;
  const { effects } = mediation;
  const of = (role: EffectResult['role']) => effects.find((effect) => effect.role === role)!;
  const slope = ({ estimate, tests: [{ statistic, pValue }] }: EffectResult) =>
    `${short(estimate)} (t = ${statistic.toFixed(2)}, ${pWords(pValue)})`;
  const indirect = indirectOf(effects);
  const [best] = judgements(indirect, result.sample.entities);
  const way = mediation.kind === 'serial' ? mediators.join(' → ') : listed(mediators);
  return [
    `Total effect of ${treatment} on ${outcome} ${slope(of('total'))}; direct ${slope(of('direct'))}; indirect through ${way} ${short(indirect.estimate)}, ${percent(level)} interval ${between(best)} (${best.by}): ${
      best.significant ? 'it differs from zero' : 'zero cannot be excluded'
    }.`,
    ...routeWords(effects, result.sample.entities),
    patternWords(mediation, treatment, outcome),
    mediation.share.value === null
      ? `No share mediated: ${mediation.share.why}.`
      : `Share mediated: ${percent(mediation.share.value)} of the total effect.`,
    ...identityWords(mediation, outcome),
    ...rhoWords(mediation, outcome, mediators[0], result.effects.length > 0),
    `Causal only under sequential ignorability: given controls${result.effects.length > 0 ? ' and effects' : ''}, ${treatment} as good as random, and ${listed(mediators)} as good as random given ${treatment}. The data cannot show the second; the two-step table, which asks only whether ${treatment} moves ${listed(mediators)}, does not need it.`,
  ];
}

function routeWords(effects: readonly EffectResult[], entities: number): string[] {
  const routes = effects.filter(({ role }) => role === 'indirect');
  if (routes.length < 2) return [];
  return [
    `By route: ${routes
      .map((route) => {
        const [best] = judgements(route, entities);
        return `${route.through.join(' → ')} ${short(route.estimate)} ${between(best)}${best.significant ? '' : ', not distinguishable from zero'}`;
      })
      .join('; ')}.`,
  ];
}

function patternWords({ classification }: MediationPart, treatment: string, outcome: string): string {
  switch (classification) {
    case 'complementary':
      return 'Complementary (partial) mediation: indirect and direct effects both differ from zero and have one sign.';
    case 'competitive':
      return 'Competitive mediation (suppression): indirect and direct effects both differ from zero and have opposite signs, so that the total hides part of each.';
    case 'indirect-only':
      return 'Indirect-only mediation: the direct effect cannot be told from zero. That is not evidence that it is zero (“full mediation”).';
    case 'direct-only':
      return `Direct effect only: ${treatment} moves ${outcome}, and nothing is seen to pass through the mediators.`;
    case 'none':
      return 'Neither an indirect nor a direct effect can be told from zero.';
  }
}

function identityWords({ identity }: MediationPart, outcome: string): string[] {
  return identity.holds
    ? [
        `c = c′ + Σ indirect to rounding: ${short(identity.total)} = ${short(identity.sum)}. It is so because both regressions have the outcome ${outcome} on the same rows; the slope of a mediator on the treatment is no total effect, and a difference across two outcomes is no indirect one.`,
      ]
    : [
        `c = ${short(identity.total)} and c′ + Σ indirect = ${short(identity.sum)} differ by ${short(identity.gap)}: the mediators’ equations have other controls. Total minus direct is refused as an indirect effect.`,
      ];
}

function rhoWords({ sensitivity, noSensitivity }: MediationPart, outcome: string, mediator: string, within: boolean): string[] {
  if (sensitivity === null) return [`No ρ-sensitivity: ${noSensitivity}.`];
  const { correlationAtZero, notSignificant, shareOfResidual, shareOfTotal } = sensitivity;
  const covers0 = notSignificant !== null && notSignificant.from <= 0 && notSignificant.to >= 0;
  return [
    `Sensitivity: the indirect effect is zero if the errors of ${mediator} and ${outcome} have the correlation ρ = ${short(correlationAtZero)}, that is if something left out explains shares of what is left of both whose product is ${short(shareOfResidual)} (${short(shareOfTotal)} of all variation${within ? ' within effects' : ''})` +
      (notSignificant === null || covers0
        ? '.'
        : `; its interval covers zero from ρ = ${short(notSignificant.from)} to ${short(notSignificant.to)}.`),
  ];
}

function moderationWords({ moderation, treatment, outcome, level }: MediationResult): string[] {
  if (moderation === null) return [];
  const { equation, interaction, moderator, slopes } = moderation;
  const of = equation.coefficients.find(({ term }) => term === interaction)!;
  const differs = of.pValue < 1 - level;
  return [
    `The effect of ${treatment} on ${outcome} ${differs ? `${of.estimate > 0 ? 'rises' : 'falls'} with ${moderator}` : `is not seen to change with ${moderator}`}: ${interaction} ${short(of.estimate)} (t = ${of.statistic.toFixed(2)}, ${pWords(of.pValue)}); slopes ${slopes.map(({ at, estimate, pValue }) => `${short(estimate)} at ${at} (${pWords(pValue)})`).join(', ')}.`,
    regionWords(moderation, treatment, level),
  ];
}

/** Where the slope differs from zero, of values that occur. */
export function regionWords({ johnsonNeyman, moderator, range }: ModerationResult, treatment: string, level: number): string {
  const seen = johnsonNeyman.ranges.filter(({ from, to }) => to > range.min && from < range.max);
  const within = `among values that occur, ${short(range.min)} to ${short(range.max)}`;
  if (seen.length === 0)
    return `Johnson–Neyman: at no value of ${moderator} does the slope of ${treatment} differ from zero at ${percent(1 - level)} (${within}).`;
  if (seen.length === 1 && seen[0].from <= range.min && seen[0].to >= range.max)
    return `Johnson–Neyman: the slope of ${treatment} is ${seen[0].sign > 0 ? 'positive' : 'negative'} at every value of ${moderator} (${percent(1 - level)}; ${within}).`;
  return `Johnson–Neyman: the slope of ${treatment} is ${seen
    .map(({ from, to, sign, rows }) => {
      const where =
        from <= range.min
          ? `below ${short(to)}`
          : to >= range.max
            ? `above ${short(from)}`
            : `from ${short(from)} to ${short(to)}`;
      return `${sign > 0 ? 'positive' : 'negative'} where ${moderator} is ${where} (${rows.toLocaleString('en')} rows)`;
    })
    .join(' and ')}; elsewhere it cannot be told from zero at ${percent(1 - level)} (${within}).`;
}
