import { Matrix } from 'ml-matrix';
import { studentTQuantile } from '../../distributions/student-t.js';
import { EstimationError } from '../../errors.js';
import { termName } from '../../formula/print.js';
import { solvePositiveDefinite } from '../../linalg/cholesky.js';
import { type LeastSquares, leastSquares } from '../../linalg/least-squares.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import { type BenchmarkStrength, benchmarkBound } from '../../sensitivity/benchmark-bound.js';
import { adjustedCriticalT, adjustFor, type ClassicalEstimate, hypothesis } from '../../sensitivity/omitted-variable-bias.js';
import type { SensitivityParams } from './params.js';
import type { Request } from './request.js';
import type { SensitivityBound } from './result.js';
import type { SensitivityModel } from './sample.js';

export interface NamedStrength {
  readonly name: string;
  /** the columns that count */
  readonly terms: readonly string[];
  readonly strength: BenchmarkStrength;
}

/**
 * What each benchmark explains of the treatment and of the outcome, given all else.
 * @throws EstimationError `benchmark_without_variation` for one that was named
 */
export function benchmarkStrengths(request: Request, model: SensitivityModel) {
  const { fit, treatment, names, controls } = model;
  const others = fit.columns.filter((_, j) => j !== treatment);
  const onTreatment = leastSquares(others, fit.columns[treatment]);
  const strengths: NamedStrength[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const { name, controls: terms } of request.benchmarks) {
    const columns = terms.flatMap((term) => controls[term]);
    if (columns.length === 0) {
      const who = terms.map((term) => termName(request.controls[term])).join(', ');
      const reason = `${who} does not vary within the effects and the other controls, so it explains nothing there that a confounder could be compared with`;
      if (request.named) throw new EstimationError('benchmark_without_variation', reason);
      skipped.push({ name, reason });
      continue;
    }
    strengths.push({
      name,
      terms: columns.map((j) => names[j]),
      strength: { treatment: blockShare(onTreatment, columns), outcome: blockShare(fit, columns) },
    });
  }
  return { strengths, skipped };
}

/** qF/(qF + df) of columns S given the others: Q/(Q + SSR), Q = b_Sᵀ[(XᵀX)⁻¹_SS]⁻¹b_S. */
function blockShare(of: Pick<LeastSquares, 'coefficients' | 'inverseGram' | 'ssr'>, columns: readonly number[]): number {
  const b = Matrix.columnVector(columns.map((j) => of.coefficients[j]));
  const explained = b.dot(solvePositiveDefinite(subMatrix(of.inverseGram, columns), b));
  return explained / (explained + of.ssr);
}

/** One row for each multiple. A row that cannot be has words in place of numbers, and takes no other with it. */
export function boundRows(
  params: SensitivityParams,
  of: ClassicalEstimate,
  { name, strength }: NamedStrength,
): SensitivityBound[] {
  const ky = params.ky ?? params.kd;
  return params.kd.map((kd, i) => {
    const label = `${kd === ky[i] ? kd : `${kd}/${ky[i]}`}x ${name}`;
    return { benchmark: name, label, kd, ky: ky[i], ...boundNumbers(params, of, strength, kd, ky[i]) };
  });
}

type BoundNumbers = Omit<SensitivityBound, 'benchmark' | 'label' | 'kd' | 'ky'>;

function boundNumbers(
  params: SensitivityParams,
  of: ClassicalEstimate,
  strength: BenchmarkStrength,
  kd: number,
  ky: number,
): BoundNumbers {
  const bound = benchmarkBound(strength, kd, ky);
  if (!bound.possible) return { ...nothing, failure: { code: 'multiple_too_high', message: bound.reason } };
  const { treatment, outcome } = bound.strength;
  const concern = { q: params.q, reduce: params.reduce };
  const adjusted = adjustFor(of, bound.strength, concern);
  const h0 = hypothesis(of.estimate, concern);
  const side = (of.estimate < 0 ? -1 : 1) * (params.reduce ? 1 : -1);
  const beyond = side * (adjusted.estimate - h0) > 0;
  const tail = (1 - params.level) / 2;
  const critical = -studentTQuantile(tail, of.df - 1);
  const margin = (t: number) => (bound.capped ? Number.NaN : t * adjusted.standardError);
  const full = -studentTQuantile(tail, of.df);
  return {
    treatmentShare: treatment,
    outcomeShare: outcome,
    capped: bound.capped,
    ...adjusted,
    statistic: bound.capped ? Number.NaN : adjusted.statistic,
    lower: adjusted.estimate - margin(critical),
    upper: adjusted.estimate + margin(critical),
    lowerFullDf: adjusted.estimate - margin(full),
    upperFullDf: adjusted.estimate + margin(full),
    criticalStatistic: adjustedCriticalT(bound.strength, of.df, 1 - params.level),
    keepsSign: adjusted.estimate * of.estimate > 0,
    staysBeyond: beyond,
    staysSignificant: bound.capped ? null : beyond && Math.abs(adjusted.statistic) > critical,
    failure: null,
  };
}

const nothing: Omit<BoundNumbers, 'failure'> = {
  treatmentShare: Number.NaN,
  outcomeShare: Number.NaN,
  capped: false,
  estimate: Number.NaN,
  standardError: Number.NaN,
  statistic: Number.NaN,
  lower: Number.NaN,
  upper: Number.NaN,
  lowerFullDf: Number.NaN,
  upperFullDf: Number.NaN,
  criticalStatistic: Number.NaN,
  keepsSign: null,
  staysBeyond: null,
  staysSignificant: null,
};
