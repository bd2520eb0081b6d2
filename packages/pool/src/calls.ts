import type { CsvOptions, JobSpec, Layout, PanelPreview, PanelSummary, Shard } from '@spillway/core';

/** What can be asked of a thread, and what it answers. Bytes are shared memory where they are read by many. */
export interface Calls {
  ingest: { asked: { bytes: Uint8Array; options: CsvOptions }; answered: IngestedPanel };
  plan: { asked: { spec: JobSpec; dataset: Uint8Array }; answered: { planId: string; layout: Layout; context: Uint8Array } };
  shard: {
    asked: { spec: JobSpec; dataset: Uint8Array; context: Uint8Array; shard: Shard };
    answered: Uint8Array;
  };
  enough: { asked: { spec: JobSpec; context: Uint8Array; parts: readonly Uint8Array[] }; answered: boolean };
  partial: { asked: { spec: JobSpec; context: Uint8Array; parts: readonly Uint8Array[] }; answered: string | null };
  combine: {
    asked: { spec: JobSpec; dataset: Uint8Array; context: Uint8Array; parts: readonly Uint8Array[] };
    answered: { result: Uint8Array; report: Uint8Array };
  };
}

export type CallName = keyof Calls;

export interface IngestedPanel {
  /** sha256 of `dataset` */
  readonly hash: string;
  readonly dataset: Uint8Array;
  readonly summary: PanelSummary;
  readonly preview: PanelPreview;
}
