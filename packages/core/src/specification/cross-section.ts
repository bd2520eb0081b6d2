import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { normalUpper } from '../distributions/normal.js';
import { EstimationError } from '../errors.js';
import type { PanelSample } from '../panel-models/sample.js';

export interface CrossSectionTests {
  /** Pesaran's CD, N(0, 1), two-sided */
  readonly cd: { readonly statistic: number; readonly pValue: number };
  /** Breusch–Pagan LM, χ²(pairs): for T well above N */
  readonly lm: { readonly statistic: number; readonly df: number; readonly pValue: number };
  /** the same, centred and scaled, N(0, 1) (Pesaran 2004), one-sided */
  readonly scaledLm: { readonly statistic: number; readonly pValue: number };
  /** less N/(2(T − 1)) (Baltagi, Feng & Kao 2012); null when entities have different numbers of periods */
  readonly biasCorrectedLm: { readonly statistic: number; readonly pValue: number } | null;
  /** mean of the correlations, and of their absolute values */
  readonly meanCorrelation: number;
  readonly meanAbsoluteCorrelation: number;
  readonly pairs: number;
  /** pairs with fewer than 3 common periods, left out */
  readonly skippedPairs: number;
}

/** Fewer common periods than this make a correlation of ±1 or none. */
const fewestPeriods = 3;

/**
 * Correlation of residuals between entities.
 *
 *   CD = √(2/(N(N − 1))) Σ_{i<j} √T_ij r_ij,   LM = Σ_{i<j} T_ij r_ij²
 *
 * r_ij over the T_ij periods that both have, each centred on its mean there. Not for residuals of a model with period effects: they
 * sum to zero over entities, so that CD is near −√(T/2) whatever the dependence.
 *
 * @param residuals  of a model with entity effects only, or without effects
 * @throws EstimationError `too_few_entities` if N < 2, `too_few_periods` if no pair has three common periods
 * @see Pesaran (2004), "General diagnostic tests for cross section dependence in panels", eqs. 9 and 31; (2015), Econometric Reviews
 *   34; Breusch & Pagan (1980); Baltagi, Feng & Kao (2012), Journal of Econometrics 170, eq. 5; plm's `pcdtest`
 */
export function crossSectionTests(residuals: Float64Array, { entity, time }: PanelSample): CrossSectionTests {
  const N = entity.levels;
  const T = time.levels;
  if (N < 2) throw new EstimationError('too_few_entities', `correlation between entities needs at least 2, got ${N}`);
  const table = new Float64Array(N * T).fill(Number.NaN);
  for (let i = 0; i < residuals.length; i++) table[entity.codes[i] * T + time.codes[i]] = residuals[i];
  const balanced = residuals.length === N * T;

  let pairs = 0;
  let sum = 0;
  let squares = 0;
  let centred = 0;
  let correlations = 0;
  let absolute = 0;
  for (let i = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++) {
      const { r, periods } = correlationOf(table, i * T, j * T, T);
      if (periods < fewestPeriods || Number.isNaN(r)) continue;
      pairs++;
      sum += Math.sqrt(periods) * r;
      squares += periods * r * r;
      centred += periods * r * r - 1;
      correlations += r;
      absolute += Math.abs(r);
    }
  }
  const all = (N * (N - 1)) / 2;
  if (pairs === 0) {
    throw new EstimationError(
      'too_few_periods',
      `correlation between entities needs two with ${fewestPeriods} common periods, and there are none`,
    );
  }
  const cd = sum / Math.sqrt(pairs);
  const scaled = centred / Math.sqrt(2 * pairs);
  const normal = (statistic: number) => ({ statistic, pValue: normalUpper(statistic) });
  return {
    cd: { statistic: cd, pValue: 2 * normalUpper(Math.abs(cd)) },
    lm: { statistic: squares, df: pairs, pValue: chiSquaredUpper(squares, pairs) },
    scaledLm: normal(scaled),
    biasCorrectedLm: balanced && pairs === all ? normal(scaled - N / (2 * (T - 1))) : null,
    meanCorrelation: correlations / pairs,
    meanAbsoluteCorrelation: absolute / pairs,
    pairs,
    skippedPairs: all - pairs,
  };
}

function correlationOf(table: Float64Array, a: number, b: number, T: number): { r: number; periods: number } {
  let periods = 0;
  let meanA = 0;
  let meanB = 0;
  for (let t = 0; t < T; t++) {
    const [x, y] = [table[a + t], table[b + t]];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    periods++;
    meanA += x;
    meanB += y;
  }
  meanA /= periods;
  meanB /= periods;
  let [xx, yy, xy] = [0, 0, 0];
  for (let t = 0; t < T; t++) {
    const [x, y] = [table[a + t] - meanA, table[b + t] - meanB];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return { r: xy / Math.sqrt(xx * yy), periods };
}
