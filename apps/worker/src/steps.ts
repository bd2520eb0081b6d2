import { type CsvOptions, InputError, type JobSpec, type Registry, sha256, type WeightsOptions } from '@spillway/core';
import { type Compute, sparing, toShared } from '@spillway/pool';
import type { Go, IngestSpec, JobRef, RenderSpec, ResultRenderSpec, Stores, Task, Work } from '@spillway/queue';
import type { Logger } from 'pino';
import { type Inputs, LostInput } from './inputs.js';
import type { Parts } from './parts.js';
import { StepFailure } from './step-failure.js';

export interface StepDeps {
  readonly work: Work;
  readonly stores: Stores;
  readonly inputs: Inputs;
  readonly parts: Parts;
  readonly compute: Compute;
  readonly registry: Registry;
  readonly log: Logger;
  /** no step is ended before it has taken so long */
  readonly stepWallMs: number;
  /** goes on with the next step in the same slot, if nobody else has it */
  readonly goOn: (task: Task, signal: AbortSignal) => Promise<void>;
}

/** CPU seconds of one chunk: long enough that a task costs nothing beside it, short enough that nobody waits long behind it. */
const longChunkSeconds = 2;
/** A job of some seconds is cut into about so many chunks, so that the last one does not leave every slot but one idle. */
const chunksAtLeast = 16;
/** Below this a job is one chunk, and whoever plans it goes on with it. */
const lightJobSeconds = 0.5;
/** Partial results of a job are computed at most so often, and by one process for at most one part in so many of its time. */
const partialEveryMs = 1_000;
const partialShare = 100;

/** What a task does. Each step writes through `work`, which refuses what the job no longer wants. */
export function makeSteps({ work, stores, inputs, parts, compute, registry, log, stepWallMs, goOn }: StepDeps) {
  /** A step may take 30 times its estimate: beyond, its thread is ended. */
  const wallMs = (cpuSeconds: number) => Math.max(stepWallMs, 30_000 * cpuSeconds);

  /** Where an item that ends its thread fails alone. */
  const computeFor = (task: Task, go: Go) =>
    sparing(compute, registry, ({ kind, message }, unit) =>
      log.warn({ job: task.id, step: task.step, unit, trace_id: go.trace, kind, why: message }, 'a unit ended what computed it'),
    );

  async function ingest(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const { into, options, name, others } = go.spec as IngestSpec;
    const file = await stores.uploads.bytes(task.tenant, go.upload);
    if (!file) throw new LostInput(`upload ${go.upload} is not in Redis`);
    const bytes = toShared(file);
    const call = { signal, wallMs: wallMs(go.cpuSeconds) };
    let hash: string;
    if (into === 'datasets') {
      const made = await compute.call('ingest', { bytes, options: options as CsvOptions }, call);
      await stores.datasets.put(task.tenant, made, name);
      hash = made.hash;
    } else {
      const asked = { bytes, options: options as WeightsOptions, others: await inputs.weights(task.tenant, others) };
      const made = await compute.call('weigh', asked, call);
      await stores.weights.put(task.tenant, made, name);
      hash = made.hash;
    }
    return (await work.succeedIngest(task, task.epoch, hash)) === 'ok';
  }

  async function render(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const spec = go.spec as RenderSpec;
    const found = 'weights' in spec ? await weightsToDraw(task.tenant, spec.weights) : await resultToDraw(spec, signal);
    if (!found) throw InputError.one('expired', 'the result has expired: submit the job again');
    const bytes = await compute.call('render', { document: spec.document, ...found }, { signal, wallMs: wallMs(go.cpuSeconds) });
    return (await work.succeed(task, task.epoch, bytes, new Uint8Array(0), sha256(bytes))) === 'ok';
  }

  async function weightsToDraw(tenant: string, hash: string) {
    const { W } = await inputs.weights(tenant, { W: hash });
    return { result: W, report: new Uint8Array(0) };
  }

  const resultToDraw = ({ of, epoch, soFar }: ResultRenderSpec, signal: AbortSignal) =>
    soFar ? combineSoFar(of, soFar, signal) : work.readResult(of, epoch);

  /** The result that the first parts of a job under way give. */
  async function combineSoFar(of: JobRef, { spec, prefix }: NonNullable<ResultRenderSpec['soFar']>, signal: AbortSignal) {
    const planId = await work.planIdOf(of);
    const sofar = planId === null ? null : await parts.first(of, planId, prefix);
    if (planId === null || !sofar) return null;
    const [read, { context }] = await Promise.all([inputs.of(of.tenant, spec), inputs.plan(of, planId)]);
    return sparing(compute, registry).call(
      'combine',
      { spec, inputs: read, context, parts: sofar },
      { signal, wallMs: stepWallMs },
    );
  }

  async function plan(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const spec = go.spec as JobSpec;
    const read = await inputs.of(task.tenant, spec);
    const planned = await computeFor(task, go).call('plan', { spec, inputs: read }, { signal, wallMs: wallMs(go.cpuSeconds) });
    const shards = planned.layout.shards.length;
    const chunkSeconds = Math.min(longChunkSeconds, Math.max(lightJobSeconds, go.cpuSeconds / chunksAtLeast));
    const chunk = Math.max(1, Math.min(shards, Math.floor((chunkSeconds * shards) / Math.max(go.cpuSeconds, 1e-9))));
    const tenths = Math.round((10 * go.cpuSeconds * chunk) / shards);
    const outcome = await work.commitPlan(task, task.epoch, planned, chunk, tenths);
    if (outcome === 'ok') inputs.keepPlan(task, planned);
    // A light job would wait for a slot three times: whoever commits a plan of one chunk goes on with it.
    if (outcome === 'ok' && chunk >= shards) await goOn({ ...task, step: '0', deaths: 0 }, signal);
    return outcome !== 'no';
  }

  const nextPartialAt = new Map<string, number>();
  async function partial(task: Task, go: Go, prefix: number, context: Uint8Array, signal: AbortSignal): Promise<void> {
    const spec = go.spec as JobSpec;
    const began = performance.now();
    nextPartialAt.set(task.id, Number.POSITIVE_INFINITY);
    try {
      const sofar = await parts.first(task, go.planId, prefix);
      // What can be said so far is a courtesy: that it cannot be said fails nothing.
      const json =
        sofar &&
        (await compute
          .call('partial', { spec, context, parts: sofar }, { signal, wallMs: stepWallMs })
          .catch((error: unknown) => void log.warn({ job: task.id, err: error }, 'no partial result')));
      if (json) await work.putPartial(task, go.planId, prefix, json);
    } finally {
      const now = performance.now();
      nextPartialAt.set(task.id, now + Math.max(partialEveryMs, partialShare * (now - began)));
      for (const [id, at] of nextPartialAt) if (at < now) nextPartialAt.delete(id);
    }
  }

  async function chunk(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const spec = go.spec as JobSpec;
    const [read, { layout, context }] = await Promise.all([inputs.of(task.tenant, spec), inputs.plan(task, go.planId)]);
    const shardWallMs = wallMs(go.cpuSeconds / layout.shards.length);
    const spared = computeFor(task, go);
    const says = registry.get(spec.analysis)?.partial !== undefined;
    let last = { outcome: 'had', prefix: 0, target: Number.POSITIVE_INFINITY, say: false };
    for (const k of go.todo) {
      const shard = layout.shards[k];
      const part = await spared
        .shard({ spec, inputs: read, context, shard }, { signal, wallMs: shardWallMs })
        .catch((error: unknown) => Promise.reject(new StepFailure(k, error)));
      const maySay = says && performance.now() >= (nextPartialAt.get(task.id) ?? 0);
      last = await work.record(task, go.planId, k, part, shard.count, maySay ? partialEveryMs : 0);
      if (last.outcome === 'no') return false;
      if (last.outcome === 'differs') {
        log.error(
          { job: task.id, shard: k, plan: go.planId, trace_id: go.trace },
          'a shard computed twice gave different bytes: report this with the core and Node versions',
        );
      }
      // Those who will read it soon: partial results, and the combining of a job that is whole in these hands.
      if (last.outcome === 'ok' && (says || go.todo.length === layout.shards.length)) parts.keep(task, go.planId, k, part);
      if (last.say) await partial(task, go, last.prefix, context, signal);
    }
    if (last.prefix >= last.target) {
      nextPartialAt.delete(task.id);
      await goOn({ ...task, step: 'combine', deaths: 0 }, signal);
    }
    return true;
  }

  async function check(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const spec = go.spec as JobSpec;
    const checkpoint = Number(task.step.slice('check'.length));
    const [{ context }, sofar] = await Promise.all([inputs.plan(task, go.planId), parts.first(task, go.planId, checkpoint)]);
    if (!sofar) throw new LostInput(`a part below checkpoint ${checkpoint} is not in Redis`);
    const enough = await compute.call('enough', { spec, context, parts: sofar }, { signal, wallMs: wallMs(go.cpuSeconds) });
    await work.settle(task, task.epoch, checkpoint, enough);
    return true;
  }

  async function combine(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    const spec = go.spec as JobSpec;
    const [read, { context }, all] = await Promise.all([
      inputs.of(task.tenant, spec),
      inputs.plan(task, go.planId),
      parts.first(task, go.planId, go.todo[0]),
    ]);
    parts.drop(task);
    if (!all) throw new LostInput('a part is not in Redis');
    const { result, report } = await computeFor(task, go).call(
      'combine',
      { spec, inputs: read, context, parts: all },
      { signal, wallMs: wallMs(go.cpuSeconds) },
    );
    const hash = sha256(result);
    const outcome = await work.succeed(task, task.epoch, result, report, hash);
    if (outcome !== 'ok') return false;
    log.info({ job: task.id, trace_id: go.trace, result: hash, bytes: result.length }, 'a job is computed');
    return true;
  }

  /** The step that a task names. Returns whether it is closed: whoever looks at the job from now on sees that it is done. */
  function run(task: Task, go: Go, signal: AbortSignal): Promise<boolean> {
    if (task.step === 'plan') return { ingest, render, analysis: plan }[go.kind](task, go, signal);
    if (task.step === 'combine') return combine(task, go, signal);
    if (task.step.startsWith('check')) return check(task, go, signal);
    return chunk(task, go, signal);
  }

  return { run };
}
export type Steps = ReturnType<typeof makeSteps>;
