/** How mediators stand to each other: side by side, or each moved by those before it. Stored in params: never rename. */
export const mediationKinds = ['parallel', 'serial'] as const;
export type MediationKind = (typeof mediationKinds)[number];

/** One way from the treatment to the outcome through one or several mediators. */
export interface Route {
  /** the mediators passed, ascending */
  readonly mediators: readonly number[];
  /** places of the coefficients whose product is the effect */
  readonly places: readonly number[];
}

/**
 * The coefficients of a mediation model in one vector, equation after equation: of mediator j a_j (treatment), then in a chain
 * d_jl of each mediator l < j; of the outcome c′ (treatment), then b_j of each mediator.
 *
 *   m_j = a_j x + Σ_{l<j} d_jl m_l + …,   y = c′ x + Σ_j b_j m_j + …
 */
export interface PathStructure {
  readonly kind: MediationKind;
  readonly mediators: number;
  /** number of coefficients */
  readonly width: number;
  /** first place and number of coefficients of each equation: of mediators in order, then of the outcome */
  readonly blocks: readonly { readonly first: number; readonly count: number }[];
  readonly a: (mediator: number) => number;
  /** of mediator `from` in the equation of mediator `to`, from < to; −1 side by side */
  readonly d: (to: number, from: number) => number;
  readonly b: (mediator: number) => number;
  readonly direct: number;
  /** parallel: one a mediator; serial: one a non-empty subset of mediators, shorter ones first */
  readonly routes: readonly Route[];
}

export function pathStructure(kind: MediationKind, mediators: number): PathStructure {
  const counts = Array.from({ length: mediators }, (_, j) => (kind === 'serial' ? 1 + j : 1));
  const firsts: number[] = [];
  let next = 0;
  for (const count of counts) {
    firsts.push(next);
    next += count;
  }
  const direct = next;
  const a = (j: number) => firsts[j];
  const d = (to: number, from: number) => (kind === 'serial' && from < to ? firsts[to] + 1 + from : -1);
  const b = (j: number) => direct + 1 + j;
  const routes = (kind === 'serial' ? subsets(mediators) : Array.from({ length: mediators }, (_, j) => [j])).map((through) => ({
    mediators: through,
    places: [a(through[0]), ...through.slice(1).map((to, at) => d(to, through[at])), b(through.at(-1)!)],
  }));
  return {
    kind,
    mediators,
    width: direct + 1 + mediators,
    blocks: [...counts.map((count, j) => ({ first: firsts[j], count })), { first: direct, count: 1 + mediators }],
    a,
    d,
    b,
    direct,
    routes,
  };
}

function subsets(n: number): number[][] {
  const all = Array.from({ length: 2 ** n - 1 }, (_, mask) =>
    Array.from({ length: n }, (__, j) => j).filter((j) => ((mask + 1) >> j) & 1),
  );
  return all.sort((p, q) => p.length - q.length || p[0] - q[0] || p.join().localeCompare(q.join()));
}

/** The effects of a model from its coefficients: each route's product, their sum, the direct and the total effect. */
export interface PathEffects {
  readonly routes: readonly number[];
  readonly indirect: number;
  readonly direct: number;
  /** c′ + Σ routes */
  readonly total: number;
}

export function effectsOf({ routes, direct }: PathStructure, coefficients: ArrayLike<number>, at = 0): PathEffects {
  const products = routes.map(({ places }) => places.reduce((product, place) => product * coefficients[at + place], 1));
  const indirect = products.reduce((sum, product) => sum + product, 0);
  return { routes: products, indirect, direct: coefficients[at + direct], total: coefficients[at + direct] + indirect };
}

/** ∂(Σ of routes)/∂coefficients, length `width`. */
export function gradientOf({ width }: PathStructure, routes: readonly Route[], coefficients: ArrayLike<number>): Float64Array {
  const gradient = new Float64Array(width);
  for (const { places } of routes)
    for (const own of places)
      gradient[own] += places.reduce((product, place) => (place === own ? product : product * coefficients[place]), 1);
  return gradient;
}
