import { normalUpper } from '../distributions/normal.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { sumOf } from '../linalg/vector.js';
import { adfDesign } from './adf.js';
import { longRunCovariance } from './long-run-variance.js';
import { differences } from './series.js';

interface Z {
  /** N(0, 1), small values speak against no cointegration */
  readonly statistic: number;
  readonly pValue: number;
}

export interface Kao {
  /** slopes of the pooled fixed-effects regression */
  readonly slopes: readonly number[];
  /** pooled ρ̂ of the residuals on their lag, and t of ρ = 1 */
  readonly rho: number;
  readonly tRho: number;
  /** coefficient and t of the lagged residual in the pooled ADF regression */
  readonly adfCoefficient: number;
  readonly tAdf: number;
  /** conditional variance of the errors, and its long-run counterpart ("residual" and "HAC variance") */
  readonly variance: number;
  readonly longRunVariance: number;
  /** DF*_ρ, DF*_t: corrected for endogeneity and serial correlation; ADF; and DF_ρ, DF_t under strict exogeneity */
  readonly modifiedDfRho: Z;
  readonly modifiedDfT: Z;
  readonly adf: Z;
  readonly dfRho: Z;
  readonly dfT: Z;
  readonly rows: number;
}

/** One entity: outcome and regressors over the same periods, complete. */
export interface CointegratedEntity {
  readonly outcome: Float64Array;
  readonly regressors: readonly Float64Array[];
}

/**
 * Kao's tests of no cointegration: residuals e of y on x with entity effects and common slopes,
 *
 *   e_t = ρ e_{t−1} + v_t,   Δe_t = α e_{t−1} + Σ φ_j Δe_{t−j} + v_t   (pooled, without a constant),
 *   ADF = (t_ADF + √(6N) σ_v/(2σ_0v)) / √(σ_0v²/(2σ_v²) + 3σ_v²/(10σ_0v²)),
 *
 * σ_v² = Σ_uu − Σ_uε Σ_εε⁻¹ Σ_εu of w = (Δy, Δx), not centred, divisor all differenced rows; σ_0v² the same of its Bartlett
 * long-run covariance. The error variance is SSR/n in t_ρ (Kao's s_e²) and SSR/(n − k) in t_ADF. Programs differ in w, divisors and bandwidth: the numbers are not promised to be another program's.
 *
 * @param all        entities equally long
 * @param lags       p of the ADF form
 * @param bandwidth  m of the kernel
 * @throws EstimationError `collinear`, `too_few_periods`, `indefinite` when a long-run variance is not positive
 * @see Kao (1999), Journal of Econometrics 90, 1–44, eqs. 15–18, 20; StataCorp, `xtcointtest kao`
 */
export function kao(all: readonly CointegratedEntity[], lags: number, bandwidth: number): Kao {
  const [N, T] = [all.length, all[0].outcome.length];
  const { slopes, residuals } = fixedEffects(all);
  const plain = pooled(residuals, 0, 0);
  const augmented = pooled(residuals, lags, 1 + lags);
  const { variance, longRun } = conditionalVariances(all, bandwidth);
  const rho = 1 + plain.coefficient;
  const [ratio, root] = [variance / longRun, Math.sqrt(variance / longRun)];
  const scaledT = (t: number) => (t + (Math.sqrt(6 * N) * root) / 2) / Math.sqrt(1 / (2 * ratio) + (3 * ratio) / 10);
  const scaledRho = Math.sqrt(N) * T * (rho - 1);
  const z = (statistic: number): Z => ({ statistic, pValue: normalUpper(-statistic) });
  return {
    slopes,
    rho,
    tRho: plain.t,
    adfCoefficient: augmented.coefficient,
    tAdf: augmented.t,
    variance,
    longRunVariance: longRun,
    modifiedDfRho: z((scaledRho + 3 * Math.sqrt(N) * ratio) / Math.sqrt(3 + (36 * ratio ** 2) / 5)),
    modifiedDfT: z(scaledT(plain.t)),
    adf: z(scaledT(augmented.t)),
    dfRho: z((scaledRho + 3 * Math.sqrt(N)) / Math.sqrt(10.2)),
    dfT: z(Math.sqrt(1.25) * plain.t + Math.sqrt(1.875 * N)),
    rows: N * T,
  };
}

function fixedEffects(all: readonly CointegratedEntity[]) {
  const T = all[0].outcome.length;
  const stack = (of: (entity: CointegratedEntity) => Float64Array) => {
    const stacked = new Float64Array(all.length * T);
    for (const [i, entity] of all.entries()) {
      const column = of(entity);
      const mean = sumOf(column) / T;
      stacked.set(
        column.map((value) => value - mean),
        i * T,
      );
    }
    return stacked;
  };
  const columns = all[0].regressors.map((_, j) => stack(({ regressors }) => regressors[j]));
  const { coefficients, residuals, collinear } = leastSquares(
    columns,
    stack(({ outcome }) => outcome),
  );
  if (collinear.length > 0) {
    throw new EstimationError('collinear', `regressor ${collinear[0] + 1} is a combination of the others and the entity effects`);
  }
  return { slopes: [...coefficients], residuals: all.map((_, i) => residuals.slice(i * T, (i + 1) * T)) };
}

/** Δe on e_{−1} and p lagged differences, all entities together; error variance SSR/(n − lost). */
function pooled(all: readonly Float64Array[], lags: number, lost: number): { coefficient: number; t: number } {
  const designs = all.map((e) => adfDesign(e, lags));
  const rows = designs.reduce((sum, { positions }) => sum + positions.length, 0);
  const join = (of: (design: (typeof designs)[number]) => Float64Array) => {
    const joined = new Float64Array(rows);
    let at = 0;
    for (const design of designs) {
      joined.set(of(design), at);
      at += design.positions.length;
    }
    return joined;
  };
  const columns = [join(({ level }) => level), ...Array.from({ length: lags }, (_, j) => join(({ lagged }) => lagged[j]))];
  const outcome = join(({ difference }) => difference);
  if (outcome.length <= columns.length) {
    throw new EstimationError(
      'too_few_periods',
      `the pooled regression of the residuals needs more than ${columns.length} rows, there are ${outcome.length}`,
    );
  }
  const { coefficients, ssr, inverseGram } = leastSquares(columns, outcome);
  const se = Math.sqrt((ssr / (outcome.length - lost)) * inverseGram.get(0, 0));
  return { coefficient: coefficients[0], t: coefficients[0] / se };
}

function conditionalVariances(all: readonly CointegratedEntity[], bandwidth: number): { variance: number; longRun: number } {
  const changes = all.map(({ outcome, regressors }) => [outcome, ...regressors].map(differences));
  const divisor = all.length * changes[0][0].length;
  const total = (m: number) =>
    changes
      .map((w) => longRunCovariance(w, m, divisor))
      .reduce((sum, one) => sum.map((row, a) => row.map((value, b) => value + one[a][b])));
  return { variance: conditional(total(0)), longRun: conditional(total(bandwidth)) };
}

/** S_uu − S_uε S_εε⁻¹ S_εu of a covariance whose first variable is u: what sweeping out the others leaves. */
function conditional(covariance: readonly (readonly number[])[]): number {
  const s = covariance.map((row) => [...row]);
  for (let pivot = s.length - 1; pivot > 0; pivot--) {
    if (!(s[pivot][pivot] > 1e-12 * covariance[pivot][pivot])) {
      throw new EstimationError('indefinite', 'the covariance of the regressors’ differences is not positive definite');
    }
    for (let a = 0; a < pivot; a++) {
      for (let b = 0; b < pivot; b++) s[a][b] -= (s[a][pivot] * s[pivot][b]) / s[pivot][pivot];
    }
  }
  if (!(s[0][0] > 0)) throw new EstimationError('indefinite', 'a conditional variance is not positive');
  return s[0][0];
}
