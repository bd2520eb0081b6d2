import { decode, encode, type Layout, type PlannedJob } from '@spillway/core';
import type { Redis } from 'ioredis';
import { fieldsOf, inCalls, readBlob } from './blob.js';
import { type JobRef, keys } from './keys.js';
import type { AnySpec, JobKind } from './kinds.js';
import type { Scripts } from './scripts.js';
import { type Task, taskId } from './task.js';

/** What `begin` answers: not wanted (or another's), done already, or what there is to do. */
export type Begun = 'stop' | 'have' | Go;

export interface Go {
  readonly kind: JobKind;
  readonly spec: AnySpec;
  readonly planId: string;
  /** shards that are missing of a chunk; for `combine`, the number of parts to read */
  readonly todo: readonly number[];
  readonly upload: string;
  /** of the whole job, as estimated at the door */
  readonly cpuSeconds: number;
  /** the trace that asked for the job */
  readonly trace: string;
}

export type StrikeKind =
  | 'estimation'
  | 'input'
  | 'error'
  | 'lost'
  | 'crashed'
  | 'out_of_memory'
  | 'timed_out'
  | 'poison'
  | 'version_gone';

/** How often a step may fail in one way before its job does. The same numbers fail the same way: once. */
const limits: Readonly<Record<StrikeKind, number>> = {
  estimation: 1,
  input: 1,
  error: 3,
  lost: 3,
  crashed: 2,
  out_of_memory: 2,
  timed_out: 2,
  poison: 3,
  version_gone: 1,
};

/** Parts read in one go while combining. */
const partsPerPage = 200;

/** Jobs as a worker sees them. Every write is refused, without harm, once the job no longer wants it. */
export function makeWork(redis: Redis, scripts: Scripts, incarnation: string) {
  async function begin(task: Task, options: { solo?: boolean; inline?: boolean } = {}): Promise<Begun> {
    const { tenant, id, epoch, step, deaths } = task;
    const flags = [options.solo ? '1' : '0', taskId(task), options.inline ? '1' : '0'];
    const [verdict, kind, spec, planId, todo, upload, cost, trace] = await scripts<string[]>(
      'begin',
      tenant,
      id,
      epoch,
      step,
      deaths,
      incarnation,
      ...flags,
    );
    if (verdict !== 'go') return verdict as 'stop' | 'have';
    return {
      kind: kind as Go['kind'],
      spec: JSON.parse(spec),
      planId,
      todo: JSON.parse(todo),
      upload,
      cpuSeconds: Number(cost) / 100,
      trace,
    };
  }

  /** The task is no longer in this process' hands. */
  const end = (task: Task) => redis.hdel(keys.inFlight(incarnation), taskId(task));

  async function commitPlan(
    ref: JobRef,
    epoch: number,
    planned: PlannedJob,
    chunk: number,
    chunkTenths: number,
  ): Promise<'ok' | 'had' | 'no'> {
    const { planId, layout, context } = planned;
    const fields = [['layout', encode(layout)] as const, ...fieldsOf(context)];
    for (const some of inCalls(fields)) await scripts('put-context', ref.tenant, ref.id, planId, ...some);
    const counts = layout.shards.map((shard) => shard.count);
    const units = counts.reduce((sum, count) => sum + count, 0);
    const [outcome] = await scripts<['ok' | 'had' | 'no']>(
      'commit-plan',
      ref.tenant,
      ref.id,
      epoch,
      planId,
      counts.length,
      units,
      layout.unit,
      chunk,
      chunkTenths,
      JSON.stringify(layout.checkpoints),
      JSON.stringify(counts),
    );
    return outcome;
  }

  /** Layout and context of a committed plan; null when the job ended meanwhile. */
  async function readPlan(ref: JobRef, planId: string): Promise<{ layout: Layout; context: Uint8Array } | null> {
    const key = keys.context(ref, planId);
    const [layout, context] = await Promise.all([redis.hgetBuffer(key, 'layout'), readBlob(redis, key)]);
    return layout && context ? { layout: decode<Layout>(layout), context } : null;
  }

  /** @param sayEveryMs how often somebody is to say what can be said so far; 0: never */
  async function record(ref: JobRef, planId: string, shard: number, part: Uint8Array, units: number, sayEveryMs: number) {
    const [outcome, prefix, target, say] = await scripts<[string, number, number, number]>(
      'record',
      ref.tenant,
      ref.id,
      planId,
      shard,
      part,
      units,
      sayEveryMs,
    );
    return { outcome: outcome as 'ok' | 'had' | 'differs' | 'no', prefix, target, say: say === 1 };
  }

  /** These parts; null when one is not there (the job ended meanwhile). */
  async function readParts(ref: JobRef, planId: string, shards: readonly number[]): Promise<Uint8Array[] | null> {
    const parts: Uint8Array[] = [];
    for (let first = 0; first < shards.length; first += partsPerPage) {
      const page = shards.slice(first, first + partsPerPage).map(String);
      for (const part of await redis.hmgetBuffer(keys.parts(ref, planId), ...page)) {
        if (part === null) return null;
        parts.push(part);
      }
    }
    return parts;
  }

  const settle = (ref: JobRef, epoch: number, checkpoint: number, enough: boolean) =>
    scripts('settle', ref.tenant, ref.id, epoch, checkpoint, enough ? '1' : '0');

  const putPartial = (ref: JobRef, planId: string, prefix: number, json: string) =>
    scripts('partial', ref.tenant, ref.id, planId, prefix, json);

  /** The result and its report, then the end of the job. */
  async function succeed(ref: JobRef, epoch: number, result: Uint8Array, report: Uint8Array, sha256: string): Promise<string> {
    const fields = [...fieldsOf(result, 'result'), ...fieldsOf(report, 'report')];
    for (const some of inCalls(fields)) await scripts('put-result', ref.tenant, ref.id, epoch, ...some);
    return scripts<string>('finish', ref.tenant, ref.id, epoch, 'result', sha256, 'resultBytes', result.length);
  }

  /** An ingest's result is the dataset or the weights it made. */
  const succeedIngest = (ref: JobRef, epoch: number, hash: string) =>
    scripts<string>('finish', ref.tenant, ref.id, epoch, 'result', hash);

  /** The plan that a job has, by its name; null when it has none (any more). */
  const planIdOf = (ref: JobRef) => redis.hget(keys.job(ref), 'planId');

  /** Result and report of a job that has succeeded; null when they have expired. */
  async function readResult(ref: JobRef, epoch: number): Promise<{ result: Uint8Array; report: Uint8Array } | null> {
    const key = keys.result(ref, epoch);
    const [result, report] = await Promise.all([readBlob(redis, key, 'result'), readBlob(redis, key, 'report')]);
    return result && report ? { result, report } : null;
  }

  /** @param shard the shard that failed, −1 for a plan, a check or a combining */
  const strike = (
    task: Task,
    shard: number,
    kind: StrikeKind,
    failure: { code: string; message: string; problems?: readonly unknown[] },
  ) =>
    scripts<string>(
      'strike',
      task.tenant,
      task.id,
      task.epoch,
      task.step,
      shard,
      kind,
      limits[kind],
      JSON.stringify(failure),
      kind === 'estimation' || kind === 'input' ? '1' : '0',
    );

  /** Which of these jobs no longer live in this epoch: their threads can stop. */
  async function ended(tasks: readonly Task[]): Promise<Task[]> {
    const states = await Promise.all(tasks.map((task) => redis.hmget(keys.job(task), 'state', 'epoch')));
    return tasks.filter((task, i) => {
      const [state, epoch] = states[i];
      return !['queued', 'planning', 'running'].includes(state ?? '') || Number(epoch) !== task.epoch;
    });
  }

  /** Seconds since this job was cancelled, by Redis' clock; null when it was not. */
  async function secondsSinceCancel(ref: JobRef): Promise<number | null> {
    const [[state, endedAt], [seconds, micros]] = await Promise.all([
      redis.hmget(keys.job(ref), 'state', 'endedAt'),
      redis.time(),
    ]);
    return state === 'cancelled' ? Number(seconds) + Number(micros) / 1e6 - Number(endedAt) / 1e3 : null;
  }

  /** Takes a job over for this core, from the beginning. Returns false when it need not be, or may not. */
  const rehome = async (ref: JobRef, epoch: number, core: string, spec: AnySpec) =>
    (await scripts('rehome', ref.tenant, ref.id, epoch, core, JSON.stringify(spec))) === 1;

  const specOf = async (ref: JobRef) => {
    const text = await redis.hget(keys.job(ref), 'spec');
    return text === null ? null : (JSON.parse(text) as AnySpec);
  };

  /** @param held the ids of the tasks in hand */
  const beat = (core: string, slots: number, held: readonly string[]) => scripts('beat', incarnation, core, slots, ...held);
  /** @param back the ids of the tasks that others are to do */
  const retire = (back: readonly string[]) => scripts('retire', incarnation, ...back);

  return {
    begin,
    end,
    commitPlan,
    readPlan,
    record,
    readParts,
    settle,
    putPartial,
    succeed,
    succeedIngest,
    planIdOf,
    readResult,
    strike,
    ended,
    secondsSinceCancel,
    specOf,
    rehome,
    beat,
    retire,
  };
}
export type Work = ReturnType<typeof makeWork>;
