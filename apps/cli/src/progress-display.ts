import { type JobProgress, progressLine, progressText } from '@spillway/render';
import type { Surroundings } from './surroundings.js';

const redrawMs = 100;
const sparseMs = 2_000;
const clearLine = '\r\u001b[2K';

/** Progress on stderr: one line that is drawn again on a terminal, a line now and then elsewhere. */
export class ProgressDisplay {
  readonly #stream: Surroundings['stderr'];
  readonly #now: () => number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #tenths = -1;
  #drawn = false;

  constructor(stream: Surroundings['stderr'], now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  update(progress: JobProgress): void {
    const tenths = progress.total > 0 ? Math.floor((10 * progress.done) / progress.total) : 0;
    const since = this.#now() - this.#drawnAt;
    if (this.#stream.isTTY) {
      if (since < redrawMs && tenths < 10) return;
      this.#stream.write(`${clearLine}${progressLine(progress, (this.#stream.columns || 80) - 1)}`);
      this.#drawn = true;
    } else {
      if (tenths === this.#tenths || (since < sparseMs && tenths < 10)) return;
      this.#stream.write(`${progressText(progress)}\n`);
      this.#tenths = tenths;
    }
    this.#drawnAt = this.#now();
  }

  /** Takes the line away: what follows stands where it stood. */
  clear(): void {
    if (this.#drawn) this.#stream.write(clearLine);
    this.#drawn = false;
  }
}
