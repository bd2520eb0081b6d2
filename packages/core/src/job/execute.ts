import type { Inputs, Lost, Progress, Shard, Watch } from '../analyses/analysis.js';
import type { Registry } from '../analyses/registry.js';
import { canonicalJson, sha256 } from './canonical.js';
import { decode, encode } from './codec.js';
import { findAnalysis, type JobSpec } from './spec.js';
import { toWire } from './wire.js';

/*
 * A job, step by step, on bytes: what crosses threads, processes and Redis. Everything that runs a job (one process, a
 * pool of threads, the workers) goes through these six functions, which is why they all give the same bytes.
 */

/** How a job is cut, apart from what is fitted once. */
export interface Layout {
  readonly unit: string;
  readonly shards: readonly Shard[];
  readonly checkpoints: readonly number[];
}

export interface PlannedJob {
  /** names core, layout and context by their hash: parts of equal plans are interchangeable */
  readonly planId: string;
  readonly layout: Layout;
  readonly context: Uint8Array;
}

export function planJob(registry: Registry, spec: JobSpec, inputs: Inputs, watch?: Watch): PlannedJob {
  const plan = findAnalysis(registry, spec.analysis).plan(spec.params, inputs, spec.seed, watch);
  let next = 0;
  for (const { first, count } of plan.shards) {
    if (first !== next || count < 1)
      throw new Error(`${spec.analysis}: shards must be consecutive from 0, got ${first} after ${next}`);
    next += count;
  }
  if (next === 0) throw new Error(`${spec.analysis}: a plan needs at least one shard`);
  const layout = { unit: plan.unit, shards: plan.shards, checkpoints: plan.checkpoints ?? [] };
  const context = encode(plan.context);
  return { planId: sha256(canonicalJson([spec.core, layout, sha256(context)])).slice(0, 32), layout, context };
}

export function runShard(
  registry: Registry,
  spec: JobSpec,
  inputs: Inputs,
  context: Uint8Array,
  shard: Shard,
  progress: Progress,
  lost?: Lost,
): Uint8Array {
  const { run } = findAnalysis(registry, spec.analysis);
  return encode(run(spec.params, inputs, decode(context), shard, progress, spec.seed, lost));
}

/** The part of a shard from those of consecutive ranges of it. */
export function joinParts(registry: Registry, spec: JobSpec, parts: readonly Uint8Array[]): Uint8Array {
  const { join } = findAnalysis(registry, spec.analysis);
  if (join === undefined) throw new TypeError(`shards of ${spec.analysis} cannot be taken apart`);
  return encode(join(parts.map((part) => decode(part))));
}

/** Is this prefix of parts enough to stop at? */
export function isEnough(registry: Registry, spec: JobSpec, context: Uint8Array, parts: readonly Uint8Array[]): boolean {
  const { enough } = findAnalysis(registry, spec.analysis);
  return (
    enough?.(
      spec.params,
      decode(context),
      parts.map((part) => decode(part)),
    ) ?? false
  );
}

/** What can be said so far, as JSON; null when the analysis has nothing to say. */
export function partialResult(
  registry: Registry,
  spec: JobSpec,
  context: Uint8Array,
  parts: readonly Uint8Array[],
): string | null {
  const { partial } = findAnalysis(registry, spec.analysis);
  return partial
    ? toWire({
        partial: partial(
          spec.params,
          decode(context),
          parts.map((part) => decode(part)),
        ),
      })
    : null;
}

export interface CombinedJob {
  /** the result with its provenance, wire JSON in UTF-8: what is stored, sent and hashed */
  readonly result: Uint8Array;
  /** the report, JSON in UTF-8 */
  readonly report: Uint8Array;
}

export function combineJob(
  registry: Registry,
  spec: JobSpec,
  inputs: Inputs,
  context: Uint8Array,
  parts: readonly Uint8Array[],
  watch?: Watch,
): CombinedJob {
  const analysis = findAnalysis(registry, spec.analysis);
  const result = analysis.combine(
    spec.params,
    inputs,
    decode(context),
    parts.map((part) => decode(part)),
    spec.seed,
    watch,
  );
  const { analysis: name, ...rest } = spec;
  const utf8 = new TextEncoder();
  return {
    result: utf8.encode(toWire({ ...result, provenance: { analysis: name, ...rest, generator: 'philox4x32-10' } })),
    report: utf8.encode(toWire({ ...analysis.report(result) })),
  };
}
