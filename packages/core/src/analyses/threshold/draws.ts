import type { PhiloxStream } from '../../random/stream.js';
import { drawDonors } from './donors.js';
import type { Group } from './group.js';
import { lookUpBlocks, projectBlocks } from './projections.js';
import type { PreparedStage } from './stage.js';

/** Draws a donor for each entity; fills `donors`, `b` and `ssrNull`. */
export function drawBlocks(stage: PreparedStage, stream: PhiloxStream, first: number, used: number, group: Group): void {
  const { entities, starts, stride } = stage;
  const { lanes, donors, drawn, drawnIndices, squares, ssrNull, pairs, classes } = group;
  group.b.fill(0);
  for (let lane = 0; lane < used; lane++) {
    stream.seek(first + lane);
    drawDonors(stream, classes, drawnIndices);
    let sum = 0;
    for (let i = 0; i < entities; i++) {
      const donor = drawnIndices[i];
      sum += squares[donor];
      donors[i * lanes + lane] = starts[donor];
      drawn[i * lanes + lane] = donor;
    }
    ssrNull[lane] = sum;
  }
  if (pairs) lookUpBlocks(stage, group, pairs, used);
  else projectBlocks(stage, group, used);
  takeOutSpan(group, stride, used);
}

/** Draws a weight for each entity; fills `weights`, `b` and `ssrNull`. */
export function drawWeights(
  { entities, stride }: PreparedStage,
  stream: PhiloxStream,
  first: number,
  used: number,
  group: Group,
  fill: (stream: PhiloxStream, out: Float64Array) => void,
): void {
  const { lanes, weights, drawnWeights, squares, own, ssrNull, b } = group;
  for (let lane = 0; lane < used; lane++) {
    stream.seek(first + lane);
    fill(stream, drawnWeights);
    let sum = 0;
    for (let i = 0; i < entities; i++) {
      const weight = drawnWeights[i];
      weights[i * lanes + lane] = weight;
      sum += weight * weight * squares[i];
    }
    ssrNull[lane] = sum;
    for (let j = 0; j < stride; j += 2) {
      let x = 0;
      let y = 0;
      for (let i = 0, at = j; i < entities; i++, at += stride) {
        x += drawnWeights[i] * own[at];
        y += drawnWeights[i] * own[at + 1];
      }
      b[lane * stride + j] = x;
      b[lane * stride + j + 1] = y;
    }
  }
  takeOutSpan(group, stride, used);
}

/** S₀* = e*ᵀe* − ‖Uᵀe*‖². */
function takeOutSpan({ b, ssrNull }: Group, stride: number, used: number): void {
  for (let lane = 0; lane < used; lane++) {
    for (let j = 0; j < stride; j++) ssrNull[lane] -= b[lane * stride + j] ** 2;
  }
}
