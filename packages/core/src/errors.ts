/**
 * These data cannot give this number: final, shown to the user, never retried.
 *
 * `code` is stable and stored; the message says what was needed and what was got.
 */
export class EstimationError extends Error {
  override readonly name = 'EstimationError';
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One thing wrong with a request: where (a JSON pointer), a stable code, and words. */
export interface Problem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** What was handed in cannot be used: a file, a formula, a parameter. Shown to the user with every problem found. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(readonly problems: readonly [Problem, ...Problem[]]) {
    super(problems.map((problem) => problem.message).join('; '));
  }

  static one(code: string, message: string, pointer = ''): InputError {
    return new InputError([{ pointer, code, message }]);
  }

  get code(): string {
    return this.problems[0].code;
  }
}

/** What a thread was asked for does not fit its memory: thrown by who watches it, between two units. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory';
}

/** V8 says so by a RangeError when the machine has no room for a buffer. */
export const isOutOfMemory = (error: unknown): error is Error =>
  error instanceof OutOfMemory || (error instanceof RangeError && /allocation failed/i.test(error.message));

/** Somebody asked a running computation to stop. Not a failure. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('interrupted');
  }
}
