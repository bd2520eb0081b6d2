import type { Cost, JobSpec } from '@spillway/core';
import type { Settings } from '@spillway/settings';
import type { Redis } from 'ioredis';
import { readBlob, readFields } from './blob.js';
import { type JobRef, keys } from './keys.js';
import type { Scripts } from './scripts.js';

/** What a job is to read: a file into a dataset. Computed like an analysis, without shards. */
export interface IngestSpec {
  readonly upload: string;
  readonly options: unknown;
  readonly name: string;
}

export type StoredState = 'queued' | 'planning' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A job as its hash has it. */
export interface JobRecord extends JobRef {
  readonly state: StoredState;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: 'analysis' | 'ingest';
  readonly spec: JobSpec | IngestSpec;
  readonly cost: Cost;
  readonly shards: number | null;
  readonly prefix: number;
  readonly target: number | null;
  readonly units: number | null;
  readonly unit: string | null;
  readonly unitsDone: number;
  readonly partial: unknown;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly failure: { readonly code: string; readonly message: string; readonly problems?: readonly unknown[] } | null;
  readonly final: boolean;
  readonly result: string | null;
  readonly resultBytes: number | null;
  readonly recomputed: number;
  readonly retried: number;
  /** milliseconds by Redis' clock when this was read */
  readonly readAt: number;
}

export interface NewJob extends JobRef {
  readonly kind: 'analysis' | 'ingest';
  /** the core that shall compute it: names its queue */
  readonly core: string;
  readonly spec: JobSpec | IngestSpec;
  readonly cost: Cost;
  readonly owner: string;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string } | undefined;
  readonly retry?: boolean;
  /** id of the trace that asked for it: 32 hexadecimal digits */
  readonly trace?: string | undefined;
}

export type Submitted =
  | { readonly outcome: 'new' | 'attached' | 'ended' | 'final'; readonly state: StoredState }
  | { readonly outcome: 'mismatch' | 'no_dataset' }
  | { readonly outcome: 'over'; readonly what: string; readonly held: number; readonly wanted: number; readonly limit: number };

/** Jobs as the front door sees them. */
export function makeJobs(redis: Redis, scripts: Scripts, settings: Settings) {
  async function submit(job: NewJob): Promise<Submitted> {
    const { tenant, id, kind, core, spec, cost, owner, idempotency } = job;
    const fields = {
      kind,
      queue: core,
      spec: JSON.stringify(spec),
      dataset: 'dataset' in spec ? spec.dataset : '',
      upload: 'upload' in spec ? spec.upload : '',
      cost: Math.ceil(cost.cpuSeconds * 100),
      bytes: Math.ceil(cost.bytes),
      arithmetic: cost.arithmetic,
      trace: job.trace ?? '',
      keepResult: settings.resultDays * 86_400,
      keepParts: settings.partsSeconds,
      keepFailed: settings.failedSeconds,
    };
    const reply = await scripts<string[]>(
      'submit',
      tenant,
      id,
      owner,
      idempotency?.key ?? '',
      idempotency?.fingerprint ?? '',
      settings.idempotencySeconds,
      settings.tenantCpuSeconds * 100,
      settings.tenantBytes,
      settings.tenantJobs,
      job.retry ? '1' : '0',
      ...Object.entries(fields).flat(),
    );
    const [outcome, ...rest] = reply;
    if (outcome === 'over') {
      const scale = rest[0] === 'cpuSeconds' ? 100 : 1;
      const [held, wanted, limit] = rest.slice(1).map((text) => Number(text) / scale);
      return { outcome, what: rest[0], held, wanted, limit };
    }
    if (outcome === 'mismatch' || outcome === 'no_dataset') return { outcome };
    return { outcome: outcome as 'new', state: rest[0] as StoredState };
  }

  async function get(ref: JobRef): Promise<JobRecord | null> {
    const [hash, [seconds, micros]] = await Promise.all([redis.hgetall(keys.job(ref)), redis.time()]);
    if (hash.state === undefined || hash.spec === undefined) return null;
    return toRecord(ref, hash, Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000));
  }

  /** Newest first; `before` is the cursor of the page before this one. Ids whose record has expired are dropped on the way. */
  async function list(tenant: string, limit: number, before?: string): Promise<{ records: JobRecord[]; next: string | null }> {
    const index = keys.jobs(tenant);
    const start = before === undefined ? 0 : await redis.zrevrank(index, before);
    if (start === null) return { records: [], next: null };
    const ids = await redis.zrevrange(
      index,
      before === undefined ? 0 : start + 1,
      (before === undefined ? 0 : start + 1) + limit - 1,
    );
    const found = await Promise.all(ids.map((id) => get({ tenant, id })));
    const gone = ids.filter((_, i) => found[i] === null);
    const next = ids.length === limit ? ids[ids.length - 1] : null;
    if (gone.length > 0) await redis.zrem(index, ...gone.filter((id) => id !== next));
    return { records: found.filter((record) => record !== null), next };
  }

  const cancel = (ref: JobRef, owner: string) => scripts<string>('cancel', ref.tenant, ref.id, owner);

  const forget = (ref: JobRef) => scripts<'gone' | 'live' | 'none'>('forget', ref.tenant, ref.id);

  /** Keeps what is about to be read for as long as if it had just been made. */
  async function touch(ref: JobRef, epoch: number): Promise<void> {
    const seconds = settings.resultDays * 86_400;
    await Promise.all([redis.expire(keys.job(ref), seconds), redis.expire(keys.result(ref, epoch), seconds)]);
  }

  /** The result's bytes, a field at a time. */
  const result = (ref: JobRef, epoch: number) => readFields(redis, keys.result(ref, epoch), 'result');
  const report = (ref: JobRef, epoch: number) => readBlob(redis, keys.result(ref, epoch), 'report');

  return { submit, get, list, cancel, forget, touch, result, report };
}
export type Jobs = ReturnType<typeof makeJobs>;

function toRecord(ref: JobRef, hash: Record<string, string>, readAt: number): JobRecord {
  const number = (name: string) => (hash[name] === undefined ? null : Number(hash[name]));
  const count = (name: string) => Number(hash[name] ?? 0);
  return {
    ...ref,
    state: hash.state as StoredState,
    epoch: count('epoch'),
    seq: count('seq'),
    kind: hash.kind as JobRecord['kind'],
    spec: JSON.parse(hash.spec),
    cost: { cpuSeconds: count('cost') / 100, bytes: count('bytes'), arithmetic: hash.arithmetic },
    shards: number('shards'),
    prefix: count('prefix'),
    target: number('stopAt') ?? number('shards'),
    units: number('units'),
    unit: hash.unit ?? null,
    unitsDone: count('unitsDone'),
    partial: hash.partial === undefined ? null : JSON.parse(hash.partial).partial,
    createdAt: count('createdAt'),
    startedAt: number('startedAt'),
    endedAt: number('endedAt'),
    failure: hash.failure === undefined ? null : JSON.parse(hash.failure),
    final: hash.final === '1',
    result: hash.result ?? null,
    resultBytes: number('resultBytes'),
    recomputed: count('recomputed'),
    retried: count('retried'),
    readAt,
  };
}
