import { EstimationError, InputError, Interrupted } from '@spillway/core';
import { ComputationError, ThreadDeath } from '@spillway/pool';
import { type Events, isOutage, type StrikeKind, type Task, taskId } from '@spillway/queue';
import { LostInput } from './inputs.js';
import { StepFailure } from './step-failure.js';
import { makeSteps, type StepDeps } from './steps.js';

/** Jobs in hand are looked up so often, in case the word that one has ended was lost. */
const lookEveryMs = 1_000;
/** A task whose leaving the transport does not tell is held for so long. */
const followMs = 10_000;

export interface HandsOptions extends Omit<StepDeps, 'goOn'> {
  readonly events: Events;
  /** these hands take what has seen processes die */
  readonly solo: boolean;
  /** a computation has stopped because it was asked to */
  readonly stopped: (task: Task) => Promise<void>;
}

/** The tasks that this process has in hand: begun, done or given up, and what is said of it in the job's records. */
export function makeHands({ solo, events, stopped, ...deps }: HandsOptions) {
  const { work, log } = deps;
  const inHand = new Map<string, { readonly task: Task; readonly abort: AbortController }>();
  const steps = makeSteps({ ...deps, goOn });
  /**
   * Begun by this process, steps that were fused to a task included, and kept until what follows them is on its way: if the process
   * dies, their jobs are looked at as soon as it counts as dead.
   */
  const held = new Map<string, NodeJS.Timeout | null>();
  /** left undone, for another try or another process */
  const undone = new Set<string>();
  let leaving = false;

  async function handle(task: Task): Promise<void> {
    const abort = new AbortController();
    const id = taskId(task);
    if (leaving) {
      undone.add(id);
      return;
    }
    inHand.set(id, { task, abort });
    try {
      await doStep(task, abort.signal, false);
    } finally {
      inHand.delete(id);
      held.set(id, setTimeout(() => held.delete(id), followMs).unref());
    }
  }

  function goOn(task: Task, signal: AbortSignal): Promise<void> {
    return leaving ? Promise.resolve() : doStep(task, signal, true);
  }

  async function doStep(task: Task, signal: AbortSignal, inline: boolean): Promise<void> {
    const id = taskId(task);
    clearTimeout(held.get(id) ?? undefined);
    held.set(id, null);
    try {
      const go = await work.begin(task, { solo, inline });
      if (typeof go === 'string') return;
      const began = performance.now();
      const { closed, thrown } = await steps.run(task, go, signal).then(
        (closed) => ({ closed, thrown: null }),
        (error: unknown) => ({ closed: false, thrown: { error } }),
      );
      if (thrown) undone.add(id);
      // A step that is open still must be seen to be in nobody's hands before anybody drives its job; for others the next beat will do.
      if (!closed) await work.end(task);
      if (thrown) await judge(task, go.trace, thrown.error);
      const ms = Math.round(performance.now() - began);
      log.debug({ job: task.id, step: task.step, trace_id: go.trace, ms }, thrown ? 'a step is given up' : 'a step is done');
    } finally {
      if (inline) held.delete(id);
    }
  }

  /** What a failure says of the job: nothing when somebody asked to stop; the end, or a strike, when the computation is at fault. */
  async function judge(task: Task, trace: string, thrown: unknown): Promise<void> {
    const [shard, error] = thrown instanceof StepFailure ? [thrown.shard, thrown.cause] : [-1, thrown];
    if (error instanceof Interrupted) return stopped(task);
    const strike = strikeFor(error, solo);
    if (!strike) {
      undone.delete(taskId(task)); // an outage: ours to log, not the job's fault, and not to be tried again at once
      throw error;
    }
    const verdict = await work.strike(task, shard, strike.kind, strike.failure);
    log.warn(
      { job: task.id, step: task.step, shard, trace_id: trace, kind: strike.kind, code: strike.failure.code, verdict },
      'a step failed',
    );
  }

  /** The threads of jobs that have ended are told to stop. */
  const stopJob = (ref: { tenant: string; id: string }) => {
    for (const { task, abort } of inHand.values()) if (task.id === ref.id && task.tenant === ref.tenant) abort.abort();
  };
  const unlisten = events.listenToAll((event) => {
    if (event.state === 'cancelled' || event.state === 'failed') stopJob(event);
  });
  const look = async () => {
    if (inHand.size === 0) return;
    for (const task of await work.ended([...inHand.values()].map((held) => held.task))) inHand.get(taskId(task))?.abort.abort();
  };
  const looking = setInterval(() => void look().catch(() => {}), lookEveryMs);

  return {
    handle,
    held: (): readonly string[] => [...held.keys()],
    /** What follows this task is on its way. */
    followed(task: Task): void {
      const id = taskId(task);
      clearTimeout(held.get(id) ?? undefined);
      held.delete(id);
    },
    /** Was this task left undone? Asked once, when it has left the transport. */
    wasUndone: (task: Task): boolean => !leaving && undone.delete(taskId(task)),
    /** What is left undone by a process that leaves. */
    undone: (): readonly string[] => [...undone],
    /** Everything in hand is to be given back: threads are told to stop, and nothing new is begun. */
    letGo(): void {
      leaving = true;
      for (const { abort } of inHand.values()) abort.abort();
    },
    close(): void {
      clearInterval(looking);
      unlisten();
    },
  };
}
export type Hands = ReturnType<typeof makeHands>;

interface Strike {
  readonly kind: StrikeKind;
  readonly failure: { readonly code: string; readonly message: string; readonly problems?: readonly unknown[] };
}

function strikeFor(error: unknown, solo: boolean): Strike | null {
  if (error instanceof EstimationError) return { kind: 'estimation', failure: { code: error.code, message: error.message } };
  if (error instanceof InputError) {
    return { kind: 'input', failure: { code: error.code, message: error.message, problems: error.problems } };
  }
  if (error instanceof ThreadDeath) {
    const kind = solo && error.kind === 'crashed' ? 'poison' : error.kind;
    return { kind, failure: { code: kind, message: error.message } };
  }
  // What was to be read is gone: the job has ended, and the strike is refused; or Redis was emptied under it.
  if (error instanceof LostInput) return { kind: 'lost', failure: { code: 'input_lost', message: error.message } };
  if (isOutage(error)) return null;
  const message = error instanceof ComputationError ? error.message : `the worker failed: ${error}`;
  return { kind: 'error', failure: { code: 'internal', message } };
}
