import type {
  CsvOptions,
  DeathKind,
  InputBytes,
  JobSpec,
  Layout,
  PanelPreview,
  PanelSummary,
  Shard,
  WeightsOptions,
  WeightsPreview,
  WeightsSummary,
} from '@spillway/core';

/** Units and how they have ended what computed them: `Lost` of the core, as it crosses threads and processes. */
export type LostUnits = readonly (readonly [unit: number, kind: DeathKind])[];

/** What can be asked of a thread, and what it answers. Bytes are shared memory where they are read by many. */
export interface Calls {
  ingest: { asked: { bytes: Uint8Array; options: CsvOptions }; answered: Ingested<PanelSummary, PanelPreview> };
  weigh: {
    asked: { bytes: Uint8Array; options: WeightsOptions; others: Readonly<Record<string, Uint8Array>> };
    answered: Ingested<WeightsSummary, WeightsPreview>;
  };
  plan: {
    asked: { spec: JobSpec; inputs: InputBytes; lost?: LostUnits };
    answered: { planId: string; layout: Layout; context: Uint8Array };
  };
  shard: {
    asked: { spec: JobSpec; inputs: InputBytes; context: Uint8Array; shard: Shard; lost?: LostUnits };
    answered: Uint8Array;
  };
  join: { asked: { spec: JobSpec; parts: readonly Uint8Array[] }; answered: Uint8Array };
  enough: { asked: { spec: JobSpec; context: Uint8Array; parts: readonly Uint8Array[] }; answered: boolean };
  partial: { asked: { spec: JobSpec; context: Uint8Array; parts: readonly Uint8Array[] }; answered: string | null };
  combine: {
    asked: { spec: JobSpec; inputs: InputBytes; context: Uint8Array; parts: readonly Uint8Array[]; lost?: LostUnits };
    answered: { result: Uint8Array; report: Uint8Array };
  };
  /** `renderDocument` of the module that the pool was given */
  render: { asked: { document: unknown; result: Uint8Array; report: Uint8Array }; answered: Uint8Array };
}

export type CallName = keyof Calls;

/** What reading a file gave: a dataset or weights. */
export interface Ingested<Summary, Preview> {
  /** sha256 of `bytes` */
  readonly hash: string;
  /** its canonical form */
  readonly bytes: Uint8Array;
  readonly summary: Summary;
  readonly preview: Preview;
}
