import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

const windowBytes = 1 << 20;

/** Reads a file forward: lines, and pieces that are skipped. */
class Forward {
  readonly #window = Buffer.alloc(windowBytes);
  #from = 0;
  #length = 0;
  /** where the next byte is read */
  at = 0;

  constructor(readonly file: number) {}

  #have(bytes: number): boolean {
    if (this.at >= this.#from && this.at + bytes <= this.#from + this.#length) return true;
    this.#from = this.at;
    this.#length = readSync(this.file, this.#window, 0, windowBytes, this.at);
    return bytes <= this.#length;
  }

  /** A short line without its end; null when the file ends before it does. */
  line(): string | null {
    for (let bytes = 64; ; bytes = windowBytes) {
      this.#have(bytes);
      const start = this.at - this.#from;
      const end = this.#window.subarray(start, this.#length).indexOf('\r\n');
      if (end >= 0) {
        this.at += end + 2;
        return this.#window.toString('latin1', start, start + end);
      }
      if (bytes === windowBytes) return null;
    }
  }

  /** False when the file ends before. */
  skip(bytes: number, size: number): boolean {
    this.at += bytes;
    return this.at <= size;
  }
}

/** Where the last whole command ends, or the last whole transaction; null when this is no file of commands. */
function wholeBytes(file: number): number | null {
  const { size } = fstatSync(file);
  const forward = new Forward(file);
  let whole = 0;
  let open = false;
  while (forward.at < size) {
    const head = forward.line();
    if (head === null) return whole;
    if (!head.startsWith('#')) {
      const parts = Number(/^\*(\d+)$/.exec(head)?.[1]);
      if (!(parts > 0)) return null;
      for (let part = 0; part < parts; part++) {
        const length = /^\$(\d+)$/.exec(forward.line() ?? '')?.[1];
        if (length === undefined) return whole;
        if (part > 0 || length.length > 2) {
          if (!forward.skip(Number(length) + 2, size)) return whole;
          continue;
        }
        const name = forward.line()?.toUpperCase();
        if (name === undefined) return whole;
        if (name === 'MULTI') open = true;
        if (name === 'EXEC') open = false;
      }
    }
    if (!open) whole = forward.at;
  }
  return whole;
}

/**
 * Takes off the end of Redis' append-only file what a power cut has left of a transaction (a Lua script is one). Redis by itself leaves out
 * the last command only, keeps the transaction open in the file, and at the start after the next runs half of it together with what
 * was written since (seen with 7.0.15). To be called while no Redis runs on the folder.
 *
 * @returns the bytes taken off
 */
export function mendAppendOnlyFile(dir: string): number {
  const folder = join(dir, 'appendonlydir');
  if (!existsSync(folder)) return 0;
  const manifest = readdirSync(folder).find((name) => name.endsWith('.manifest'));
  const entries = manifest === undefined ? '' : readFileSync(join(folder, manifest), 'utf8');
  const last = [...entries.matchAll(/^file (\S+) seq \d+ type i/gm)].at(-1)?.[1];
  if (last === undefined || !existsSync(join(folder, last))) return 0;
  const file = openSync(join(folder, last), 'r+');
  try {
    const { size } = fstatSync(file);
    const whole = wholeBytes(file);
    if (whole === null || whole === size) return 0; // what is no file of commands is Redis' to judge
    ftruncateSync(file, whole);
    appendFileSync(join(dir, 'redis.log'), `spillway: took ${size - whole} torn bytes off the end of ${last}\n`);
    return size - whole;
  } finally {
    closeSync(file);
  }
}
