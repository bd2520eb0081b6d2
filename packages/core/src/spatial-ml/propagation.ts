import { dot } from '../linalg/vector.js';
import { spatialLag, transposedLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import { type SpatialInverse, spatialFilterInverse } from './inverse.js';

/** H = R W S⁻¹R⁻¹ and K = M R⁻¹ (S = I − ρW, R = I − λM): what the likelihood's slopes in ρ and λ do to the errors of a period. */
export interface Propagation {
  readonly units: number;
  /** null in a model without Wy */
  readonly h: PeriodOperator | null;
  /** null in a model without spatial errors */
  readonly k: PeriodOperator | null;
}

export interface PeriodOperator {
  apply(x: Float64Array): Float64Array;
  applyTransposed(x: Float64Array): Float64Array;
}

export function propagation(w: SparseRows | null, m: SparseRows | null, rho: number, lambda: number): Propagation {
  const units = (w ?? m)!.starts.length - 1;
  const errors: SpatialInverse | null = m === null ? null : spatialFilterInverse(m, lambda);
  const k: PeriodOperator | null =
    m === null
      ? null
      : {
          apply: (x) => spatialLag(m, errors!.apply(x)),
          applyTransposed: (x) => errors!.applyTransposed(transposedLag(m, x)),
        };
  if (w === null) return { units, h: null, k };
  const lags = spatialFilterInverse(w, rho);
  const g: PeriodOperator = {
    apply: (x) => spatialLag(w, lags.apply(x)),
    applyTransposed: (x) => lags.applyTransposed(transposedLag(w, x)),
  };
  if (m === null) return { units, h: g, k };
  const filter = (x: Float64Array, image: Float64Array) => x.map((value, i) => value - lambda * image[i]);
  const h: PeriodOperator = {
    apply(x) {
      const image = g.apply(errors!.apply(x));
      return filter(image, spatialLag(m, image));
    },
    applyTransposed: (x) => errors!.applyTransposed(g.applyTransposed(filter(x, transposedLag(m, x)))),
  };
  return { units, h, k };
}

/** Traces of H and K that the information matrix is made of; those of a part that a model does not have are 0. */
export interface PropagationTraces {
  readonly h: number;
  readonly k: number;
  /** tr(HH) + tr(HᵀH), and so on */
  readonly hh: number;
  readonly kk: number;
  readonly hk: number;
}

/**
 * Exact, one column of the identity after another.
 *
 * @param centred  of JH and JK in place of H and K, J = I − 11ᵀ/n: after a time transformation. Needs H1 = h1 and K1 = k1, which equal row sums give
 */
export function propagationTraces({ units: n, h, k }: Propagation, centred: boolean): PropagationTraces {
  const sums = { h: 0, k: 0, hh: 0, kk: 0, hk: 0 };
  const e = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    e[j] = 1;
    const [hj, htj] = h === null ? [null, null] : [h.apply(e), h.applyTransposed(e)];
    const kj = k === null ? null : k.apply(e);
    if (hj !== null) {
      sums.h += hj[j];
      sums.hh += dot(hj, htj!) + dot(hj, hj);
    }
    if (kj !== null) {
      sums.k += kj[j];
      sums.kk += dot(kj, k!.applyTransposed(e)) + dot(kj, kj);
    }
    if (hj !== null && kj !== null) sums.hk += dot(htj!, kj) + dot(hj, kj);
    e[j] = 0;
  }
  if (!centred) return sums;
  const one = new Float64Array(n).fill(1);
  const [h1, k1] = [h, k].map((operator) => (operator === null ? new Float64Array(n) : operator.applyTransposed(one)));
  const root = (image: Float64Array) => image.reduce((sum, value) => sum + value, 0) / n; // 1ᵀH1/n, the eigenvalue of 1
  const [a, b] = [root(h1), root(k1)];
  return {
    h: sums.h - a,
    k: sums.k - b,
    hh: sums.hh - a * a - dot(h1, h1) / n,
    kk: sums.kk - b * b - dot(k1, k1) / n,
    hk: sums.hk - a * b - dot(h1, k1) / n,
  };
}
