/**
 * Lee, McCrary, Moreira & Porter's critical values c(F) of |t| at 5 %, √F = 2.0, 2.1, …, 10.3. Where |ρ| = 1 a test with them rejects
 * 5 % of true nulls whatever the strength of the instrument, else fewer.
 */
const criticalValues = Float64Array.of(
  ...[18.66, 9.74, 7.37, 6.18, 5.43, 4.92, 4.54, 4.25, 4.01, 3.82], // √F = 2.0
  ...[3.65, 3.51, 3.39, 3.29, 3.19, 3.11, 3.03, 2.97, 2.91, 2.85], // 3.0
  ...[2.8, 2.75, 2.71, 2.67, 2.63, 2.6, 2.57, 2.54, 2.51, 2.48], // 4.0
  ...[2.46, 2.43, 2.41, 2.39, 2.37, 2.35, 2.33, 2.32, 2.3, 2.29], // 5.0
  ...[2.27, 2.26, 2.24, 2.23, 2.22, 2.21, 2.2, 2.19, 2.17, 2.16], // 6.0
  ...[2.16, 2.15, 2.14, 2.13, 2.12, 2.11, 2.1, 2.1, 2.09, 2.08], // 7.0
  ...[2.08, 2.07, 2.06, 2.06, 2.05, 2.04, 2.04, 2.03, 2.03, 2.02], // 8.0
  ...[2.02, 2.01, 2.01, 2.0, 2.0, 1.99, 1.99, 1.99, 1.98, 1.98], // 9.0
  ...[1.97, 1.97, 1.97, 1.96], // 10.0
);
const firstRoot = 2;
const rootStep = 0.1;

/**
 * Critical value of |t| at 5 % given the first-stage F of one instrument and one endogenous regressor, interpolated in √F as the
 * authors' program has it; Infinity below F = 4 (the set is unbounded from F = 3.84 down), 1.96 from F = 106.
 *
 * The standard error times c(F)/1.96 makes ordinary intervals hold.
 *
 * @param f  first-stage F with the same kind of errors as t
 * @see Lee, McCrary, Moreira & Porter (2022), American Economic Review 112, table 3A
 */
export function tfCriticalValue(f: number): number {
  const root = Math.sqrt(f);
  if (!(root >= firstRoot)) return Number.POSITIVE_INFINITY;
  const place = (root - firstRoot) / rootStep;
  const below = Math.floor(place + 1e-9);
  const last = criticalValues.length - 1;
  if (below >= last) return criticalValues[last];
  const share = Math.max(0, place - below);
  return criticalValues[below] * (1 - share) + criticalValues[below + 1] * share;
}
