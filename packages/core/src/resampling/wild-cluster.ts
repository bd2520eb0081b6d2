import { type Grouping, isNested } from '../effects/grouping.js';
import { movingEffects } from '../effects/moving-dummies.js';
import { EstimationError } from '../errors.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { addScaled, dot } from '../linalg/vector.js';
import { partialOut } from './partial-out.js';

/** A linear model with one regressor in question. */
export interface TreatmentModel {
  readonly outcome: Float64Array;
  readonly treatment: Float64Array;
  /** without the constant */
  readonly controls: readonly Float64Array[];
  readonly constant: boolean;
  readonly effects: readonly Grouping[];
}

export interface WildOptions {
  /** β₀ */
  readonly nullValue: number;
  /** residuals of the regression with β = β₀ imposed (WCR), or without (WCU) */
  readonly imposed: boolean;
  /** c of the clustered variance */
  readonly factor: number;
  /** also the numbers that other hypotheses need; WCU needs none */
  readonly otherNulls: boolean;
}

/**
 * All that a draw needs, G numbers by G or by a few columns; see `wildClusterKernel`. Low rank: s = v ∘ own − Q (Wᵀv); dense:
 * s = A v.
 */
export interface WildKernel {
  readonly clusters: number;
  /** b − β₀ */
  readonly distance: number;
  /** of b, clustered, with c */
  readonly variance: number;
  readonly factor: number;
  /** h_g'ũ_g, and of the treatment for other hypotheses; empty if these are not asked for */
  readonly own: Float64Array;
  readonly ownTreatment: Float64Array;
  /** low rank: columns r; dense: 0 */
  readonly rank: number;
  /** low rank: Q, G×r; dense: A, G×G; by rows */
  readonly first: Float64Array;
  /** low rank: Wᵀ, r×G; dense: empty */
  readonly sums: Float64Array;
  /** low rank: Wᵀ of the treatment; dense: A of the treatment; empty if other hypotheses are not asked for */
  readonly second: Float64Array;
}

/** Numbers that a low-rank kernel may hold as columns while it is made. */
const mostNumbers = 1e7;
/** Clusters of a dense kernel: A has their square. */
const mostDense = 1_500;

/**
 * The wild cluster bootstrap of one coefficient, made ready so that a draw touches clusters and no rows.
 *
 *   y* = Xβ̃ + v_g ũ,   b* − β₀ = Σ_g v_g h_g'ũ_g,   h = x_r / x_r'x_r,   x_r = M x
 *   V* = c Σ_g s_g²,   s_g = h_g'(M_Z(v ∘ ũ))_g = v_g h_g'ũ_g − h_g'(P(v ∘ ũ))_g
 *
 * M_Z takes out regressors and effects, so time effects are fitted anew in each draw though no row is looked at: effects nested in
 * the clusters fall out of h_g'P…, the others stand as columns with the regressors, P = BBᵀ, and h_g'(P e)_g = (B_g'h_g)'Σ_h v_h B_h'ũ_h.
 * A draw costs O(G·r), r the regressors and levels not nested; or O(G²) where that is less, from G transforms of single clusters.
 *
 * ũ = M y − β₀ x_r with the null imposed (WCR), else û (WCU). Under another hypothesis ũ is less δ x_r, so sums of the treatment
 * beside those of the outcome give every t*(δ).
 *
 * @throws EstimationError `too_few_clusters`, `treatment_collinear`, `too_many_levels`
 * @see Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, §III.B; Roodman, MacKinnon, Nielsen & Webb (2019),
 *   Stata Journal 19, §5; MacKinnon, Nielsen & Webb (2023), Journal of Econometrics 232 (WCR-C and WCU-C)
 */
export function wildClusterKernel(model: TreatmentModel, cluster: Grouping, options: WildOptions): WildKernel {
  const moving = model.effects.filter((effect) => !isNested(effect, cluster));
  const width = 1 + model.controls.length + moving.reduce((sum, { levels }) => sum + levels, 0);
  if (2 * width > cluster.levels && cluster.levels <= mostDense) return denseKernel(model, cluster, options);
  if (model.outcome.length * width > mostNumbers) {
    throw new EstimationError(
      'too_many_levels',
      `the wild bootstrap holds effects that are not nested in the clusters as columns, at most ${mostNumbers.toLocaleString('en')} numbers; ` +
        `got ${width} columns of ${model.outcome.length.toLocaleString('en')} rows: cluster by a column that these effects are nested in`,
    );
  }
  return lowRankKernel(model, cluster, options);
}

interface Prepared {
  /** x_r / x_r'x_r */
  readonly influence: Float64Array;
  readonly treatment: Float64Array;
  /** ũ */
  readonly residuals: Float64Array;
  readonly distance: number;
  readonly variance: number;
}

function prepare(model: TreatmentModel, cluster: Grouping, { nullValue, imposed, factor }: WildOptions) {
  if (cluster.levels < 2)
    throw new EstimationError('too_few_clusters', `the wild cluster bootstrap needs 2 clusters, got ${cluster.levels}`);
  const partial = partialOut(model.outcome.length, model.effects, model.controls, model.constant);
  const treatment = partial.apply(model.treatment);
  const outcome = partial.apply(model.outcome);
  const square = dot(treatment, treatment);
  if (square === 0)
    throw new EstimationError(
      'treatment_collinear',
      'the treatment is a combination of controls and effects: it has no coefficient',
    );
  const influence = treatment.map((x) => x / square);
  const b = dot(influence, outcome);
  const unrestricted = less(outcome, b, treatment);
  const scores = clusterSums(influence, unrestricted, cluster);
  const prepared: Prepared = {
    influence,
    treatment,
    residuals: imposed ? less(outcome, nullValue, treatment) : unrestricted,
    distance: b - nullValue,
    variance: factor * dot(scores, scores),
  };
  return { partial, prepared };
}

function less(y: Float64Array, b: number, x: Float64Array): Float64Array {
  const result = Float64Array.from(y);
  addScaled(result, -b, x);
  return result;
}

/** Σ_{i∈g} a_i b_i. */
function clusterSums(a: Float64Array, b: Float64Array, { codes, levels }: Grouping): Float64Array {
  const sums = new Float64Array(levels);
  for (let i = 0; i < a.length; i++) sums[codes[i]] += a[i] * b[i];
  return sums;
}

const none = new Float64Array(0);

/** Exported for the test that both kernels agree. */
export function lowRankKernel(model: TreatmentModel, cluster: Grouping, options: WildOptions): WildKernel {
  const { prepared } = prepare(model, cluster, options);
  const { influence, treatment, residuals, distance, variance } = prepared;
  const { apply, dummies } = movingEffects(model.effects, cluster, Number.POSITIVE_INFINITY);
  const constant = model.constant && model.effects.length === 0 ? [new Float64Array(influence.length).fill(1)] : [];
  const { basis } = orthonormalBasis([...constant, ...[model.treatment, ...model.controls].map(apply), ...dummies]);
  const others = options.otherNulls && options.imposed;
  const G = cluster.levels;
  const byColumn = (column: Float64Array) => {
    const all = new Float64Array(basis.length * G);
    for (const [m, q] of basis.entries()) all.set(clusterSums(q, column, cluster), m * G);
    return all;
  };
  const loads = byColumn(influence);
  return {
    clusters: G,
    distance,
    variance,
    factor: options.factor,
    own: clusterSums(influence, residuals, cluster),
    ownTreatment: others ? clusterSums(influence, treatment, cluster) : none,
    rank: basis.length,
    first: loads.map((_, at) => loads[(at % basis.length) * G + Math.floor(at / basis.length)]),
    sums: byColumn(residuals),
    second: others ? byColumn(treatment) : none,
  };
}

/** Exported for the test that both kernels agree. */
export function denseKernel(model: TreatmentModel, cluster: Grouping, options: WildOptions): WildKernel {
  const { partial, prepared } = prepare(model, cluster, options);
  const { influence, treatment, residuals, distance, variance } = prepared;
  const G = cluster.levels;
  const scoresOf = (column: Float64Array) => {
    const A = new Float64Array(G * G);
    for (let h = 0; h < G; h++) {
      const only = column.map((value, i) => (cluster.codes[i] === h ? value : 0));
      const left = partial.apply(only);
      addScaled(left, -dot(influence, left), treatment);
      const sums = clusterSums(influence, left, cluster);
      for (let g = 0; g < G; g++) A[g * G + h] = sums[g];
    }
    return A;
  };
  const others = options.otherNulls && options.imposed;
  return {
    clusters: G,
    distance,
    variance,
    factor: options.factor,
    own: clusterSums(influence, residuals, cluster),
    ownTreatment: others ? clusterSums(influence, treatment, cluster) : none,
    rank: 0,
    first: scoresOf(residuals),
    sums: none,
    second: others ? scoresOf(treatment) : none,
  };
}

/** Makes the function that turns a vector of weights into the numbers of a draw (`drawWidth`), written at `at`. */
export function makeWildDraw(kernel: WildKernel): (v: Float64Array, out: Float64Array, at: number) => void {
  const { clusters: G, own, ownTreatment } = kernel;
  const others = ownTreatment.length > 0;
  const scores = new Float64Array(G);
  const scoresTreatment = new Float64Array(G);
  const fill = kernel.rank > 0 ? lowRankScores(kernel) : denseScores(kernel);
  return (v, out, at) => {
    fill(v, scores, scoresTreatment);
    let [n0, n1, d00, d01, d11] = [0, 0, 0, 0, 0];
    for (let g = 0; g < G; g++) {
      n0 += v[g] * own[g];
      d00 += scores[g] * scores[g];
    }
    if (others) {
      for (let g = 0; g < G; g++) {
        n1 += v[g] * ownTreatment[g];
        d01 += scores[g] * scoresTreatment[g];
        d11 += scoresTreatment[g] * scoresTreatment[g];
      }
    }
    out[at] = n0;
    out[at + 1] = n1;
    out[at + 2] = d00;
    out[at + 3] = d01;
    out[at + 4] = d11;
  };
}

type FillScores = (v: Float64Array, scores: Float64Array, scoresTreatment: Float64Array) => void;

function lowRankScores({ clusters: G, rank: r, own, ownTreatment, first, sums, second }: WildKernel): FillScores {
  const w = new Float64Array(r);
  const Q = rowsOf(first, G, r);
  const one = (W: readonly Float64Array[], diagonal: Float64Array) => (v: Float64Array, scores: Float64Array) => {
    for (let m = 0; m < r; m++) w[m] = dot(W[m], v);
    for (let g = 0; g < G; g++) scores[g] = v[g] * diagonal[g] - dot(Q[g], w);
  };
  const ofOutcome = one(rowsOf(sums, r, G), own);
  const ofTreatment = second.length > 0 ? one(rowsOf(second, r, G), ownTreatment) : null;
  return (v, scores, scoresTreatment) => {
    ofOutcome(v, scores);
    ofTreatment?.(v, scoresTreatment);
  };
}

function denseScores({ clusters: G, first, second }: WildKernel): FillScores {
  const one = (A: readonly Float64Array[]) => (v: Float64Array, scores: Float64Array) => {
    for (let g = 0; g < G; g++) scores[g] = dot(A[g], v);
  };
  const ofOutcome = one(rowsOf(first, G, G));
  const ofTreatment = second.length > 0 ? one(rowsOf(second, G, G)) : null;
  return (v, scores, scoresTreatment) => {
    ofOutcome(v, scores);
    ofTreatment?.(v, scoresTreatment);
  };
}

/** Views of a matrix stored by rows. */
const rowsOf = (matrix: Float64Array, rows: number, columns: number) =>
  Array.from({ length: rows }, (_, i) => matrix.subarray(i * columns, (i + 1) * columns));
