import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { applyQTranspose, qr } from '../linalg/qr.js';
import { addScaled, dot } from '../linalg/vector.js';

/** What the effects leave of the outcome, of the regressors, and of their lags; all of the same length. */
export interface SpatialColumns {
  readonly y: Float64Array;
  /** Wy; null in a model without it */
  readonly wy: Float64Array | null;
  readonly x: readonly Float64Array[];
  /** M times each of these; null in a model without spatial errors */
  readonly filtered: {
    readonly y: Float64Array;
    readonly wy: Float64Array | null;
    readonly x: readonly Float64Array[];
  } | null;
}

/** Least squares of R(S y) on RX, S = I − ρW, R = I − λM, with slopes of its sum of squares in (ρ, λ). */
export interface FilteredFit {
  readonly ssr: number;
  readonly coefficients: Float64Array;
  /** of ssr, in ρ and λ; 0 for one that the model does not have */
  readonly gradient: readonly [number, number];
  /** ρρ, ρλ, λλ */
  readonly hessian: readonly [number, number, number];
}

/**
 * Sum of squares concentrated over β, for any ρ and λ in time that does not depend on the rows: all columns are rotated once by
 * an orthogonal matrix onto as many rows as they have dimensions.
 *
 *   e = R S y − RXb,   ∂SSR/∂ρ = −2eᵀRWy,   ∂SSR/∂λ = −2eᵀM(S y − Xb)
 *   ∂²SSR = 2[r_θᵀr_φ + eᵀr_θφ − v_θᵀ(XᵀRᵀRX)⁻¹v_φ],   r_θ = ∂e/∂θ at fixed b,   v_θ = (RX)ᵀr_θ + (∂RX/∂θ)ᵀe
 */
export function filteredRegression(columns: SpatialColumns): (rho: number, lambda: number) => FilteredFit {
  const turned = rotatedColumns(columns);
  const none = new Float64Array(turned.y.length);
  const small = {
    x: turned.x,
    y: turned.y,
    wy: turned.wy ?? none,
    mx: turned.filtered?.x ?? null,
    my: turned.filtered?.y ?? none,
    mwy: turned.filtered?.wy ?? none,
  };
  const total = dot(small.y, small.y);
  return (rho, lambda) => {
    const columns = small.x.map((column, j) => (small.mx === null ? column : combine(column, -lambda, small.mx[j])));
    const rWy = combine(small.wy, -lambda, small.mwy);
    const outcome = combine(combine(small.y, -lambda, small.my), -rho, rWy);
    const { ssr, residuals: e, coefficients, inverseGram, collinear } = leastSquares(columns, outcome);
    if (collinear.length > 0) {
      throw new EstimationError('collinear', `the spatial filter at λ = ${lambda.toPrecision(4)} leaves regressors collinear`);
    }
    if (!(ssr > 1e-24 * total)) {
      throw new EstimationError('perfect_fit', 'the regressors fit the outcome exactly: the likelihood has no maximum');
    }
    const mu = combine(small.my, -rho, small.mwy); // M(Sy − Xb)
    if (small.mx !== null)
      small.mx.forEach((column, j) => {
        addScaled(mu, -coefficients[j], column);
      });
    const v = columns.map((column, j) => [-dot(column, rWy), -dot(column, mu) - (small.mx === null ? 0 : dot(small.mx[j], e))]);
    const second = (a: 0 | 1, b: 0 | 1, own: number) => {
      let sum = own;
      for (let i = 0; i < v.length; i++) for (let j = 0; j < v.length; j++) sum -= v[i][a] * inverseGram.get(i, j) * v[j][b];
      return 2 * sum;
    };
    return {
      ssr,
      coefficients,
      gradient: [-2 * dot(e, rWy), -2 * dot(e, mu)],
      hessian: [second(0, 0, dot(rWy, rWy)), second(0, 1, dot(rWy, mu) + dot(e, small.mwy)), second(1, 1, dot(mu, mu))],
    };
  };
}

/** The same columns turned by an orthogonal matrix onto as many rows as they have dimensions: all inner products stay. */
export function rotatedColumns({ y, wy, x, filtered }: SpatialColumns): SpatialColumns {
  const given = [...x, y, ...(wy === null ? [] : [wy])];
  const lagged = filtered === null ? [] : [...filtered.x, filtered.y, ...(filtered.wy === null ? [] : [filtered.wy])];
  const factor = qr([...given, ...lagged]);
  const rotate = (column: Float64Array) => {
    const turned = Float64Array.from(column);
    applyQTranspose(factor, turned);
    return turned.slice(0, factor.rank);
  };
  const maybe = (column: Float64Array | null) => (column === null ? null : rotate(column));
  return {
    y: rotate(y),
    wy: maybe(wy),
    x: x.map(rotate),
    filtered: filtered === null ? null : { y: rotate(filtered.y), wy: maybe(filtered.wy), x: filtered.x.map(rotate) },
  };
}

function combine(a: Float64Array, c: number, b: Float64Array): Float64Array {
  const sum = Float64Array.from(a);
  addScaled(sum, c, b);
  return sum;
}
