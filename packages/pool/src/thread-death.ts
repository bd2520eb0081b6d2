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
  static of(cause: unknown): ThreadDeath {
    const { code, message }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
    return new ThreadDeath(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'crashed', message, { cause });
  }
}
