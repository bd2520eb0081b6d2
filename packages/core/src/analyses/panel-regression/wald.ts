import { waldTest } from '../../covariance/inference.js';
import { EstimationError } from '../../errors.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import type { FitCovariance } from '../../panel-models/fit-covariance.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import type { TestResult } from './result.js';

/** Wald test of some coefficients; null if their covariance has no inverse. */
export function waldOf(
  { coefficients }: Pick<LinearFit, 'coefficients'>,
  { matrix, df }: Pick<FitCovariance, 'matrix' | 'df'>,
  places: readonly number[],
): TestResult | null {
  if (places.length === 0) return null;
  try {
    const { statistic, df1, df2, p } = waldTest(
      places.map((j) => coefficients[j]),
      subMatrix(matrix, places),
      df,
    );
    return { statistic, df1, df2, pValue: p };
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'not_positive_definite') return null;
    throw error;
  }
}
