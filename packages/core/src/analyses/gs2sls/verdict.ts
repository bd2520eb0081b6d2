import { setWords } from '../iv/verdict.js';
import { modelParts, type SpatialModel } from './params.js';
import type { Gs2slsResult, ModelResult } from './result.js';
import type { SpatialSample } from './sample.js';

const alpha = 0.05;
/** Bias that the words about strength allow: Montiel Olea & Pflueger's and Stock & Yogo's 10 %. */
const allowedBias = 0.1;

type Answers = Omit<Gs2slsResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'>;

export const modelWords: Readonly<Record<SpatialModel, string>> = {
  iv: 'no spatial term',
  slx: 'SLX',
  sar: 'SAR',
  sdm: 'SDM',
  sem: 'SEM',
  sdem: 'SDEM',
  sarar: 'SARAR',
  gns: 'GNS',
};

/** The answer in words, with the rule used. */
export function verdict({ models, covariance }: Answers): string[] {
  const lines = models.flatMap((of) => [spillovers(of, covariance), ...strength(of, covariance), ...restrictions(of)]);
  const sar = models.some(({ model }) => modelParts[model].lag && !modelParts[model].durbin);
  const durbin = models.some(({ model }) => modelParts[model].lag && modelParts[model].durbin);
  return [
    ...lines,
    ...(durbin ? ['Coefficients of WX are not spillovers: read the indirect effects (LeSage & Pace 2009).'] : []),
    ...(sar
      ? [
          'Without WX (SAR, SARAR) the ratio of indirect to direct effect is the same for every regressor: a property of the model, not a finding (Elhorst 2010).',
        ]
      : []),
  ];
}

function spillovers({ model, coefficients, lambda, effects }: ModelResult, covariance: string): string {
  const rho = coefficients.find(({ role }) => role === 'lag');
  const parts = [
    ...(rho === undefined
      ? []
      : [`ρ = ${show(rho.estimate)} (standard error ${show(rho.standardError)}, ${pWords(rho.pValue)})`]),
    ...(lambda === null
      ? []
      : [
          `λ = ${show(lambda.estimate)}${Number.isNaN(lambda.standardError) ? '' : ` (standard error ${show(lambda.standardError)}, ${pWords(lambda.pValue)})`}`,
        ]),
  ];
  const lead = `${modelWords[model]}, ${covariance === 'hac' ? 'spatial HAC' : covariance} errors${parts.length > 0 ? `: ${parts.join('; ')}` : ''}.`;
  if (effects === null) return lead;
  const found = effects.variables.filter(({ indirect }) => indirect.pValue < alpha);
  return found.length === 0
    ? `${lead} No indirect effect differs from zero at 5 % (delta method).`
    : `${lead} Indirect effects that differ from zero at 5 % (delta method): ${found.map(({ variable, indirect }) => `${variable} ${show(indirect.estimate)}`).join(', ')}.`;
}

function strength({ model, identification, firstStages, andersonRubin }: ModelResult, covariance: string): string[] {
  if (identification === null || andersonRubin === null) return [];
  const { effectiveF, craggDonaldF, stockYogo } = identification;
  const set =
    andersonRubin.set === null
      ? `Anderson–Rubin test that all are zero: ${pWords(andersonRubin.f.pValue)}`
      : `Anderson–Rubin set of ${firstStages[0].term}: ${setWords(andersonRubin.set.intervals)}`;
  if (effectiveF !== null) {
    const critical = effectiveF.criticalValues.find(({ bias }) => bias === allowedBias)!.value;
    const strong = effectiveF.statistic > critical;
    return [
      `${modelWords[model]}: effective F of ${firstStages[0].term} = ${show(effectiveF.statistic)} against ${show(critical)} (5 % test of a bias of at most 10 % of the worst case): ` +
        `the instruments are ${strong ? 'not weak' : 'weak'} by this rule. ${set}.`,
    ];
  }
  const conditional = firstStages
    .map(({ term, sandersonWindmeijer }) => `${term} ${show(sandersonWindmeijer.statistic)}`)
    .join(', ');
  const table = covariance === 'classical' ? stockYogo.size?.[0] : undefined;
  return [
    `${modelWords[model]}: Sanderson–Windmeijer F ${conditional}; ` +
      (table === undefined
        ? `for which there is no table with these errors. ${set}.`
        : `Cragg–Donald F = ${show(craggDonaldF)} against ${table.value} (Stock–Yogo, size at most 10 %): ${craggDonaldF > table.value ? 'not weak' : 'weak'} by this rule. ${set}.`),
  ];
}

function restrictions({ model, overidentification, anselinKelejian, waldLags }: ModelResult): string[] {
  const lines: string[] = [];
  if (overidentification !== null && overidentification.df > 0 && overidentification.pValue < alpha) {
    lines.push(
      `${modelWords[model]}: ${overidentification.name} = ${show(overidentification.statistic)} (${pWords(overidentification.pValue)}) rejects that all instruments are exogenous: lags of regressors that belong in the equation are not.`,
    );
  }
  if (anselinKelejian !== null && anselinKelejian.pValue < alpha) {
    lines.push(
      `${modelWords[model]}: Anselin–Kelejian = ${show(anselinKelejian.statistic)} (${pWords(anselinKelejian.pValue)}): spatial dependence is left in the residuals.`,
    );
  }
  if (waldLags !== null) {
    lines.push(
      `${modelWords[model]}: that all coefficients of WX are zero is ${waldLags.pValue < alpha ? '' : 'not '}rejected at 5 % (Wald F(${waldLags.df1}, ${waldLags.df2}) = ${show(waldLags.statistic)}, ${pWords(waldLags.pValue)}).`,
    );
  }
  return lines;
}

/** What a careful reader would ask about these data. */
export function warningsFor(
  { models, sample, covariance }: Answers,
  { absorbedExact, notes, data, lagAbout }: SpatialSample,
): string[] {
  const warnings: string[] = [...notes];
  for (const of of models) warnings.push(...modelWarnings(of, sample));
  if (sample.cutLinks > 0) {
    warnings.push(
      `${sample.cutLinks} links lead to units without a row in the period and were cut: in each period W is that of the units there are, as if the others had no influence.`,
    );
  }
  if (sample.clusters !== null && sample.clusters.count < 30) {
    warnings.push(
      `${sample.clusters.count} clusters: clustered errors and the tests made from them rest on many clusters; below about 30 read p-values with care.`,
    );
  }
  if (!absorbedExact) warnings.push('Degrees of freedom of the effects are an upper bound: three or more large effects.');
  if (covariance === 'hac')
    warnings.push('Diagnostics of the instruments are heteroskedasticity-robust; spatial HAC has no part in them.');
  if (lagAbout !== null && lagAbout.about.normalisation === 'none') {
    warnings.push(
      'The weights are not normalised: ρ lies in units of their largest eigenvalue’s inverse, and effects are those of W as it is.',
    );
  }
  if (data.endogenous.length > 0 && models.some(({ model }) => modelParts[model].durbin)) {
    warnings.push(
      'An endogenous regressor’s lag is endogenous too: neither is an instrument; outside instruments enter with their lags.',
    );
  }
  return [...new Set(warnings)];
}

function modelWarnings(
  { model, firstStages, coefficients, effects, lambda, instruments }: ModelResult,
  sample: Answers['sample'],
): string[] {
  const warnings: string[] = [];
  const words = modelWords[model];
  const parts = modelParts[model];
  const weak = firstStages.filter(({ f }) => f.statistic < 10).map(({ term }) => term);
  if (parts.lag && parts.durbin) {
    warnings.push(
      `${words}: with WX in the equation only W²X, W³X, … are left as instruments of Wy, and they are weak when regressors are smooth over space (Gibbons & Overman 2012); ` +
        'when all slopes are zero ρ is not identified.',
    );
  }
  if (weak.length > 0)
    warnings.push(`${words}: first-stage F below 10 of ${weak.join(', ')}; the tests above say what holds here.`);
  if (sample.clusters !== null && instruments.length >= sample.clusters.count) {
    warnings.push(
      `${words}: ${sample.clusters.count} clusters and ${instruments.length} instruments: joint tests of the instruments need more clusters than instruments and are left out.`,
    );
  }
  const rho = coefficients.find(({ role }) => role === 'lag');
  if (rho !== undefined && effects === null) {
    warnings.push(
      `${words}: ρ = ${show(rho.estimate)} lies outside the interval in which I − ρW is regular: there are no effects to give.`,
    );
  }
  if (effects !== null && effects.draws.outside > 0) {
    warnings.push(
      `${words}: ${effects.draws.outside} of ${effects.draws.used + effects.draws.outside} draws had ρ outside (${show(effects.bounds.lower)}, ${show(effects.bounds.upper)}) and were left out.`,
    );
  }
  if (lambda?.atBound)
    warnings.push(
      `${words}: λ is at the bound of its interval: the moments have no minimum inside, and the filter is not to be trusted.`,
    );
  return warnings;
}

const show = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : Number.isNaN(value) ? 'not available' : '∞');
const pWords = (p: number) => {
  if (Number.isNaN(p)) return 'p not available';
  return p < 1e-300 ? 'p < 1e-300' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`;
};
