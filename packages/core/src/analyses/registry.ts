import type { Analysis } from './analysis.js';

// biome-ignore lint/suspicious/noExplicitAny: a registry holds analyses of every kind
export type AnyAnalysis = Analysis<any, any, any, any>;

/** Analyses by name. */
export type Registry = ReadonlyMap<string, AnyAnalysis>;

export function makeRegistry(analyses: readonly AnyAnalysis[]): Registry {
  return new Map(analyses.map((analysis) => [analysis.name, analysis]));
}
