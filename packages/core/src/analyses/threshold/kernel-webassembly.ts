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
    | 'walkDonorsOfSeveral'
    | 'walkDonorsOfSeveralByEntity'
    | 'fallsAtEnds'
    | 'fallsInside'
    | 'fallsOfSeveralAtEnds'
    | 'fallsOfSeveralInside',
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
  const { stage, method, weighting, seed, stream, table, byEntity } = group;
  const { entities, rows, width, stride, dimension: k } = stage;
  const places = stage.order.length;
  const { count } = group.bins;
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
  const drawnOf = blocks ? donorsOf : weightsOf;
  const fallOf = (block: number) => at.fall + 8 * block * abreast;
  const scores = blocks ? at.scores : 0;

  const walkWeights = (block: number) => {
    const wide = 8 * (k + 1) * abreast;
    for (let l = 0; l < k; l++) {
      const regime = at.regimeAt + 8 * l * places;
      wasm.walkWeights(count, wide, at.end, at.entityAt, regime, weightsOf(block), at.walked + 8 * l * abreast);
    }
  };
  const walkDonors = (block: number) => {
    const donors = donorsOf(block);
    const { starts, binOf, regimeOf, regimeAt, end, entityAt, offsetAt, walked } = at;
    if (byEntity) wasm.walkDonorsByEntity(entities, count, starts, binOf, regimeOf, donors, scores, walked);
    else wasm.walkDonors(count, end, entityAt, offsetAt, regimeAt, donors, scores, walked);
  };
  const walkDonorsOfSeveral = (block: number) => {
    const donors = donorsOf(block);
    const { starts, binOf, regimeOf, lengthOf, regimeAt, lengthAt, end, entityAt, offsetAt, gathered, walked } = at;
    if (byEntity) {
      wasm.walkDonorsOfSeveralByEntity(entities, count, k, rows, starts, binOf, regimeOf, lengthOf, donors, scores, walked);
    } else {
      wasm.walkDonorsOfSeveral(
        ...[count, k, places, end, entityAt, offsetAt, regimeAt, lengthAt, donors, scores, gathered, walked],
      );
    }
  };
  const falls = (block: number) => {
    const fall = fallOf(block);
    wasm.fallsAtEnds(count, stride, at.sumsAtEnd, at.whitenerAtEnd, bOf(block), at.walked, at.atEnd, fall);
    wasm.fallsInside(
      ...[count, stride, at.spread, at.scale, at.norm, at.rounding, at.walked, at.atEnd, fall],
      ...[at.last, at.end, at.ends, at.entityAt, at.offsetAt, at.regimeAt, drawnOf(block), scores],
      ...[at.sums, at.whiteners, bOf(block)],
    );
  };
  const fallsOfSeveral = (block: number) => {
    const bounds = [at.metric, at.spread, at.scale, at.reach, at.norm, at.rounding];
    const found = [at.walked, at.atEnd, at.bound, fallOf(block)];
    const b = bOf(block);
    wasm.fallsOfSeveralAtEnds(count, k, stride, at.sumsAtEnd, at.whitenerAtEnd, ...bounds, b, ...found);
    wasm.fallsOfSeveralInside(
      ...[count, k, stride, places, ...bounds, ...found],
      ...[at.last, at.end, at.ends, at.entityAt, at.offsetAt, at.regimeAt, drawnOf(block), scores],
      ...[at.sums, at.whiteners, b, at.running, at.middle, at.apart],
    );
  };
  return {
    draw: blocks ? drawDonors : weighting === 'rademacher' ? drawSigns : drawOthers,
    lookUp: (used) => wasm.lookUp(Math.ceil(used / abreast), entities, stride, at.drawn, at.pairs, at.bOfLane, at.b),
    project(block) {
      const b = bOf(block);
      if (!blocks) wasm.projectWeights(entities, stride, weightsOf(block), at.own, b);
      else wasm.project(entities, rows, width, stride, at.starts, at.basis, at.residuals, donorsOf(block), at.gathered, b);
    },
    walk: blocks ? (k === 1 ? walkDonors : walkDonorsOfSeveral) : walkWeights,
    falls(block) {
      measure(group, block);
      (k === 1 ? falls : fallsOfSeveral)(block);
    },
  };
}

/** Where each array begins in the memory. */
function addresses(group: Group): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(group).flatMap(([name, value]) => (ArrayBuffer.isView(value) ? [[name, value.byteOffset]] : [])),
  );
}
