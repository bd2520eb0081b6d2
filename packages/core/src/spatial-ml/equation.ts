import { addScaled } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import type { SpatialColumns } from './filtered-regression.js';
import type { LogDeterminant } from './log-determinant.js';
import type { Jacobian } from './maximise.js';
import type { PeriodOperator } from './propagation.js';

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

/** a·(x − x̄_i) + b·x̄_i, the means those of the units. */
export function blend(x: Float64Array, { units, periods, entity }: MlPanel, a: number, b: number): Float64Array {
  const means = new Float64Array(units);
  for (let row = 0; row < x.length; row++) means[entity[row]] += x[row] / periods;
  return x.map((value, row) => a * (value - means[entity[row]]) + b * means[entity[row]]);
}
