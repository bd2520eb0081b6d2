import type { Progress } from '../analysis.js';
import type { DonorClasses } from './donors.js';
import { abreast, type Group, makeGroup } from './group.js';
import type { Kernel } from './kernel.js';
import { fastestKernel } from './kernel-webassembly.js';
import type { PreparedStage } from './stage.js';
import type { WildWeights } from './weights.js';

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
  /** what regressors as they are multiply, where that is not the residuals themselves (`within.ts`) */
  readonly scores?: Float64Array | undefined;
  /** residual-blocks: entities that may stand in for one another; when left out, those with as many rows */
  readonly classes?: DonorClasses | undefined;
  readonly method: BootstrapMethod;
  /** of the wild bootstrap; Rademacher when left out */
  readonly weighting?: WildWeights | undefined;
  readonly seed: number;
  readonly stream: number;
  /** what S₁ is divided by in F = (S₀ − S₁) / (S₁ / denominator) */
  readonly denominator: number;
  /** about how many replications will be asked for: whether tables pay. The numbers do not depend on it */
  readonly expected: number;
  /** rows from which a panel counts as large: the order of sums depends on it, the same for everybody unless a test says otherwise */
  readonly largeFrom?: number;
}

/**
 * The bootstrap of one stage: y* = e*, S₀* and the least S₁* over all candidates, F*.
 *
 * F does not change when anything in the span of U is added to the outcome, so y* needs no fitted part: e* is enough. A
 * replication is one running sum of r·e* in threshold order, Uᵀe*, and the maximum over candidates, which `bins.ts` finds
 * without looking at most of them. The order of every sum is fixed, so the bits depend neither on how many replications run
 * abreast, nor on pruning, nor on the kernel:
 * - Uᵀe* by entity, rows within an entity first
 * - zᵀe* in threshold order; of a large panel under residual blocks (`largeFrom`), by bins of candidates, a bin's sum by entity
 *   (`walkDonorsByEntity`), and between the ends of bins in threshold order from the last end
 *
 * residual-blocks: every entity gets the whole residual vector of an entity drawn with replacement (Hansen 1999, §4), from those
 * of its class, which have the same periods. wild-entity: every entity keeps its residuals, times one drawn weight.
 */
export function makeReplicator(stage: PreparedStage, options: ReplicatorOptions, kernel: Kernel = fastestKernel()): Replicator {
  const group = makeGroup(stage, options, kernel);
  const steps = kernel.steps(group);
  const { lanes, ssrNull, fall, table } = group;

  return {
    run(first, count, progress) {
      const result = new Float64Array(count);
      for (let done = 0; done < count; done += lanes) {
        const used = Math.min(lanes, count - done);
        for (let lane = 0; lane < used; lane += abreast)
          steps.draw(lane / abreast, first + done + lane, Math.min(abreast, used - lane));
        if (table) steps.lookUp(used);
        for (let lane = 0; lane < used; lane += abreast) {
          const now = Math.min(abreast, used - lane);
          const block = lane / abreast;
          if (!table) steps.project(block);
          takeOutSpan(group, block, now);
          steps.walk(block);
          steps.falls(block, now);
          for (let i = lane; i < lane + now; i++) result[done + i] = fall[i] / ((ssrNull[i] - fall[i]) / options.denominator);
          progress(now);
        }
      }
      return result;
    },
  };
}

/** S₀* = e*ᵀe* − ‖Uᵀe*‖². */
function takeOutSpan({ stage: { stride }, b, ssrNull }: Group, block: number, used: number): void {
  for (let lane = 0; lane < used; lane++) {
    for (let j = 0; j < stride; j++) ssrNull[block * abreast + lane] -= b[(block * stride + j) * abreast + lane] ** 2;
  }
}
