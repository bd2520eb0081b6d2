import { hashesOf, type JobSpec } from '@spillway/core';
import type { JobRef } from './keys.js';
import type { ResourceKind } from './resources.js';

/** What jobs are: an analysis in shards, or one step that reads a file or draws a document. Stored: never rename. */
export type JobKind = 'analysis' | 'ingest' | 'render';

/** A file to be read into a dataset or weights. */
export interface IngestSpec {
  readonly into: ResourceKind;
  readonly upload: string;
  readonly options: unknown;
  readonly name: string;
  /** weights that the options speak of, by the names they have there: their hashes */
  readonly others?: Readonly<Record<string, string>> | undefined;
}

/** A document to be drawn of weights (their hash), or of a result. */
export type RenderSpec = { readonly weights: string; readonly document: unknown } | ResultRenderSpec;

export interface ResultRenderSpec {
  readonly of: JobRef;
  /** the life of the job whose result it is */
  readonly epoch: number;
  readonly document: unknown;
  /** of a job that is under way: its spec, and how many parts are to be read */
  readonly soFar?: { readonly spec: JobSpec; readonly prefix: number } | undefined;
}

export type AnySpec = JobSpec | IngestSpec | RenderSpec;

/** The hashes of the datasets and weights that a job reads: pinned while it lives. */
export function readsOf(spec: AnySpec): string[] {
  if ('dataset' in spec) return hashesOf(spec);
  if ('into' in spec) return Object.values(spec.others ?? {});
  if ('weights' in spec) return [spec.weights];
  return spec.soFar === undefined ? [] : hashesOf(spec.soFar.spec);
}
