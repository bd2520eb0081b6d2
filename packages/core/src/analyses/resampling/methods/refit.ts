import type { ErrorOf, TreatmentFit } from '../model.js';

/** Estimate, rows, then six numbers of the clustered and six of the classical error. */
export const refitWidth = 14;

const fields = ['standardError', 'statistic', 'df', 'pValue', 'lower', 'upper'] as const;

/** What a refit leaves behind. */
export interface Refit {
  readonly estimate: number;
  readonly rows: number;
  readonly clustered: ErrorOf;
  readonly classical: ErrorOf;
}

export function writeRefit({ estimate, rows, clustered, classical }: TreatmentFit, out: Float64Array, at: number): void {
  out[at] = estimate;
  out[at + 1] = rows;
  for (const [f, field] of fields.entries()) {
    out[at + 2 + f] = clustered[field];
    out[at + 8 + f] = classical[field];
  }
}

export function readRefit(numbers: Float64Array, unit: number): Refit {
  const at = unit * refitWidth;
  const errorAt = (from: number): ErrorOf => ({
    standardError: numbers[from],
    statistic: numbers[from + 1],
    df: numbers[from + 2],
    pValue: numbers[from + 3],
    lower: numbers[from + 4],
    upper: numbers[from + 5],
  });
  return { estimate: numbers[at], rows: numbers[at + 1], clustered: errorAt(at + 2), classical: errorAt(at + 8) };
}
