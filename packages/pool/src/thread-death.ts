import type { DeathKind } from '@spillway/core';

/** The thread died in this call: by itself, for want of memory, or ended because it took too long. */
export class ThreadDeath extends Error {
  override readonly name = 'ThreadDeath';
  constructor(
    readonly kind: DeathKind,
    message: string,
    /** that it had counted: what came next has killed it */
    readonly units: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** A thread answers every call with an outcome, so whatever else a call ends with is its death. */
  static of(cause: unknown, units: number): ThreadDeath {
    // by its shape: an error of Node itself may be of another realm, where `instanceof` is false
    const { code, message } = (
      typeof cause === 'object' && cause !== null ? cause : new Error(String(cause))
    ) as NodeJS.ErrnoException;
    return new ThreadDeath(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'crashed', message, units, { cause });
  }
}
