import { clusterProducts, productSolver } from '../covariance/cluster-products.js';
import type { Grouping } from '../effects/grouping.js';
import { movingEffects } from '../effects/moving-dummies.js';
import { EstimationError } from '../errors.js';
import { withinTransform } from '../linalg/demean.js';
import type { PhiloxStream } from '../random/stream.js';
import { type PanelSample, rootWeighted } from './sample.js';

/** More effects than this that move with the draw (periods) would make every refit slow. */
const mostMoving = 400;

export interface EntityBootstrap {
  /**
   * Slopes of the fixed-effects regression on entities taken `counts[e]` times, each copy an entity of its own. The array is
   * overwritten by the next refit.
   * @throws EstimationError `not_identified` if a slope is not identified by these entities
   */
  refit(counts: Uint32Array): Float64Array;
  /** Draws N entities with replacement and refits. */
  draw(random: PhiloxStream): Float64Array;
  /** All entities but one, for a jackknife: from the sums over all, (k + T)³/3 whatever N is. Otherwise as `refit`. */
  without(entity: number): Float64Array;
}

/**
 * Entity (block) bootstrap of a fixed-effects regression without its rows: cross-products are summed over the entities drawn.
 *
 *   b* = (Σ_e c_e X̃_eᵀX̃_e)⁻¹ Σ_e c_e X̃_eᵀỹ_e
 *
 * Effects nested in entities are absorbed once, for a copy of an entity has the same within transform. Period effects move with
 * the draw, so their dummies stand in X̃: the refit is exactly that of the regression on the rows drawn.
 *
 * Cost of a refit: N (k + T)²/2 additions and (k + T)³/3 for Cholesky; when every entity has every period once, period means are
 * subtracted instead, Σ_e c_e X̃_eᵀX̃_e − Σ_t s_t s_tᵀ/Σ_e c_e with s_t = Σ_e c_e x̃_et: N (k²/2 + kT). Nothing is allocated.
 *
 * @see Cameron & Miller (2015), Journal of Human Resources 50, §VI.C (pairs cluster bootstrap)
 */
export function entityBootstrap(sample: PanelSample, effects: readonly Grouping[]): EntityBootstrap {
  const { entity, weights } = sample;
  if (weights === undefined && isBalancedTwoWay(sample, effects)) return balancedBootstrap(sample);
  const { apply, dummies } = movingEffects(effects, entity, mostMoving, weights);
  const prepared = (x: Float64Array) => rootWeighted(apply(x), weights);
  const wanted = sample.regressors.length;
  const columns = [...sample.regressors.map(prepared), ...dummies.map((column) => rootWeighted(column, weights))];
  const k = columns.length;
  const products = packed(clusterProducts(columns, prepared(sample.outcome), entity.codes, entity.levels), k + 1);
  const place = lowerPlaces(k + 1);
  const size = place.length;
  const sum = new Float64Array(size);
  const product = new Float64Array((k + 1) ** 2);
  const total = new Float64Array((k + 1) ** 2);
  const all = new Float64Array(size);
  for (let e = 0; e < entity.levels; e++) for (let c = 0; c < size; c++) all[c] += products[e * size + c];
  for (let c = 0; c < size; c++) total[place[c]] = all[c];
  const solver = productSolver(k, wanted, total);

  const solve = (): Float64Array => {
    for (let c = 0; c < size; c++) product[place[c]] = sum[c];
    requireIdentified(solver.solve(product));
    return solver.coefficients.subarray(0, wanted);
  };

  const refit = (times: Uint32Array): Float64Array => {
    sum.fill(0);
    for (let e = 0; e < times.length; e++) {
      const n = times[e];
      if (n === 0) continue;
      const from = e * size;
      for (let c = 0; c < size; c++) sum[c] += n * products[from + c];
    }
    return solve();
  };
  const without = (entity: number): Float64Array => {
    for (let c = 0; c < size; c++) sum[c] = all[c] - products[entity * size + c];
    return solve();
  };
  return { refit, without, draw: drawer(entity.levels, refit) };
}

function requireIdentified(missing: number): void {
  if (missing >= 0)
    throw new EstimationError('not_identified', `slope ${missing} is not identified by the entities drawn: too few entities`);
}

function drawer(entities: number, refit: EntityBootstrap['refit']): EntityBootstrap['draw'] {
  const counts = new Uint32Array(entities);
  const drawn = new Uint32Array(entities);
  return (random) => {
    random.indices(entities, drawn);
    counts.fill(0);
    for (let i = 0; i < drawn.length; i++) counts[drawn[i]]++;
    return refit(counts);
  };
}

/** Entity and time effects, every entity with every period exactly once, rows in that order. */
function isBalancedTwoWay({ entity, time, rows }: PanelSample, effects: readonly Grouping[]): boolean {
  if (effects.length !== 2 || !effects.includes(entity) || !effects.includes(time)) return false;
  if (rows !== entity.levels * time.levels) return false;
  return entity.codes.every((e, i) => e === Math.floor(i / time.levels) && time.codes[i] === i % time.levels);
}

/** Both effects by means: the sums that move with the draw are k + 1 numbers a period. */
function balancedBootstrap({ entity, time, regressors, outcome }: PanelSample): EntityBootstrap {
  const [N, T] = [entity.levels, time.levels];
  const wanted = regressors.length;
  const width = wanted + 1;
  const columns = [...regressors, outcome].map(withinTransform(entity.codes, N));
  const places = lowerPlaces(width);
  const size = places.length;
  // of each entity: its cross-products, then its rows
  const stride = size + T * width;
  const data = new Float64Array(N * stride);
  const products = packed(clusterProducts(columns.slice(0, wanted), columns[wanted], entity.codes, N), width);
  for (let e = 0; e < N; e++) {
    data.set(products.subarray(e * size, (e + 1) * size), e * stride);
    for (let t = 0; t < T; t++) for (let j = 0; j < width; j++) data[e * stride + size + t * width + j] = columns[j][e * T + t];
  }
  const sum = new Float64Array(stride);
  const product = new Float64Array(width * width);
  const total = new Float64Array(width * width);
  for (let e = 0; e < N; e++) for (let c = 0; c < size; c++) total[places[c]] += products[e * size + c];
  const solver = productSolver(wanted, wanted, total);
  const all = new Float64Array(stride);
  for (let e = 0; e < N; e++) for (let c = 0; c < stride; c++) all[c] += data[e * stride + c];

  const solve = (drawn: number): Float64Array => {
    for (let j = 0, c = 0; j < width; j++) {
      for (let l = 0; l <= j; l++, c++) {
        let means = 0;
        for (let at = size; at < stride; at += width) means += sum[at + j] * sum[at + l];
        product[j * width + l] = sum[c] - means / drawn;
      }
    }
    requireIdentified(solver.solve(product));
    return solver.coefficients;
  };
  const refit = (times: Uint32Array): Float64Array => {
    sum.fill(0);
    let drawn = 0;
    for (let e = 0; e < N; e++) {
      const n = times[e];
      if (n === 0) continue;
      drawn += n;
      const from = e * stride;
      for (let c = 0; c < stride; c++) sum[c] += n * data[from + c];
    }
    return solve(drawn);
  };
  const without = (entity: number): Float64Array => {
    for (let c = 0; c < stride; c++) sum[c] = all[c] - data[entity * stride + c];
    return solve(N - 1);
  };
  return { refit, without, draw: drawer(N, refit) };
}

/** Places of the lower triangle in a square matrix by rows. */
function lowerPlaces(width: number): Uint32Array {
  const places = new Uint32Array((width * (width + 1)) / 2);
  let next = 0;
  for (let j = 0; j < width; j++) for (let l = 0; l <= j; l++) places[next++] = j * width + l;
  return places;
}

/** The lower triangles one after another: half the memory to walk through. */
function packed(products: readonly Float64Array[], width: number): Float64Array {
  const places = lowerPlaces(width);
  const all = new Float64Array(products.length * places.length);
  for (const [e, product] of products.entries())
    for (let c = 0; c < places.length; c++) all[e * places.length + c] = product[places[c]];
  return all;
}
