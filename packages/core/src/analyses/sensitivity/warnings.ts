import { twoSidedP } from '../../distributions/student-t.js';
import { fewClusters } from './adequacy.js';
import type { SensitivityParams } from './params.js';
import type { Answers } from './result.js';
import type { SensitivityModel } from './sample.js';
import { significantWords } from './verdict.js';
import { percent, pWords, tWords } from './words.js';

/** What a careful reader would ask about these numbers. */
export function warningsFor(of: Answers, model: SensitivityModel, { level }: SensitivityParams): string[] {
  const { treatment, errors, statistics, bounds, skipped, variables, sample, oster, withoutControls } = of;
  const warnings: string[] = [];
  for (const { label, standardError, df, kind, clusters } of errors) {
    const statistic = (treatment.estimate - treatment.hypothesis) / standardError;
    const pValue = twoSidedP(statistic, df);
    const significant = pValue < 1 - level;
    if (treatment.significant && !significant) {
      warnings.push(
        `Errors ${label}: the estimate is not ${significantWords(of)} (t = ${tWords(statistic)}, ${pWords(pValue)}): RV_α = ${percent(statistics.robustnessValueAlpha)} to lose significance is a statement of classical errors only, and by these there is none to lose.`,
      );
    } else if (!treatment.significant && significant) {
      warnings.push(
        `Errors ${label}: the estimate is ${significantWords(of)} (t = ${tWords(statistic)}), by classical errors it is not: the formulas here rest on the classical ones.`,
      );
    }
    if (kind.startsWith('cluster') && Math.min(...clusters) < fewClusters)
      warnings.push(
        `${Math.min(...clusters)} clusters (${label}): clustered errors tend to be too small below about ${fewClusters}.`,
      );
  }
  for (const { label, failure, capped } of bounds) {
    if (failure !== null) warnings.push(`${label}: ${failure.message}.`);
    else if (capped)
      warnings.push(
        `${label}: the benchmark is too strong for this multiple; the confounder’s share of the outcome was cut to 100 %, which leaves no standard error and no t.`,
      );
  }
  for (const { reason } of skipped) warnings.push(`Not a benchmark: ${reason}.`);
  for (const { r2, failure, betaDirection } of oster) {
    if (failure !== null) warnings.push(`Oster, ${r2} R²: ${failure.message}.`);
    else if (!betaDirection)
      warnings.push(
        `Oster, ${r2} R²: no solution lies on from the estimate in the direction in which the controls moved it; β* is the nearest one.`,
      );
  }
  if (withoutControls)
    warnings.push('There are no controls beside unrelated ones: Oster and Altonji–Elder–Taber have nothing to compare.');
  if (variables.collinear.length > 0)
    warnings.push(
      `Without a coefficient, constant or combinations of effects and other controls: ${variables.collinear.join(', ')}.`,
    );
  if (sample.singletons > 0) warnings.push(`${sample.singletons.toLocaleString('en')} rows are alone in a level of an effect.`);
  if (!model.exact) warnings.push('Degrees of freedom are a lower bound: three or more large effects.');
  return warnings;
}
