import type { PhiloxStream } from '../random/stream.js';

/** What the residuals of a cluster or an entity are multiplied by in a wild bootstrap. Stored in params and results: never rename. */
export const wildWeights = ['rademacher', 'mammen', 'webb'] as const;
export type WildWeights = (typeof wildWeights)[number];

const webbPoints = Float64Array.of(-Math.sqrt(1.5), -1, -Math.sqrt(0.5), Math.sqrt(0.5), 1, Math.sqrt(1.5));

/** Points of equal probability; Mammen's two are not, so they are never enumerated. */
const pointsOf: Readonly<Record<WildWeights, number>> = { rademacher: 2, mammen: Number.POSITIVE_INFINITY, webb: 6 };

/** How many equally likely vectors of weights G clusters have: 2^G, 6^G, or Infinity where they are not equally likely. */
export const weightVectors = (weights: WildWeights, clusters: number) => pointsOf[weights] ** clusters;

/** Vector number `rank` of all there are: cluster g has digit g of the rank. */
export function weightsOfRank(weights: WildWeights, rank: number, out: Float64Array): void {
  const points = pointsOf[weights];
  let left = rank;
  for (let g = 0; g < out.length; g++) {
    const digit = left % points;
    out[g] = weights === 'webb' ? webbPoints[digit] : 2 * digit - 1;
    left = (left - digit) / points;
  }
}

/** Draws a weight for each cluster. */
export function drawWeights(stream: PhiloxStream, weights: WildWeights, out: Float64Array): void {
  if (weights === 'rademacher') stream.signs(out);
  else if (weights === 'mammen') stream.mammens(out);
  else stream.webbs(out);
}

/**
 * The smallest p of a symmetric test with ties counted: a vector and its negative always give the same |t*|, and the data's own is
 * among them.
 */
export const smallestPValue = (weights: WildWeights, clusters: number) => Math.min(1, 2 / weightVectors(weights, clusters));
