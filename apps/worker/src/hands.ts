import { EstimationError, InputError, Interrupted } from '@spillway/core';
import { ComputationError, ThreadDeath } from '@spillway/pool';
import { type Events, type StrikeKind, type Task, taskId } from '@spillway/queue';
import { LostInput } from './inputs.js';
import { StepFailure } from './step-failure.js';
import { makeSteps, type StepDeps } from './steps.js';

/** Jobs in hand are looked up so often, in case the word that one has ended was lost. */
const lookEveryMs = 1_000;

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
  const struck = new Set<string>();
  let leaving = false;

  async function handle(task: Task): Promise<void> {
    const abort = new AbortController();
    const id = taskId(task);
    inHand.set(id, { task, abort });
    try {
      await doStep(task, abort.signal, false);
    } finally {
      inHand.delete(id);
    }
  }

  function goOn(task: Task, signal: AbortSignal): Promise<void> {
    return leaving ? Promise.resolve() : doStep(task, signal, true);
  }

  async function doStep(task: Task, signal: AbortSignal, inline: boolean): Promise<void> {
    const go = await work.begin(task, { solo, inline });
    if (typeof go === 'string') return;
    try {
      const began = performance.now();
      await steps.run(task, go, signal);
      log.debug(
        { job: task.id, step: task.step, trace_id: go.trace, ms: Math.round(performance.now() - began) },
        'a step is done',
      );
    } catch (error) {
      await judge(task, go.trace, error);
    } finally {
      await work.end(task);
    }
  }

  /** What a failure says of the job: nothing when somebody asked to stop; the end, or a strike, when the computation is at fault. */
  async function judge(task: Task, trace: string, thrown: unknown): Promise<void> {
    const [shard, error] = thrown instanceof StepFailure ? [thrown.shard, thrown.cause] : [-1, thrown];
    if (error instanceof Interrupted) return stopped(task);
    if (error instanceof LostInput) {
      log.warn({ job: task.id, step: task.step, trace_id: trace }, error.message);
      return; // the job has ended, or Redis was emptied; if it lives, the next drive tries again
    }
    const strike = strikeFor(error, solo);
    if (!strike) throw error; // an outage: ours to log, not the job's fault
    const verdict = await work.strike(task, shard, strike.kind, strike.failure);
    if (verdict === 'again') struck.add(taskId(task));
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
    /** Was this task a failure that is to be tried again? Asked once, when it has left the transport. */
    wasStruck: (task: Task): boolean => struck.delete(taskId(task)),
    /** Everything in hand is to be given back: threads are told to stop, and nothing new is begun. */
    letGo(): void {
      leaving = true;
      for (const { abort } of inHand.values()) abort.abort();
    },
    close(): void {
      clearInterval(looking);
      unlisten();
    },
    get count(): number {
      return inHand.size;
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
  if (error instanceof ComputationError) return { kind: 'error', failure: { code: 'internal', message: error.message } };
  return null;
}
