import { PhiloxStream } from '../../random/stream.js';
import { drawWeights } from './draws.js';
import { measure } from './falls.js';
import { abreast, type Group } from './group.js';
import { type Kernel, typescriptKernel } from './kernel.js';
import { kernelBytes } from './kernel-bytes.js';

/** What is used of the standard's interface: the compiler's library has it only with a browser's. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Memory: new (size: { readonly initial: number }) => Memory;
      readonly Instance: new (
        module: object,
        imports: { readonly env: { readonly memory: Memory } },
      ) => { readonly exports: unknown };
      validate(bytes: Uint8Array): boolean;
    }
  | undefined;

/** The functions of `assembly/threshold.ts`; an array is its address. */
type Exports = Readonly<
  Record<
    | 'philox'
    | 'drawDonors'
    | 'drawSigns'
    | 'pairProducts'
    | 'lookUp'
    | 'project'
    | 'projectWeights'
    | 'walkDonors'
    | 'walkWeights'
    | 'walkDonorsByEntity'
    | 'fallsAtEnds'
    | 'fallsInside',
    (...parameters: number[]) => number
  >
>;

const pageBytes = 65_536;

let compiled: object | null | undefined;

/** null where WebAssembly or its SIMD is missing, and in a core that was built without the kernel. */
function kernelModule(): object | null {
  if (compiled !== undefined) return compiled;
  const bytes = Uint8Array.from(atob(kernelBytes), (character) => character.charCodeAt(0));
  const runs = typeof WebAssembly === 'object' && bytes.length > 0 && WebAssembly.validate(bytes);
  compiled = runs ? new WebAssembly.Module(bytes) : null;
  return compiled;
}

/** The steps in WebAssembly, in a memory of the group's own; null where it cannot run. */
export function webassemblyKernel(): Kernel | null {
  const module = kernelModule();
  if (module === null || typeof WebAssembly !== 'object') return null;
  const { Memory, Instance } = WebAssembly;
  let memory: Memory;
  return {
    unit: 8,
    buffer(bytes) {
      memory = new Memory({ initial: Math.ceil(bytes / pageBytes) });
      return memory.buffer;
    },
    steps: (group) => stepsIn(group, new Instance(module, { env: { memory } }).exports as Exports),
  };
}

/** The fastest kernel that this machine has. All give the same bits. */
export const fastestKernel = (): Kernel => webassemblyKernel() ?? typescriptKernel();

function stepsIn(group: Group, wasm: Exports): ReturnType<Kernel['steps']> {
  const { stage, method, weighting, seed, stream, table, byEntity, bins } = group;
  const { entities, rows, width, stride, order } = stage;
  const blocks = method === 'residual-blocks';
  const at = addresses(group);
  const key0 = seed % 2 ** 32;
  const key1 = Math.floor(seed / 2 ** 32);
  const lanesOf = (used: number) => Array.from({ length: used }, (_, lane) => lane);
  const wordsBytes = (4 * group.words.length) / abreast;

  // All lanes of a block are drawn: nobody reads those past `used`.
  const drawDonors = (block: number, replication: number) => {
    for (let lane = 0; lane < abreast; lane++) {
      wasm.philox(at.words + lane * wordsBytes, wordsBytes / 16, replication + lane, stream, key0, key1);
    }
    for (let half = 0; half < abreast; half += 4) {
      wasm.drawDonors(
        entities,
        at.words + half * wordsBytes,
        wordsBytes,
        at.pool,
        at.poolStart,
        at.poolScale,
        at.starts,
        at.squares,
        table ? at.drawn + 4 * (block * entities * abreast + half) : 0,
        donorsOf(block) + 4 * half,
        at.ssrNull + 8 * (block * abreast + half),
      );
    }
  };
  const drawSigns = (block: number, replication: number, used: number) => {
    for (const lane of lanesOf(used)) {
      wasm.philox(at.words, 4 * Math.ceil(entities / 512), replication + lane, stream, key0, key1);
      group.ssrNull[block * abreast + lane] = wasm.drawSigns(entities, at.words, at.squares, weightsOf(block) + 8 * lane);
    }
  };
  const philox = new PhiloxStream(seed, stream);
  const weights = new Float64Array(entities);
  const drawOthers = (block: number, replication: number, used: number) => {
    for (const lane of lanesOf(used)) drawWeights(group, philox, block * abreast + lane, replication + lane, weights);
  };

  if (table) wasm.pairProducts(entities, stride, at.starts, at.basisOfRow, at.residuals, at.pairs);
  const bOf = (block: number) => at.b + 8 * block * stride * abreast;
  const donorsOf = (block: number) => at.donors + 4 * block * entities * abreast;
  const weightsOf = (block: number) => at.weights + 8 * block * entities * abreast;
  const walkedOf = (l: number) => at.walked + 8 * l * (bins.count + 1) * 2 * abreast;
  const regimeOf = (l: number) => at.regimeAt + 8 * l * order.length;
  return {
    draw: blocks ? drawDonors : weighting === 'rademacher' ? drawSigns : drawOthers,
    lookUp: (used) => wasm.lookUp(Math.ceil(used / abreast), entities, stride, at.drawn, at.pairs, at.bOfLane, at.b),
    project(block) {
      const b = bOf(block);
      if (!blocks) wasm.projectWeights(entities, stride, weightsOf(block), at.own, b);
      else wasm.project(entities, rows, width, stride, at.starts, at.basis, at.residuals, donorsOf(block), at.gathered, b);
    },
    walk(block, l) {
      const walked = walkedOf(l);
      if (!blocks) wasm.walkWeights(bins.count, at.end, at.entityAt, regimeOf(l), weightsOf(block), walked);
      else if (byEntity) {
        const r = at.regimeOf + 8 * l * rows;
        wasm.walkDonorsByEntity(entities, bins.count, at.starts, at.binOf, r, donorsOf(block), at.scores, walked);
      } else {
        wasm.walkDonors(bins.count, at.end, at.entityAt, at.offsetAt, regimeOf(l), donorsOf(block), at.scores, walked);
      }
    },
    falls(block) {
      measure(group, block);
      const fall = at.fall + 8 * block * abreast;
      wasm.fallsAtEnds(bins.count, stride, at.sumsAtEnd, at.whitenerAtEnd, bOf(block), at.walked, at.atEnd, fall);
      wasm.fallsInside(
        bins.count,
        stride,
        at.spread,
        at.scale,
        at.norm,
        at.rounding,
        at.walked,
        at.atEnd,
        fall,
        at.last,
        at.end,
        at.ends,
        at.entityAt,
        at.offsetAt,
        at.regimeAt,
        blocks ? donorsOf(block) : weightsOf(block),
        blocks ? at.scores : 0,
        at.sums,
        at.whiteners,
        bOf(block),
      );
    },
  };
}

/** Where each array begins in the memory. */
function addresses(group: Group): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(group).flatMap(([name, value]) => (ArrayBuffer.isView(value) ? [[name, value.byteOffset]] : [])),
  );
}
