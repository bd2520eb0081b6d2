import { fewClusters, tooManyEquations } from './adequacy.js';
import type { SurAnswers, SurTest } from './result.js';
import type { SurSample } from './sample.js';

const alpha = 0.05;

/** The answer in words, with the rule used. */
export function verdict(of: SurAnswers): string[] {
  return [independenceWords(of), identityWords(of), ...testWords(of)];
}

const show = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'not available');
const pWords = (p: number) => (Number.isNaN(p) ? 'p not available' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`);

function independenceWords({ independence: { ols }, residuals, equations, sameRegressors }: SurAnswers): string {
  const M = equations.length;
  const lead = M === 2 ? `Residuals of the two equations correlate ${show(residuals.correlation[0][1])}; ` : '';
  const test = `Breusch–Pagan χ²(${ols.df}) = ${show(ols.statistic)}, ${pWords(ols.pValue)}`;
  if (ols.pValue >= alpha)
    return `${lead}${test}: that the equations are unrelated is not rejected at 5 %, and SUR has little to gain over OLS.`;
  return `${lead}${test}: that the equations are unrelated is rejected at 5 %${sameRegressors ? '' : ', so SUR uses what OLS leaves'}.`;
}

/** Is it OLS under another name? */
function identityWords({ equations, sameRegressors, residuals }: SurAnswers): string {
  if (sameRegressors) {
    const far = Math.max(...equations.map(({ olsDistance }) => olsDistance));
    const errors = residuals.divisor === 'n' ? 'its errors differ by √(n/(n − p)) only' : 'its errors are the same too';
    return (
      `Every equation has the same regressors, so SUR IS OLS equation by equation (largest difference ${far.toExponential(0)} standard errors); ${errors}. ` +
      'SUR is no robustness check of OLS here. What it adds is the correlation of the residuals and tests across equations.'
    );
  }
  const contained = equations.filter((equation) => equation.contained).map(({ name }) => name);
  const ratios = equations
    .flatMap(({ coefficients }) => coefficients.map(({ standardError, ols }) => standardError / ols.standardError))
    .sort((a, b) => a - b);
  const gain = `Regressors differ between equations, so SUR differs from OLS: standard errors are ${show(ratios[0])} to ${show(ratios.at(-1)!)} times those of OLS, ${show(ratios[Math.floor(ratios.length / 2)])} in the middle.`;
  return contained.length === 0 ? gain : `${gain} In ${contained.join(', ')}, whose regressors all the others have, SUR is OLS.`;
}

/** The form that the program's users read. */
export function mainForm(program: SurAnswers['program'], { chi2, f, theilF }: SurTest) {
  if (program === 'stata') return chi2 && { words: `χ²(${chi2.df})`, statistic: chi2.statistic, pValue: chi2.pValue };
  const form = program === 'r' ? theilF : f;
  return form && { words: `F(${form.df1}, ${form.df2})`, statistic: form.statistic, pValue: form.pValue };
}

function testWords({ tests, program, clusters }: SurAnswers): string[] {
  return tests.map((test) => {
    const form = mainForm(program, test);
    if (form === null) return `${test.name}: not tested, ${test.failure!.message}.`;
    const robust =
      test.clustered === null || clusters === null ? '' : `; clustered by ${clusters.name} ${pWords(test.clustered.pValue)}`;
    const rejected = (p: number) => (p < alpha ? 'rejected' : 'not rejected');
    const split = test.clustered !== null && rejected(test.clustered.pValue) !== rejected(form.pValue);
    return `${test.name}: ${form.words} = ${show(form.statistic)}, ${pWords(form.pValue)}${robust}: ${rejected(form.pValue)} at 5 %${
      split ? ` by the errors of SUR, ${rejected(test.clustered!.pValue)} by clustered ones` : ''
    }.`;
  });
}

/** What a careful reader would ask about these data. */
export function warningsFor(of: SurAnswers, sample: SurSample): string[] {
  const { equations, system, clusters, by } = of;
  const M = equations.length;
  const warnings: string[] = [];
  const covariances = (M * (M + 1)) / 2;
  if (tooManyEquations(system.rows - sample.absorbed, M))
    warnings.push(
      `${system.rows} rows to estimate ${covariances} variances and covariances of ${M} equations: FGLS errors are then much too small (Beck & Katz 1995).`,
    );
  if (by === null && clusters === null && sample.periods > 1 && sample.entities > 1)
    warnings.push('SUR’s errors take the rows as independent of each other; rows of one entity seldom are. Name a cluster.');
  if (clusters !== null && clusters.count < fewClusters)
    warnings.push(`${clusters.count} clusters: clustered errors tend to be too small below about ${fewClusters}.`);
  for (const { name, collinear } of equations)
    if (collinear.length > 0) warnings.push(`Equation ${name}, without a coefficient: ${collinear.join(', ')}.`);
  if (sample.singletons > 0) warnings.push(`${sample.singletons} rows are alone in a level of an effect and were left out.`);
  if (!sample.absorbedExact) warnings.push('Degrees of freedom of the effects are an upper bound: three or more large effects.');
  for (const { reason, rows } of sample.dropped)
    if (reason === 'not in every equation')
      warnings.push(`${rows} rows were left out: their match is missing in another equation.`);
  return warnings;
}
