import { PhiloxStream } from '../../random/stream.js';
import { gearyStatistic, moranStatistic } from '../../spatial/moran.js';
import { countDraw, countLocalDraw, deepestRow, localProducts, permutedStatistics } from '../../spatial/permutation.js';
import type { Progress, Shard } from '../analysis.js';
import type { Fields } from './fields.js';

/** What a range of replications saw: counts only, so that a part's size does not depend on its length. */
export interface PermutationPart {
  /** of each field, four counts: I at least, at most; C at least, at most */
  readonly global: Uint32Array;
  /** of each field with local statistics, one after another: at least, of each unit; then at most */
  readonly local: Uint32Array;
}

/** Each field has two streams: its global draws and its local ones. */
export function permuteFields(
  { fields, matrices }: Fields,
  { first, count }: Shard,
  seed: number,
  progress: Progress,
): PermutationPart {
  const global = new Uint32Array(4 * fields.length);
  const local = new Uint32Array(localLength(fields));
  let localAt = 0;
  const work = fields.map((field, f) => {
    const { moments, ...weights } = matrices[field.matrix];
    const n = field.z.length;
    const from = localAt;
    if (field.local) localAt += 2 * n;
    return {
      field,
      weights,
      s0: moments.s0,
      moran: moranStatistic(weights, field, moments.s0),
      geary: gearyStatistic(weights, field, moments.s0),
      products: localProducts(weights, field.z),
      deepest: deepestRow(weights),
      globalStream: new PhiloxStream(seed, 2 * f),
      localStream: new PhiloxStream(seed, 2 * f + 1),
      room: { order: new Uint32Array(n), z: new Float64Array(n) },
      counts: { atLeast: local.subarray(from, from + n), atMost: local.subarray(from + n, from + 2 * n) },
    };
  });
  for (let replication = first; replication < first + count; replication++) {
    for (const [f, one] of work.entries()) {
      one.globalStream.seek(replication);
      const draw = permutedStatistics(one.weights, one.field, one.s0, one.globalStream, one.room);
      const [moran, geary] = [
        { atLeast: 0, atMost: 0 },
        { atLeast: 0, atMost: 0 },
      ];
      countDraw(moran, draw.moran, one.moran, 1);
      countDraw(geary, draw.geary, one.geary, 1);
      global[4 * f] += moran.atLeast;
      global[4 * f + 1] += moran.atMost;
      global[4 * f + 2] += geary.atLeast;
      global[4 * f + 3] += geary.atMost;
      if (!one.field.local) continue;
      one.localStream.seek(replication);
      countLocalDraw(one.weights, one.field.z, one.products, one.deepest, one.localStream, one.room.order, one.counts);
    }
    progress(1);
  }
  return { global, local };
}

const localLength = (fields: Fields['fields']) => fields.reduce((sum, { local, z }) => sum + (local ? 2 * z.length : 0), 0);

/** Sums of whole numbers: the same however the job was cut. */
export function joinParts(parts: readonly PermutationPart[], fields: Fields['fields']): PermutationPart {
  const [global, local] = [new Uint32Array(4 * fields.length), new Uint32Array(localLength(fields))];
  for (const part of parts) {
    for (let k = 0; k < global.length; k++) global[k] += part.global[k];
    for (let k = 0; k < local.length; k++) local[k] += part.local[k];
  }
  return { global, local };
}
