import { EstimationError, InputError, Interrupted, isOutOfMemory, type Problem } from '@spillway/core';
import { ThreadDeath } from './thread-death.js';

/** Errors cross threads as data: classes do not survive the crossing, and a thread that died answers nothing. */
export type Outcome<T> =
  | { readonly ok: T }
  | { readonly estimation: { readonly code: string; readonly message: string } }
  | { readonly input: readonly [Problem, ...Problem[]] }
  | { readonly interrupted: true }
  | { readonly outOfMemory: string }
  | { readonly error: { readonly message: string; readonly stack: string } };

/** Runs a computation and says how it came out. */
export function outcomeOf<T>(compute: () => T): Outcome<T> {
  try {
    return { ok: compute() };
  } catch (error) {
    if (error instanceof EstimationError) return { estimation: { code: error.code, message: error.message } };
    if (error instanceof InputError) return { input: error.problems };
    if (error instanceof Interrupted) return { interrupted: true };
    if (isOutOfMemory(error)) return { outOfMemory: error.message };
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { error: { message, stack: stack ?? message } };
  }
}

/**
 * The value, or the error thrown again on this side.
 * @param units counted before it
 */
export function unwrap<T>(outcome: Outcome<T>, units: number): T {
  if ('ok' in outcome) return outcome.ok;
  if ('estimation' in outcome) throw new EstimationError(outcome.estimation.code, outcome.estimation.message);
  if ('input' in outcome) throw new InputError(outcome.input);
  if ('interrupted' in outcome) throw new Interrupted();
  if ('outOfMemory' in outcome) throw new ThreadDeath('out_of_memory', outcome.outOfMemory, units);
  const error = new Error(outcome.error.message);
  error.stack = outcome.error.stack;
  throw new ComputationError(error);
}

/** The computation threw something that it should not have: a bug, or a machine that misbehaves. Worth a bounded number of retries. */
export class ComputationError extends Error {
  override readonly name = 'ComputationError';
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}
