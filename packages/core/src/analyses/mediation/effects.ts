import { coefficientTests } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { effectsOf, gradientOf, type PathStructure, type Route } from '../../mediation/paths.js';
import { deltaError, effectTest, productMethods, productTest } from '../../mediation/product-tests.js';
import { type Equation, fitEquation, type Model } from './model.js';
import type { EffectResult, MediationPart } from './result.js';
import type { MediationSystem, SystemCovariance } from './system.js';

/** An effect as a function of the path coefficients, with what tests it. */
export interface EffectDefinition {
  readonly name: string;
  readonly role: EffectResult['role'];
  readonly through: readonly string[];
  readonly of: (coefficients: ArrayLike<number>, at?: number) => number;
  /** routes with their signs; empty for direct and total effects */
  readonly routes: readonly { readonly route: Route; readonly sign: 1 | -1 }[];
}

/** Total, direct, each route, their sum, and the differences of two parallel routes. */
export function effectDefinitions(structure: PathStructure, names: readonly string[]): EffectDefinition[] {
  const { routes, kind } = structure;
  const through = (route: Route) => route.mediators.map((j) => names[j]);
  const product =
    ({ places }: Route) =>
    (b: ArrayLike<number>, at = 0) =>
      places.reduce((value, place) => value * b[at + place], 1);
  const single = routes.map(
    (route): EffectDefinition => ({
      name: `indirect: ${through(route).join(' → ')}`,
      role: 'indirect',
      through: through(route),
      of: product(route),
      routes: [{ route, sign: 1 }],
    }),
  );
  const sum: EffectDefinition = {
    name: 'total indirect',
    role: 'total-indirect',
    through: [],
    of: (b, at) => effectsOf(structure, b, at).indirect,
    routes: routes.map((route) => ({ route, sign: 1 })),
  };
  const differences = routes.flatMap((route, r) =>
    routes.slice(0, r).map(
      (earlier): EffectDefinition => ({
        name: `difference: ${through(earlier).join(' → ')} − ${through(route).join(' → ')}`,
        role: 'contrast',
        through: [],
        of: (b, at) => product(earlier)(b, at) - product(route)(b, at),
        routes: [
          { route: earlier, sign: 1 },
          { route, sign: -1 },
        ],
      }),
    ),
  );
  return [
    { name: 'total', role: 'total', through: [], of: (b, at) => effectsOf(structure, b, at).total, routes: [] },
    { name: 'direct', role: 'direct', through: [], of: (b, at = 0) => b[at + structure.direct], routes: [] },
    ...single,
    ...(routes.length > 1 ? [sum] : []),
    ...(kind === 'parallel' && routes.length <= 4 ? differences : []),
  ];
}

type Test = EffectResult['tests'][number];

/** Tests of one effect by each covariance: Wald for slopes, Sobel, Aroian and Goodman for a product, the delta method for sums of them. */
export function effectTests(
  definition: EffectDefinition,
  model: Model,
  system: MediationSystem,
  covariances: readonly SystemCovariance[],
  level: number,
): Test[] {
  const { structure, coefficients } = system;
  const { role, routes } = definition;
  if (role === 'total' || role === 'direct') {
    const equation = role === 'total' ? system.total : system.outcome;
    return covariances.map((of, covariance) => ({
      covariance,
      method: 'wald',
      ...slopeTest(model.treatment.name, equation, of, level),
    }));
  }
  if (role === 'indirect') {
    const [{ route }] = routes;
    return covariances.flatMap(({ paths, productDf }, covariance) =>
      productMethods.map((method): Test => {
        const factors = route.places.map((place) => ({
          estimate: coefficients[place],
          standardError: Math.sqrt(paths.get(place, place)),
        }));
        const { estimate: _, ...numbers } = productTest(method, factors, productDf, level);
        return { covariance, method, ...numbers };
      }),
    );
  }
  const gradient = new Float64Array(structure.width);
  for (const { route, sign } of routes) {
    const own = gradientOf(structure, [route], coefficients);
    for (let i = 0; i < gradient.length; i++) gradient[i] += sign * own[i];
  }
  return covariances.map(({ paths, productDf }, covariance) => ({
    covariance,
    method: 'delta',
    ...effectTest(definition.of(coefficients), deltaError(gradient, paths), productDf, level),
  }));
}

function slopeTest(name: string, equation: Equation, covariance: SystemCovariance, level: number) {
  const { matrix, df } = covariance.of(equation);
  const { standardError, statistic, p, lower, upper } = coefficientTests(equation.fit.coefficients, matrix, df, level)[
    equation.place(name)
  ];
  return { standardError, statistic, df, pValue: p, lower, upper };
}

/**
 * Treatment × mediator in the outcome's equation, one mediator at a time: with an interaction the direct effect depends on the mediator, the
 * indirect one on the treatment, and a·b is neither.
 * @see VanderWeele & Vansteelandt (2009), Statistics and Its Interface 2, 457–468
 */
export function interactionTests(model: Model, covariance: SystemCovariance, level: number): MediationPart['interactions'] {
  const { treatment, mediators, controls, outcome } = model;
  return mediators.flatMap((mediator) => {
    const term = `${treatment.name}:${mediator.name}`;
    const product = { name: term, values: treatment.values.map((value, i) => value * mediator.values[i]) };
    try {
      const equation = fitEquation(model, outcome, [...controls, treatment, ...mediators], [product]);
      const estimate = equation.fit.coefficients[equation.place(term)];
      return [{ term, estimate, ...slopeTest(term, equation, covariance, level) }];
    } catch (error) {
      // a product that these data do not identify cannot be tested, and nothing else depends on it
      if (error instanceof EstimationError) return [];
      throw error;
    }
  });
}

/** Rounding of c − c′ − Σ ab beside the sizes of what is added; more is a fault, not a property of the data. */
const identityTolerance = 1e-8;

/**
 * c = c′ + Σ indirect, a property of least squares on one sample with the same controls: asserted.
 * @throws EstimationError `identity_failed`
 */
export function identityOf(model: Model, { structure, total, coefficients }: MediationSystem): MediationPart['identity'] {
  const c = total.fit.coefficients[total.place(model.treatment.name)];
  const { routes, direct, total: sum } = effectsOf(structure, coefficients);
  const size = Math.abs(c) + Math.abs(direct) + routes.reduce((all, route) => all + Math.abs(route), 0);
  const gap = c - sum;
  const holds = Math.abs(gap) <= identityTolerance * size;
  if (!holds && model.request.mediatorControls === null)
    throw new EstimationError(
      'identity_failed',
      `c = ${c} and c′ + Σ indirect = ${sum} should be equal on one sample with the same controls: the regressors are too nearly collinear for the numbers to be trusted`,
    );
  return { total: c, sum, gap, holds };
}

/** Indirect over total, where that is a share of something. */
export function shareOf(
  identity: MediationPart['identity'],
  effects: readonly EffectResult[],
  otherControls: boolean,
): MediationPart['share'] {
  const of = (role: EffectResult['role']) => effects.filter((effect) => effect.role === role);
  const indirect = (of('total-indirect')[0] ?? of('indirect')[0]).estimate;
  const [direct] = of('direct');
  const [total] = of('total');
  const ratio = indirect / identity.total;
  const none = (why: string) => ({ ratio, value: null, why });
  if (otherControls) return none('the mediators’ equations have other controls, so the effects do not add up to the total');
  const routes = of('indirect').map(({ estimate }) => Math.sign(estimate));
  if (Math.sign(indirect) !== Math.sign(direct.estimate) || new Set(routes).size > 1)
    return none('effects of opposite signs are no parts of their sum: read the effects themselves');
  const [{ lower, upper, statistic }] = total.tests;
  if (lower <= 0 && upper >= 0)
    return none(`the total effect is small beside its error (t = ${statistic.toFixed(2)}): a ratio to it says nothing`);
  return { ratio, value: ratio, why: null };
}
