import { Matrix } from 'ml-matrix';
import type { Grouping } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';

/**
 * A linear model after its transform, in the form that every covariance estimator takes: outcome and columns demeaned,
 * quasi-demeaned, averaged or differenced, times √w.
 */
export interface LinearFit {
  /** kept columns, the constant first if there is one; length n each */
  readonly columns: readonly Float64Array[];
  /** whether columns[0] is the constant's */
  readonly constant: boolean;
  readonly outcome: Float64Array;
  /** length n, × √w */
  readonly residuals: Float64Array;
  /** of the kept columns, the constant first */
  readonly coefficients: Float64Array;
  /** which regressors the columns after the constant are, ascending; the others are collinear */
  readonly kept: readonly number[];
  readonly collinear: readonly number[];
  /** (XᵀX)⁻¹ of the kept columns */
  readonly inverseGram: Matrix;
  readonly ssr: number;
  /** n: rows of the transformed model (entities for between), or Σ w of frequency weights */
  readonly rows: number;
  /** dummies absorbed, with the constant; 0 if none */
  readonly absorbed: number;
  /** residual degrees of freedom: n − absorbed − slopes, or n − columns */
  readonly residualDf: number;
  /** entity and period of each transformed row; a between model has no periods */
  readonly entity: Grouping;
  readonly time: Grouping | null;
  /** which rows of the sample the transformed rows are (the later one of a difference); null for entity means */
  readonly sampleRows: Uint32Array | null;
  readonly weights?: Float64Array | undefined;
  readonly frequency: boolean;
}

export interface Transformed {
  readonly outcome: Float64Array;
  /** without the constant */
  readonly regressors: readonly Float64Array[];
  /** the constant's column, if it is regressed on */
  readonly constant?: Float64Array | undefined;
  readonly absorbed: number;
  readonly entity: Grouping;
  readonly time: Grouping | null;
  readonly sampleRows: Uint32Array | null;
  readonly weights?: Float64Array | undefined;
  readonly frequency?: boolean | undefined;
}

/**
 * Least squares on a transformed sample.
 * @throws EstimationError `too_few_rows` without a residual degree of freedom, `all_collinear` if no regressor is left
 */
export function fitTransformed(of: Transformed, model: string): LinearFit {
  const columns = of.constant === undefined ? of.regressors : [of.constant, ...of.regressors];
  const fit = leastSquares(columns, of.outcome);
  const constant = of.constant !== undefined;
  const shift = constant ? 1 : 0;
  const kept = fit.kept.filter((j) => j >= shift).map((j) => j - shift);
  const collinear = fit.collinear.map((j) => j - shift);
  if (of.regressors.length > 0 && kept.length === 0) {
    throw new EstimationError(
      'all_collinear',
      `${model}: every regressor is constant or a combination of the effects, none has a coefficient`,
    );
  }
  const frequency = of.frequency === true && of.weights !== undefined;
  const rows = frequency ? of.weights!.reduce((sum, w) => sum + w, 0) : of.outcome.length;
  const residualDf = rows - of.absorbed - fit.rank;
  if (residualDf < 1) {
    throw new EstimationError(
      'too_few_rows',
      `${model} needs more rows than parameters: ${rows} rows, ${of.absorbed + fit.rank} parameters${of.absorbed > 0 ? ` (${of.absorbed} of the effects)` : ''}`,
    );
  }
  return {
    columns: fit.kept.map((j) => columns[j]),
    constant,
    outcome: of.outcome,
    residuals: fit.residuals,
    coefficients: Float64Array.from(fit.kept, (j) => fit.coefficients[j]),
    kept,
    collinear,
    inverseGram: fit.inverseGram,
    ssr: fit.ssr,
    rows,
    absorbed: of.absorbed,
    residualDf,
    entity: of.entity,
    time: of.time,
    sampleRows: of.sampleRows,
    weights: of.weights,
    frequency,
  };
}

/** Residuals this small beside the outcome are rounding: the fit is perfect, and standard errors would be noise. */
export const perfectFitShare = 1e-26;

/** Is the outcome an exact combination of regressors and effects? Then t statistics are ratios of rounding errors. */
export function isPerfectFit({ ssr, outcome }: Pick<LinearFit, 'ssr' | 'outcome'>): boolean {
  return ssr <= perfectFitShare * dot(outcome, outcome);
}

/**
 * Adds the constant that Stata's `xtreg, fe` prints, b₀ = ȳ − x̄ᵀb, to a fit on demeaned columns, by regressing on
 * (x − x̄_i + x̄): slopes and residuals stay as they are, and every covariance has a row for the constant.
 *
 *   (ZᵀZ)⁻¹ = [1/n + x̄ᵀAx̄, −x̄ᵀA; −Ax̄, A],   A = (X̃ᵀX̃)⁻¹
 *
 * @param outcomeMean     ȳ (weighted)
 * @param regressorMeans  x̄ of all regressors (weighted)
 */
export function withConstant(fit: LinearFit, outcomeMean: number, regressorMeans: ArrayLike<number>): LinearFit {
  const { weights, inverseGram: A } = fit;
  const root = weights === undefined ? new Float64Array(fit.outcome.length).fill(1) : weights.map(Math.sqrt);
  const means = fit.kept.map((j) => regressorMeans[j]);
  const k = means.length;
  const inverse = new Matrix(k + 1, k + 1);
  const shifted = means.map((_, j) => means.reduce((sum, mean, l) => sum + A.get(j, l) * mean, 0));
  inverse.set(0, 0, 1 / dot(root, root) + means.reduce((sum, mean, j) => sum + mean * shifted[j], 0));
  for (let j = 0; j < k; j++) {
    inverse.set(0, j + 1, -shifted[j]);
    inverse.set(j + 1, 0, -shifted[j]);
    for (let l = 0; l < k; l++) inverse.set(j + 1, l + 1, A.get(j, l));
  }
  const constant = outcomeMean - means.reduce((sum, mean, j) => sum + mean * fit.coefficients[j], 0);
  return {
    ...fit,
    constant: true,
    columns: [root, ...fit.columns.map((column, j) => plusScaled(column, means[j], root))],
    outcome: plusScaled(fit.outcome, outcomeMean, root),
    coefficients: Float64Array.of(constant, ...fit.coefficients),
    inverseGram: inverse,
  };
}

/** x + c z, a new column. A loop: `map` with a function takes five times as long. */
function plusScaled(x: Float64Array, c: number, z: Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = x[i] + c * z[i];
  return result;
}
