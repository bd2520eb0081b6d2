import { clopperPearson } from '../../distributions/clopper-pearson.js';

/** Level of the intervals printed beside p-values from draws. */
export const monteCarloLevel = 0.99;

/** F* this near to F counts as equal: the same sums in another order differ in the last digits. */
const tieTolerance = 1e-10;

/**
 * p = (1 + k)/(B + 1) with k = #{F* ≥ F}, ties counted: never zero, and exact for exchangeable draws when α(B + 1) is whole.
 * @see Davison & Hinkley (1997), §4.2; Phipson & Smyth (2010)
 */
export function bootstrapPValue(draws: Float64Array, f: number) {
  const exceeding = exceedances(draws, f);
  const { lower, upper } = clopperPearson(exceeding, draws.length, monteCarloLevel);
  return {
    exceeding,
    pValue: (1 + exceeding) / (draws.length + 1),
    pValueInterval: { level: monteCarloLevel, lower, upper },
  };
}

/** What a test's decision is held against. */
export const alpha = 0.05;

/** Chance that an early stop's decision is not that of endless replications. */
const resamplingRisk = 0.001;

/**
 * Has a test decided? When the interval of its p-value leaves out 5 %, at a level such that all `checkpoints` intervals hold
 * together with probability 0.999: the decision then differs from that of endless replications with probability ≤ 0.001.
 * @see Gandy (2009), "Sequential implementation of Monte Carlo tests with uniformly bounded resampling risk", JASA 104: his bound
 *   by Bonferroni's inequality over fixed checkpoints
 */
export function isDecided(draws: Float64Array, f: number, checkpoints: number): boolean {
  const { lower, upper } = clopperPearson(exceedances(draws, f), draws.length, 1 - resamplingRisk / checkpoints);
  return lower > alpha || upper < alpha;
}

function exceedances(draws: Float64Array, f: number): number {
  let exceeding = 0;
  for (let b = 0; b < draws.length; b++) if (draws[b] >= f * (1 - tieTolerance)) exceeding++;
  return exceeding;
}

/** Order statistic ⌈(1 − α)B⌉ of the draws at 10, 5 and 1 %. */
export function criticalValues(ascending: Float64Array) {
  const at = (percent: number) => ascending[Math.ceil((percent * ascending.length) / 100) - 1];
  return { '0.10': at(90), '0.05': at(95), '0.01': at(99) };
}

const histogramBins = 60;

/** The draws in bins from 0 to just past the larger of F and their 99.9 % point: the size does not grow with their number. */
export function histogram(ascending: Float64Array, f: number) {
  const reach = Math.max(f, ascending[Math.ceil(0.999 * ascending.length) - 1]) * 1.05;
  const width = reach / histogramBins;
  const counts = new Array<number>(histogramBins).fill(0);
  let beyond = 0;
  for (const draw of ascending) {
    const bin = Math.floor(draw / width);
    if (bin < histogramBins) counts[bin]++;
    else beyond++;
  }
  return { width, counts, beyond };
}
