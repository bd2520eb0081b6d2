import { EstimationError } from '../errors.js';
import { addScaled, dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import type { SpatialDesign } from './design.js';
import type { FirstStep, WithinDesign } from './first-step.js';

/**
 * The design with the powers of W on X replaced by the estimated conditional mean of Wy, W(I − ρ̂W)⁻¹(X₁γ̂ + D̂δ̂): with it the
 * covariance of 2SLS is the smallest that instruments from X give. Instruments from outside stay.
 *
 * @see Lee (2003), Econometric Reviews 22, 307–335, eq. 3.4; Kelejian, Prucha & Yuzefovich (2004), on its series
 */
export function optimalInstrument(
  design: SpatialDesign,
  columns: WithinDesign,
  first: FirstStep,
  w: SparseRows,
  within: (x: Float64Array) => Float64Array,
): WithinDesign {
  const [rho, ...rest] = first.coefficients;
  const mean = new Float64Array(columns.outcome.length);
  // fitted columns: of D its projection on the instruments, of X₁ itself
  rest.forEach((b, k) => {
    addScaled(mean, b, first.fitted[k + 1]);
  });
  const best = within(spatialLag(w, spatialInverse(w, mean, rho, within)));
  const outside = design.instruments.flatMap(({ source }, k) => (source === 'outside' ? [k] : []));
  return {
    ...columns,
    instruments: [best, ...outside.map((k) => columns.instruments[k])],
    names: {
      ...columns.names,
      instruments: ['W(I − ρW)⁻¹Xb', ...outside.map((k) => columns.names.instruments[k])],
    },
  };
}

/**
 * (I − ρW)⁻¹x by its series, which converges for |ρ| below the inverse of W's largest eigenvalue.
 * @throws EstimationError `no_convergence`
 */
export function spatialInverse(
  w: SparseRows,
  x: Float64Array,
  rho: number,
  within?: (x: Float64Array) => Float64Array,
): Float64Array {
  const sum = Float64Array.from(x);
  let term = Float64Array.from(x);
  let image = new Float64Array(x.length);
  const scale = Math.sqrt(dot(x, x));
  for (let power = 1; power <= mostTerms; power++) {
    spatialLag(w, term, image);
    if (within !== undefined) image = Float64Array.from(within(image));
    let square = 0;
    for (let i = 0; i < sum.length; i++) {
      image[i] *= rho;
      sum[i] += image[i];
      square += image[i] * image[i];
    }
    const size = Math.sqrt(square);
    if (size <= 1e-13 * scale) return sum;
    if (!(size < 1e6 * scale)) break;
    [term, image] = [image, term];
  }
  throw new EstimationError(
    'no_convergence',
    `the series of (I − ρW)⁻¹ does not converge at ρ = ${rho.toPrecision(4)}: |ρ| times the largest eigenvalue of W must be below 1`,
  );
}

const mostTerms = 20_000;
