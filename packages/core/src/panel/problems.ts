import { InputError, type Problem } from '../errors.js';

/** A file with one slip of a kind often has thousands: a person reads the first few, mends, and hands it in again. */
export const maxProblems = 20;

/** Gathers what is wrong with an input, so that all of it is told at once; throws by itself at `maxProblems`. */
export class Problems {
  readonly #found: Problem[] = [];

  add(code: string, message: string, pointer = ''): void {
    this.#found.push({ pointer, code, message });
    if (this.#found.length >= maxProblems) this.throwIfAny();
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  throwIfAny(): void {
    const [first, ...rest] = this.#found;
    if (first !== undefined) throw new InputError([first, ...rest]);
  }
}

/** A value of the user's as it stands in a message: quoted, control characters escaped, shortened. */
export function quoted(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  return JSON.stringify(shown);
}
