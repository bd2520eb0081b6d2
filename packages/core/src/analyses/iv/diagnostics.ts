import type { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { andersonRubinCurve, andersonRubinTest, stockWrightTest } from '../../instruments/anderson-rubin.js';
import { instrumentedCovariance } from '../../instruments/covariance.js';
import { effectiveF } from '../../instruments/effective-f.js';
import { endogeneityTest, wuHausmanTest } from '../../instruments/endogeneity.js';
import type { ErrorStructure, SampleSizes } from '../../instruments/error-structure.js';
import { type FTest, firstStages } from '../../instruments/first-stage.js';
import { identification } from '../../instruments/identification.js';
import type { InstrumentedFit } from '../../instruments/k-class.js';
import type { InstrumentedModel, InstrumentSpace } from '../../instruments/model.js';
import type { ChiSquaredTest } from '../../instruments/overidentification.js';
import { stockYogo } from '../../instruments/stock-yogo.js';
import { tfCriticalValue } from '../../instruments/tf.js';
import { leastSquares } from '../../linalg/least-squares.js';
import type { IvCoefficient, IvFTest, IvResult, IvTest } from './result.js';

/** An instrumented equation ready for every question a reader asks of its instruments. */
export interface Instrumented {
  readonly model: InstrumentedModel;
  readonly space: InstrumentSpace;
  readonly sizes: SampleSizes;
  readonly errors: ErrorStructure;
  /** X = [Y X₁], the columns kept, and their names */
  readonly regressors: readonly Float64Array[];
  readonly regressorNames: readonly string[];
  /** instruments outside the equation that are kept */
  readonly instrumentNames: readonly string[];
  readonly twoStage: InstrumentedFit;
  readonly smallSample: boolean;
  readonly level: number;
  /** of t and of the intervals; Infinity is the normal */
  readonly df: number;
}

/** Coefficients with their tests, as results hold them. */
export function coefficientRows(
  terms: readonly string[],
  estimates: ArrayLike<number>,
  covariance: Matrix,
  { df, level }: Pick<Instrumented, 'df' | 'level'>,
): IvCoefficient[] {
  return coefficientTests(estimates, covariance, df, level).map(({ estimate, standardError, statistic, p, lower, upper }, j) => ({
    term: terms[j],
    estimate,
    standardError,
    statistic,
    pValue: p,
    lower,
    upper,
  }));
}

export function firstStageResults(of: Instrumented): IvResult['firstStages'] {
  const { model, space, sizes, errors, regressorNames, instrumentNames, smallSample } = of;
  const p = space.endogenous.length;
  const kept = model.instruments.filter((_, k) => !space.collinearInstruments.includes(k));
  const columns = [...kept, ...space.exogenous];
  const terms = [...instrumentNames, ...regressorNames.slice(p)];
  const asRegression = { ...sizes, regressors: sizes.instruments };
  const stages = firstStages(space, errors, sizes);
  return model.endogenous.map((y, j) => {
    const { coefficients, residuals, ssr, inverseGram } = leastSquares(columns, y);
    const fit: InstrumentedFit = { coefficients, residuals, ssr, bread: inverseGram, fitted: columns };
    const covariance = instrumentedCovariance(fit, errors, asRegression, smallSample);
    const stage = stages[j];
    return {
      term: regressorNames[j],
      coefficients: coefficientRows(terms, coefficients, covariance, of).map((row, k) => ({
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

export function identificationResult({ space, sizes, errors }: Instrumented): IvResult['identification'] {
  const [p, K2] = [space.endogenous.length, space.basis.length];
  const found = identification(space, errors, sizes);
  const effective = p === 1 ? effectiveF(space, errors, sizes) : null;
  const table = (name: Parameters<typeof stockYogo>[0]) => stockYogo(name, p, K2)?.map((row) => ({ ...row })) ?? null;
  return {
    underidentification: testResult(
      errors.kind === 'classical' ? 'Anderson canonical correlations LM' : 'Kleibergen–Paap rk LM',
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

/** @param tested  names of endogenous regressors */
export function endogeneityResult(
  { space, sizes, errors, model, regressors, regressorNames }: Instrumented,
  tested: readonly string[],
): IvResult['endogeneity'] {
  const which = tested.map((name) => regressorNames.indexOf(name));
  return {
    tested: [...tested],
    difference: attempt('Difference in J', tested.length, () =>
      endogeneityTest(space, model.outcome, regressors, which, errors, sizes),
    ),
    wuHausman: fResult(wuHausmanTest(space, sizes)),
  };
}

/** How far the figure goes to each side of the first estimate, in its standard errors, and in how many points. */
const curveWidth = 6;
const curvePoints = 121;

export function andersonRubinResult({
  space,
  sizes,
  errors,
  twoStage,
  smallSample,
  level,
}: Instrumented): IvResult['andersonRubin'] {
  const { f, chi2 } = andersonRubinTest(space, errors, sizes);
  const curve = space.endogenous.length === 1 ? andersonRubinCurve(space, errors, sizes) : null;
  const set = curve?.set(level);
  const centre = twoStage.coefficients[0];
  const width = curveWidth * Math.sqrt(instrumentedCovariance(twoStage, errors, sizes, smallSample).get(0, 0));
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

export function tfResult({ space, sizes, errors, twoStage, smallSample }: Instrumented): IvResult['tF'] {
  if (space.endogenous.length > 1 || space.basis.length > 1) return null;
  const [{ f }] = firstStages(space, errors, sizes);
  const critical = tfCriticalValue(f.statistic);
  const [estimate] = twoStage.coefficients;
  const standardError = Math.sqrt(instrumentedCovariance(twoStage, errors, sizes, smallSample).get(0, 0));
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

export const fResult = ({ statistic, df1, df2, p }: FTest): IvFTest => ({ statistic, df1, df2, pValue: p });
export const testResult = (name: string, { statistic, df, p }: ChiSquaredTest): IvTest => ({ name, statistic, df, pValue: p });

/** A test that these data may not allow although the estimates stand: then NaN and why. */
export function attempt(name: string, df: number, compute: () => ChiSquaredTest): IvTest {
  try {
    return testResult(name, compute());
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { name, statistic: Number.NaN, df, pValue: Number.NaN, note: error.message };
  }
}
