import type { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { dot } from '../../linalg/vector.js';
import type { Panel } from '../../panel/panel.js';
import { perfectFitShare } from '../../panel-models/linear-fit.js';
import { type PreparedEquation, prepareEquation, residualsAt } from '../../seemingly-unrelated/equation.js';
import {
  correlationOf,
  divisorMatrix,
  inverseResidualCovariance,
  type ResidualDivisor,
  residualCovariance,
  sharedDimensions,
} from '../../seemingly-unrelated/residual-covariance.js';
import type { CoefficientName } from '../../seemingly-unrelated/restrictions.js';
import { type SurFit, surFit } from '../../seemingly-unrelated/sur-fit.js';
import { independenceTest, mcElroyR2, systemLogLikelihood } from '../../seemingly-unrelated/system-tests.js';
import { adequacyRows } from './adequacy.js';
import { clusteredCovariance } from './clustered.js';
import { conventions } from './conventions.js';
import type { SurParams } from './params.js';
import type { SurResult } from './result.js';
import { type NamedEquation, type SurSample, surSample } from './sample.js';
import { testResults } from './tests.js';
import { verdict, warningsFor } from './verdict.js';

/** A system estimated, with what every number of the result needs. */
export interface Estimated {
  readonly sample: SurSample;
  readonly prepared: readonly PreparedEquation[];
  readonly fit: SurFit;
  /** of all equations, in the order of the coefficients */
  readonly names: readonly CoefficientName[];
  readonly clustered: Matrix | null;
  readonly ols: readonly Float64Array[];
  readonly divisor: ResidualDivisor;
  /** Mn − K − M·absorbed */
  readonly systemDf: number;
}

/** Steps when not iterated. */
const twoStep = 1;
/** Iteration ends when no coefficient moves by more of its standard error. */
const settled = 1e-9;
/** ‖Q_iᵀQ_j‖² this near k: one equation's regressors are among the other's. */
const sameSpan = 1e-9;

/** Everything that a job of seemingly unrelated regressions answers. */
export function surEstimates(params: SurParams, panel: Panel): SurResult {
  const of = estimateSystem(params, panel);
  const { sample, prepared, fit, divisor } = of;
  const contained = prepared.map((one) => prepared.every((other) => sharedDimensions(other, one) >= one.basis.length - sameSpan));
  const equations = equationResults(params, of, contained);
  // the constant is one of the effects; with dummies in the equations Stata multiplies by n
  const scale = params.program === 'stata' || sample.absorbed === 0 ? sample.rows : sample.rows - sample.absorbed + 1;
  const independence = (residuals: readonly Float64Array[]) => {
    const { statistic, df, p } = independenceTest(residuals, scale);
    return { statistic, df, pValue: p };
  };
  const clusters = of.clustered === null ? null : { name: sample.clusters!.name, count: sample.clusters!.levels };
  const answers = {
    equations,
    sameRegressors: contained.every(Boolean),
    residuals: {
      covariance: fit.sigma.to2DArray(),
      weighting: fit.weighting.to2DArray(),
      correlation: correlationOf(residualCovariance(of.ols, divisorMatrix(prepared, 0, 'n'))).to2DArray(),
      divisor,
    },
    system: systemResult(params, of),
    independence: { ols: independence(of.ols), sur: independence(fit.residuals), scale },
    tests: testResults(params, of),
    program: params.program,
    level: params.level,
    by: sample.by,
    effects: [...sample.effects],
    clusters,
    adequacy: adequacyRows(sample.rows, sample.absorbed, prepared.length, clusters),
    sample: {
      rows: sample.rows,
      entities: sample.entities,
      periods: sample.periods,
      dropped: [...sample.dropped],
      absorbed: sample.absorbed,
      singletons: sample.singletons,
    },
  };
  return {
    ...answers,
    verdict: verdict(answers),
    conventions: conventions(params, answers),
    warnings: warningsFor(answers, sample),
  };
}

function systemResult({ iterate }: SurParams, { sample, fit, systemDf }: Estimated): SurResult['system'] {
  const centred = sample.equations.map((equation) => equation.centred);
  const names = sample.equations.map(({ name }) => name);
  const total = (columns: readonly Float64Array[]) => columns.reduce((sum, column) => sum + dot(column, column), 0);
  return {
    rows: sample.rows,
    coefficients: fit.coefficients.length,
    residualDf: systemDf,
    mcElroyR2: mcElroyR2(inverseResidualCovariance(fit.sigma, names), fit.residuals, centred),
    pooledR2: 1 - total(fit.residuals) / total(centred),
    logLikelihood: systemLogLikelihood(fit.residuals),
    iterations: fit.iterations,
    iterated: iterate,
  };
}

function estimateSystem(params: SurParams, panel: Panel): Estimated {
  const sample = surSample(params, panel);
  const prepared = sample.equations.map(prepareEquation);
  for (const [e, one] of prepared.entries()) requireRows(sample, sample.equations[e], one);
  const ols = prepared.map((one) => residualsAt(one, one.leastSquares));
  for (const [e, residuals] of ols.entries()) requireErrors(sample.equations[e], residuals);
  const divisor = params.residualCovariance ?? (params.program === 'stata' ? 'n' : 'geomean');
  const fit = surFit(prepared, {
    divisor,
    absorbed: sample.absorbed,
    maxIterations: params.iterate ? params.maxIterations : twoStep,
    tolerance: settled,
  });
  const names = prepared.flatMap(({ kept }, e) =>
    kept.map((j): CoefficientName => ({ equation: sample.equations[e].name, term: sample.equations[e].terms[j] })),
  );
  const M = prepared.length;
  return {
    sample,
    prepared,
    fit,
    names,
    clustered: sample.clusters === null ? null : clusteredCovariance(sample, prepared, fit, sample.clusters),
    ols,
    divisor,
    systemDf: M * (sample.rows - sample.absorbed) - fit.coefficients.length,
  };
}

function requireRows({ rows, absorbed }: SurSample, { name }: NamedEquation, { basis }: PreparedEquation): void {
  const parameters = basis.length + absorbed;
  if (rows > parameters) return;
  throw new EstimationError(
    'too_few_rows',
    `equation ${name} needs more rows than parameters: ${rows} rows, ${parameters} parameters${absorbed > 0 ? ` (${absorbed} of the effects)` : ''}`,
  );
}

function requireErrors({ name, outcome }: NamedEquation, residuals: Float64Array): void {
  if (dot(residuals, residuals) > perfectFitShare * dot(outcome, outcome)) return;
  throw new EstimationError(
    'perfect_fit',
    `equation ${name}: the regressors reproduce the outcome exactly, and its residuals have no variance to weight by. Is the outcome computed from them?`,
  );
}

function equationResults(params: SurParams, of: Estimated, contained: readonly boolean[]): SurResult['equations'] {
  const { sample, prepared, fit, clustered, ols } = of;
  let start = 0;
  return prepared.map((one, e) => {
    const equation = sample.equations[e];
    const k = one.basis.length;
    const residualDf = sample.rows - sample.absorbed - k;
    const df = params.program === 'stata' ? Number.POSITIVE_INFINITY : residualDf;
    const block = (matrix: Matrix) => matrix.subMatrix(start, start + k - 1, start, start + k - 1);
    const estimates = fit.coefficients.slice(start, start + k);
    const own = coefficientTests(estimates, block(fit.covariance), df, params.level);
    const robust =
      clustered === null ? null : coefficientTests(estimates, block(clustered), sample.clusters!.levels - 1, params.level);
    const alone = olsTests(one, ols[e], residualDf, params.level);
    start += k;
    const sst = dot(equation.centred, equation.centred);
    return {
      name: equation.name,
      outcome: equation.outcomeName,
      coefficients: own.map(({ lower, upper, estimate, ...error }, j) => ({
        term: equation.terms[one.kept[j]],
        estimate,
        ...errorOf(error),
        lower,
        upper,
        clustered: robust === null ? null : errorOf(robust[j]),
        ols: { estimate: alone[j].estimate, ...errorOf(alone[j]) },
      })),
      collinear: one.collinear.map((j) => equation.terms[j]),
      parameters: k + sample.absorbed,
      residualDf,
      rSquared: 1 - dot(fit.residuals[e], fit.residuals[e]) / sst,
      rSquaredOls: 1 - dot(ols[e], ols[e]) / sst,
      rootMse: Math.sqrt(fit.sigma.get(e, e)),
      contained: contained[e],
      olsDistance: own.reduce(
        (far, { estimate }, j) => Math.max(far, Math.abs(estimate - alone[j].estimate) / alone[j].standardError),
        0,
      ),
    };
  });
}

const errorOf = (of: { standardError: number; statistic: number; df: number; p: number }) => ({
  standardError: of.standardError,
  statistic: of.statistic,
  df: of.df,
  pValue: of.p,
});

/** Least squares of one equation: β = Tγ, V = s² TTᵀ. */
function olsTests({ toCoefficients, leastSquares }: PreparedEquation, residuals: Float64Array, df: number, level: number) {
  const k = leastSquares.length;
  const coefficients = Array.from({ length: k }, (_, i) =>
    leastSquares.reduce((sum, g, j) => sum + toCoefficients.get(i, j) * g, 0),
  );
  const covariance = toCoefficients.mmul(toCoefficients.transpose()).mul(dot(residuals, residuals) / df);
  return coefficientTests(coefficients, covariance, df, level);
}
