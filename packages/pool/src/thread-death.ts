export type DeathKind = 'crashed' | 'out_of_memory' | 'timed_out';

/** The thread died in this call: by itself, for want of memory, or ended because it took too long. */
export class ThreadDeath extends Error {
  override readonly name = 'ThreadDeath';
  constructor(
    readonly kind: DeathKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** A thread answers every call with an outcome, so whatever else a call ends with is its death. */
  static of(error: unknown): ThreadDeath | null {
    if (!(error instanceof Error)) return null;
    const outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    return new ThreadDeath(outOfMemory ? 'out_of_memory' : 'crashed', error.message, { cause: error });
  }
}
