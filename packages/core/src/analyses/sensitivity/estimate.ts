import { classicalCovariance } from '../../covariance/classical.js';
import { coefficientTests } from '../../covariance/inference.js';
import { studentTQuantile } from '../../distributions/student-t.js';
import type { Panel } from '../../panel/panel.js';
import { covarianceChoice, covarianceLabel } from '../../panel-models/covariance-param.js';
import { fitCovariance } from '../../panel-models/fit-covariance.js';
import { sumOfSquares } from '../../panel-models/sample.js';
import { eValue, riskRatioOfSlope } from '../../sensitivity/e-value.js';
import { impactThreshold, replacement } from '../../sensitivity/konfound.js';
import {
  type ClassicalEstimate,
  extremeRobustnessValue,
  hypothesis,
  invertedRobustnessValue,
  partialR2,
  robustnessValue,
} from '../../sensitivity/omitted-variable-bias.js';
import { adequacyRows } from './adequacy.js';
import { benchmarkStrengths, boundRows } from './bounds.js';
import { conventions } from './conventions.js';
import { osterResults } from './oster.js';
import type { SensitivityParams } from './params.js';
import { readRequest } from './request.js';
import type { SensitivityResult } from './result.js';
import { fitModel, type SensitivityModel } from './sample.js';
import { verdict } from './verdict.js';
import { warningsFor } from './warnings.js';

/** Everything that a sensitivity job answers. */
export function sensitivityEstimates(params: SensitivityParams, panel: Panel): SensitivityResult {
  const request = readRequest(params);
  const model = fitModel(params, request, panel);
  const treatment = treatmentOf(params, model);
  const { strengths, skipped } = benchmarkStrengths(request, model);
  const estimate: ClassicalEstimate = treatment;
  const { sample } = model.named;
  const errors = otherErrors(params, model, panel);
  const answers = {
    treatment,
    statistics: statisticsOf(params, treatment),
    errors,
    benchmarks: strengths.map(({ name, terms, strength }) => ({ name, terms: [...terms], ...strength })),
    bounds: strengths.flatMap((benchmark) => boundRows(params, estimate, benchmark)),
    skipped,
    ...osterResults(params, request, model),
    ...inferenceThresholds(params, treatment, sample.rows),
    eValue: eValueOf(params, treatment, sample.outcome),
    scenarios: params.scenarios.map((outcomeShare) => ({
      outcomeShare,
      treatmentShare: breakingShare(params, estimate, outcomeShare),
    })),
    request: { q: params.q, reduce: params.reduce, level: params.level },
    variables: {
      outcome: model.outcomeName,
      controls: model.names.slice(model.fit.constant ? 1 : 0, -1),
      effects: [...request.formula.effects],
      collinear: [...model.collinear],
    },
    adequacy: adequacyRows(treatment, errors),
    sample: {
      rows: sample.rows,
      entities: sample.entity.levels,
      periods: sample.time.levels,
      dropped: [...model.dropped],
      absorbed: model.fit.absorbed,
      singletons: model.singletons,
    },
  };
  return {
    ...answers,
    verdict: verdict(answers),
    conventions: conventions(params, answers),
    warnings: warningsFor(answers, model, params),
  };
}

/** The coefficient with its classical error, from the fit's last column. */
function treatmentOf({ level, q, reduce }: SensitivityParams, { fit, treatment, treatmentName }: SensitivityModel) {
  const V = classicalCovariance(fit.residuals, fit.inverseGram, fit.residualDf);
  const test = coefficientTests(fit.coefficients, V, fit.residualDf, level)[treatment];
  const { estimate, standardError, statistic, df, p: pValue, lower, upper } = test;
  const h0 = hypothesis(estimate, { q, reduce });
  const statisticOfHypothesis = (estimate - h0) / standardError;
  return {
    term: treatmentName,
    estimate,
    standardError,
    statistic,
    df,
    pValue,
    lower,
    upper,
    hypothesis: h0,
    statisticOfHypothesis,
    significant: Math.abs(statisticOfHypothesis) > -studentTQuantile((1 - level) / 2, df),
  };
}

function statisticsOf({ q, level }: SensitivityParams, { statistic: t, df }: SensitivityResult['treatment']) {
  const alpha = 1 - level;
  return {
    partialR2: partialR2(t, df),
    partialF2: (t * t) / df,
    robustnessValue: robustnessValue(t, df, q),
    robustnessValueAlpha: robustnessValue(t, df, q, alpha),
    extremeRobustnessValue: extremeRobustnessValue(t, df, q),
    extremeRobustnessValueAlpha: extremeRobustnessValue(t, df, q, alpha),
    invertedRobustnessValue: invertedRobustnessValue(t, df, alpha, q),
  };
}

/** Errors of other kinds of the same coefficient: they stand beside and enter nothing. */
function otherErrors(
  { covariance, level }: SensitivityParams,
  model: SensitivityModel,
  panel: Panel,
): SensitivityResult['errors'] {
  const { fit, effects, named, treatment } = model;
  return covariance
    .filter(({ kind }) => kind !== 'classical')
    .map((asked) => {
      const choice = covarianceChoice(asked, (name) => named.groupings.get(name)!);
      const { matrix, df, clusters, rule } = fitCovariance(fit, effects, choice);
      const {
        standardError,
        statistic,
        p: pValue,
        lower,
        upper,
      } = coefficientTests(fit.coefficients, matrix, df, level)[treatment];
      const label = covarianceLabel(asked, { entity: panel.entity.name, time: panel.time.name });
      return { kind: asked.kind, label, rule, clusters: [...clusters], standardError, statistic, df, pValue, lower, upper };
    });
}

function inferenceThresholds({ level }: SensitivityParams, of: SensitivityResult['treatment'], rows: number) {
  return {
    impactThreshold: impactThreshold(of.statistic, of.df, 1 - level),
    replacement: replacement(of.estimate, of.standardError, of.df, rows, 1 - level),
  };
}

function eValueOf({ eValue: { contrast } }: SensitivityParams, of: SensitivityResult['treatment'], outcome: Float64Array) {
  const outcomeSd = Math.sqrt(sumOfSquares(outcome, undefined) / (outcome.length - 1));
  const approximate = riskRatioOfSlope(of.estimate, of.standardError, outcomeSd, contrast);
  return { contrast, outcomeSd, ...approximate, ...eValue(approximate.ratio, approximate.lower, approximate.upper) };
}

/** x with |bias| = q|b| when the confounder takes `outcome` of the outcome: f²/(f² + R²_Y), f = q|t|/√df. */
function breakingShare({ q }: SensitivityParams, { estimate, standardError, df }: ClassicalEstimate, outcome: number): number {
  const f2 = ((q * estimate) / standardError) ** 2 / df;
  return f2 / (f2 + outcome);
}
