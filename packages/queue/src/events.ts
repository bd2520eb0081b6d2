import type { Redis } from 'ioredis';
import { eventsChannel, type JobRef } from './keys.js';

/** A hint that a job has changed. Hints can be lost: whoever waits also looks at the job now and then. */
export interface JobEvent extends JobRef {
  readonly seq: number;
  readonly state: string;
}

type Listener = (event: JobEvent) => void;

/** One subscription a process, given out to whoever listens to a job. */
export function makeEvents(subscriber: Redis) {
  const listeners = new Map<string, Set<Listener>>();
  const all = new Set<Listener>();
  const key = ({ tenant, id }: JobRef) => `${tenant}.${id}`;

  subscriber.on('message', (_channel: string, text: string) => {
    const [tenant, id, seq, state] = text.split('.');
    const event = { tenant, id, seq: Number(seq), state };
    for (const listener of listeners.get(key(event)) ?? []) listener(event);
    for (const listener of all) listener(event);
  });
  // At every connection: what a lost or timed-out one had asked for is not asked again by itself.
  const subscribe = () => void subscriber.subscribe(eventsChannel).catch(() => {});
  if (subscriber.status === 'ready') subscribe();
  subscriber.on('ready', subscribe);

  return {
    /** Until the returned function is called. */
    listen(ref: JobRef, listener: Listener): () => void {
      const name = key(ref);
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(name);
      };
    },
    listenToAll(listener: Listener): () => void {
      all.add(listener);
      return () => all.delete(listener);
    },
  };
}
export type Events = ReturnType<typeof makeEvents>;
