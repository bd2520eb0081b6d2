import type { Matrix } from 'ml-matrix';
import { rowScores } from '../covariance/sandwich.js';
import { crossGroupings, type Grouping } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { crossProduct, gram } from '../linalg/gram.js';
import { dot, maxAbs } from '../linalg/vector.js';

/** What is assumed of the errors when moments Qᵀe are weighed. */
export type ErrorStructure =
  | { readonly kind: 'classical' }
  | { readonly kind: 'robust' }
  | {
      readonly kind: 'cluster';
      /** cluster of each row ∈ {0, …, count − 1} */
      readonly codes: Uint32Array;
      readonly count: number;
      /** two-way clusters: V = V₁ + V₂ − V₁₂, which can be indefinite (Cameron, Gelbach & Miller 2011) */
      readonly second?: Grouping | undefined;
    };

/** G: the smaller number of two-way clusters, as in `ivreg2`. */
export function clusterCount(errors: Extract<ErrorStructure, { kind: 'cluster' }>): number {
  return Math.min(errors.count, errors.second?.levels ?? errors.count);
}

/** The groupings whose moments are summed, with their signs. */
export function clusterTerms({ codes, count, second }: Extract<ErrorStructure, { kind: 'cluster' }>): readonly {
  readonly by: Grouping;
  readonly sign: 1 | -1;
}[] {
  const first = { codes, levels: count };
  if (second === undefined) return [{ by: first, sign: 1 }];
  return [
    { by: first, sign: 1 },
    { by: second, sign: 1 },
    { by: crossGroupings(first, second), sign: -1 },
  ];
}

/** What small-sample factors count. */
export interface SampleSizes {
  /** n */
  readonly rows: number;
  /** L: exogenous regressors and instruments, constant included, effects not */
  readonly instruments: number;
  /** K: all regressors, constant included, effects not */
  readonly regressors: number;
  /** dimensions that absorbed effects took */
  readonly absorbed: number;
  /** of these, those of effects that are not nested in the clusters; unused without clusters */
  readonly absorbedAcrossClusters: number;
}

/**
 * Σ̂, the covariance of Qᵀe up to a factor, never divided by n:
 *
 *   classical (eᵀe/n) QᵀQ,   robust Σ_i e_i² q_i q_iᵀ,   cluster Σ_g s_g s_gᵀ, s_g = Σ_{i∈g} e_i q_i, two-way the sum of both less that by pairs
 *
 * @param basis  columns of length n
 * @see Baum, Schaffer & Stillman (2007), Stata Journal 7(4), §3; Hayashi (2000), eq. 3.5.10
 */
export function momentCovariance(basis: readonly Float64Array[], e: Float64Array, errors: ErrorStructure): Matrix {
  if (errors.kind === 'classical') return gram(basis).mul(dot(e, e) / e.length);
  return sumOfTerms(errors, (scores) => gram(scores(basis, e)));
}

/** Σ̂ between the moments of two error columns: Σ_g s_g(e) s_g(f)ᵀ, likewise. */
export function crossMomentCovariance(
  basis: readonly Float64Array[],
  e: Float64Array,
  f: Float64Array,
  errors: ErrorStructure,
): Matrix {
  if (errors.kind === 'classical') return gram(basis).mul(dot(e, f) / e.length);
  return sumOfTerms(errors, (scores) => crossProduct(scores(basis, e), scores(basis, f)));
}

/** e_i q_ij by columns, one entry a row, or summed by cluster. */
type Scores = (basis: readonly Float64Array[], e: Float64Array) => Float64Array[];

function sumOfTerms(errors: Exclude<ErrorStructure, { kind: 'classical' }>, product: (scores: Scores) => Matrix): Matrix {
  if (errors.kind === 'robust') return product(rowScores);
  const [first, ...others] = clusterTerms(errors).map(({ by: { codes, levels }, sign }) => {
    const scores: Scores = (basis, e) =>
      basis.map((q) => {
        const sums = new Float64Array(levels);
        for (let i = 0; i < q.length; i++) sums[codes[i]] += q[i] * e[i];
        return sums;
      });
    return product(scores).mul(sign);
  });
  return others.reduce((sum, term) => sum.add(term), first);
}

/** Refuses errors of exact zeros, of which no covariance can be made. */
export function requireErrors(e: Float64Array, scale: Float64Array): void {
  if (maxAbs(e) > perfect * maxAbs(scale)) return;
  throw new EstimationError('perfect_fit', 'the residuals are zero but for rounding: nothing is left to estimate errors from');
}

/** Residuals below this share of the largest value are rounding. */
const perfect = 1e-13;

/**
 * Wald and LM quadratic forms hᵀΣ̂⁻¹h become printed statistics by these, as in Stata's `ivreg2`:
 *
 * - χ²: times (n − a)/n, a the dimensions absorbed; with clusters times 1 (effects within clusters cost nothing);
 * - F: without clusters times (n − L − a)/n, against F(·, n − L − a); with clusters times
 *   (n − L − a′)/(n − 1) · (G − 1)/G, a′ the dimensions of effects across clusters, against F(·, G − 1).
 *
 * @see `ivreg2` 4.1, macros `dofminus` (here a) and `sdofminus` (here a′)
 */
export function statisticScales(errors: ErrorStructure, sizes: SampleSizes): { chi2: number; f: number; df2: number } {
  const { rows: n, instruments: L, absorbed, absorbedAcrossClusters } = sizes;
  if (errors.kind === 'cluster') {
    const G = clusterCount(errors);
    if (G < 2) throw new EstimationError('too_few_clusters', `clustered statistics need G ≥ 2 clusters, got ${G}`);
    return { chi2: 1, f: ((n - L - absorbedAcrossClusters) / (n - 1)) * ((G - 1) / G), df2: G - 1 };
  }
  const df2 = n - L - absorbed;
  if (df2 < 1) {
    throw new EstimationError(
      'too_few_rows',
      `the first stage needs more rows than regressors and effects, got ${n} rows, ${L} and ${absorbed}`,
    );
  }
  return { chi2: (n - absorbed) / n, f: df2 / n, df2 };
}
