import type { Failure } from './one-item.js';

/** Numbers of an item, in this order in a part. */
export const fields = ['estimate', 'standardError', 'statistic', 'pValue', 'lower', 'upper', 'rows'] as const;

export interface SweepPart {
  /** `fields` of each light unit of the shard; NaN where it failed */
  readonly numbers: Float64Array;
  readonly names: readonly string[];
  readonly failures: readonly { readonly item: number; readonly code: string; readonly message: string }[];
  readonly pieces: readonly { readonly item: number; readonly part: unknown; readonly failure: Failure | null }[];
}

/** The part of a shard from those of consecutive ranges of it. */
export function joinParts(parts: readonly SweepPart[]): SweepPart {
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.numbers.length, 0));
  let at = 0;
  for (const part of parts) {
    numbers.set(part.numbers, at);
    at += part.numbers.length;
  }
  const all = <T>(of: (part: SweepPart) => readonly T[]) => parts.flatMap(of);
  return {
    numbers,
    names: all((part) => part.names),
    failures: all((part) => part.failures),
    pieces: all((part) => part.pieces),
  };
}
