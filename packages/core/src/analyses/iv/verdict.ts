import { fewClusters } from './adequacy.js';
import type { IvSample } from './request.js';
import type { IvResult } from './result.js';

const alpha = 0.05;
/** Bias that the words about strength allow: Montiel Olea & Pflueger's and Stock & Yogo's 10 %. */
const allowedBias = 0.1;

type Answers = Omit<IvResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'>;

export const estimatorWords = { '2sls': '2SLS', liml: 'LIML', gmm: 'two-step GMM', fuller: 'Fuller' } as const;

/** The answer in words, with the rule used: effect, strength, validity, endogeneity. */
export function verdict(of: Answers): string[] {
  return [effectWords(of), ...tfWords(of), strengthWords(of), overidentificationWords(of), endogeneityWords(of)];
}

function effectWords({ estimates: [first], andersonRubin, covariance, level }: Answers): string {
  const effects = first.coefficients
    .filter(({ endogenous }) => endogenous)
    .map(
      ({ term, estimate, standardError, pValue }) =>
        `${term} ${show(estimate)} (standard error ${show(standardError)}, ${pWords(pValue)})`,
    );
  const robust =
    andersonRubin.set === null
      ? `Anderson–Rubin test that all are zero, valid with weak instruments: ${pWords(andersonRubin.f.pValue)}.`
      : `Anderson–Rubin ${percent(level)} set, valid with weak instruments: ${setWords(andersonRubin.set.intervals)}.`;
  return `${estimatorWords[first.estimator]}, ${covariance} errors: ${effects.join('; ')}. ${robust}`;
}

/** A set of coefficients in words. */
export function setWords(intervals: readonly { readonly lower: number; readonly upper: number }[]): string {
  if (intervals.length === 0) return 'empty (no coefficient is compatible with the instruments being exogenous)';
  return intervals
    .map(({ lower, upper }) => {
      if (lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY)
        return 'the whole line (the data say nothing)';
      return `${lower === Number.NEGATIVE_INFINITY ? '(−∞' : `[${show(lower)}`}, ${upper === Number.POSITIVE_INFINITY ? '∞)' : `${show(upper)}]`}`;
    })
    .join(' ∪ ');
}

/** What the t statistic is worth given the first stage. */
function tfWords({ tF }: Answers): string[] {
  if (tF === null) return [];
  const lead = `tF, 5 %: with a first-stage F of ${show(tF.f)} |t| = ${show(Math.abs(tF.statistic))} is held against ${show(tF.criticalValue)}, not 1.96`;
  if (!Number.isFinite(tF.criticalValue)) return [`${lead}: no t statistic rejects, the interval is the whole line.`];
  const rejected = Math.abs(tF.statistic) > tF.criticalValue;
  return [`${lead}: zero is ${rejected ? '' : 'not '}rejected; interval [${show(tF.lower)}, ${show(tF.upper)}].`];
}

function strengthWords({ identification, firstStages, covariance }: Answers): string {
  const { effectiveF, craggDonaldF, kleibergenPaapF, stockYogo, underidentification } = identification;
  if (effectiveF !== null) {
    const critical = effectiveF.criticalValues.find(({ bias }) => bias === allowedBias)!.value;
    const strong = effectiveF.statistic > critical;
    return (
      `Effective F = ${show(effectiveF.statistic)} against ${show(critical)} (5 % test of a bias of at most 10 % of the worst case): the instruments are ` +
      (strong ? 'not weak by this rule.' : 'weak by this rule: read the Anderson–Rubin set, not the t statistics.')
    );
  }
  const conditional = firstStages
    .map(({ term, sandersonWindmeijer }) => `${term} ${show(sandersonWindmeijer.statistic)}`)
    .join(', ');
  const lead = `Sanderson–Windmeijer F: ${conditional}; underidentification ${pWords(underidentification.pValue)}`;
  if (covariance !== 'classical') {
    return `${lead}; Kleibergen–Paap F = ${show(kleibergenPaapF)}, for which there is no table with such errors: read the Anderson–Rubin test.`;
  }
  const critical = stockYogo.size?.[0];
  if (critical === undefined)
    return `${lead}; Cragg–Donald F = ${show(craggDonaldF)}, for which there is no table: read the Anderson–Rubin test.`;
  return (
    `${lead}; Cragg–Donald F = ${show(craggDonaldF)} against ${critical.value} (Stock–Yogo, size of a 5 % test at most 10 %): the instruments are ` +
    (craggDonaldF > critical.value ? 'not weak by this rule.' : 'weak by this rule.')
  );
}

function overidentificationWords({ estimates: [first] }: Answers): string {
  const [{ name, statistic, df, pValue, note }] = first.overidentification;
  if (df === 0) return 'Exactly identified: whether the instruments are exogenous cannot be tested.';
  if (note !== undefined) return `${name} could not be computed: ${note}.`;
  const lead = `${name} = ${show(statistic)}, χ²(${df}), ${pWords(pValue)}: that all instruments are exogenous`;
  return pValue < alpha
    ? `${lead} is rejected at 5 %.`
    : `${lead} is not rejected at 5 %, given that as many as there are endogenous regressors are.`;
}

function endogeneityWords({ endogeneity: { tested, difference } }: Answers): string {
  if (difference.note !== undefined) return `The endogeneity test could not be computed: ${difference.note}.`;
  const lead = `Endogeneity of ${tested.join(', ')}: χ²(${difference.df}) = ${show(difference.statistic)}, ${pWords(difference.pValue)}`;
  return difference.pValue < alpha
    ? `${lead}: that least squares would do is rejected at 5 %.`
    : `${lead}: that least squares would do is not rejected at 5 %; with weak instruments this test has little power.`;
}

/** What a careful reader would ask about these data. */
export function warningsFor(of: Answers, sample: IvSample): string[] {
  const { identification, sample: rows, variables, firstStages, estimates } = of;
  const warnings: string[] = [];
  if (rows.clusters !== null && rows.clusters.count < fewClusters) {
    warnings.push(
      `${rows.clusters.count} clusters: clustered errors and the tests made from them rest on many clusters; below about 30 read p-values with care.`,
    );
  }
  const [p, K2] = [variables.endogenous.length, variables.instruments.length];
  if (rows.clusters !== null && rows.clusters.count <= K2) {
    warnings.push(
      `${rows.clusters.count} clusters and ${K2} instruments: joint tests of the instruments need more clusters than instruments and are left out.`,
    );
  }
  if (rows.collinear.length > 0) {
    const before = sample.absorbed > 0 ? 'the effects or other columns' : 'other columns';
    warnings.push(`Dropped as combinations of ${before}: ${rows.collinear.join(', ')}.`);
  }
  if (rows.singletons > 0) warnings.push(`${rows.singletons} rows are alone in a level of an effect and were left out.`);
  if (!sample.absorbedExact) warnings.push('Degrees of freedom of the effects are an upper bound: three or more large effects.');
  if (firstStages.some(({ f }) => f.statistic < 10)) {
    warnings.push(
      'A first-stage F below 10. That rule is for one endogenous regressor and classical errors; the tests above say what holds here.',
    );
  }
  if (identification.underidentification.pValue >= alpha) {
    warnings.push(
      `Underidentification is not rejected (${identification.underidentification.name}, ${pWords(identification.underidentification.pValue)}): the instruments may not identify the model at all.`,
    );
  }
  if (K2 - p >= 5 && estimates.every(({ estimator }) => estimator !== 'liml' && estimator !== 'fuller')) {
    warnings.push(`${K2} instruments for ${p} endogenous: 2SLS and GMM lean towards least squares; compare LIML or Fuller.`);
  }
  return warnings;
}

const show = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : Number.isNaN(value) ? 'not available' : '∞');
const pWords = (p: number) => {
  if (Number.isNaN(p)) return 'p not available';
  return p < 1e-300 ? 'p < 1e-300' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`;
};
const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
