import { fewEntities } from './adequacy.js';
import type { EffectResult, MediationPart } from './result.js';

/** How one effect is judged: the best interval there is. */
export interface Judgement {
  readonly by: 'bootstrap percentile' | 'Monte Carlo' | 'Sobel' | 'delta method' | 't';
  readonly lower: number;
  readonly upper: number;
  readonly significant: boolean;
}

const outside = ({ lower, upper }: { readonly lower: number; readonly upper: number }) => lower > 0 || upper < 0;

/**
 * Every interval of an effect by its name, the one to go by first: slopes by their t; products by the bootstrap where entities are many, else by
 * Monte Carlo with t where errors are clustered (of nominal 95 % it covered .95 with 10 entities and with 30, the bootstrap .90 and .94).
 */
export function judgements({ role, tests, bootstrap, monteCarlo }: EffectResult, entities: number): Judgement[] {
  const [{ lower, upper, df }] = tests;
  const closed: Judgement = {
    by: role === 'indirect' ? 'Sobel' : role === 'total' || role === 'direct' ? 't' : 'delta method',
    lower,
    upper,
    significant: outside({ lower, upper }),
  };
  if (role === 'total' || role === 'direct') return [closed];
  const drawn: Judgement[] =
    bootstrap === null
      ? []
      : [{ by: 'bootstrap percentile', ...bootstrap.percentile, significant: outside(bootstrap.percentile) }];
  const simulated: Judgement[] =
    monteCarlo === null
      ? []
      : [{ by: 'Monte Carlo', lower: monteCarlo.lower, upper: monteCarlo.upper, significant: outside(monteCarlo) }];
  const few = entities < fewEntities && Number.isFinite(df);
  return few ? [...simulated, ...drawn, closed] : [...drawn, ...simulated, closed];
}

/** The sum of indirect effects, or the only one. */
export const indirectOf = (effects: readonly EffectResult[]): EffectResult =>
  effects.find(({ role }) => role === 'total-indirect') ?? effects.find(({ role }) => role === 'indirect')!;

/**
 * The five patterns of Zhao, Lynch & Chen: by whether indirect and direct effects differ from zero and have one sign. A significant
 * total effect is not asked for.
 * @see Zhao, Lynch & Chen (2010), Journal of Consumer Research 37, 197–206, fig. 2
 */
export function classify(effects: readonly EffectResult[], entities: number): MediationPart['classification'] {
  const indirect = indirectOf(effects);
  const direct = effects.find(({ role }) => role === 'direct')!;
  const through = judgements(indirect, entities)[0].significant;
  const past = judgements(direct, entities)[0].significant;
  if (through && past) return Math.sign(indirect.estimate) === Math.sign(direct.estimate) ? 'complementary' : 'competitive';
  if (through) return 'indirect-only';
  return past ? 'direct-only' : 'none';
}
