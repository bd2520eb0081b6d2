import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { addScaled, dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import { filteredRegression, type SpatialColumns } from './filtered-regression.js';
import { information, informationInverse, observedInformation } from './information.js';
import type { LogDeterminant } from './log-determinant.js';
import { type Jacobian, maximise } from './maximise.js';
import { type PeriodOperator, propagation, propagationTraces } from './propagation.js';

export const approaches = ['transformation', 'bias-corrected', 'direct'] as const;
/** What is done about the effects that the likelihood concentrates out. Stored: never rename. */
export type Approach = (typeof approaches)[number];

export const demeanings = ['after-lag', 'before-lag'] as const;
/** after-lag: lags of the data, then without their effects. before-lag: y without its effects is lagged and not demeaned again. */
export type Demeaning = (typeof demeanings)[number];

/** W of one part of a model. */
export interface SpatialPart {
  /** of one period */
  readonly one: SparseRows;
  /** on all rows */
  readonly all: SparseRows;
  readonly determinant: LogDeterminant;
  /** the sum of every row when all are the same; null else */
  readonly rowSum: number | null;
}

/**
 * Rows of a panel and what its effects are. Units that differ between periods: all rows are units of one period, and W is in blocks.
 */
export interface MlPanel {
  readonly units: number;
  readonly periods: number;
  /** every unit in every period */
  readonly balanced: boolean;
  /** dimensions of the effects */
  readonly absorbed: number;
  readonly entity: Uint32Array;
  readonly time: Uint32Array;
  readonly entityEffects: boolean;
  readonly timeEffects: boolean;
  /** what the effects leave of a column */
  readonly within: (x: Float64Array) => Float64Array;
}

export interface MlEquation {
  readonly y: Float64Array;
  /** X and WX before effects are taken out, linearly independent after */
  readonly x: readonly Float64Array[];
  /** ρWy */
  readonly lag: SpatialPart | null;
  /** u = λMu + ε */
  readonly error: SpatialPart | null;
}

export interface MlFit {
  readonly rho: number | null;
  readonly lambda: number | null;
  /** β, in the order of x */
  readonly coefficients: Float64Array;
  readonly sigma2: number;
  /** with its constants, at its maximum: before any bias correction */
  readonly logLikelihood: number;
  /** rows that the likelihood counts */
  readonly observations: number;
  /** ε̂ = QR(Sy − Xb) */
  readonly residuals: Float64Array;
  /** QRX and QRWy at the estimates */
  readonly columns: { readonly x: readonly Float64Array[]; readonly wy: Float64Array | null };
  /** QM(Sy − Xb), QMX and QMWy; null without spatial errors */
  readonly lagged: {
    readonly residuals: Float64Array;
    readonly x: readonly Float64Array[];
    readonly wy: Float64Array | null;
  } | null;
  /** local maxima that the search found */
  readonly maxima: number;
  /** what the bias correction added to (ρ, β, λ), in this order; null without one */
  readonly correction: Float64Array | null;
  /** σ/√(σ² + Tσ_μ²) of random effects; null without */
  readonly kappa: number | null;
}

/** Columns as the likelihood takes them. */
export function likelihoodColumns({ y, x, lag, error }: MlEquation, { within }: MlPanel, demeaning: Demeaning): SpatialColumns {
  const [before, after] = demeaning === 'before-lag' ? [within, (c: Float64Array) => c] : [(c: Float64Array) => c, within];
  const [y0, x0] = [before(y), x.map(before)];
  const wy = lag === null ? null : spatialLag(lag.all, y0);
  const m = (column: Float64Array) => after(spatialLag(error!.all, column));
  return {
    y: after(y0),
    wy: wy === null ? null : after(wy),
    x: x0.map(after),
    filtered: error === null ? null : { y: m(y0), wy: wy === null ? null : m(wy), x: x0.map(m) },
  };
}

/** What the likelihood counts: periods, units, and whether a time transformation has taken one eigenvalue out of W. */
export function counted({ units, periods, entityEffects, timeEffects }: MlPanel, approach: Approach) {
  const transformed = approach === 'transformation';
  const T = transformed && entityEffects ? periods - 1 : periods;
  const N = transformed && timeEffects ? units - 1 : units;
  return { periods: T, units: N, observations: N * T, centred: transformed && timeEffects };
}

/** T·log|I − ρW|, less T·log(1 − ρc) after a time transformation with row sums c. */
export function jacobianOf({ determinant, rowSum }: SpatialPart, periods: number, centred: boolean): Jacobian {
  const c = centred ? rowSum! : 0;
  return {
    lower: determinant.bounds.lower,
    upper: determinant.bounds.upper,
    costly: determinant.method === 'sparse LU',
    at(p) {
      const { value, trace, traceSquare } = determinant.at(p);
      const root = c / (1 - p * c);
      return {
        value: periods * (value - Math.log1p(-p * c)),
        slope: -periods * (trace - root),
        curvature: -periods * (traceSquare - root * root),
      };
    },
  };
}

/**
 * (Quasi) maximum likelihood of y = ρWy + Xβ + effects + u, u = λMu + ε, concentrated over β, σ² and the effects:
 *
 *   log L = T·(log|I − ρW| + log|I − λM|) − (n/2)·log(2πσ²) − SSR/(2σ²),   σ² = SSR/n
 *
 * direct: n = NT. transformation (individual effects): T − 1 in place of T. transformation (time effects): N − 1 in place of N, and
 * log|I − ρW| − log(1 − ρc) with c the sum of every row of W. bias-corrected: direct estimates and their first-order correction.
 *
 * @throws EstimationError `spatial_parameter_at_bound`, `no_convergence`, `perfect_fit`, `unequal_row_sums`, `too_few_rows`
 * @see Lee & Yu (2010), Journal of Econometrics 154, 165–185, eqs. 7, 20, 33; Elhorst (2014), Spatial Econometrics, §3.3
 */
export function fitSpatialMl(equation: MlEquation, panel: MlPanel, approach: Approach, demeaning: Demeaning): MlFit {
  const { lag, error } = equation;
  const counts = counted(panel, approach);
  requireEqualSums(equation, panel, approach);
  if (counts.observations <= equation.x.length + 2) {
    throw new EstimationError(
      'too_few_rows',
      `the likelihood counts ${counts.observations} observations, and has ${equation.x.length} coefficients: more rows are needed`,
    );
  }
  const columns = likelihoodColumns(equation, panel, demeaning);
  const { rho, lambda, value, fit, maxima } = maximise(
    counts.observations,
    lag === null ? null : jacobianOf(lag, counts.periods, counts.centred),
    error === null ? null : jacobianOf(error, counts.periods, counts.centred),
    filteredRegression(columns),
  );
  const n = counts.observations;
  const found = atParameters(columns, rho, lambda, fit.coefficients);
  const direct: MlFit = {
    rho: lag === null ? null : rho,
    lambda: error === null ? null : lambda,
    coefficients: fit.coefficients,
    sigma2: fit.ssr / n,
    logLikelihood: value - (n / 2) * (Math.log((2 * Math.PI) / n) + 1),
    observations: n,
    ...found,
    maxima,
    correction: null,
    kappa: null,
  };
  return approach === 'bias-corrected' ? biasCorrected(direct, equation, panel, demeaning, columns) : direct;
}

function requireEqualSums({ lag, error }: MlEquation, { timeEffects }: MlPanel, approach: Approach): void {
  if (!timeEffects) return;
  const unequal = [lag, error].some((part) => part !== null && part.rowSum === null);
  if (unequal && (approach === 'transformation' || error !== null)) {
    throw new EstimationError(
      'unequal_row_sums',
      `${approach === 'transformation' ? 'the transformation of time effects needs' : 'spatial errors with time effects need'} weights whose rows all have the same sum: ` +
        'normalise them by rows (units without neighbours have a sum of 0), ' +
        (approach === 'transformation' ? 'or take approach: bias-corrected' : 'or leave the time effects out'),
    );
  }
}

/** Residuals and columns at given parameters. */
export function atParameters(
  { y, wy, x, filtered }: SpatialColumns,
  rho: number,
  lambda: number,
  coefficients: Float64Array,
): Pick<MlFit, 'residuals' | 'columns' | 'lagged'> {
  const filter = (column: Float64Array, image: Float64Array | undefined | null) => {
    if (!image) return column;
    const out = Float64Array.from(column);
    addScaled(out, -lambda, image);
    return out;
  };
  const rx = x.map((column, j) => filter(column, filtered?.x[j]));
  const rWy = wy === null ? null : filter(wy, filtered?.wy);
  const residuals = Float64Array.from(filter(y, filtered?.y));
  if (rWy !== null) addScaled(residuals, -rho, rWy);
  rx.forEach((column, j) => {
    addScaled(residuals, -coefficients[j], column);
  });
  let lagged: MlFit['lagged'] = null;
  if (filtered !== null) {
    const mu = Float64Array.from(filtered.y);
    if (filtered.wy !== null) addScaled(mu, -rho, filtered.wy);
    filtered.x.forEach((column, j) => {
      addScaled(mu, -coefficients[j], column);
    });
    lagged = { residuals: mu, x: filtered.x, wy: filtered.wy };
  }
  return { residuals, columns: { x: rx, wy: rWy }, lagged };
}

/** An operator of one period on every period's rows. */
export function byPeriod(operator: PeriodOperator, { units, periods, entity, time }: MlPanel, x: Float64Array): Float64Array {
  const stacked = new Float64Array(units * periods);
  for (let row = 0; row < x.length; row++) stacked[time[row] * units + entity[row]] = x[row];
  const images = Array.from({ length: periods }, (_, t) => operator.apply(stacked.slice(t * units, (t + 1) * units)));
  return x.map((_, row) => images[time[row]][entity[row]]);
}

/** The mean of QRWy given X and the effects: QRWy = mean + QHε. Null without Wy. */
export function meanOfLag(fit: MlFit, h: PeriodOperator, panel: MlPanel, demeaning: Demeaning): Float64Array | null {
  if (fit.columns.wy === null) return null;
  const image = byPeriod(h, panel, fit.residuals);
  const noise = demeaning === 'after-lag' ? panel.within(image) : image;
  return fit.columns.wy.map((value, i) => value - noise[i]);
}

/** Covariance of (ρ, β, λ, σ²), those there are, from the observed information. */
export function observedCovariance(fit: MlFit, { lag, error }: MlEquation, panel: MlPanel, approach: Approach): Matrix {
  const { periods, observations, centred } = counted(panel, approach);
  const bend = (part: SpatialPart | null, at: number | null) =>
    part === null || at === null ? 0 : -jacobianOf(part, periods, centred).at(at).curvature;
  return informationInverse(
    observedInformation({
      x: fit.columns.x,
      wy: fit.columns.wy,
      error: fit.lagged,
      residuals: fit.residuals,
      bends: { rho: bend(lag, fit.rho), lambda: bend(error, fit.lambda) },
      sigma2: fit.sigma2,
      observations,
      random: fit.kappa === null ? null : { kappa: fit.kappa, units: panel.units, between: (x) => blend(x, panel, 0, 1) },
    }),
  );
}

/** The same from the whole expected information. */
export function expectedCovariance(
  fit: MlFit,
  { lag, error }: MlEquation,
  panel: MlPanel,
  approach: Approach,
  demeaning: Demeaning,
): Matrix {
  const counts = counted(panel, approach);
  const nothing = { h: 0, k: 0, hh: 0, kk: 0, hk: 0 };
  const spread =
    lag === null && error === null ? null : propagation(lag?.one ?? null, error?.one ?? null, fit.rho ?? 0, fit.lambda ?? 0);
  const mean = spread?.h ? meanOfLag(fit, spread.h, panel, demeaning) : null;
  return informationInverse(
    information({
      x: fit.columns.x,
      mean,
      error: error !== null,
      traces: spread === null ? nothing : propagationTraces(spread, counts.centred),
      sigma2: fit.sigma2,
      periods: counts.periods,
      observations: counts.observations,
      random: fit.kappa === null ? null : { kappa: fit.kappa, units: panel.units },
    }),
  );
}

/**
 * First-order correction of the direct estimates for concentrated effects: with time effects θ + T·I⁻¹a,
 * a = (1ᵀH1/N, 0, 1ᵀK1/N, 1/(2σ²)) (1/(1 − ρ) with rows that sum to one), then with individual effects σ²·T/(T − 1).
 *
 * @see Lee & Yu (2010), Journal of Econometrics 154, eqs. 24 and 28; Elhorst (2014), §3.3.3
 */
function biasCorrected(
  direct: MlFit,
  equation: MlEquation,
  panel: MlPanel,
  demeaning: Demeaning,
  columns: SpatialColumns,
): MlFit {
  const { lag, error } = equation;
  const { units, periods, entityEffects, timeEffects } = panel;
  if (!panel.balanced) return scoreCorrected(direct, equation, panel, demeaning, columns);
  const k = direct.coefficients.length;
  const size = k + (lag === null ? 0 : 1) + (error === null ? 0 : 1);
  let step: Float64Array = new Float64Array(size);
  let sigma2 = direct.sigma2;
  if (timeEffects) {
    const a = new Float64Array(size + 1);
    a[size] = 1 / (2 * sigma2);
    if (lag !== null || error !== null) {
      const { h, k: spread } = propagation(lag?.one ?? null, error?.one ?? null, direct.rho ?? 0, direct.lambda ?? 0);
      const one = new Float64Array(units).fill(1);
      const mean = (operator: PeriodOperator) => dot(operator.apply(one), one) / units;
      if (h !== null) a[0] = mean(h);
      if (spread !== null) a[size - 1] = mean(spread);
    }
    const covariance = expectedCovariance(direct, equation, panel, 'direct', demeaning);
    const moved = a.map((_, i) => periods * a.reduce((sum, value, j) => sum + covariance.get(i, j) * value, 0));
    step = moved.slice(0, size);
    sigma2 += moved[size];
  }
  if (entityEffects) sigma2 *= periods / (periods - 1);
  const first = lag === null ? 0 : 1;
  const rho = lag === null ? null : direct.rho! + step[0];
  const lambda = error === null ? null : direct.lambda! + step[size - 1];
  const coefficients = direct.coefficients.map((b, j) => b + step[first + j]);
  requireInside(rho, lag);
  requireInside(lambda, error);
  return {
    ...direct,
    rho,
    lambda,
    coefficients,
    sigma2,
    ...atParameters(columns, rho ?? 0, lambda ?? 0, coefficients),
    correction: step,
  };
}

function requireInside(value: number | null, part: SpatialPart | null): void {
  if (value === null || part === null) return;
  const { lower, upper } = part.determinant.bounds;
  if (value > lower && value < upper) return;
  throw new EstimationError(
    'spatial_parameter_at_bound',
    `the bias correction leads to ${value.toPrecision(4)}, outside (${lower.toPrecision(4)}, ${upper.toPrecision(4)}): take approach: transformation or direct`,
  );
}

/**
 * The same where units differ between periods, models without spatial errors: M what the effects leave, r their dimensions,
 *
 *   E[∂log Lᶜ/∂ρ] ≈ n/(n − r)·tr(MG) − tr G
 *
 * of the likelihood concentrated over β and σ² is taken out with the covariance of (ρ, β); then σ² = SSR/(n − r). It is 0 for entity
 * effects of a balanced panel, as in Lee & Yu's first result.
 */
function scoreCorrected(
  direct: MlFit,
  equation: MlEquation,
  panel: MlPanel,
  demeaning: Demeaning,
  columns: SpatialColumns,
): MlFit {
  const { lag } = equation;
  const { units: n, absorbed, within } = panel;
  const k = direct.coefficients.length;
  let [rho, coefficients] = [direct.rho, direct.coefficients];
  let step: Float64Array = new Float64Array(k);
  if (lag !== null && rho !== null) {
    const { h } = propagation(lag.one, null, rho, 0);
    let [all, left] = [0, 0];
    const e = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      e[j] = 1;
      const image = h!.apply(e);
      all += image[j];
      left += within(image)[j];
      e[j] = 0;
    }
    const score = (n / (n - absorbed)) * left - all;
    const covariance = expectedCovariance(direct, equation, panel, 'direct', demeaning);
    step = Float64Array.from({ length: k + 1 }, (_, i) => -covariance.get(i, 0) * score);
    rho += step[0];
    requireInside(rho, lag);
    coefficients = coefficients.map((b, j) => b + step[j + 1]);
  }
  const found = atParameters(columns, rho ?? 0, 0, coefficients);
  const sigma2 = dot(found.residuals, found.residuals) / (n - absorbed);
  return { ...direct, rho, coefficients, sigma2, ...found, correction: step };
}

/** a·(x − x̄_i) + b·x̄_i, the means those of the units. */
export function blend(x: Float64Array, { units, periods, entity }: MlPanel, a: number, b: number): Float64Array {
  const means = new Float64Array(units);
  for (let row = 0; row < x.length; row++) means[entity[row]] += x[row] / periods;
  return x.map((value, row) => a * (value - means[entity[row]]) + b * means[entity[row]]);
}
