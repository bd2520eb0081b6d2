import { PhiloxStream } from '../../random/stream.js';
import { drawDonors, drawWeights } from './draws.js';
import { falls } from './falls.js';
import { fallsOfSeveral } from './falls-several.js';
import { abreast, type Group } from './group.js';
import { pairProducts } from './products.js';
import { lookUp, project, projectWeights } from './projections.js';
import { walkDonors, walkDonorsByEntity, walkWeights } from './walks.js';
import { walkDonorsOfSeveral, walkDonorsOfSeveralByEntity } from './walks-several.js';

/**
 * The steps of a replication, on the arrays of a group. Two kernels have them, one in TypeScript and one in WebAssembly
 * (`assembly/threshold.ts`): the same operations in the same order, each lane a replication of its own, so the same bits.
 */
export interface Steps {
  /** donors or weights, and e*'e*, of the first `used` lanes of a block, from `replication` on */
  draw(block: number, replication: number, used: number): void;
  /** Uᵀe* of the first `used` lanes from the table */
  lookUp(used: number): void;
  /** Uᵀe* of a block of lanes */
  project(block: number): void;
  /** zₗᵀe* at the ends of bins and Σ|P r||e*| over them, of a block of lanes */
  walk(block: number): void;
  /** the largest fall of the first `used` lanes of a block */
  falls(block: number, used: number): void;
}

export interface Kernel {
  /** what `donors` counts in: 1/unit rows */
  readonly unit: number;
  readonly buffer: (bytes: number) => ArrayBuffer;
  /** fills the table when there is one */
  readonly steps: (group: Group) => Steps;
}

export const typescriptKernel = (): Kernel => ({
  unit: 1,
  buffer: (bytes) => new ArrayBuffer(bytes),
  steps(group) {
    const blocks = group.method === 'residual-blocks';
    const k = group.stage.dimension;
    const stream = new PhiloxStream(group.seed, group.stream);
    const weights = new Float64Array(group.stage.entities);
    if (group.table) pairProducts(group);
    return {
      draw(block, replication, used) {
        for (let lane = 0; lane < used; lane++) {
          if (blocks) drawDonors(group, stream, block * abreast + lane, replication + lane);
          else drawWeights(group, stream, block * abreast + lane, replication + lane, weights);
        }
      },
      lookUp: (used) => lookUp(group, used),
      project: blocks ? (block) => project(group, block) : (block) => projectWeights(group, block),
      walk(block) {
        if (!blocks) for (let l = 0; l < k; l++) walkWeights(group, block, l);
        else if (group.byEntity) (k === 1 ? walkDonorsByEntity : walkDonorsOfSeveralByEntity)(group, block);
        else (k === 1 ? walkDonors : walkDonorsOfSeveral)(group, block);
      },
      falls: (block, used) => (k === 1 ? falls : fallsOfSeveral)(group, block, used),
    };
  },
});
