import { toShared } from '@spillway/pool';
import type { JobRef, Work } from '@spillway/queue';

/** Bytes of shared memory kept for parts of unfinished jobs. */
const keptBytes = 1 << 27;

/**
 * Parts of jobs under way, in shared memory. What can be said so far is computed from every part there is, again and again: each is read, or
 * taken from the thread that has computed it, once. (Reading them anew, and copying them to a thread, cost more than everything else
 * that a worker does beside computing.)
 */
export function makeParts(work: Work) {
  const jobs = new Map<string, { readonly parts: Map<number, Uint8Array>; bytes: number }>();
  const nameOf = ({ tenant, id }: JobRef, planId: string) => `${tenant}.${id}.${planId}`;

  /** A part that is in the records. */
  function keep(ref: JobRef, planId: string, k: number, part: Uint8Array): Uint8Array {
    const name = nameOf(ref, planId);
    const job = jobs.get(name) ?? { parts: new Map<number, Uint8Array>(), bytes: 0 };
    jobs.delete(name); // last used, last out
    jobs.set(name, job);
    const had = job.parts.get(k);
    if (had) return had;
    const shared = toShared(part);
    job.parts.set(k, shared);
    job.bytes += shared.length;
    let total = [...jobs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [old, { bytes }] of jobs) {
      if (total <= keptBytes) break;
      jobs.delete(old);
      total -= bytes;
    }
    return shared;
  }

  /** The first `count` parts in shard order; null when one is not there (the job ended meanwhile). */
  async function first(ref: JobRef, planId: string, count: number): Promise<Uint8Array[] | null> {
    const parts: (Uint8Array | undefined)[] = [];
    const kept = jobs.get(nameOf(ref, planId))?.parts;
    for (let k = 0; k < count; k++) parts.push(kept?.get(k));
    const missing = [...parts.keys()].filter((k) => !parts[k]);
    const read = await work.readParts(ref, planId, missing);
    if (!read) return null;
    for (const [i, k] of missing.entries()) parts[k] = keep(ref, planId, k, read[i]);
    return parts as Uint8Array[];
  }

  /** The job has ended. */
  function drop({ tenant, id }: JobRef): void {
    for (const name of jobs.keys()) if (name.startsWith(`${tenant}.${id}.`)) jobs.delete(name);
  }

  return { keep, first, drop };
}
export type Parts = ReturnType<typeof makeParts>;
