import type { Cost } from '@spillway/core';
import type { Redis } from 'ioredis';
import { type JobRef, keys } from './keys.js';
import type { AnySpec, JobKind } from './kinds.js';

export type StoredState = 'queued' | 'planning' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A job as its hash has it. */
export interface JobRecord extends JobRef {
  readonly state: StoredState;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: JobKind;
  readonly spec: AnySpec;
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
  /** those who are told of its end; null when nobody asked to be */
  readonly webhooks: {
    readonly pending: number;
    readonly delivered: number;
    readonly givenUp: number;
    readonly problem: string | null;
  } | null;
  /** milliseconds by Redis' clock when this was read */
  readonly readAt: number;
}

/** Specs that are kept at hand, and the largest that is. */
const keptSpecs = 2_000;
const keptCharacters = 20_000;
/** A job that is there and cannot be read whole after so many looks is not there. */
const mostLooks = 5;
/** How long the difference between Redis' clock and ours is believed. */
const clockMs = 5_000;

/** Lines of the field `shown`, which `show` in shared.lua writes: all that moves while a job lives. A poll reads that field and no other. */
type Shown = readonly string[];

/** What stays as long as an epoch lasts. */
const fixed = ['epoch', 'createdAt', 'kind', 'spec', 'cost', 'bytes', 'arithmetic'] as const;

type Fixed = Pick<JobRecord, 'kind' | 'spec' | 'cost'>;

/** What has been read of one life of a job, and what was made of it. */
interface Kept {
  /** The epoch tells lives apart, the time of creation the jobs of a Redis that was emptied meanwhile. */
  readonly life: string;
  readonly fixed: Fixed;
  text: string;
  record: JobRecord | null;
  partial: { readonly text: string; readonly value: unknown } | null;
}

/**
 * Reads jobs. What a job is asked to do does not change while its epoch lasts and is read and parsed once; a poll reads one field, and takes
 * it apart when it has changed.
 */
export function makeJobRecords(redis: Redis): (ref: JobRef) => Promise<JobRecord | null> {
  const lives = new Map<string, Kept>();
  const clock = { ahead: 0, readAt: Number.NEGATIVE_INFINITY };

  async function readClock(): Promise<void> {
    const [seconds, micros] = await redis.time();
    clock.readAt = performance.now();
    clock.ahead = Number(seconds) * 1_000 + Number(micros) / 1_000 - clock.readAt;
  }

  /** What stays; null when the job is gone, or has begun another life meanwhile. */
  async function readLife(key: string, life: string): Promise<Kept | null> {
    const [epoch, createdAt, kind, spec, cost, bytes, arithmetic] = await redis.hmget(key, ...fixed);
    if (spec === null || `${epoch}.${createdAt}` !== life) return null;
    const kept: Kept = {
      life,
      fixed: {
        kind: kind as JobRecord['kind'],
        spec: JSON.parse(spec),
        cost: { cpuSeconds: Number(cost) / 100, bytes: Number(bytes), arithmetic: arithmetic ?? '' },
      },
      text: '',
      record: null,
      partial: null,
    };
    lives.delete(key);
    if (spec.length <= keptCharacters) lives.set(key, kept);
    if (lives.size > keptSpecs) lives.delete(lives.keys().next().value ?? '');
    return kept;
  }

  return async (ref) => {
    const key = keys.job(ref);
    if (performance.now() - clock.readAt > clockMs) await readClock();
    for (let look = 0; look < mostLooks; look++) {
      const text = await redis.hget(key, 'shown');
      if (text === null) return null;
      const readAt = Math.floor(performance.now() + clock.ahead);
      const had = lives.get(key);
      if (had?.record && had.text === text) return { ...had.record, readAt };
      const lines = text.split('\n');
      const life = `${lines[0]}.${lines[1]}`;
      const kept = had?.life === life ? had : await readLife(key, life);
      if (!kept) continue; // gone or begun anew since the first look: the next one will tell
      kept.text = text;
      kept.record = toRecord(ref, lines, kept, readAt);
      return kept.record;
    }
    return null;
  };
}

/** What can be said so far, parsed when it has changed. */
function partialOf(text: string, kept: Kept): unknown {
  if (text === '') return null;
  if (kept.partial?.text !== text) kept.partial = { text, value: JSON.parse(text).partial };
  return kept.partial.value;
}

function toRecord({ tenant, id }: JobRef, lines: Shown, kept: Kept, readAt: number): JobRecord {
  const [epoch, createdAt, state, seq, shards, stopAt, prefix, units, unit, unitsDone, partial, startedAt, endedAt, ...ended] =
    lines;
  const [failure, final, result, resultBytes, recomputed, retried, pending, delivered, givenUp, problem] = ended;
  return {
    tenant,
    id,
    state: state as StoredState,
    epoch: Number(epoch),
    seq: Number(seq),
    kind: kept.fixed.kind,
    spec: kept.fixed.spec,
    cost: kept.fixed.cost,
    shards: numberOf(shards),
    prefix: Number(prefix),
    target: numberOf(stopAt) ?? numberOf(shards),
    units: numberOf(units),
    unit: textOf(unit),
    unitsDone: Number(unitsDone),
    partial: partialOf(partial, kept),
    createdAt: Number(createdAt),
    startedAt: numberOf(startedAt),
    endedAt: numberOf(endedAt),
    failure: failure === '' ? null : JSON.parse(failure),
    final: final === '1',
    result: textOf(result),
    resultBytes: numberOf(resultBytes),
    recomputed: Number(recomputed),
    retried: Number(retried),
    webhooks:
      pending === ''
        ? null
        : { pending: Number(pending), delivered: Number(delivered), givenUp: Number(givenUp), problem: textOf(problem) },
    readAt,
  };
}

/** A field that is not there is an empty line; `Number('')` is 0, which is what a count begins with. */
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));
const textOf = (text: string): string | null => (text === '' ? null : text);
