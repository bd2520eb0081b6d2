import { classicalCovariance } from '../../covariance/classical.js';
import { waldTest } from '../../covariance/inference.js';
import { fUpper } from '../../distributions/f.js';
import type { Grouping } from '../../effects/grouping.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import { dot } from '../../linalg/vector.js';
import { entityMeans } from '../../panel-models/between.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import { correlation, panelRSquared } from '../../panel-models/r-squared.js';
import type { RandomEffectsFit } from '../../panel-models/random-effects.js';
import { type RestrictedFit, restrictedFit } from '../../panel-models/restricted-fit.js';
import { type PanelSample, sumOfSquares, weightedMean } from '../../panel-models/sample.js';
import type { WithinFit } from '../../panel-models/within.js';
import type { Estimator } from './params.js';
import type { FittedColumn, TestResult } from './result.js';

/** x'b of every row of the sample, without the constant. */
function fittedOf({ kept, coefficients, constant }: LinearFit, { regressors, rows }: PanelSample): Float64Array {
  const fitted = new Float64Array(rows);
  const shift = constant ? 1 : 0;
  for (const [place, j] of kept.entries()) {
    const b = coefficients[place + shift];
    for (let i = 0; i < rows; i++) fitted[i] += b * regressors[j][i];
  }
  return fitted;
}

/** Everything that programs print below the coefficients. */
export function fitStatistics(fit: LinearFit, sample: PanelSample, estimator: Estimator): FittedColumn['fit'] {
  const { ssr, residualDf, rows: n } = fit;
  const fitted = fittedOf(fit, sample);
  const constant = fit.constant ? fit.coefficients[0] : 0;
  const { correlation: correlations, ratio: ratios } = panelRSquared(sample, fitted, constant);
  const tss = totalOf(fit, estimator);
  const model = 1 - ssr / tss;
  const centred = fit.constant || fit.absorbed > 0;
  const total = sumOfSquares(sample.outcome, sample.weights);
  const lsdv = fit.absorbed > 0 ? 1 - ssr / total : Number.NaN;
  const adjust = (r: number) => 1 - ((1 - r) * (centred ? n - 1 : n)) / residualDf;
  const criteria = criteriaOf(fit, estimator);
  return {
    ssr,
    residualDf,
    observations: n,
    sigma: Math.sqrt(ssr / residualDf),
    rSquared: {
      model,
      adjusted: adjust(model),
      ...correlations,
      lsdv,
      lsdvAdjusted: adjust(lsdv),
      ratioWithin: ratios.within,
      ratioBetween: ratios.between,
      ratioOverall: ratios.overall,
    },
    slopesTest: classicalTest(fit, tss, estimator),
    overallTest: overallTest(fit, total),
    ...criteria,
    durbinWatson: durbinWatson(fit, sample),
    outcomeMean: weightedMean(sample.outcome, sample.weights),
    outcomeSd: Math.sqrt(total / (n - 1)),
  };
}

/**
 * Sum of squares of the transformed outcome: about the constant's projection if there is one (added back after effects, or
 * regressed on, × √w), about 0 if nothing took the mean. Quasi-demeaned outcomes are taken about their plain mean (plm,
 * linearmodels).
 */
function totalOf({ outcome, constant, columns }: LinearFit, estimator: Estimator): number {
  if (!constant) return dot(outcome, outcome);
  if (estimator === 'random-effects') return sumOfSquares(outcome, undefined);
  const root = columns[0];
  const mean = dot(root, outcome) / dot(root, root);
  let sum = 0;
  for (let i = 0; i < outcome.length; i++) {
    const d = outcome[i] - mean * root[i];
    sum += d * d;
  }
  return sum;
}

function classicalTest(fit: LinearFit, tss: number, estimator: Estimator): TestResult | null {
  const k = fit.kept.length;
  if (k === 0) return null;
  if (estimator === 'random-effects') {
    const places = fit.kept.map((_, j) => j + (fit.constant ? 1 : 0));
    const V = classicalCovariance(fit.residuals, fit.inverseGram, fit.residualDf);
    const test = waldTest(
      places.map((j) => fit.coefficients[j]),
      subMatrix(V, places),
      Number.POSITIVE_INFINITY,
    );
    return { statistic: test.statistic, df1: k, df2: Number.POSITIVE_INFINITY, pValue: test.p };
  }
  const statistic = (tss - fit.ssr) / k / (fit.ssr / fit.residualDf);
  return { statistic, df1: k, df2: fit.residualDf, pValue: fUpper(statistic, k, fit.residualDf) };
}

/** F of slopes and dummies against the constant alone: (k + rank − 1, df) degrees of freedom. */
function overallTest({ absorbed, kept, ssr, residualDf }: LinearFit, total: number): TestResult | null {
  if (absorbed === 0) return null;
  const df1 = kept.length + absorbed - 1;
  const statistic = (total - ssr) / df1 / (ssr / residualDf);
  return { statistic, df1, df2: residualDf, pValue: fUpper(statistic, df1, residualDf) };
}

function criteriaOf({ ssr, rows: n, residualDf, weights, frequency }: LinearFit, estimator: Estimator) {
  if (estimator === 'random-effects') {
    const none = Number.NaN;
    return { logLikelihood: none, aic: none, bic: none, aicPerRow: none, bicPerRow: none };
  }
  const scale = weights === undefined || frequency ? 0 : 0.5 * weights.reduce((sum, w) => sum + Math.log(w), 0);
  const logLikelihood = (-n / 2) * (Math.log(2 * Math.PI) + Math.log(ssr / n) + 1) + scale;
  const parameters = n - residualDf;
  return {
    logLikelihood,
    aic: -2 * logLikelihood + 2 * (parameters + 1),
    bic: -2 * logLikelihood + Math.log(n) * (parameters + 1),
    aicPerRow: (-2 * logLikelihood + 2 * parameters) / n,
    bicPerRow: (-2 * logLikelihood + Math.log(n) * parameters) / n,
  };
}

/** Σ (û_t − û_{t−1})² / Σ û² over consecutive periods of an entity. */
function durbinWatson({ residuals, sampleRows, weights }: LinearFit, sample: PanelSample): number {
  if (sampleRows === null) return Number.NaN;
  const u = weights === undefined ? residuals : residuals.map((value, i) => value / Math.sqrt(weights[i]));
  let sum = 0;
  for (let i = 1; i < u.length; i++) {
    const now = sampleRows[i];
    const before = sampleRows[i - 1];
    const next = sample.calendar[now] - sample.calendar[before] === 1;
    if (!next || sample.entity.codes[now] !== sample.entity.codes[before]) continue;
    const change = u[i] - u[i - 1];
    sum += change * change;
  }
  return sum / dot(u, u);
}

/** F of all effects against pooled OLS and, of several, of each given the others; classical errors. */
export function effectTests(fit: WithinFit, sample: PanelSample, names: readonly string[], effects: readonly Grouping[]) {
  const against = (label: string, restricted: RestrictedFit) => {
    const df1 = restricted.residualDf - fit.residualDf;
    const statistic = (restricted.ssr - fit.ssr) / df1 / (fit.ssr / fit.residualDf);
    return { effects: label, statistic, df1, df2: fit.residualDf, pValue: fUpper(statistic, df1, fit.residualDf) };
  };
  const all = [against(names.join(' + '), restrictedFit(sample, []))];
  if (names.length === 1) return all;
  return [
    ...all,
    ...names.flatMap((name, f) => {
      const others = effects.filter((_, g) => g !== f);
      const restricted = restrictedFit(sample, others);
      return restricted.residualDf > fit.residualDf ? [against(`${name} given the others`, restricted)] : [];
    }),
  ];
}

/** û_i = ȳ_i − x̄_i'b of each entity. */
function effectsOf(fit: LinearFit, sample: PanelSample): Float64Array {
  const fitted = fittedOf(fit, sample);
  return entityMeans(sample)(sample.outcome.map((y, i) => y - fitted[i]));
}

export function entityEffects(fit: LinearFit, sample: PanelSample, labels: readonly string[]) {
  return Array.from(effectsOf(fit, sample), (estimate, e) => ({ entity: labels[e], estimate }));
}

/** σ_u, ρ and corr(u_i, x'b) as xtreg prints them. */
export function varianceOf(
  fit: LinearFit,
  sample: PanelSample,
  estimator: Estimator,
  entityOnly: boolean,
): FittedColumn['variance'] {
  const share = (entity: number, idiosyncratic: number) => entity / (entity + idiosyncratic);
  if (estimator === 'random-effects') {
    const { components, theta } = fit as RandomEffectsFit;
    const { idiosyncratic, entity, entityRaw } = components;
    return {
      idiosyncratic,
      entity,
      entityRaw,
      rho: share(entity, idiosyncratic),
      correlation: null,
      thetaMin: theta.reduce((min, value) => Math.min(min, value), 1),
      thetaMax: theta.reduce((max, value) => Math.max(max, value), 0),
    };
  }
  if (estimator !== 'within' || !entityOnly || sample.weights !== undefined) return null;
  const effects = effectsOf(fit, sample);
  const entity = sumOfSquares(effects, undefined) / (effects.length - 1);
  const idiosyncratic = fit.ssr / fit.residualDf;
  const fitted = fittedOf(fit, sample);
  return {
    idiosyncratic,
    entity,
    entityRaw: entity,
    rho: share(entity, idiosyncratic),
    correlation: correlation(
      Float64Array.from(sample.entity.codes, (e) => effects[e]),
      fitted,
    ),
    thetaMin: null,
    thetaMax: null,
  };
}
