import type { Cost, JobSpec } from '@spillway/core';
import type { Redis } from 'ioredis';
import type { IngestSpec } from './jobs.js';
import { type JobRef, keys } from './keys.js';

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

/** Records that are kept at hand, and the largest hash that is. */
const keptRecords = 2_000;
const keptCharacters = 20_000;
/** How long the difference between Redis' clock and ours is believed. */
const clockMs = 5_000;

/**
 * Reads jobs. `seq` goes up with every change that is made known, so a job that was read before is not read again as long as its `seq` is
 * the same: polls, nearly all of which find nothing new, cost one small command.
 */
export function makeJobRecords(redis: Redis): (ref: JobRef) => Promise<JobRecord | null> {
  const kept = new Map<string, { readonly stamp: string; readonly record: JobRecord }>();
  const clock = { ahead: 0, readAt: Number.NEGATIVE_INFINITY };

  /** Milliseconds by Redis' clock. */
  async function now(): Promise<number> {
    if (performance.now() - clock.readAt > clockMs) {
      const [seconds, micros] = await redis.time();
      clock.readAt = performance.now();
      clock.ahead = Number(seconds) * 1_000 + Number(micros) / 1_000 - clock.readAt;
    }
    return Math.floor(performance.now() + clock.ahead);
  }

  // The epoch tells lives apart, the time of creation the jobs of a Redis that was emptied meanwhile.
  const stampOf = (seq?: string | null, epoch?: string | null, createdAt?: string | null) => `${seq}.${epoch}.${createdAt}`;

  return async (ref) => {
    const key = keys.job(ref);
    const had = kept.get(key);
    if (had) {
      const [[seq, epoch, createdAt], readAt] = await Promise.all([redis.hmget(key, 'seq', 'epoch', 'createdAt'), now()]);
      if (had.stamp === stampOf(seq, epoch, createdAt)) return { ...had.record, readAt };
      kept.delete(key);
    }
    const [hash, readAt] = await Promise.all([redis.hgetall(key), now()]);
    if (hash.state === undefined || hash.spec === undefined) return null;
    const record = toRecord(ref, hash, readAt);
    if (hash.spec.length + (hash.partial?.length ?? 0) <= keptCharacters) {
      kept.set(key, { stamp: stampOf(hash.seq, hash.epoch, hash.createdAt), record });
      if (kept.size > keptRecords) kept.delete(kept.keys().next().value ?? '');
    }
    return record;
  };
}

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
