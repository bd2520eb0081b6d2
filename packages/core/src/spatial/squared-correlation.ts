import { dot } from '../linalg/vector.js';

/** Squared correlation of y with Zδ̂, both within the effects: what spreg and Stata print as pseudo R². */
export function squaredCorrelation(outcome: Float64Array, residuals: Float64Array): number {
  const n = outcome.length;
  let [my, mf] = [0, 0];
  for (let i = 0; i < n; i++) {
    my += outcome[i];
    mf += outcome[i] - residuals[i];
  }
  const y = outcome.map((value) => value - my / n);
  const f = outcome.map((value, i) => value - residuals[i] - mf / n);
  return dot(y, f) ** 2 / (dot(y, y) * dot(f, f));
}
