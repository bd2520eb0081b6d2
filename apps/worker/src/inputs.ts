import type { InputBytes, JobSpec, Layout, PlannedJob } from '@spillway/core';
import { toShared } from '@spillway/pool';
import type { JobRef, ResourceKind, Stores, Work } from '@spillway/queue';

/** Bytes of shared memory kept for datasets, weights and contexts that may be asked for again. */
const cacheBytes = 1 << 30;

/** What tasks read, one copy a process in shared memory; many tasks that ask at once cause one load. */
export function makeInputs(stores: Stores, work: Work) {
  const cache = new Map<string, { readonly loading: Promise<unknown>; bytes: number }>();

  function cached<T>(key: string, load: () => Promise<{ value: T; bytes: number }>): Promise<T> {
    const found = cache.get(key);
    if (found) {
      cache.delete(key); // last used, last out
      cache.set(key, found);
      return found.loading as Promise<T>;
    }
    const loading = load().then(({ value, bytes }) => {
      entry.bytes = bytes;
      let total = [...cache.values()].reduce((sum, kept) => sum + kept.bytes, 0);
      for (const [old, kept] of cache) {
        if (total <= cacheBytes || old === key) break;
        cache.delete(old);
        total -= kept.bytes;
      }
      return value;
    });
    const entry = { loading, bytes: 0 };
    cache.set(key, entry);
    loading.catch(() => cache.delete(key));
    return loading;
  }

  const resource = (tenant: string, kind: ResourceKind, hash: string): Promise<Uint8Array> =>
    cached(`data:${tenant}:${hash}`, async () => {
      const bytes = await stores[kind].bytes(tenant, hash);
      if (!bytes) throw new LostInput(`the bytes of ${hash} (${kind}) are not in Redis`);
      return { value: toShared(bytes), bytes: bytes.length };
    });

  /** Weights by the names that a spec gives them. */
  const weights = async (tenant: string, hashes: Readonly<Record<string, string>> = {}): Promise<Record<string, Uint8Array>> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(hashes).map(async ([name, hash]) => [name, await resource(tenant, 'weights', hash)] as const),
      ),
    );

  /** Everything that a job reads. */
  const of = async (tenant: string, spec: JobSpec): Promise<InputBytes> => {
    const [dataset, named] = await Promise.all([resource(tenant, 'datasets', spec.dataset), weights(tenant, spec.weights)]);
    return { dataset, weights: named };
  };

  const planKey = (ref: JobRef, planId: string) => `plan:${ref.tenant}:${ref.id}:${planId}`;
  /** A plan that this process has just committed: its id names its bytes, so it need not be read back. */
  const keepPlan = (ref: JobRef, { planId, layout, context }: PlannedJob): void =>
    void cached(planKey(ref, planId), async () => ({ value: { layout, context: toShared(context) }, bytes: context.length }));

  const plan = (ref: JobRef, planId: string): Promise<{ layout: Layout; context: Uint8Array }> =>
    cached(planKey(ref, planId), async () => {
      const found = await work.readPlan(ref, planId);
      if (!found) throw new LostInput(`the plan ${planId} is not in Redis`);
      return { value: { layout: found.layout, context: toShared(found.context) }, bytes: found.context.length };
    });

  return { of, weights, plan, keepPlan };
}
export type Inputs = ReturnType<typeof makeInputs>;

/** Something that a living job owns is gone: somebody emptied Redis, or the job has just ended. */
export class LostInput extends Error {
  override readonly name = 'LostInput';
}
