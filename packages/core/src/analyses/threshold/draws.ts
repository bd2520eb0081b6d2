import type { PhiloxStream } from '../../random/stream.js';
import { abreast, type Group } from './group.js';

/** Draws a donor for each entity in one lane; fills `donors`, `drawn` when there is a table, and `ssrNull` with e*'e*. */
export function drawDonors(group: Group, stream: PhiloxStream, lane: number, replication: number): void {
  const { stage, words, pool, poolStart, poolScale, starts, squares, drawn, donors, ssrNull, unit, table } = group;
  const n = stage.entities;
  stream.seek(replication);
  stream.words(words.subarray(0, n));
  let sum = 0;
  let at = placeOf(lane, n);
  for (let i = 0; i < n; i++) {
    const donor = pool[poolStart[i] + ((words[i] * poolScale[i]) >>> 0)];
    sum += squares[donor];
    donors[at] = starts[donor] * unit;
    if (table) drawn[at] = donor;
    at += abreast;
  }
  ssrNull[lane] = sum;
}

/** Draws a weight for each entity in one lane; fills `weights`, and `ssrNull` with e*'e*. */
export function drawWeights(group: Group, stream: PhiloxStream, lane: number, replication: number, drawn: Float64Array): void {
  const { stage, weights, squares, ssrNull, weighting } = group;
  const n = stage.entities;
  stream.seek(replication);
  if (weighting === 'rademacher') stream.signs(drawn);
  else if (weighting === 'mammen') stream.mammens(drawn);
  else stream.webbs(drawn);
  let sum = 0;
  let at = placeOf(lane, n);
  for (let i = 0; i < n; i++) {
    const weight = drawn[i];
    weights[at] = weight;
    sum += weight * weight * squares[i];
    at += abreast;
  }
  ssrNull[lane] = sum;
}

/** Where the numbers of the first entity in a lane are. */
const placeOf = (lane: number, entities: number) => (lane - (lane % abreast)) * entities + (lane % abreast);
