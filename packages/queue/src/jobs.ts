import type { Cost } from '@spillway/core';
import type { Settings } from '@spillway/settings';
import type { Redis } from 'ioredis';
import { readBlob, readFields } from './blob.js';
import { type JobRecord, makeJobRecords, type StoredState } from './job-records.js';
import { type JobRef, keys } from './keys.js';
import { type AnySpec, type JobKind, readsOf } from './kinds.js';
import type { Scripts } from './scripts.js';

export interface NewJob extends JobRef {
  readonly kind: JobKind;
  /** the core that shall compute it: names its queue */
  readonly core: string;
  readonly spec: AnySpec;
  readonly cost: Cost;
  readonly owner: string;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string } | undefined;
  readonly retry?: boolean;
  /** where to send word of its end */
  readonly webhook?: string | undefined;
  /** id of the trace that asked for it: 32 hexadecimal digits */
  readonly trace?: string | undefined;
}

export type Submitted =
  | { readonly outcome: 'new' | 'attached' | 'ended' | 'final'; readonly state: StoredState }
  | { readonly outcome: 'webhooks'; readonly limit: number }
  | { readonly outcome: 'mismatch' }
  /** what it reads has been deleted */
  | { readonly outcome: 'gone'; readonly hash: string }
  | { readonly outcome: 'over'; readonly what: string; readonly held: number; readonly wanted: number; readonly limit: number };

/** Jobs as the front door sees them. */
export function makeJobs(redis: Redis, scripts: Scripts, settings: Settings) {
  async function submit(job: NewJob): Promise<Submitted> {
    const { tenant, id, kind, core, spec, cost, owner, idempotency } = job;
    const fields = {
      kind,
      queue: core,
      spec: JSON.stringify(spec),
      reads: readsOf(spec).join(','),
      upload: 'upload' in spec ? spec.upload : '',
      cost: Math.ceil(cost.cpuSeconds * 100),
      bytes: Math.ceil(cost.bytes),
      arithmetic: cost.arithmetic,
      trace: job.trace ?? '',
      keepResult: kind === 'render' ? settings.partsSeconds : settings.resultDays * 86_400,
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
      job.webhook ?? '',
      ...Object.entries(fields).flat(),
    );
    const [outcome, ...rest] = reply;
    if (outcome === 'over') {
      const scale = rest[0] === 'cpuSeconds' ? 100 : 1;
      const [held, wanted, limit] = rest.slice(1).map((text) => Number(text) / scale);
      return { outcome, what: rest[0], held, wanted, limit };
    }
    if (outcome === 'webhooks') return { outcome, limit: Number(rest[0]) };
    if (outcome === 'mismatch') return { outcome };
    if (outcome === 'gone') return { outcome, hash: rest[0] };
    return { outcome: outcome as 'new', state: rest[0] as StoredState };
  }

  const get = makeJobRecords(redis);

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
