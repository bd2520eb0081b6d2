import { clusterProducts, productSolver } from '../covariance/cluster-products.js';
import type { Grouping } from '../effects/grouping.js';
import { movingEffects } from '../effects/moving-dummies.js';
import { EstimationError } from '../errors.js';
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
}

/**
 * Entity (block) bootstrap of a fixed-effects regression without its rows: cross-products are summed over the entities drawn.
 *
 *   b* = (Σ_e c_e X̃_eᵀX̃_e)⁻¹ Σ_e c_e X̃_eᵀỹ_e
 *
 * Effects nested in entities are absorbed once, for a copy of an entity has the same within transform. Period effects move with
 * the draw, so their dummies stand in X̃: the refit is exactly that of the regression on the rows drawn.
 *
 * Cost of a refit: N (k + T)²/2 additions and (k + T)³/3 for Cholesky, nothing allocated.
 *
 * @see Cameron & Miller (2015), Journal of Human Resources 50, §VI.C (pairs cluster bootstrap)
 */
export function entityBootstrap(sample: PanelSample, effects: readonly Grouping[]): EntityBootstrap {
  const { entity, weights } = sample;
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
  for (let e = 0; e < entity.levels; e++) for (let c = 0; c < size; c++) total[place[c]] += products[e * size + c];
  const solver = productSolver(k, wanted, total);
  const counts = new Uint32Array(entity.levels);
  const drawn = new Uint32Array(entity.levels);

  const refit = (times: Uint32Array): Float64Array => {
    sum.fill(0);
    for (let e = 0; e < times.length; e++) {
      const n = times[e];
      if (n === 0) continue;
      const from = e * size;
      for (let c = 0; c < size; c++) sum[c] += n * products[from + c];
    }
    for (let c = 0; c < size; c++) product[place[c]] = sum[c];
    const missing = solver.solve(product);
    if (missing >= 0)
      throw new EstimationError('not_identified', `slope ${missing} is not identified by the entities drawn: too few entities`);
    return solver.coefficients.subarray(0, wanted);
  };
  return {
    refit,
    draw(random) {
      random.indices(entity.levels, drawn);
      counts.fill(0);
      for (let i = 0; i < drawn.length; i++) counts[drawn[i]]++;
      return refit(counts);
    },
  };
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
