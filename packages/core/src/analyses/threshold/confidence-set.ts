/** Thresholds that the likelihood-ratio test at a level does not reject. */
export interface ConfidenceSet {
  readonly level: number;
  /** least and greatest candidate in the set */
  readonly lower: number;
  readonly upper: number;
  /** how many candidates are in it */
  readonly candidates: number;
  /** every candidate between the bounds is in it */
  readonly contiguous: boolean;
}

/** c(α) = −2 ln(1 − √(1 − α)): 5.94, 7.35, 10.59 at 90, 95, 99 % (Hansen 1999, eq. 15 and below; Hansen 2000). */
export function likelihoodRatioCutoff(level: number): number {
  return -2 * Math.log(1 - Math.sqrt(level));
}

/**
 * LR(γ) = (S(γ) − S(γ̂)) / (S(γ̂) / denominator) of each candidate.
 * @param denominator  n(T − 1), what σ̂² divides by
 */
export function likelihoodRatios(ssr: Float64Array, best: number, denominator: number): Float64Array {
  const variance = ssr[best] / denominator;
  const ratios = new Float64Array(ssr.length);
  for (let c = 0; c < ssr.length; c++) ratios[c] = (ssr[c] - ssr[best]) / variance;
  return ratios;
}

/**
 * {γ : LR(γ) ≤ c(α)} over the candidates, `<` when strict as the programs have it. It assumes equal error variances (Hansen 1999, §5).
 */
export function confidenceSet(values: Float64Array, ratios: Float64Array, level: number, strict = false): ConfidenceSet {
  const cutoff = likelihoodRatioCutoff(level);
  let first = -1;
  let last = -1;
  let candidates = 0;
  for (let c = 0; c < ratios.length; c++) {
    if (!(strict ? ratios[c] < cutoff : ratios[c] <= cutoff)) continue;
    if (first < 0) first = c;
    last = c;
    candidates++;
  }
  return { level, lower: values[first], upper: values[last], candidates, contiguous: last - first + 1 === candidates };
}
