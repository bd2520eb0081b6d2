import { EstimationError } from '../errors.js';
import { dot } from '../linalg/vector.js';
import { atParameters, blend, jacobianOf, likelihoodColumns, type MlEquation, type MlFit, type MlPanel } from './equation.js';
import { filteredRegression, rotatedColumns, type SpatialColumns } from './filtered-regression.js';
import { type Maximum, maximise } from './maximise.js';

/** What is looked at first of κ, and the width at which its search ends. */
const scan = 15;
const settled = 1e-14;
const smallest = 1e-4;
const mostSteps = 200;

/**
 * Random effects by maximum likelihood, spatial errors as Kapoor, Kelejian & Prucha have them (the effect is filtered too):
 *
 *   y = ρWy + Xβ + u,   u = λMu + μ + ε,   κ² = σ²/(σ² + Tσ_μ²)
 *   log L = T·(log|I − ρW| + log|I − λM|) + N·log κ − (NT/2)·log(2πσ²) − SSR(κ)/(2σ²),   SSR(κ) = SSR_within + κ²·SSR_between
 *
 * concentrated over (ρ, λ, β, σ²): its slope in κ is N/κ − NTκ·SSR_between/SSR, whose zeros from above to below are maxima.
 *
 * @param panel  balanced, without fixed effects
 * @returns residuals and columns quasi-demeaned, x − (1 − κ)x̄_i
 * @throws EstimationError `spatial_parameter_at_bound`, `no_convergence`, `perfect_fit`, `no_within_variation`
 * @see Breusch (1987), Journal of Econometrics 36, on the iteration and its two ends; Baltagi, Song & Koh (2003), Journal of Econometrics 117; Elhorst
 *   (2014), Spatial Econometrics, ch. 3
 */
export function fitRandomMl(equation: MlEquation, panel: MlPanel): MlFit {
  const { units: N, periods: T } = panel;
  const n = N * T;
  const parts = [0, 1].map((part) =>
    rotatedColumns(likelihoodColumns(equation, { ...panel, within: (x) => blend(x, panel, 1 - part, part) }, 'after-lag')),
  );
  const [within, between] = parts;
  const jacobian = (part: MlEquation['lag']) => (part === null ? null : jacobianOf(part, T, false));
  const [rhoPart, lambdaPart] = [jacobian(equation.lag), jacobian(equation.error)];
  const at = (kappa: number) => {
    const found = maximise(n, rhoPart, lambdaPart, filteredRegression(stacked(within, between, kappa)));
    const ofBetween = atParameters(between, found.rho, found.lambda, found.fit.coefficients).residuals;
    const slope = N / kappa - (n * kappa * dot(ofBetween, ofBetween)) / found.fit.ssr;
    return { kappa, found, slope, value: found.value + N * Math.log(kappa) };
  };
  const { kappa, found } = bestKappa(at);
  const quasi = { ...panel, within: (x: Float64Array) => blend(x, panel, 1, kappa) };
  const columns = likelihoodColumns(equation, quasi, 'after-lag');
  const { coefficients, ssr } = found.fit;
  return {
    rho: equation.lag === null ? null : found.rho,
    lambda: equation.error === null ? null : found.lambda,
    coefficients,
    sigma2: ssr / n,
    logLikelihood: found.value + N * Math.log(kappa) - (n / 2) * (Math.log((2 * Math.PI) / n) + 1),
    observations: n,
    ...atParameters(columns, found.rho, found.lambda, coefficients),
    maxima: found.maxima,
    correction: null,
    kappa,
  };
}

/** Within rows above κ times between rows. */
function stacked(within: SpatialColumns, between: SpatialColumns, kappa: number): SpatialColumns {
  const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b.map((value) => kappa * value)]);
  const maybe = (a: Float64Array | null, b: Float64Array | null) => (a === null || b === null ? null : join(a, b));
  return {
    y: join(within.y, between.y),
    wy: maybe(within.wy, between.wy),
    x: within.x.map((column, j) => join(column, between.x[j])),
    filtered:
      within.filtered === null
        ? null
        : {
            y: join(within.filtered.y, between.filtered!.y),
            wy: maybe(within.filtered.wy, between.filtered!.wy),
            x: within.filtered.x.map((column, j) => join(column, between.filtered!.x[j])),
          },
  };
}

interface AtKappa {
  readonly kappa: number;
  readonly found: Maximum;
  readonly slope: number;
  readonly value: number;
}

/** The highest maximum in κ; 1, no effects, when the likelihood rises up to there. */
function bestKappa(at: (kappa: number) => AtKappa): AtKappa {
  const points = Array.from({ length: scan }, (_, k) => at(smallest ** (1 - (k + 1) / scan)));
  const tops = points.flatMap((high, k) =>
    k > 0 && points[k - 1].slope > 0 && high.slope <= 0 ? [zero(at, points[k - 1], high)] : [],
  );
  const last = points[points.length - 1];
  if (last.slope > 0) tops.push(last);
  if (tops.length === 0) {
    throw new EstimationError(
      'no_within_variation',
      'the likelihood of random effects rises as their share goes to one: nothing is left to explain within units; take entity effects, or fewer regressors',
    );
  }
  return tops.sort((a, b) => b.value - a.value)[0];
}

/** Zero of the slope by regula falsi, one side's weight halved when it stays (Illinois). */
function zero(at: (kappa: number) => AtKappa, from: AtKappa, to: AtKappa): AtKappa {
  let [low, high] = [from, to];
  let [fLow, fHigh] = [low.slope, high.slope];
  let side = 0;
  for (let step = 0; step < mostSteps; step++) {
    const next = at((low.kappa * fHigh - high.kappa * fLow) / (fHigh - fLow));
    const moved = Math.min(Math.abs(next.kappa - low.kappa), Math.abs(next.kappa - high.kappa));
    if (next.slope === 0 || moved <= settled * next.kappa) return next;
    if (next.slope > 0) {
      [low, fLow] = [next, next.slope];
      if (side === 1) fHigh /= 2;
      side = 1;
    } else {
      [high, fHigh] = [next, next.slope];
      if (side === -1) fLow /= 2;
      side = -1;
    }
  }
  throw new EstimationError('no_convergence', `share of random effects: ${mostSteps} steps were not enough`);
}
