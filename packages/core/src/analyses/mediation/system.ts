import { Matrix } from 'ml-matrix';
import { EstimationError } from '../../errors.js';
import { dot } from '../../linalg/vector.js';
import { type PathStructure, pathStructure } from '../../mediation/paths.js';
import { type CovarianceRequest, covarianceChoice, covarianceLabel } from '../../panel-models/covariance-param.js';
import { clusterOnFit } from '../../panel-models/fit-clusters.js';
import { type FitCovariance, fitCovariance } from '../../panel-models/fit-covariance.js';
import { type Equation, fitEquation, type Model } from './model.js';
import type { MediationParams } from './params.js';

/** The equations of a mediation model on one sample. */
export interface MediationSystem {
  readonly structure: PathStructure;
  /** y on the treatment without mediators: c */
  readonly total: Equation;
  /** each mediator on the treatment alone; in a chain not the equation of its path */
  readonly mechanism: readonly Equation[];
  /** the equations of a_j and d_jl */
  readonly mediators: readonly Equation[];
  /** of c′ and b_j */
  readonly outcome: Equation;
  /** path coefficients in the structure's order */
  readonly coefficients: Float64Array;
}

export function fitSystem({ kind }: MediationParams, model: Model): MediationSystem {
  const { treatment, mediators, controls, mediatorControls, outcome } = model;
  const structure = pathStructure(kind, mediators.length);
  const mechanism = mediators.map((mediator) => fitEquation(model, mediator, mediatorControls, [treatment]));
  const own = mediators.map((mediator, j) =>
    kind === 'serial' && j > 0
      ? fitEquation(model, mediator, mediatorControls, [treatment, ...mediators.slice(0, j)])
      : mechanism[j],
  );
  const full = fitEquation(model, outcome, controls, [treatment, ...mediators]);
  const coefficients = new Float64Array(structure.width);
  for (const [block, equation] of [...own, full].entries())
    coefficients.set(
      pathPlaces(equation, structure.blocks[block].count).map((place) => equation.fit.coefficients[place]),
      structure.blocks[block].first,
    );
  return {
    structure,
    total: fitEquation(model, outcome, controls, [treatment]),
    mechanism,
    mediators: own,
    outcome: full,
    coefficients,
  };
}

/** Places of the last `count` regressors of an equation, its paths, in its fit. */
export function pathPlaces({ fit }: Equation, count: number): number[] {
  const k = fit.columns.length;
  return Array.from({ length: count }, (_, j) => k - count + j);
}

/** A covariance that was asked for, of every equation. */
export interface SystemCovariance {
  readonly kind: CovarianceRequest['kind'];
  readonly label: string;
  readonly of: (equation: Equation) => FitCovariance;
  /** of the path coefficients, in the structure's order */
  readonly paths: Matrix;
  /** of products of coefficients: normal with classical and HC errors, t of the clusters or periods else */
  readonly productDf: number;
}

export function systemCovariance(
  request: CovarianceRequest,
  model: Model,
  system: MediationSystem | null,
  own: { readonly entity: string; readonly time: string },
): SystemCovariance {
  const known = new Map<Equation, FitCovariance>();
  const of = (equation: Equation) => {
    const found = known.get(equation) ?? covarianceOf(request, model, equation);
    known.set(equation, found);
    return found;
  };
  const asymptotic = request.kind === 'classical' || request.kind.startsWith('hc');
  return {
    kind: request.kind,
    label: covarianceLabel(request, own),
    of,
    paths: system === null ? Matrix.zeros(0, 0) : pathCovariance(request, model, system, of),
    productDf: system === null || asymptotic ? Number.POSITIVE_INFINITY : of(system.outcome).df,
  };
}

function covarianceOf(request: CovarianceRequest, { named, effects }: Model, { fit }: Pick<Equation, 'fit'>): FitCovariance {
  return fitCovariance(
    fit,
    effects,
    covarianceChoice(request, (name) => clusterOnFit(fit, named.sample, named.groupings.get(name)!, name)),
  );
}

/**
 * Block by equation; between the mediators of a parallel model, whose equations have the same regressors and correlated errors, also
 * cov(a_j, a_l), by polarisation of the quadratic form that every covariance is of the outcome:
 *
 *   cov(a_j, a_l) = ½ {V(m_j + m_l) − V(m_j) − V(m_l)}, the mediators at unit residual norm
 *
 * Between a mediator's equation and the outcome's the covariance is taken as zero: with classical errors it is so exactly.
 */
function pathCovariance(
  request: CovarianceRequest,
  model: Model,
  { structure, mediators, outcome }: MediationSystem,
  of: (equation: Equation) => FitCovariance,
): Matrix {
  const V = Matrix.zeros(structure.width, structure.width);
  for (const [block, equation] of [...mediators, outcome].entries()) {
    const { first, count } = structure.blocks[block];
    const places = pathPlaces(equation, count);
    const { matrix } = of(equation);
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) V.set(first + i, first + j, matrix.get(places[i], places[j]));
  }
  if (structure.kind === 'serial') return V;
  const variance = (equation: Equation) => {
    const [place] = pathPlaces(equation, 1);
    return of(equation).matrix.get(place, place);
  };
  for (let j = 0; j < mediators.length; j++) {
    for (let l = 0; l < j; l++) {
      const sum = sumOfEquations(mediators[j], mediators[l]);
      const [place] = pathPlaces(sum.equation, 1);
      const both = covarianceOf(request, model, sum.equation).matrix.get(place, place);
      const [sj, sl] = sum.scales;
      const value = 0.5 * sj * sl * (both - variance(mediators[j]) / (sj * sj) - variance(mediators[l]) / (sl * sl));
      V.set(structure.a(j), structure.a(l), value);
      V.set(structure.a(l), structure.a(j), value);
    }
  }
  return V;
}

/** m_j/s_j + m_l/s_l on the regressors that both have: coefficients and residuals add. */
function sumOfEquations(first: Equation, second: Equation): { equation: Equation; scales: readonly [number, number] } {
  const [sj, sl] = [first, second].map(({ fit }) => Math.sqrt(fit.ssr));
  if (first.fit.columns.length !== second.fit.columns.length)
    throw new EstimationError('regressors_differ', `${first.outcome.name} and ${second.outcome.name} need the same regressors`);
  const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value / sj + b[i] / sl);
  const residuals = add(first.fit.residuals, second.fit.residuals);
  const fit = {
    ...first.fit,
    outcome: add(first.fit.outcome, second.fit.outcome),
    residuals,
    coefficients: add(first.fit.coefficients, second.fit.coefficients),
    ssr: dot(residuals, residuals),
  };
  return { equation: { ...first, fit }, scales: [sj, sl] };
}
