import { twoSidedP } from '../distributions/student-t.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';

export interface CorrelationTest {
  readonly r: number;
  readonly n: number;
  /** r √((n − 2)/(1 − r²)) */
  readonly statistic: number;
  /** n − 2 */
  readonly df: number;
  /** two-sided, Student's t; of no correlation between independent rows */
  readonly pValue: number;
}

/**
 * Pearson's correlation with its t test.
 *
 * @returns r NaN if either is constant or n < 3
 */
export function correlationTest(x: Float64Array, y: Float64Array): CorrelationTest {
  const n = x.length;
  const r = pearson(x, y);
  const statistic = r * Math.sqrt((n - 2) / (1 - r * r));
  return { r, n, statistic, df: n - 2, pValue: n < 3 ? Number.NaN : twoSidedP(statistic, n - 2) };
}

/** Spearman's: Pearson's of the ranks, ties at their mean rank, with the same t approximation (R's `exact = FALSE`). */
export function rankCorrelationTest(x: Float64Array, y: Float64Array): CorrelationTest {
  return correlationTest(ranks(x), ranks(y));
}

function pearson(x: Float64Array, y: Float64Array): number {
  const [a, b] = [deviations(x), deviations(y)];
  const [aa, bb] = [dot(a, a), dot(b, b)];
  if (aa === 0 || bb === 0) return Number.NaN;
  return Math.max(-1, Math.min(1, dot(a, b) / Math.sqrt(aa) / Math.sqrt(bb)));
}

/** x − x̄; exact zeros for a constant. */
function deviations(x: Float64Array): Float64Array {
  if (x.every((value) => value === x[0])) return new Float64Array(x.length);
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.map((value) => value - mean);
}

/** Ranks from 1, ties at the mean of the ranks they fill. */
export function ranks(x: Float64Array): Float64Array {
  const order = Uint32Array.from(x.keys()).sort((i, j) => x[i] - x[j] || i - j);
  const result = new Float64Array(x.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && x[order[to]] === x[order[from]]) to++;
    for (let at = from; at < to; at++) result[order[at]] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
}

/**
 * Variance inflation factors, 1/(1 − R²_j) with R²_j of column j on the other columns; Infinity where a column is a combination
 * of the others, NaN for a column of zeros.
 *
 * @param columns  already centred or within-transformed: no constant is added
 * @see Marquardt (1970), Technometrics 12
 */
export function varianceInflation(columns: readonly Float64Array[]): Float64Array {
  return Float64Array.from(columns, (column, j) => {
    const total = dot(column, column);
    if (total === 0) return Number.NaN;
    const { residuals, kept } = leastSquares(
      columns.filter((_, l) => l !== j),
      column,
    );
    const left = kept.length === 0 ? total : dot(residuals, residuals);
    return left <= 1e-20 * total ? Number.POSITIVE_INFINITY : total / left;
  });
}
