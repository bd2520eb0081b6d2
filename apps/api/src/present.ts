import type { Dataset, Job, JobState, Weights } from '@spillway/contracts';
import type { JobSpec, PanelSummary, WeightsSummary } from '@spillway/core';
import type { JobRecord, ResourceRecord } from '@spillway/queue';

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** A job as HTTP shows it. `combining` is running with every part there. */
export function presentJob(record: JobRecord): Job {
  const spec = record.spec as JobSpec;
  const { state, units, unitsDone, startedAt, endedAt, readAt, prefix, target } = record;
  const combining = state === 'running' && target !== null && prefix >= target;
  const seconds = startedAt === null ? 0 : ((endedAt ?? readAt) - startedAt) / 1_000;
  const perSecond = seconds > 0 && unitsDone > 0 ? unitsDone / seconds : null;
  const running = state === 'running' && perSecond !== null && units !== null;
  return {
    id: record.id,
    state: (combining ? 'combining' : state) satisfies JobState,
    epoch: record.epoch,
    analysis: spec.analysis,
    version: spec.version,
    core: spec.core,
    dataset: spec.dataset,
    ...(spec.weights && { weights: spec.weights }),
    params: spec.params,
    seed: spec.seed,
    cost: record.cost,
    progress: {
      done: unitsDone,
      total: units,
      unit: record.unit,
      perSecond,
      etaSeconds: running ? (units - unitsDone) / perSecond : null,
      partial: record.partial,
    },
    failure: record.failure && { code: record.failure.code, message: record.failure.message },
    result: record.result === null || record.resultBytes === null ? null : { sha256: record.result, bytes: record.resultBytes },
    createdAt: iso(record.createdAt),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    webhooks: record.webhooks,
    ran: { shards: record.shards ?? 0, recomputed: record.recomputed, retried: record.retried },
  };
}

export function presentDataset({ hash, name, bytes, createdAt, summary }: ResourceRecord<PanelSummary>): Dataset {
  const { rows, entity, time, balanced, periodsPerEntity, gaps, columns } = summary;
  return {
    id: hash,
    name,
    createdAt: new Date(createdAt).toISOString(),
    bytes,
    rows,
    entity,
    time,
    balanced,
    periodsPerEntity,
    gaps,
    columns: [...columns],
  };
}

export function presentWeights({ hash, name, bytes, createdAt, summary }: ResourceRecord<WeightsSummary>): Weights {
  return {
    id: hash,
    name,
    createdAt: new Date(createdAt).toISOString(),
    bytes,
    ...summary,
    notes: [...summary.notes],
    islands: { ...summary.islands, labels: [...summary.islands.labels] },
  };
}
