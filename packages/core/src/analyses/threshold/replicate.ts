import { PhiloxStream } from '../../random/stream.js';
import type { Progress } from '../analysis.js';
import type { DonorClasses } from './donors.js';
import { drawBlocks, drawWeights } from './draws.js';
import { plainFalls, prunedFalls } from './falls.js';
import { makeGroup } from './group.js';
import type { PreparedStage } from './stage.js';
import { abreast } from './walks.js';
import { fillWeights, type WildWeights } from './weights.js';

/** How an outcome under the null is drawn from residuals. Stored in results: never rename. */
export type BootstrapMethod = 'residual-blocks' | 'wild-entity';

/** Draws replications of a stage's test statistic. */
export interface Replicator {
  /**
   * F* of replications first … first + count − 1, a function of (seed, stream, replication) alone.
   * @param progress  called between small groups of replications with their number
   */
  run(first: number, count: number, progress: Progress): Float64Array;
}

export interface ReplicatorOptions {
  /** within-transformed, length rows */
  readonly residuals: Float64Array;
  /** what regressors as they are multiply, when that is not the residuals themselves */
  readonly scores?: Float64Array | undefined;
  /** residual-blocks: classes of entities that may stand in for one another; all of them when left out */
  readonly classes?: DonorClasses | undefined;
  /** wild-entity: Rademacher's when left out */
  readonly weights?: WildWeights | undefined;
  readonly method: BootstrapMethod;
  readonly seed: number;
  readonly stream: number;
  /** what S₁ is divided by in F = (S₀ − S₁) / (S₁ / denominator) */
  readonly denominator: number;
  /** about how many replications will be asked for: whether tables pay. The numbers do not depend on it */
  readonly expected: number;
}

/**
 * The bootstrap of one stage: y* = e*, S₀* and the least S₁* over all candidates, F*.
 *
 * F does not change when anything in the span of U is added to the outcome, so y* needs no fitted part: e* is enough. A
 * replication is one running sum of r·e* in threshold order, Uᵀe*, and the maximum over candidates, which `bins.ts` finds
 * without looking at most of them. The order of every sum is fixed (rows in threshold order; Uᵀe* by entity, rows within
 * an entity first), so the bits depend neither on how many replications run abreast nor on pruning.
 *
 * residual-blocks: every entity gets the whole residual vector of an entity drawn with replacement (Hansen 1999, §4) from
 * those of its class, which have the same periods. wild-entity: every entity keeps its residuals, times one random weight.
 */
export function makeReplicator(stage: PreparedStage, options: ReplicatorOptions): Replicator {
  const { entities } = stage;
  const lanes = Math.min(2048, Math.max(2 * abreast, abreast * Math.floor(2 ** 18 / entities)));
  const group = makeGroup(stage, options, lanes);
  const stream = new PhiloxStream(options.seed, options.stream);
  const fill = fillWeights[options.weights ?? 'rademacher'];
  const blocks = options.method === 'residual-blocks';
  const falls = stage.dimension === 1 ? prunedFalls : plainFalls;

  return {
    run(first, count, progress) {
      const result = new Float64Array(count);
      for (let done = 0; done < count; done += lanes) {
        const used = Math.min(lanes, count - done);
        if (blocks) drawBlocks(stage, stream, first + done, used, group);
        else drawWeights(stage, stream, first + done, used, group, fill);
        for (let lane = 0; lane < used; lane += abreast) {
          const now = Math.min(abreast, used - lane);
          falls(stage, group, lane, now);
          for (let i = lane; i < lane + now; i++) {
            const ssr = group.ssrNull[i] - group.fall[i];
            result[done + i] = group.fall[i] / (ssr / options.denominator);
          }
          progress(now);
        }
      }
      return result;
    },
  };
}
