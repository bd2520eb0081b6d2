import { Matrix } from 'ml-matrix';
import { EstimationError } from '../../errors.js';
import type { ErrorStructure, SampleSizes } from '../../instruments/error-structure.js';
import { requireErrors } from '../../instruments/error-structure.js';
import { covarianceFactor } from '../../instruments/k-class.js';
import type { InstrumentSpace } from '../../instruments/model.js';
import { type DesignColumn, type SpatialDesign, type SpatialForm, spatialDesign } from '../../spatial-iv/design.js';
import { type ErrorStep, errorStep } from '../../spatial-iv/error-step.js';
import {
  type FactorRule,
  type FirstStep,
  firstStep,
  type SpatialErrors,
  spatialCovariance,
  type WithinDesign,
  withinDesign,
} from '../../spatial-iv/first-step.js';
import { optimalInstrument } from '../../spatial-iv/optimal-instrument.js';
import { type ErrorComponents, spatialRandomEffects } from '../../spatial-iv/random-effects.js';
import { type RandomErrorStep, randomErrorStep, randomVariance } from '../../spatial-iv/random-errors.js';
import { largestEigenvalue } from '../../weights/eigenvalues.js';
import { type Gs2slsParams, modelParts, type SpatialModel } from './params.js';
import { covarianceOf, type Rules, rulesOf } from './programs.js';
import type { SpatialSample } from './sample.js';

/** One model of a request, fitted. */
export interface FittedModel {
  readonly model: SpatialModel;
  readonly rules: Rules;
  readonly design: SpatialDesign;
  /** columns of the equation as estimated first: within, or quasi-demeaned */
  readonly columns: WithinDesign;
  readonly first: FirstStep;
  /** coefficients in the order of these */
  readonly regressors: readonly DesignColumn[];
  readonly coefficients: Float64Array;
  /** of the coefficients, λ not among them */
  readonly covariance: Matrix;
  readonly lambda: {
    readonly estimate: number;
    readonly variance: number | null;
    readonly filter: number;
    readonly atBound: boolean;
  } | null;
  readonly sigma2: number;
  /** y − Zδ̂ within the effects, not filtered */
  readonly residuals: Float64Array;
  readonly components: ErrorComponents | null;
  readonly sizes: SampleSizes;
  readonly errors: SpatialErrors;
  /** of t and of the intervals */
  readonly df: number;
}

/** Fits one model of the request. */
export function fitModel(params: Gs2slsParams, sample: SpatialSample, model: SpatialModel): FittedModel {
  const panel = sample.periods > 1;
  const covariance = covarianceOf(params, panel);
  const rules = rulesOf(params, model, {
    covariance,
    panel,
    fixed: sample.absorbed > 0,
    endogenous: sample.data.endogenous.length > 0,
  });
  if (modelParts[model].error && rules.moments !== 'kelejian-prucha-1999' && sample.momentScale.periodEffects) {
    throw new EstimationError(
      'moments_period_effects',
      `${rules.moments} moments do not hold after period effects, which do not commute with the weights: leave moments out, or take kelejian-prucha-1999`,
    );
  }
  const design = spatialDesign(sample.data, formOf(sample, model, rules));
  const errors = errorsOf(covariance, sample);
  const common = { params, sample, model, rules, design, errors };
  const fitted = params.effects === 'random' ? randomModel(common) : fixedModel(common);
  requireErrors(fitted.residuals, sample.within(design.outcome.values));
  return fitted;
}

export function formOf(
  sample: SpatialSample,
  model: SpatialModel,
  rules: Pick<Rules, 'order' | 'outsideOrder' | 'lagConstant'>,
): SpatialForm {
  const parts = modelParts[model];
  return {
    lag: parts.lag,
    durbin: parts.durbin ? sample.durbin : [],
    durbinEndogenous: parts.durbin ? sample.durbinEndogenous : [],
    error: parts.error,
    order: rules.order,
    outsideOrder: rules.outsideOrder,
    lagConstant: rules.lagConstant ?? sample.rowSumsDiffer,
  };
}

function errorsOf(kind: ReturnType<typeof covarianceOf>, { cluster, kernel }: SpatialSample): SpatialErrors {
  if (kind === 'hac') return { kind, kernel: kernel! };
  if (kind === 'cluster') return { kind, codes: cluster!.codes, count: cluster!.levels };
  return { kind };
}

/** What the diagnostics of the instruments assume: a kernel over space has no place in them. */
export function diagnosticErrors(errors: SpatialErrors): ErrorStructure {
  return errors.kind === 'hac' ? { kind: 'robust' } : errors;
}

interface Common {
  readonly params: Gs2slsParams;
  readonly sample: SpatialSample;
  readonly model: SpatialModel;
  readonly rules: Rules;
  readonly design: SpatialDesign;
  readonly errors: SpatialErrors;
}

function fixedModel(common: Common): FittedModel {
  const { params, sample, design, model } = common;
  let columns = withinDesign(design, sample.within);
  let first = firstStep(columns);
  if (params.instruments.optimal && modelParts[model].lag) {
    columns = optimalInstrument(design, columns, first, sample.data.lagWeights!, sample.within);
    first = firstStep(columns);
  }
  const parts = partsOf(common, columns, first.space);
  if (!modelParts[model].error) {
    return finish(common, columns, first, parts, {
      coefficients: first.coefficients,
      residuals: first.residuals,
      covariance: spatialCovariance(first, common.errors, parts.rule),
      sigma2: first.ssr * covarianceFactor({ kind: 'classical' }, parts.sizes, parts.rule.small),
      lambda: null,
      components: null,
    });
  }
  const step = errorStepOf(common, columns, first, parts.rule);
  const k = step.coefficients.length;
  return finish(common, columns, first, parts, {
    coefficients: step.coefficients,
    residuals: step.residuals,
    covariance: step.covariance.subMatrix(0, k - 1, 0, k - 1),
    sigma2: step.sigma2,
    lambda: { estimate: step.lambda, variance: step.lambdaVariance, filter: step.filterLambda, atBound: step.lambdaAtBound },
    components: null,
  });
}

/** The steps after the first of a model with spatial errors: also what a bootstrap replication does. */
export function errorStepOf(
  { sample, design, rules, errors }: Pick<Common, 'sample' | 'design' | 'rules' | 'errors'>,
  columns: WithinDesign,
  first: FirstStep,
  rule: FactorRule,
): ErrorStep {
  const m = sample.data.errorWeights!;
  return errorStep(design, columns, first, m, sample.within, {
    moments: rules.moments,
    bound: lambdaBound(sample),
    step1c: rules.step1c,
    scale: sample.momentScale,
    fixed: sample.absorbed > 0,
    estimationEffect: false,
    rule,
    errors,
    variance: rules.variance,
  });
}

const bounds = new WeakMap<object, number>();

/** λ is sought within 0.999 of the inverse of M's largest eigenvalue. */
function lambdaBound({ data }: SpatialSample): number {
  const m = data.errorWeights!;
  let known = bounds.get(m);
  if (known === undefined) {
    known = 0.999 / largestEigenvalue(m);
    bounds.set(m, known);
  }
  return known;
}

function randomModel(common: Common): FittedModel {
  const { params, sample, design, model, rules, errors } = common;
  const panel = { entity: sample.entity, periods: sample.periods };
  const random = spatialRandomEffects(design, panel, params.randomInstruments);
  const parts = partsOf(common, random.columns, random.first.space);
  if (!modelParts[model].error) {
    return finish(common, random.columns, random.first, parts, {
      coefficients: random.first.coefficients,
      residuals: random.first.residuals,
      covariance: spatialCovariance(random.first, errors, parts.rule),
      sigma2: random.first.ssr * covarianceFactor({ kind: 'classical' }, parts.sizes, parts.rule.small),
      lambda: null,
      components: random.components,
    });
  }
  const kind = params.panelMoments ?? (params.program === 'splm' ? 'initial' : 'weights');
  const step = randomErrorStep(design, panel, sample.data.errorWeights!, kind, params.randomInstruments, lambdaBound(sample));
  const variance = rules.variance === 'moments' ? step.components.idiosyncratic : randomVariance(step, sample.rows, rules.small);
  return finish(common, random.columns, random.first, parts, {
    coefficients: step.fit.coefficients,
    residuals: step.residuals,
    covariance: randomCovariance(step, errors, parts.rule, variance),
    sigma2: variance,
    lambda: { estimate: step.lambda, variance: null, filter: step.lambda, atBound: step.lambdaAtBound },
    components: step.components,
  });
}

function randomCovariance(step: RandomErrorStep, errors: SpatialErrors, rule: FactorRule, variance: number): Matrix {
  const { fit } = step;
  if (errors.kind === 'classical') return Matrix.mul(fit.bread, variance);
  return spatialCovariance(fit, errors, rule);
}

interface Parts {
  readonly sizes: SampleSizes;
  readonly rule: FactorRule;
  readonly regressors: readonly DesignColumn[];
}

function partsOf({ sample, rules, design }: Common, columns: WithinDesign, space: InstrumentSpace | null): Parts {
  const regressors = [...design.endogenous, ...columns.keptExogenous.map((k) => design.exogenous[k])];
  const counted = rules.countEffects;
  const sizes: SampleSizes = {
    rows: sample.rows,
    instruments: space === null ? columns.exogenous.length : space.exogenous.length + space.basis.length,
    regressors: regressors.length,
    absorbed: counted ? sample.absorbed : 0,
    absorbedAcrossClusters: counted ? sample.absorbedAcrossClusters : 0,
  };
  return { sizes, rule: { small: rules.small, sizes }, regressors };
}

type Estimates = Pick<FittedModel, 'coefficients' | 'residuals' | 'covariance' | 'sigma2' | 'lambda' | 'components'>;

function finish(
  { model, rules, design, errors, sample }: Common,
  columns: WithinDesign,
  first: FirstStep,
  { sizes, regressors }: Parts,
  estimates: Estimates,
): FittedModel {
  const df = rules.normal
    ? Number.POSITIVE_INFINITY
    : errors.kind === 'cluster'
      ? errors.count - 1
      : sample.rows - sizes.regressors - sizes.absorbed;
  return { model, rules, design, columns, first, regressors, ...estimates, sizes, errors, df };
}
