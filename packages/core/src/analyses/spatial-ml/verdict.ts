import { type MlModel, mlParts, mlWords } from './params.js';
import type { MlModelResult, SpatialMlResult } from './result.js';
import type { MlSample } from './sample.js';

const alpha = 0.05;

type Answers = Omit<SpatialMlResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'>;

/** The answer in words, with the rule used. */
export function verdict(answers: Answers): string[] {
  const { models } = answers;
  const sar = models.some(({ model }) => mlParts[model].lag && !mlParts[model].durbin);
  const durbin = models.some(({ model }) => mlParts[model].durbin && mlParts[model].lag);
  return [
    ...models.map(spillovers),
    ...models.flatMap(randomWords),
    ...ladder(answers),
    ...(durbin ? ['Coefficients of WX are not spillovers: read the indirect effects (LeSage & Pace 2009).'] : []),
    ...(sar
      ? [
          'Without WX (SAR, SARAR) the ratio of indirect to direct effect is the same for every regressor: a property of the model, not a finding (Elhorst 2010).',
        ]
      : []),
  ];
}

function spillovers({ model, coefficients, lambda, effects, logLikelihood }: MlModelResult): string {
  const rho = coefficients.find(({ role }) => role === 'lag');
  const parts = [
    ...(rho === undefined
      ? []
      : [`ρ = ${show(rho.estimate)} (standard error ${show(rho.standardError)}, ${pWords(rho.pValue)})`]),
    ...(lambda === null
      ? []
      : [`λ = ${show(lambda.estimate)} (standard error ${show(lambda.standardError)}, ${pWords(lambda.pValue)})`]),
    `log-likelihood ${logLikelihood.toFixed(2)}`,
  ];
  const lead = `${mlWords[model]}: ${parts.join('; ')}.`;
  if (effects === null) return lead;
  const found = effects.variables.filter(({ indirect }) => indirect.pValue < alpha);
  return found.length === 0
    ? `${lead} No indirect effect differs from zero at 5 % (delta method).`
    : `${lead} Indirect effects that differ from zero at 5 % (delta method): ${found.map(({ variable, indirect }) => `${variable} ${show(indirect.estimate)}`).join(', ')}.`;
}

/** What Mundlak's test says of random effects. */
function randomWords({ model, mundlak }: MlModelResult): string[] {
  if (mundlak === null) return [];
  if (!Number.isFinite(mundlak.pValue)) return [`${mlWords[model]}: no test of random effects: ${mundlak.note}.`];
  const words = mundlak.pValue < alpha ? 'are rejected at 5 %: take entity effects' : 'are not rejected at 5 %';
  return [
    `${mlWords[model]}: random effects ${words} (entity means added, Mundlak: LR = ${show(mundlak.statistic)}, df ${mundlak.df}, ${pWords(mundlak.pValue)}).`,
  ];
}

/** From the Durbin model down, as Elhorst (2010) and LeSage & Pace (2009) go. */
function ladder({ tests, covariance }: Answers): string[] {
  // likelihood ratios rest on the likelihood; clustered Wald tests do not
  const clustered = covariance === 'cluster';
  const by = clustered ? 'clustered Wald' : 'LR';
  const of = (to: MlModel) =>
    tests.find((test) => test.model === 'sdm' && test.to === to && Number.isFinite(test.likelihoodRatio));
  const [lag, error] = [of('sar'), of('sem')];
  if (lag === undefined || error === undefined) return [];
  const rejected = (test: typeof lag) => (clustered ? test.waldP : test.likelihoodRatioP) < alpha;
  const words = (test: typeof lag) =>
    `${test.hypothesis} (${mlWords[test.to]}): LR = ${show(test.likelihoodRatio)} (df ${test.df}, ${pWords(test.likelihoodRatioP)}), Wald = ${show(test.wald)} (${pWords(test.waldP)})`;
  const both = `${words(lag)}; ${words(error)}.`;
  const disagree = [lag, error].filter(
    (test) => Number.isFinite(test.waldP) && test.waldP < alpha !== test.likelihoodRatioP < alpha,
  );
  const caveat =
    disagree.length === 0
      ? ''
      : clustered
        ? ' The likelihood ratio says otherwise, and is not robust.'
        : ' The Wald test says otherwise: the restriction is near the edge.';
  if (rejected(lag) && rejected(error)) return [`${both} Both are rejected at 5 % (${by}): the Durbin model stands.${caveat}`];
  if (!rejected(lag) && !rejected(error)) {
    return [
      `${both} Neither is rejected at 5 % (${by}): the data do not tell SAR from SEM within the Durbin model; robust LM tests (spatial-tests), or the higher likelihood, choose.${caveat}`,
    ];
  }
  const [left, right] = rejected(lag) ? (['SAR', 'SEM'] as const) : (['SEM', 'SAR'] as const);
  return [
    `${both} At 5 % (${by}) ${left} is rejected and ${right} is not: the Durbin model simplifies to ${right}, if robust LM tests (spatial-tests) point there too; else keep the Durbin model (Elhorst 2010).${caveat}`,
  ];
}

/** What a careful reader would ask about these data. */
export function warningsFor(
  { models, notFitted, covariance, sample, approach, variables, demeaning }: Answers,
  { notes, lag }: MlSample,
): string[] {
  const warnings: string[] = [...notes];
  for (const of of models) warnings.push(...modelWarnings(of));
  for (const { message } of notFitted) warnings.push(`Not fitted: ${message}.`);
  if (approach === 'direct' && variables.effects.length > 0) {
    const small = variables.effects.includes('entity') ? `T = ${sample.periods}` : `N = ${sample.entities}`;
    warnings.push(
      `Direct estimates are not corrected for the effects (${small}): with T = 7 and N = 30 their 95 % intervals of ρ cover it about four times in five (Lee & Yu 2010 explain why); approach: transformation is the remedy.`,
    );
  }
  if (variables.random) {
    warnings.push(
      'Random effects rest on effects that have nothing to do with the regressors: put the same models with entity effects beside them.',
    );
  }
  if (covariance === 'cluster') {
    warnings.push(
      'Clustered errors do not mend estimates: when error variances differ between units, maximum likelihood of ρ and λ is itself inconsistent (Lin & Lee 2010); gs2sls stays consistent.',
    );
    if (sample.entities < 30) {
      warnings.push(`${sample.entities} units are few clusters: below about 30 read p-values with care.`);
    }
  }
  if (sample.cutLinks > 0) {
    warnings.push(
      `${sample.cutLinks} links lead to units without a row in the period and were cut: in each period W is that of the units there are, as if the others had no influence.`,
    );
  }
  if (demeaning === 'before-lag' && variables.effects.includes('time')) {
    warnings.push(
      'demeaning: before-lag follows other programs; its log-likelihood is not at its maximum, so likelihood-ratio tests are approximate.',
    );
  }
  if (lag !== null && lag.about.about.normalisation === 'none') {
    warnings.push(
      'The weights are not normalised: ρ lies in units of their largest eigenvalue’s inverse, and effects are those of W as it is.',
    );
  }
  return [...new Set(warnings)];
}

function modelWarnings({ model, maxima, effects, bounds, coefficients, components }: MlModelResult): string[] {
  const words = mlWords[model];
  const warnings: string[] = [];
  if (components !== null && components.entity === 0) {
    warnings.push(`${words}: the likelihood of random effects is highest without any (σ_μ² = 0): this is the pooled model.`);
  }
  if (maxima > 1) warnings.push(`${words}: the likelihood has ${maxima} local maxima; the highest is reported.`);
  if (model === 'gns') {
    warnings.push(
      'GNS: ρ, θ and λ together are identified weakly, by functional form alone; prefer SDM or SDEM (Elhorst 2014, ch. 2).',
    );
  }
  if (effects !== null && effects.draws.outside > 0) {
    warnings.push(
      `${words}: ${effects.draws.outside} of ${effects.draws.used + effects.draws.outside} draws had ρ outside (${show(effects.bounds.lower)}, ${show(effects.bounds.upper)}) and were left out.`,
    );
  }
  const rho = coefficients.find(({ role }) => role === 'lag');
  if (rho !== undefined && effects === null && coefficients.some(({ role }) => role.endsWith('exogenous'))) {
    warnings.push(
      `${words}: ρ = ${show(rho.estimate)} lies below the interval in which sums of (I − ρW)⁻¹ are known to converge: there are no effects to give.`,
    );
  }
  if (rho !== undefined && bounds.rho !== null && rho.estimate > 0.95 * bounds.rho[1]) {
    warnings.push(
      `${words}: ρ is close to ${show(bounds.rho[1])}, a spatial unit root: intervals and effects are not to be trusted.`,
    );
  }
  return warnings;
}

const show = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : 'not available');
const pWords = (p: number) => {
  if (Number.isNaN(p)) return 'p not available';
  return p < 1e-300 ? 'p < 1e-300' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`;
};
