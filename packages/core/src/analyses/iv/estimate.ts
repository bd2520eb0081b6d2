import type { Matrix } from 'ml-matrix';
import { waldTest } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { instrumentedCovariance } from '../../instruments/covariance.js';
import { clusterCount, requireErrors, type SampleSizes } from '../../instruments/error-structure.js';
import { gmmCovariance, twoStepGmm } from '../../instruments/gmm.js';
import { covarianceFactor, fullerKappa, kClass, limlKappa } from '../../instruments/k-class.js';
import { instrumentSpace, residualOn } from '../../instruments/model.js';
import { hansenTest, limlLikelihoodRatio, sarganTest } from '../../instruments/overidentification.js';
import { dot } from '../../linalg/vector.js';
import { adequacyRows, adequacyWarnings } from './adequacy.js';
import { conventions } from './conventions.js';
import {
  andersonRubinResult,
  attempt,
  coefficientRows,
  endogeneityResult,
  firstStageResults,
  fResult,
  type Instrumented,
  identificationResult,
  tfResult,
} from './diagnostics.js';
import type { IvEstimator, IvParams } from './params.js';
import { type IvSample, readTermName } from './request.js';
import type { IvFTest, IvResult, IvTest } from './result.js';
import { verdict, warningsFor } from './verdict.js';

/** A model ready for any of its numbers. */
interface Ready extends Instrumented {
  readonly params: IvParams;
  readonly sample: IvSample;
  readonly slopes: number;
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
    model,
    space,
    sizes,
    errors: sample.errors,
    regressors: [...model.endogenous, ...space.exogenous],
    regressorNames: [...names.endogenous, ...exogenousNames],
    instrumentNames: names.instruments.filter((_, k) => !space.collinearInstruments.includes(k)),
    slopes: sizes.regressors - (sample.constant ? 1 : 0),
    twoStage,
    smallSample: params.smallSample,
    level: params.level,
    df: degreesOfFreedom(params, sample, sizes),
  };
  const answers = {
    estimates: params.estimators.map((estimator) => estimateBy(estimator, ready)),
    firstStages: firstStageResults(ready),
    identification: identificationResult(ready),
    endogeneity: endogeneityResult(ready, params.endogeneityOf?.map(readTermName) ?? names.endogenous),
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
  const adequacy = adequacyRows(params, sample.clusters, sizes, space.basis.length);
  return {
    ...answers,
    adequacy,
    verdict: verdict(answers),
    conventions: conventions(params, sample, sizes),
    warnings: [...warningsFor(answers, sample), ...adequacyWarnings(adequacy)],
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

const unit = (column: Float64Array) => {
  const norm = Math.sqrt(dot(column, column));
  return column.map((value) => value / norm);
};

/** The joint test of the slopes, which more slopes than clusters leave without an inverse. */
function modelTest(slopes: Float64Array, covariance: Matrix, df2: number): IvFTest {
  try {
    return fResult(waldTest(slopes, covariance, df2));
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { statistic: Number.NaN, df1: slopes.length, df2, pValue: Number.NaN };
  }
}
