import type { Matrix } from 'ml-matrix';
import { coefficientTests, waldTest } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { andersonRubinCurve, andersonRubinTest, stockWrightTest } from '../../instruments/anderson-rubin.js';
import { instrumentedCovariance } from '../../instruments/covariance.js';
import { effectiveF } from '../../instruments/effective-f.js';
import { endogeneityTest, wuHausmanTest } from '../../instruments/endogeneity.js';
import { clusterCount, requireErrors, type SampleSizes } from '../../instruments/error-structure.js';
import { type FTest, firstStages } from '../../instruments/first-stage.js';
import { gmmCovariance, twoStepGmm } from '../../instruments/gmm.js';
import { identification } from '../../instruments/identification.js';
import { covarianceFactor, fullerKappa, type InstrumentedFit, kClass, limlKappa } from '../../instruments/k-class.js';
import { type InstrumentSpace, instrumentSpace, residualOn } from '../../instruments/model.js';
import { type ChiSquaredTest, hansenTest, limlLikelihoodRatio, sarganTest } from '../../instruments/overidentification.js';
import { stockYogo } from '../../instruments/stock-yogo.js';
import { tfCriticalValue } from '../../instruments/tf.js';
import { leastSquares } from '../../linalg/least-squares.js';
import { dot } from '../../linalg/vector.js';
import { adequacyRows } from './adequacy.js';
import { conventions } from './conventions.js';
import type { IvEstimator, IvParams } from './params.js';
import { type IvSample, readTermName } from './request.js';
import type { IvCoefficient, IvFTest, IvResult, IvTest } from './result.js';
import { verdict, warningsFor } from './verdict.js';

/** A model ready for any of its numbers. */
interface Ready {
  readonly params: IvParams;
  readonly sample: IvSample;
  readonly space: InstrumentSpace;
  readonly sizes: SampleSizes;
  /** X = [Y X₁], the columns kept */
  readonly regressors: readonly Float64Array[];
  readonly regressorNames: readonly string[];
  readonly instrumentNames: readonly string[];
  readonly slopes: number;
  readonly twoStage: InstrumentedFit;
  /** of t and of the intervals */
  readonly df: number;
}

/** Everything that an instrumental-variables job answers. */
export function ivEstimates(params: IvParams, sample: IvSample): IvResult {
  const { model, names } = sample;
  const space = instrumentSpace(model, names);
  const exogenousNames = names.exogenous.filter((_, k) => !space.collinearExogenous.includes(k));
  const sizes: SampleSizes = {
    rows: sample.rows,
    instruments: space.exogenous.length + space.basis.length,
    regressors: space.exogenous.length + space.endogenous.length,
    absorbed: sample.absorbed,
    absorbedAcrossClusters: sample.absorbedAcrossClusters,
  };
  const twoStage = kClass(space, model.outcome, 1);
  requireErrors(twoStage.residuals, model.outcome);
  const ready: Ready = {
    params,
    sample,
    space,
    sizes,
    regressors: [...model.endogenous, ...space.exogenous],
    regressorNames: [...names.endogenous, ...exogenousNames],
    instrumentNames: names.instruments.filter((_, k) => !space.collinearInstruments.includes(k)),
    slopes: sizes.regressors - (sample.constant ? 1 : 0),
    twoStage,
    df: degreesOfFreedom(params, sample, sizes),
  };
  const answers = {
    estimates: params.estimators.map((estimator) => estimateBy(estimator, ready)),
    firstStages: firstStageResults(ready),
    identification: identificationResult(ready),
    endogeneity: endogeneityResult(ready),
    andersonRubin: andersonRubinResult(ready),
    tF: tfResult(ready),
    covariance: params.covariance,
    smallSample: params.smallSample,
    level: params.level,
    sample: {
      rows: sample.rows,
      entities: sample.entities,
      periods: sample.periods,
      clusters: sample.clusters === null ? null : { ...sample.clusters },
      absorbed: sample.absorbed,
      singletons: sample.singletons,
      dropped: [...sample.dropped],
      collinear: [
        ...space.collinearExogenous.map((k) => names.exogenous[k]),
        ...space.collinearInstruments.map((k) => names.instruments[k]),
      ],
    },
    variables: {
      outcome: names.outcome,
      endogenous: [...names.endogenous],
      exogenous: exogenousNames,
      instruments: [...ready.instrumentNames],
      effects: [...names.effects],
    },
  };
  return {
    ...answers,
    adequacy: adequacyRows(params, sample.clusters, sizes, space.basis.length),
    verdict: verdict(answers),
    conventions: conventions(params, sample, sizes),
    warnings: warningsFor(answers, sample),
  };
}

function degreesOfFreedom({ smallSample }: IvParams, { errors }: IvSample, { rows, regressors, absorbed }: SampleSizes): number {
  if (!smallSample) return Number.POSITIVE_INFINITY;
  return errors.kind === 'cluster' ? clusterCount(errors) - 1 : rows - regressors - absorbed;
}

function estimateBy(estimator: IvEstimator, ready: Ready): IvResult['estimates'][number] {
  const { params, sample, space, sizes, slopes, regressorNames } = ready;
  const { errors } = sample;
  const { coefficients, residuals, covarianceOf, kappa, overidentification } =
    estimator === 'gmm' ? byGmm(ready) : byKClass(estimator, ready);
  const ssr = dot(residuals, residuals);
  const df2 = errors.kind === 'cluster' ? clusterCount(errors) - 1 : sizes.rows - sizes.regressors - sizes.absorbed;
  // the constant is last: the slopes are what comes before it
  const slopesOnly = covarianceOf(true).subMatrix(0, slopes - 1, 0, slopes - 1);
  const { outcome } = sample.model;
  // the constant's column is last, × √w with weights
  const centred = sample.constant ? residualOn(space.exogenous.slice(-1).map(unit), outcome) : outcome;
  return {
    estimator,
    coefficients: coefficientRows(regressorNames, coefficients, covarianceOf(params.smallSample), ready).map((row, j) => ({
      ...row,
      endogenous: j < space.endogenous.length,
    })),
    kappa,
    ssr,
    rootMse: Math.sqrt(ssr * covarianceFactor({ kind: 'classical' }, sizes, params.smallSample)),
    r2: 1 - ssr / dot(centred, centred),
    model: modelTest(coefficients.slice(0, slopes), slopesOnly, df2),
    overidentification,
  };
}

interface Estimated {
  readonly coefficients: Float64Array;
  readonly residuals: Float64Array;
  readonly covarianceOf: (small: boolean) => Matrix;
  readonly kappa: number;
  readonly overidentification: IvTest[];
}

function byKClass(estimator: '2sls' | 'liml' | 'fuller', ready: Ready): Estimated {
  const { sample, space, sizes, regressors, twoStage } = ready;
  const { errors, model } = sample;
  const liml = estimator === '2sls' ? 1 : limlKappa(space);
  const kappa = estimator === 'fuller' ? fullerKappa(liml, ready.params.fuller, sizes) : liml;
  const fit = kappa === 1 ? twoStage : kClass(space, model.outcome, kappa);
  const df = space.basis.length - space.endogenous.length;
  const main =
    errors.kind === 'classical'
      ? attempt('Sargan', df, () => sarganTest(space, fit.residuals, sizes))
      : attempt('Hansen J', df, () => hansenTest(space, model.outcome, regressors, fit.residuals, errors, sizes));
  return {
    ...fit,
    covarianceOf: (small) => instrumentedCovariance(fit, errors, sizes, small),
    kappa,
    overidentification:
      estimator === 'liml' ? [main, attempt('Anderson–Rubin LR', df, () => limlLikelihoodRatio(space, kappa, sizes))] : [main],
  };
}

function byGmm(ready: Ready): Estimated {
  const { sample, space, sizes, regressors, twoStage } = ready;
  const { errors, model } = sample;
  const fit = twoStepGmm(model.outcome, regressors, [...space.exogenousBasis, ...space.basis], twoStage.residuals, errors, sizes);
  const name = errors.kind === 'classical' ? 'Sargan' : 'Hansen J';
  const df = space.basis.length - space.endogenous.length;
  return {
    ...fit,
    // classical Σ̂ carries 1/n, which covarianceFactor does not
    covarianceOf: (small) =>
      gmmCovariance(fit, covarianceFactor(errors, sizes, small) * (errors.kind === 'classical' ? sizes.rows : 1)),
    kappa: 1,
    overidentification: [
      errors.kind === 'classical'
        ? attempt(name, df, () => sarganTest(space, fit.residuals, sizes))
        : attempt(name, df, () => hansenTest(space, model.outcome, regressors, twoStage.residuals, errors, sizes)),
    ],
  };
}

function coefficientRows(
  terms: readonly string[],
  estimates: ArrayLike<number>,
  covariance: Matrix,
  { df, params }: Ready,
): IvCoefficient[] {
  return coefficientTests(estimates, covariance, df, params.level).map(
    ({ estimate, standardError, statistic, p, lower, upper }, j) => ({
      term: terms[j],
      estimate,
      standardError,
      statistic,
      pValue: p,
      lower,
      upper,
    }),
  );
}

function firstStageResults(ready: Ready): IvResult['firstStages'] {
  const { sample, space, sizes, regressorNames, instrumentNames, params } = ready;
  const { model, errors, names } = sample;
  const p = space.endogenous.length;
  const kept = model.instruments.filter((_, k) => !space.collinearInstruments.includes(k));
  const columns = [...kept, ...space.exogenous];
  const terms = [...instrumentNames, ...regressorNames.slice(p)];
  const asRegression = { ...sizes, regressors: sizes.instruments };
  const stages = firstStages(space, errors, sizes);
  return model.endogenous.map((y, j) => {
    const { coefficients, residuals, ssr, inverseGram } = leastSquares(columns, y);
    const fit: InstrumentedFit = { coefficients, residuals, ssr, bread: inverseGram, fitted: columns };
    const covariance = instrumentedCovariance(fit, errors, asRegression, params.smallSample);
    const stage = stages[j];
    return {
      term: names.endogenous[j],
      coefficients: coefficientRows(terms, coefficients, covariance, ready).map((row, k) => ({
        ...row,
        instrument: k < kept.length,
      })),
      partialR2: stage.partialR2,
      sheaPartialR2: stage.sheaPartialR2,
      rootMse: stage.rootMse,
      f: fResult(stage.f),
      sandersonWindmeijer: fResult(stage.sandersonWindmeijer),
    };
  });
}

function identificationResult(ready: Ready): IvResult['identification'] {
  const { space, sizes, sample } = ready;
  const [p, K2] = [space.endogenous.length, space.basis.length];
  const classical = sample.errors.kind === 'classical';
  const found = identification(space, sample.errors, sizes);
  const effective = p === 1 ? effectiveF(space, sample.errors, sizes) : null;
  const table = (name: Parameters<typeof stockYogo>[0]) => stockYogo(name, p, K2)?.map((row) => ({ ...row })) ?? null;
  return {
    underidentification: testResult(
      classical ? 'Anderson canonical correlations LM' : 'Kleibergen–Paap rk LM',
      found.underidentification,
    ),
    craggDonaldF: found.craggDonald,
    kleibergenPaapF: found.kleibergenPaap,
    stockYogo: { bias: table('bias-2sls'), size: table('size-2sls'), sizeLiml: table('size-liml') },
    effectiveF:
      effective === null
        ? null
        : {
            statistic: effective.statistic,
            effectiveDf: effective.effectiveDf,
            criticalValues: effective.criticalValues.map((row) => ({ ...row })),
          },
  };
}

function endogeneityResult(ready: Ready): IvResult['endogeneity'] {
  const { params, space, sample, sizes, regressors } = ready;
  const { names, model, errors } = sample;
  const tested = params.endogeneityOf?.map(readTermName) ?? [...names.endogenous];
  const which = tested.map((name) => names.endogenous.indexOf(name));
  return {
    tested,
    difference: attempt('Difference in J', tested.length, () =>
      endogeneityTest(space, model.outcome, regressors, which, errors, sizes),
    ),
    wuHausman: fResult(wuHausmanTest(space, sizes)),
  };
}

/** How far the figure goes to each side of the first estimate, in its standard errors, and in how many points. */
const curveWidth = 6;
const curvePoints = 121;

function andersonRubinResult(ready: Ready): IvResult['andersonRubin'] {
  const { params, space, sample, sizes, twoStage } = ready;
  const { errors } = sample;
  const { f, chi2 } = andersonRubinTest(space, errors, sizes);
  const curve = space.endogenous.length === 1 ? andersonRubinCurve(space, errors, sizes) : null;
  const set = curve?.set(params.level);
  const centre = twoStage.coefficients[0];
  const width = curveWidth * Math.sqrt(instrumentedCovariance(twoStage, errors, sizes, params.smallSample).get(0, 0));
  const values = Array.from({ length: curvePoints }, (_, i) => centre + ((2 * i) / (curvePoints - 1) - 1) * width);
  return {
    f: fResult(f),
    chi2: testResult('Anderson–Rubin χ²', chi2),
    stockWright: attempt('Stock–Wright LM S', space.basis.length, () => stockWrightTest(space, errors, sizes)),
    set: set === undefined ? null : { level: set.level, intervals: set.intervals.map((interval) => ({ ...interval })) },
    curve:
      curve === null
        ? []
        : values.map((value) => {
            const { statistic, p } = curve.at(value);
            return { value, f: statistic, pValue: p };
          }),
  };
}

/** The level that the published critical values are for. */
const tfLevel = 0.95;

function tfResult({ params, space, sample, sizes, twoStage }: Ready): IvResult['tF'] {
  if (space.endogenous.length > 1 || space.basis.length > 1) return null;
  const [{ f }] = firstStages(space, sample.errors, sizes);
  const critical = tfCriticalValue(f.statistic);
  const [estimate] = twoStage.coefficients;
  const standardError = Math.sqrt(instrumentedCovariance(twoStage, sample.errors, sizes, params.smallSample).get(0, 0));
  const margin = critical * standardError;
  return {
    f: f.statistic,
    level: tfLevel,
    criticalValue: critical,
    statistic: estimate / standardError,
    adjustedError: (standardError * critical) / tfCriticalValue(Number.POSITIVE_INFINITY),
    lower: estimate - margin,
    upper: estimate + margin,
  };
}

const unit = (column: Float64Array) => {
  const norm = Math.sqrt(dot(column, column));
  return column.map((value) => value / norm);
};

const fResult = ({ statistic, df1, df2, p }: FTest): IvFTest => ({ statistic, df1, df2, pValue: p });
const testResult = (name: string, { statistic, df, p }: ChiSquaredTest): IvTest => ({ name, statistic, df, pValue: p });

/** A test that these data may not allow although the estimates stand: then NaN and why. */
function attempt(name: string, df: number, compute: () => ChiSquaredTest): IvTest {
  try {
    return testResult(name, compute());
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { name, statistic: Number.NaN, df, pValue: Number.NaN, note: error.message };
  }
}

/** The joint test of the slopes, which more slopes than clusters leave without an inverse. */
function modelTest(slopes: Float64Array, covariance: Matrix, df2: number): IvFTest {
  try {
    return fResult(waldTest(slopes, covariance, df2));
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { statistic: Number.NaN, df1: slopes.length, df2, pValue: Number.NaN };
  }
}
