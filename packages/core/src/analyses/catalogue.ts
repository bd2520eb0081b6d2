import { z } from 'zod';
import type { Example } from './analysis.js';
import type { AnyAnalysis } from './registry.js';

/** What people and programs are told of an analysis: its prose, and JSON Schema (draft 2020-12) of params and result. */
export interface AnalysisDescription {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly about: string;
  readonly sources: readonly string[];
  readonly params: unknown;
  readonly result: unknown;
  readonly example: Example;
}

/** The catalogue's entry of an analysis, from its definition alone: the API, the CLI and the docs say the same. */
export function describeAnalysis(analysis: AnyAnalysis): AnalysisDescription {
  const { name, version, title, about, sources, params, result, example } = analysis;
  const schema = (type: z.ZodType, io: 'input' | 'output') =>
    z.toJSONSchema(type, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  return { name, version, title, about, sources, params: schema(params, 'input'), result: schema(result, 'output'), example };
}
