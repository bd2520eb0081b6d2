import type { Estimate } from '../analysis.js';
import { indirectOf } from './classify.js';
import type { EffectResult, MediationResult, TestNumbers } from './result.js';

/**
 * What a table of many runs shows: the (total) indirect effect by Sobel or the delta method and by the bootstrap, then direct, total and each
 * route; without mediators the interaction and the slopes.
 */
export function estimatesOf({ mediation, moderation, sample: { rows } }: MediationResult): Estimate[] {
  const row = (name: string, estimate: number, { standardError, statistic, pValue, lower, upper }: Omit<TestNumbers, 'df'>) => ({
    name,
    estimate,
    standardError,
    statistic,
    pValue,
    lower,
    upper,
    rows,
  });
  const both = (effect: EffectResult, name = effect.name) => [
    row(name, effect.estimate, effect.tests[0]),
    ...(effect.bootstrap === null
      ? []
      : [
          row(`${name}, bootstrap`, effect.estimate, {
            standardError: effect.bootstrap.standardError,
            statistic: effect.estimate / effect.bootstrap.standardError,
            pValue: effect.bootstrap.pValue,
            ...effect.bootstrap.percentile,
          }),
        ]),
  ];
  const effects = mediation?.effects ?? [];
  const first = mediation && indirectOf(effects);
  const others = effects.filter((effect) => effect !== first && effect.role !== 'contrast');
  return [
    ...(first === null ? [] : both(first, 'indirect')),
    ...others.flatMap((effect) => both(effect)),
    ...(moderation === null
      ? []
      : [
          ...moderation.equation.coefficients
            .filter(({ term }) => term === moderation.interaction)
            .map((of) => row(of.term, of.estimate, of)),
          ...moderation.slopes.map((slope) => row(`slope at ${slope.at}`, slope.estimate, slope)),
        ]),
  ];
}
