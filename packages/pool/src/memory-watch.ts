import { OutOfMemory } from '@spillway/core';

const everyMs = 200;

/**
 * The heap limit of a thread does not count its buffers, so the thread looks for itself, between replications: this many
 * megabytes beyond what it had at the start are the end of the step, not of the process.
 * @returns to be called often
 * @throws OutOfMemory from the returned function
 */
export function memoryWatch(megabytes: number): () => void {
  const atFirst = process.memoryUsage().arrayBuffers;
  let lookAt = 0;
  return () => {
    const now = performance.now();
    if (now < lookAt) return;
    lookAt = now + everyMs;
    const held = process.memoryUsage().arrayBuffers - atFirst;
    if (held > megabytes * 2 ** 20)
      throw new OutOfMemory(`the buffers of a thread may take ${megabytes} MB, they have taken ${held} bytes`);
  };
}
