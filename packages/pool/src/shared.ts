/** A copy of these bytes in memory that every thread of the process reads without a copy of its own. */
export function toShared(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}

/** File descriptor on which a process of its own tells its units: one number a line. */
export const unitsPipe = 4;

/**
 * The line between a pool and one call on a thread: the thread says that it has begun and counts units, the pool says stop. One a call, so that a
 * flag can never stop the next one.
 */
export class Control {
  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.#cells = new Int32Array(buffer);
  }
  readonly #cells: Int32Array;

  stop(): void {
    Atomics.store(this.#cells, 0, 1);
  }
  get stopped(): boolean {
    return Atomics.load(this.#cells, 0) === 1;
  }
  begin(): void {
    Atomics.store(this.#cells, 2, 1);
  }
  get begun(): boolean {
    return Atomics.load(this.#cells, 2) === 1;
  }
  count(units: number): void {
    Atomics.add(this.#cells, 1, units);
  }
  get units(): number {
    return Atomics.load(this.#cells, 1);
  }
}
