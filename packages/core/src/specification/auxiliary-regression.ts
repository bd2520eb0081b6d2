import { chiSquaredUpper } from '../distributions/chi-squared.js';
import { fUpper } from '../distributions/f.js';
import { EstimationError } from '../errors.js';
import { demean } from '../linalg/demean.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';

/** The three statistics that EViews prints of an auxiliary regression. */
export interface AuxiliaryTest {
  /** auxiliary regressors kept, without the constant */
  readonly df: number;
  readonly f: { readonly statistic: number; readonly df2: number; readonly pValue: number };
  /** n·R², χ²(df): Koenker's form, without the assumption of normal errors */
  readonly observedR2: { readonly statistic: number; readonly pValue: number };
  /** ESS/(2σ̂⁴), χ²(df), σ̂² = ûᵀû/n: Breusch & Pagan's own, errors normal */
  readonly scaledExplained: { readonly statistic: number; readonly pValue: number };
}

/**
 * û² on a constant and z: Breusch–Pagan with z the regressors, White with their levels, squares and products.
 *
 * @throws EstimationError `too_few_rows` when z leaves no degree of freedom, `nothing_to_test` when nothing of z varies
 * @see Breusch & Pagan (1979), Econometrica 47; Koenker (1981); White (1980), Econometrica 48, §3
 */
export function auxiliaryTest(residuals: Float64Array, z: readonly Float64Array[]): AuxiliaryTest {
  const n = residuals.length;
  const squares = residuals.map((u) => u * u);
  const fit = leastSquares([new Float64Array(n).fill(1), ...z], squares);
  const df = fit.rank - 1;
  const df2 = n - fit.rank;
  if (df < 1) throw new EstimationError('nothing_to_test', 'the auxiliary regression has no regressor that varies');
  if (df2 < 1) {
    throw new EstimationError(
      'too_few_rows',
      `the auxiliary regression has ${fit.rank} coefficients and ${n} rows: it needs more rows`,
    );
  }
  const centred = demean(squares);
  const total = dot(centred, centred);
  if (!(total > 0))
    throw new EstimationError('perfect_fit', 'all residuals have the same square: their variance cannot be related to anything');
  const explained = total - fit.ssr;
  const sigma2 = dot(residuals, residuals) / n;
  const chi2 = (statistic: number) => ({ statistic, pValue: chiSquaredUpper(statistic, df) });
  const f = explained / df / (fit.ssr / df2);
  return {
    df,
    f: { statistic: f, df2, pValue: fUpper(f, df, df2) },
    observedR2: chi2((n * explained) / total),
    scaledExplained: chi2(explained / (2 * sigma2 * sigma2)),
  };
}

/**
 * Levels, squares and products of White's test; no squares of variables with two values, which are their levels again. Each column
 * is scaled to its largest entry, so that products neither overflow nor look collinear.
 */
export function whiteRegressors(x: readonly Float64Array[]): Float64Array[] {
  const scaled = x.map((column) => {
    const largest = column.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
    return column.map((value) => value / largest);
  });
  const products = scaled.flatMap((a, j) =>
    scaled.slice(j).flatMap((b, l) => (l === 0 && new Set(a).size <= 2 ? [] : [a.map((value, i) => value * b[i])])),
  );
  return [...scaled, ...products];
}
